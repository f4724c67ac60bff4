//! Crashes of renderers and processes: who is hit, and what becomes of what was under way.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use perilune::browser::{BrowserEvent, Error};
use serde_json::{Value, json};

use super::HOME;
use crate::support::Site;
use crate::support::bench::{Bench, LONG};

on_both!(a_crash_hits_only_those_who_share_what_died);
async fn a_crash_hits_only_those_who_share_what_died(executable: &str) {
    let site = Site::start(&[HOME]).await;
    let bench = Bench::new(executable);
    let (mut first, mut second) = (bench.open().await, bench.open().await);
    let pid = second.context.process_id();
    assert_eq!(first.context.process_id(), pid, "two rooms share a process");
    first.go(&site.url("/")).await;
    second.go(&site.url("/")).await;

    // A renderer: its own room only; commands under way end.
    let tab = first.tab();
    let waiting = tab.clone();
    let pending = tokio::spawn(async move {
        let forever = json!({ "expression": "new Promise(() => 0)", "awaitPromise": true });
        waiting.target().call_json::<Value>("Runtime.evaluate", &forever).await
    });
    drop(tab.target().call_json::<Value>("Page.crash", &json!({})).await);
    let crash = first
        .event("a crash", |e| matches!(e, BrowserEvent::Crashed { .. }))
        .await;
    assert!(
        matches!(
            crash,
            BrowserEvent::Crashed {
                whole_process: false,
                ..
            }
        ),
        "{crash:?}"
    );
    let pending = tokio::time::timeout(LONG, pending).await.expect("it ends");
    assert!(pending.expect("it did not panic").is_err());
    assert!(first.context.crashed().is_some());
    assert!(matches!(first.context.active(), Err(Error::Crashed { .. })));
    assert_eq!(second.js("document.title").await, "home", "the other room is unharmed");

    // The whole process.
    kill(Pid::from_raw(pid as i32), Signal::SIGKILL).expect("it runs");
    let death = second
        .event("a death", |e| matches!(e, BrowserEvent::Crashed { .. }))
        .await;
    assert!(
        matches!(
            death,
            BrowserEvent::Crashed {
                whole_process: true,
                ..
            }
        ),
        "{death:?}"
    );
    let tab = second.context.new_tab(None).await;
    assert!(matches!(tab, Err(Error::Crashed { .. })));
    let third = bench.open().await;
    assert_ne!(third.context.process_id(), pid);
    assert_eq!(third.go(&site.url("/")).await.title, "home");
    for room in [first, second, third] {
        room.context.close().await;
    }
    bench.finish().await;
}
