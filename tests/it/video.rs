//! The picture at stock subscribers: content is checked, frames are not counted.

use std::time::Duration;

use livekit_token::VideoGrants;
use serde_json::{Value, json};

use crate::support::livekit::token;
use crate::support::{Host, LiveKit, Python, Site};

const RED: &str = "<title>Red</title><body style='margin:0;background:#c81414'>";
const BLUE: &str = "<title>Blue</title><body style='margin:0;background:#1414c8'>";

/// A token for watching.
fn viewer_token(room: &str, identity: &str) -> String {
    token(room, identity, VideoGrants::default())
}

/// Whether the frame's centre is mostly this of red, green, blue.
fn is_mostly(frame: &Value, channel: usize) -> bool {
    let colour = &frame["spots"][0];
    let value = |n: usize| colour[n].as_f64().unwrap_or(0.0);
    frame["fact"] == "frame"
        && (0..3).all(|n| {
            if n == channel {
                value(n) > 120.0
            } else {
                value(n) < 90.0
            }
        })
}

#[tokio::test]
async fn a_stock_livekit_subscriber_sees_the_page_through_all_phases() {
    let mut server = LiveKit::start().await;
    let site = Site::start(&[("/red", RED), ("/blue", BLUE)]).await;
    let host = Host::with_settings(server.settings()).await;
    let mut viewer = Python::start(
        "livekit_subscriber.py",
        &[
            &server.url(),
            &viewer_token("r", "viewer"),
            "--seconds",
            "120",
            "--spots",
            "640,360",
        ],
    );
    viewer
        .until("connected", Duration::from_secs(15), |l| l["fact"] == "connected")
        .await;

    let started = host.open("r", &site.url("/red")).await;
    assert_eq!(started["stream"]["livekit"], true);
    viewer
        .until("the track", Duration::from_secs(15), |l| {
            l["fact"] == "track_subscribed"
        })
        .await;
    viewer
        .until("a red page", Duration::from_secs(15), |l| is_mostly(l, 0))
        .await;
    host.action("r", "navigate", json!({ "url": site.url("/blue") })).await;
    viewer
        .until("a blue page", Duration::from_secs(10), |l| is_mostly(l, 2))
        .await;

    host.call("pause_browser_session", json!({ "room_name": "r" })).await;
    viewer
        .until("the track goes", Duration::from_secs(10), |l| {
            l["fact"] == "track_unsubscribed" || l["fact"] == "track_unpublished"
        })
        .await;
    host.action("r", "navigate", json!({ "url": site.url("/red") })).await;
    host.call("resume_browser_session", json!({ "room_name": "r" })).await;
    viewer
        .until("the track is back", Duration::from_secs(10), |l| {
            l["fact"] == "track_subscribed"
        })
        .await;
    viewer
        .until("the page of now", Duration::from_secs(10), |l| is_mostly(l, 0))
        .await;

    let mut events = host.events("r", None).await;
    server.kill().await;
    events
        .until("the loss", |e| {
            e["type"] == "stream_state" && e["state"] == "reconnecting"
        })
        .await;
    server.restart().await;
    events
        .within(Duration::from_secs(20), "published again", |e| {
            e["type"] == "stream_state" && e["state"] == "published"
        })
        .await;
    let mut viewer = Python::start(
        "livekit_subscriber.py",
        &[
            &server.url(),
            &viewer_token("r", "viewer2"),
            "--seconds",
            "60",
            "--spots",
            "640,360",
        ],
    );
    viewer
        .until("a red page", Duration::from_secs(20), |l| is_mostly(l, 0))
        .await;
    host.call("close_browser_session", json!({ "room_name": "r" })).await;
    viewer
        .until("the participant leaves", Duration::from_secs(10), |l| {
            l["fact"] == "participant_left"
        })
        .await;
}

#[tokio::test]
async fn nothing_is_encoded_while_nobody_watches() {
    let server = LiveKit::start().await;
    let moving = "<div id=d>x</div><script>setInterval(() => d.textContent = Date.now(), 30)</script>";
    let site = Site::start(&[("/", moving)]).await;
    let host = Host::with_settings(server.settings()).await;
    let mut events = host.events("r", None).await;
    host.open("r", &site.url("/")).await;
    events
        .until("published", |e| {
            e["type"] == "stream_state" && e["state"] == "published"
        })
        .await;
    host.action("r", "wait", json!({ "seconds": 1 })).await;
    let frames = host.get("/api/sessions/r").await.1["stream"]["frames_encoded"].as_u64();
    assert_eq!(frames, Some(0));
}

