//! What stock clients of BullMQ may expect of whoever runs their jobs.

use std::sync::Arc;
use std::time::Duration;

use super::jobs::{LONG, intake};
use super::recorder::Recorder;
use crate::support::{Python, Redis};

/// Every check of a client must hold.
async fn checks(client: Python) {
    let lines = client.rest(LONG).await;
    let failed: Vec<_> = lines.iter().filter(|line| line["ok"] != true).collect();
    assert!(failed.is_empty() && !lines.is_empty(), "{failed:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_clients_see_a_stock_worker() {
    let redis = Redis::start().await;
    let intake = intake(&redis, "conf", &Arc::new(Recorder::default())).await;
    let port = redis.port.to_string();
    checks(Python::node("queue_conformance.js", &[&port, "conf"])).await;
    checks(Python::start("queue_python.py", &[&port, "conf"])).await;
    intake.stop(Duration::from_secs(5)).await;
}
