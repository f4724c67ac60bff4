//! Jobs of the tests: added by a stock producer, taken by an intake with short times.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use perilune::config;
use perilune::queue::Intake;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::time::timeout;

use super::recorder::Recorder;
use crate::support::{Redis, eventually, tool};

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

/// Adds jobs with the stock Node client; gives their ids.
pub(super) async fn produce(redis: &Redis, queue: &str, jobs: &[Value]) -> Vec<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/queue_producer.js");
    let mut child = Command::new("node")
        .arg(script)
        .args([&redis.port.to_string(), queue])
        .env("NODE_PATH", tool("node/node_modules"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the stock clients are missing: run tools/setup.sh test");
    let text = serde_json::to_vec(jobs).expect("JSON");
    let mut input = child.stdin.take().expect("piped");
    input.write_all(&text).await.expect("the producer reads");
    drop(input);
    let output = timeout(LONG, child.wait_with_output()).await.expect("in time");
    let output = output.expect("an end");
    assert!(output.status.success(), "the producer failed");
    serde_json::from_slice(&output.stdout).expect("a list of ids")
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
