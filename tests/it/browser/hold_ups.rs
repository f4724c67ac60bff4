//! Pages whose scripts never end: they can be left, and closed.

use std::time::Duration;

use perilune::browser::Error;
use serde_json::{Value, json};

use super::HOME;
use crate::support::bench::{Bench, LONG, Room, parsed};
use crate::support::{Site, eventually};

const ENDLESS: (&str, &str) = ("/endless", "<title>endless</title><script>while (true) {}</script>");
const BUSY: (&str, &str) = (
    "/busy",
    "<title>busy</title><script>setTimeout(() => { while (true) {} }, 50)</script>",
);

/// Loads the page that is busy a moment later, and waits until it is.
async fn go_busy(room: &Room, site: &Site) {
    // On a slow machine it may be busy before it is known to have loaded.
    let loaded = room.tab().navigate(&parsed(&site.url("/busy")), LONG).await;
    assert!(
        matches!(loaded, Ok(_) | Err(Error::NavigationTimeout { .. })),
        "{loaded:?}"
    );
    let tab = room.tab();
    eventually("the page answers nothing", LONG, || async {
        let question = json!({ "expression": "0" });
        let answer = tab.target().call_json::<Value>("Runtime.evaluate", &question);
        tokio::time::timeout(Duration::from_secs(1), answer)
            .await
            .is_err()
            .then_some(())
    })
    .await;
}

on_both!(a_page_that_is_busy_for_ever_can_be_left);
async fn a_page_that_is_busy_for_ever_can_be_left(executable: &str) {
    let site = Site::start(&[HOME, ENDLESS, BUSY]).await;
    let bench = Bench::new(executable);
    let room = bench.open().await;
    let endless = parsed(&site.url("/endless"));
    let endless = room.tab().navigate(&endless, Duration::from_secs(1)).await;
    assert!(matches!(endless, Err(Error::NavigationTimeout { .. })), "{endless:?}");
    assert_eq!(room.go(&site.url("/")).await.title, "home");
    go_busy(&room, &site).await;
    assert_eq!(room.go(&site.url("/")).await.title, "home");
    go_busy(&room, &site).await;
    let closed = tokio::time::timeout(LONG, room.context.close()).await;
    closed.expect("the context closes with a busy page in it");
    bench.finish().await;
}
