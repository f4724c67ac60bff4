//! The end: nothing is left.

use std::time::Duration;

use serde_json::json;

use crate::recovery::chromiums;
use crate::support::{Host, Site, eventually};

fn profiles(host: &Host) -> usize {
    std::fs::read_dir(host.folder.path().join("data/profiles")).map_or(0, Iterator::count)
}

#[tokio::test]
async fn sigterm_with_twenty_sessions_leaves_nothing_within_ten_seconds() {
    let site = Site::start(&[("/", "<title>T</title><h1>home</h1>")]).await;
    let mut host = Host::start().await;
    let starts = (0..20).map(|n| {
        let (host, url) = (&host, site.url("/"));
        async move { host.open(&format!("room{n}"), &url).await }
    });
    futures_util::future::join_all(starts).await;
    assert_eq!(
        host.get("/api/sessions").await.1["sessions"]
            .as_array()
            .expect("sessions")
            .len(),
        20
    );
    let took = host.terminate().await;
    assert!(took < Duration::from_secs(10), "it took {took:?}");
    eventually("no Chromium is left", Duration::from_secs(2), || async {
        chromiums(&host, "").is_empty().then_some(())
    })
    .await;
    assert_eq!(profiles(&host), 0, "profile folders are left");
}

#[tokio::test]
async fn what_kill_9_leaves_is_removed_at_the_next_start() {
    let site = Site::start(&[("/", "<title>T</title>")]).await;
    let mut host = Host::start().await;
    host.open("r", &site.url("/")).await;
    host.call("close_browser_session", json!({ "room_name": "r" })).await;
    host.kill().await;
    let left = profiles(&host);
    assert!(
        left > 0,
        "kill -9 leaves the profile folder, else this test shows nothing"
    );
    host.restart().await;
    let took = host.terminate().await;
    assert!(took < Duration::from_secs(10), "it took {took:?}");
    assert_eq!(profiles(&host), 0);
}
