//! Jobs of the tests: added by a stock producer, taken by an intake with short times.

use std::sync::Arc;
use std::time::Duration;

use perilune::config;
use perilune::queue::Intake;
use serde_json::{Value, json};

use super::recorder::Recorder;
use crate::support::{Redis, eventually};

/// Longer than anything takes that works, also on a busy machine.
pub(super) const LONG: Duration = Duration::from_secs(120);

/// How long a job stays with an intake that shows no sign of life.
pub(super) const LOCK: Duration = Duration::from_secs(5);

fn settings(name: &str) -> config::Queue {
    config::Queue {
        enabled: true,
        name: name.to_owned(),
        prefix: "bull".to_owned(),
        lock_duration: LOCK,
        lease_duration: Duration::from_secs(2),
        max_active: 10_000,
        max_backoff: Duration::from_secs(60),
        journal_ttl: Duration::from_secs(3600),
    }
}

/// An intake with recording rooms.
pub(super) async fn intake(redis: &Redis, queue: &str, rooms: &Arc<Recorder>) -> Intake {
    let intake = Intake::start(&settings(queue), redis.handle().await, "test host/1", Arc::clone(rooms));
    rooms.report_with(intake.reporter());
    intake
}

pub(super) fn job(name: &str, room: &str, params: Value, opts: Value) -> Value {
    let mut data = json!({ "room_name": room });
    let object = data.as_object_mut().expect("an object");
    object.extend(params.as_object().expect("an object").clone());
    json!({ "name": name, "data": data, "opts": opts })
}

pub(super) async fn field(redis: &Redis, queue: &str, job: &str, field: &str) -> Option<String> {
    redis.query(&["HGET", &format!("bull:{queue}:{job}"), field]).await
}

/// How many jobs of the queue ended well, and how many did not.
pub(super) async fn ended(redis: &Redis, queue: &str) -> (usize, usize) {
    let count = async |set: &str| redis.query(&["ZCARD", &format!("bull:{queue}:{set}")]).await;
    (count("completed").await, count("failed").await)
}

/// Waits until so many jobs of the queue have ended, either way.
pub(super) async fn finished(redis: &Redis, queue: &str, count: usize) {
    eventually(&format!("{count} jobs end"), LONG, || async {
        let (completed, failed) = ended(redis, queue).await;
        (completed + failed >= count).then_some(())
    })
    .await;
}

/// Waits until the probe is true.
pub(super) async fn until(what: &str, probe: impl Fn() -> bool) {
    eventually(what, LONG, || std::future::ready(probe().then_some(()))).await;
}