#[tokio::test]
async fn an_empty_room_is_cleaned_up_after_the_grace_time() {
    let server = LiveKit::start().await;
    let site = Site::start(&[("/", RED)]).await;
    let mut settings = server.settings();
    settings.push(("livekit.empty_room_grace", "1s".to_owned()));
    let host = Host::with_settings(settings).await;
    let mut events = host.events("r", None).await;
    host.open("r", &site.url("/")).await;
    {
        let token = viewer_token("r", "viewer");
        let mut viewer = Python::start(
            "livekit_subscriber.py",
            &[&server.url(), &token, "--seconds", "60", "--spots", "640,360"],
        );
        viewer
            .until("a picture", Duration::from_secs(15), |l| is_mostly(l, 0))
            .await;
    }
    events
        .within(Duration::from_secs(40), "closed", |e| {
            e["type"] == "session_state" && e["phase"] == "closed"
        })
        .await;
}

#[tokio::test]
async fn a_browser_sees_the_page_by_whep_on_the_view_page() {
    let site = Site::start(&[("/red", RED), ("/blue", BLUE)]).await;
    let host = Host::start().await;
    let started = host.open("r", &site.url("/red")).await;
    let view = started["stream"]["view_url"].as_str().expect("an address").to_owned();
    let shot = host.folder.path().join("view.png");
    let mut browser = Python::node("watch_page.js", &[&view, shot.to_str().expect("UTF-8")]);
    browser
        .until("a red page", Duration::from_secs(20), |l| is_mostly(l, 0))
        .await;
    assert_eq!(host.get("/rooms/r/connections").await.1["connections"]["whep"], 1);
    host.action("r", "navigate", json!({ "url": site.url("/blue") })).await;
    browser
        .until("a blue page", Duration::from_secs(10), |l| is_mostly(l, 2))
        .await;
    browser
        .until("the screenshot", Duration::from_secs(10), |l| l["fact"] == "screenshot")
        .await;

    let says = |state: &'static str| move |l: &Value| l["fact"] == "state" && l["state"] == state;
    host.call("pause_browser_session", json!({ "room_name": "r" })).await;
    browser
        .until("the pause", Duration::from_secs(10), says("paused"))
        .await;
    host.action("r", "navigate", json!({ "url": site.url("/red") })).await;
    host.call("resume_browser_session", json!({ "room_name": "r" })).await;
    browser
        .until("the picture again", Duration::from_secs(10), says("live"))
        .await;
    browser
        .until("the page of now", Duration::from_secs(10), |l| is_mostly(l, 0))
        .await;
    drop(browser);
    crate::support::eventually("the viewer is gone", Duration::from_secs(30), || async {
        (host.get("/rooms/r/connections").await.1["connections"]["whep"] == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_browser_sees_the_page_by_livekit_client() {
    let server = LiveKit::start().await;
    let site = Site::start(&[("/red", RED), ("/blue", BLUE)]).await;
    let host = Host::with_settings(server.settings()).await;
    host.open("r", &site.url("/blue")).await;
    let token = viewer_token("r", "browser");
    let shot = host.folder.path().join("livekit.png");
    let url = server.url();
    let mut browser = Python::node("watch_livekit.js", &[&url, &token, shot.to_str().expect("UTF-8")]);
    browser
        .until("a blue page", Duration::from_secs(30), |l| is_mostly(l, 2))
        .await;
    let fact = |name: &'static str| move |l: &Value| l["fact"] == name;
    host.call("pause_browser_session", json!({ "room_name": "r" })).await;
    browser
        .until("the track goes", Duration::from_secs(10), fact("track_unsubscribed"))
        .await;
    host.action("r", "navigate", json!({ "url": site.url("/red") })).await;
    host.call("resume_browser_session", json!({ "room_name": "r" })).await;
    browser
        .until("the track is back", Duration::from_secs(10), fact("track_subscribed"))
        .await;
    browser
        .until("the page of now", Duration::from_secs(10), |l| is_mostly(l, 0))
        .await;
    host.call("close_browser_session", json!({ "room_name": "r" })).await;
    browser
        .until(
            "the participant leaves",
            Duration::from_secs(10),
            fact("participant_left"),
        )
        .await;
}
