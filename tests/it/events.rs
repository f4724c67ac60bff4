//! Events: numbers without holes, both ways out, replay.

use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::support::{Host, Site};

#[tokio::test]
async fn redis_and_websocket_get_the_same_events_without_holes() {
    let site = Site::start(&[("/", "<title>T</title>"), ("/b", "<title>B</title>")]).await;
    let host = Host::start().await;
    let client = redis::Client::open(host.redis.url()).expect("an address");
    let mut channel = client.get_async_pubsub().await.expect("Redis");
    channel.subscribe("browser:events:r").await.expect("a channel");
    let mut socket = host.events("r", None).await;

    host.open("r", &site.url("/")).await;
    host.action("r", "navigate", json!({ "url": site.url("/b") })).await;
    host.action("r", "click", json!({ "selector": "#none" })).await;
    host.call("close_browser_session", json!({ "room_name": "r" })).await;
    socket
        .until("the close's end", |e| {
            e["type"] == "action_completed" && e["action"]["action_type"] == "close_browser_session"
        })
        .await;

    let mut published: Vec<Value> = Vec::new();
    let mut messages = channel.into_on_message();
    while published.len() < socket.seen.len() {
        let message = tokio::time::timeout(std::time::Duration::from_secs(5), messages.next())
            .await
            .expect("in time")
            .expect("a message");
        published.push(serde_json::from_slice(message.get_payload_bytes()).expect("JSON"));
    }
    assert_eq!(published, socket.seen);
    let first = published[0]["seq"].as_u64().expect("a number");
    for (n, event) in published.iter().enumerate() {
        assert_eq!(event["seq"], first + n as u64, "a hole in the numbers");
        assert_eq!(event["room_name"], "r");
        assert!(event["timestamp"].as_f64().expect("seconds") > 1.7e9);
        assert!(event["data"].is_object());
    }
    for kind in [
        "page_navigation",
        "page_load_complete",
        "action_started",
        "action_completed",
        "action_error",
    ] {
        assert!(published.iter().any(|e| e["type"] == kind), "no {kind}");
    }
    let error = published.iter().find(|e| e["type"] == "action_error").expect("one");
    assert_eq!(
        (&error["error_type"], &error["action"]["action_type"]),
        (&json!("element_not_found"), &json!("click"))
    );

    let mut late = host.events("r", Some(first)).await;
    assert_eq!(late.until("the next one", |_| true).await["seq"], first + 1);
}

#[tokio::test]
async fn numbers_go_on_after_the_host_was_killed() {
    let site = Site::start(&[("/", "<title>T</title>")]).await;
    let mut host = Host::start().await;
    let mut events = host.events("r", None).await;
    host.open("r", &site.url("/")).await;
    let last = events
        .until("the start's end", |e| e["type"] == "action_completed")
        .await["seq"]
        .as_u64()
        .expect("a number");
    host.call("close_browser_session", json!({ "room_name": "r" })).await;
    host.kill().await;
    host.restart().await;
    let mut events = host.events("r", None).await;
    host.open("r", &site.url("/")).await;
    let next = events.until("the first event", |_| true).await["seq"]
        .as_u64()
        .expect("a number");
    assert!(next > last, "{next} after {last}");
}
