//! Each room gets its commands one at a time and in the order in which they were added.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::jobs::{ended, finished, intake, job, until};
use super::recorder::Recorder;
use crate::support::{Redis, produce};

/// The numbers that each room saw must rise.
pub(super) fn check_order(recorders: &[&Recorder]) {
    let mut names: Vec<_> = recorders.iter().flat_map(|r| r.rooms()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let seen = recorders.iter().flat_map(|r| r.of_room(&name));
        let numbers: Vec<_> = seen.filter_map(|s| s.params.get("n").and_then(Value::as_u64)).collect();
        assert!(numbers.is_sorted(), "room {name}: {numbers:?}");
    }
    assert!(
        recorders.iter().all(|r| !r.has_overlaps()),
        "two commands of a room ran at once"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_room_keeps_its_order_also_through_retries() {
    let redis = Redis::start().await;
    let backoffs = [json!({ "type": "fixed", "delay": 30 }), json!(0)];
    let jobs: Vec<_> = (0..600)
        .map(|n| {
            let room = format!("room{}", (n * 7 + n / 20) % 20);
            let (name, times) = if n % 7 == 0 { ("flaky", 2) } else { ("echo", 0) };
            let opts = json!({ "attempts": 3, "backoff": backoffs[n % 2] });
            job(name, &room, json!({ "n": n, "times": times }), opts)
        })
        .collect();
    let rooms = Arc::new(Recorder::default());
    let _intake = intake(&redis, "order", &rooms).await;
    produce(&redis, "order", &jobs).await;
    finished(&redis, "order", 600).await;
    assert_eq!(ended(&redis, "order").await, (600, 0));
    check_order(&[&rooms]);
    assert_eq!((rooms.rooms().len(), rooms.count()), (20, 600));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flooded_room_holds_up_no_other_and_what_has_not_begun_is_handed_back_in_order() {
    let redis = Redis::start().await;
    let rooms = Arc::new(Recorder::default());
    let intake = intake(&redis, "flood", &rooms).await;
    // More than eight minutes of work.
    let flood: Vec<_> = (0..10_000)
        .map(|n| job("sleep", "flooded", json!({ "n": n, "ms": 50 }), json!({})))
        .collect();
    produce(&redis, "flood", &flood).await;
    produce(&redis, "flood", &[job("echo", "free", json!({}), json!({}))]).await;
    until("the free room has its turn", || !rooms.of_room("free").is_empty()).await;

    intake.stop(Duration::from_secs(5)).await;
    assert_eq!(redis.query::<usize>(&["LLEN", "bull:flood:active"]).await, 0);
    let waiting: Vec<String> = redis.query(&["LRANGE", "bull:flood:wait", "0", "-1"]).await;
    let numbers: Vec<u64> = waiting.iter().rev().map(|id| id.parse().expect("a number")).collect();
    assert!(numbers.is_sorted(), "the order was lost in handing back");
    assert!(numbers.len() > 5_000, "the free room waited for the flood");
    assert_eq!(
        numbers.len() + rooms.of_room("flooded").len(),
        10_000,
        "a job was lost or is there twice"
    );
    assert!(!redis.query::<bool>(&["EXISTS", "bull:flood:perilune:lease"]).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_one_intake_fetches_and_a_stopped_one_hands_over() {
    let redis = Redis::start().await;
    let (one, two) = (Arc::new(Recorder::default()), Arc::new(Recorder::default()));
    let first = intake(&redis, "pair", &one).await;
    until("the first holds the lease", || first.stats().holds_lease).await;
    let second = intake(&redis, "pair", &two).await;
    let jobs: Vec<_> = (0..200)
        .map(|n| job("sleep", &format!("r{}", n % 2), json!({ "n": n, "ms": 30 }), json!({})))
        .collect();
    produce(&redis, "pair", &jobs).await;
    until("some ran", || one.count() >= 10).await;
    assert!(!second.stats().holds_lease && two.count() == 0);
    first.stop(Duration::from_secs(5)).await;
    finished(&redis, "pair", 200).await;
    check_order(&[&one, &two]);
    assert!(two.count() > 0, "the second got nothing");
    assert_eq!(one.count() + two.count(), 200);
    assert_eq!(ended(&redis, "pair").await, (200, 0));
}
