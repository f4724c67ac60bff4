//! Redis goes away, or another host takes the queue, while commands run: each has its effect once.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use super::jobs::{LOCK, ended, field, finished, intake, job, until};
use super::order::check_order;
use super::recorder::Recorder;
use crate::support::{Redis, produce};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_may_die_and_come_back() {
    let mut redis = Redis::start().await;
    let rooms = Arc::new(Recorder::default());
    let _intake = intake(&redis, "outage", &rooms).await;
    let jobs: Vec<_> = (0..300)
        .map(|n| job("sleep", &format!("r{}", n % 5), json!({ "n": n, "ms": 50 }), json!({})))
        .collect();
    let mut added = produce(&redis, "outage", &jobs).await;
    // The second time every lock and the lease run out meanwhile.
    for (count, away) in [(10, Duration::from_millis(300)), (60, LOCK + Duration::from_secs(1))] {
        until("some ran", || rooms.count() >= count).await;
        redis.kill().await;
        sleep(away).await;
        redis.restart().await;
    }
    finished(&redis, "outage", 300).await;
    assert_eq!(ended(&redis, "outage").await, (300, 0));
    check_order(&[&rooms]);
    let mut seen: Vec<_> = rooms.all().into_iter().map(|s| s.job).collect();
    seen.sort();
    added.sort();
    assert_eq!(seen, added, "a command ran twice or never");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finished_command_whose_outcome_was_not_written_is_not_run_again() {
    let redis = Redis::start().await;
    let rooms = Arc::new(Recorder::default());
    let _intake = intake(&redis, "stored", &rooms).await;
    let ids = produce(&redis, "stored", &[job("gate", "r", json!({ "n": 0 }), json!({}))]).await;
    until("the command runs", || rooms.count() == 1).await;
    // As if another host had taken the queue over while this one could not reach Redis: its holder, its lease, its lock.
    let other = json!({ "instance": "other", "host": "other", "pid": 1, "machine": "other", "started": "1" });
    let other = other.to_string();
    let lock = format!("bull:stored:{}:lock", ids[0]);
    redis.query::<()>(&["SET", "bull:stored:perilune:holder", &other]).await;
    redis
        .query::<()>(&["SET", "bull:stored:perilune:lease", &other, "PX", "4000"])
        .await;
    redis.query::<()>(&["SET", &lock, "other:1:1"]).await;
    rooms.open_gate();
    finished(&redis, "stored", 1).await;
    assert_eq!(rooms.count(), 1, "it ran twice");
    let value = field(&redis, "stored", &ids[0], "returnvalue").await.expect("a value");
    assert!(value.contains("\"success\":true"), "{value}");
}
