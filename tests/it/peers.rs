//! The coordination seed's agent with stock clients, and stock producers of the queue.

use std::time::Duration;

use livekit_token::{AccessToken, VideoGrants};

use crate::support::{Host, Python, Site};

/// A viewer's access token for the tests' LiveKit server.
pub(crate) fn token(room: &str, identity: &str) -> String {
    let grants = VideoGrants {
        room_join: true,
        room: room.to_owned(),
        ..VideoGrants::default()
    };
    AccessToken::with_api_key("devkey", "a-secret-of-the-tests-that-is-long-enough")
        .with_identity(identity)
        .with_grants(grants)
        .to_jwt()
        .expect("a token")
}

#[tokio::test]
async fn the_seeds_agent_side_works_with_stock_clients() {
    let page = "<title>T</title><a href=/b>b</a><input placeholder=Name><div style='height:3000px'></div>";
    let site = Site::start(&[
        ("/", page),
        ("/b", "<title>B</title><input><div style='height:3000px'></div>"),
    ])
    .await;
    let host = Host::start().await;
    let redis = format!("127.0.0.1:{}", host.redis.port);
    let url = site.url("/");
    let mut agent = Python::start(
        "agent_side.py",
        &["--url", &host.base, "--redis", &redis, "--room", "seed", "--page", &url],
    );
    let verdict = agent
        .until("the verdict", Duration::from_secs(90), |line| !line["ok"].is_null())
        .await;
    assert_eq!(verdict["ok"], true, "{verdict:#}");
}
