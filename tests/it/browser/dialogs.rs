//! Dialogs: answered at once, and told.

use perilune::browser::BrowserEvent;
use serde_json::{Value, json};

use super::TWO;
use crate::support::Site;
use crate::support::bench::Bench;

on_both!(dialogs_hold_nothing);
async fn dialogs_hold_nothing(executable: &str) {
    let site = Site::start(&[TWO, ("/dialogs", "<title>dialogs</title><script>alert('one')</script>")]).await;
    let bench = Bench::new(executable);
    let mut room = bench.open().await;
    room.go(&site.url("/dialogs")).await;
    let answers = room.js("[confirm('sure?'), prompt('name?', 'x')].join()").await;
    assert_eq!(answers, "false,");
    for (wanted, yes) in [("alert", true), ("confirm", false), ("prompt", false)] {
        let dialog = room.event(wanted, |e| matches!(e, BrowserEvent::Dialog(_))).await;
        assert!(
            matches!(&dialog, BrowserEvent::Dialog(d) if d.kind == wanted && d.accepted == yes),
            "{dialog:?}"
        );
    }
    room.js("onbeforeunload = e => { e.preventDefault(); return 'stay' }; 0")
        .await;
    // Chromium asks only on pages that somebody has touched.
    for kind in ["mousePressed", "mouseReleased"] {
        let press = json!({ "type": kind, "x": 5, "y": 5, "button": "left", "clickCount": 1 });
        let pressed = room
            .tab()
            .target()
            .call_json::<Value>("Input.dispatchMouseEvent", &press)
            .await;
        pressed.expect("clicked");
    }
    assert_eq!(room.go(&site.url("/two")).await.title, "two", "the page could be left");
    room.event(
        "beforeunload",
        |e| matches!(e, BrowserEvent::Dialog(d) if d.kind == "beforeunload" && d.accepted),
    )
    .await;
    room.context.close().await;
    bench.finish().await;
}
