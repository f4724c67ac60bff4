//! An intake dies: its jobs go to the next one in their order, and nothing runs twice that must not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use perilune::protocol::ErrorType;
use serde_json::{Value, json};

use super::jobs::{ended, field, finished, intake, job, until};
use super::order::check_order;
use super::recorder::Recorder;
use crate::support::{Host, Redis, Site, eventually, produce};

/// Twenty commands that must not be repeated, twenty that may, the first of each endless; and six with a priority.
fn jobs() -> Vec<Value> {
    let endless = |n| if n < 2 { 3_600_000 } else { 1 };
    let common = (0..40).map(|n| {
        let (name, room) = if n % 2 == 0 { ("sleep", "act") } else { ("peek", "look") };
        let params = json!({ "n": n, "ms": endless(n) });
        job(name, room, params, json!({ "attempts": 3 }))
    });
    let first = (0..6).map(|n| job("echo", "first", json!({ "n": n }), json!({ "priority": 3 })));
    common.chain(first).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_death_the_order_holds_and_nothing_runs_twice_unasked() {
    let redis = Redis::start().await;
    let ids = produce(&redis, "death", &jobs()).await;
    let before = Arc::new(Recorder::default());
    let dying = intake(&redis, "death", &before).await;
    until("both rooms are busy", || {
        let rooms = before.rooms();
        ["act", "look"].iter().all(|room| rooms.iter().any(|r| r == room))
    })
    .await;
    until("all are fetched", || dying.stats().fetched >= 46).await;
    drop(dying);
    // The second run of the one that may be repeated must end: its time is in the job, so it is shortened there.
    let data = json!({ "room_name": "look", "n": 1, "ms": 1 }).to_string();
    let key = format!("bull:death:{}", ids[1]);
    redis.query::<usize>(&["HSET", &key, "data", &data]).await;

    let after = Arc::new(Recorder::default());
    let _next = intake(&redis, "death", &after).await;
    finished(&redis, "death", 46).await;
    check_order(&[&after]);
    let acted = after.of_room("act");
    assert_eq!(
        (acted[0].job.as_str(), acted[0].refused),
        (ids[0].as_str(), Some(ErrorType::InDoubt))
    );
    assert!(acted[1..].iter().all(|s| s.refused.is_none()) && acted.len() == 20);
    let looked = after.of_room("look");
    assert_eq!(looked.iter().filter(|s| s.job == ids[1]).count(), 1);
    let reason = field(&redis, "death", &ids[0], "failedReason").await.expect("a reason");
    assert!(reason.starts_with("in_doubt: "), "{reason}");
    assert_eq!(ended(&redis, "death").await, (45, 1));
    // Only what had begun counts as stalled.
    for (id, stalled) in ids.iter().zip([Some("1"), Some("1"), None, None]) {
        assert_eq!(field(&redis, "death", id, "stc").await.as_deref(), stalled, "job {id}");
    }
    let journal: Vec<String> = redis.query(&["KEYS", "bull:death:perilune:journal:*"]).await;
    assert!(journal.is_empty(), "{journal:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_kills_its_host_twice_is_failed_as_bullmq_does() {
    let redis = Redis::start().await;
    let endless = job("peek", "r", json!({ "ms": 3_600_000 }), json!({}));
    let ids = produce(&redis, "killer", &[endless]).await;
    for _ in 0..2 {
        let rooms = Arc::new(Recorder::default());
        let dying = intake(&redis, "killer", &rooms).await;
        until("the job runs", || rooms.count() > 0).await;
        drop(dying);
    }
    let rooms = Arc::new(Recorder::default());
    let _last = intake(&redis, "killer", &rooms).await;
    finished(&redis, "killer", 1).await;
    assert_eq!(
        field(&redis, "killer", &ids[0], "failedReason").await.as_deref(),
        Some("job stalled more than allowable limit")
    );
    assert_eq!(rooms.of_room("r")[0].refused, Some(ErrorType::InDoubt));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_host_is_replaced_at_once_although_its_lease_still_runs() {
    let site = Site::start(&[("/", "<title>T</title>")]).await;
    let hour = |key| (key, "1h".to_owned());
    let mut host = Host::with_settings(vec![hour("queue.lease_duration"), hour("queue.lock_duration")]).await;
    host.open("r", &site.url("/")).await;
    let number = |n: u32| {
        // The third never ends: nobody knows what it did.
        let endless = if n == 2 { "; await new Promise(() => {})" } else { "" };
        let code = format!("(window.seen = window.seen || []).push({n}){endless}");
        job("execute_javascript", "r", json!({ "code": code }), json!({}))
    };
    let jobs: Vec<_> = (0..10).map(number).collect();
    let ids = produce(&host.redis, "browser_commands", &jobs).await;
    finished(&host.redis, "browser_commands", 2).await;
    host.events("r", Some(0))
        .await
        .until("the third began", |e| {
            e["type"] == "action_started" && e["job_id"] == ids[2]
        })
        .await;
    eventually("the session is remembered", Duration::from_secs(30), || async {
        let known: bool = host.redis.query(&["EXISTS", "perilune:session:r"]).await;
        known.then_some(())
    })
    .await;
    host.kill().await;

    let began = Instant::now();
    host.restart().await;
    finished(&host.redis, "browser_commands", 10).await;
    assert!(began.elapsed() < Duration::from_secs(60), "the dead held its lease");
    assert_eq!(ended(&host.redis, "browser_commands").await, (9, 1));
    let reason = field(&host.redis, "browser_commands", &ids[2], "failedReason").await;
    let reason = reason.expect("a reason");
    assert!(reason.starts_with("in_doubt: "), "{reason}");
    assert_eq!(host.page("r", "window.seen").await, json!([3, 4, 5, 6, 7, 8, 9]));
}
