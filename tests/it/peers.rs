//! The coordination seed's agent with stock clients, and stock producers of the queue.

use std::time::Duration;

use crate::support::{Host, Python, Site};

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
