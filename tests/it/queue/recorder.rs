//! Rooms that record what they are asked to do, in the order in which they did it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use perilune::protocol::{Command, ErrorType, Failure, Object, Origin, Outcome, Verb};
use perilune::queue::{Reporter, Rooms};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::sleep;

/// One thing that a room was asked to do.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) room: String,
    pub(super) job: String,
    pub(super) params: Object,
    pub(super) refused: Option<ErrorType>,
}

/// Stands in for the directory of sessions. The names of its actions are those in `act`.
#[derive(Default)]
pub(super) struct Recorder {
    seen: Mutex<Vec<Seen>>,
    overlaps: Mutex<usize>,
    busy: Mutex<HashMap<String, usize>>,
    reporter: OnceLock<Reporter>,
    gate: watch::Sender<bool>,
}

impl Recorder {
    /// Writes progress with this.
    pub(super) fn report_with(&self, reporter: Reporter) {
        assert!(
            self.reporter.set(reporter).is_ok(),
            "an intake has a recorder of its own"
        );
    }

    /// Lets the commands go on that wait at the gate.
    pub(super) fn open_gate(&self) {
        self.gate.send_replace(true);
    }

    pub(super) fn all(&self) -> Vec<Seen> {
        self.list().clone()
    }

    pub(super) fn count(&self) -> usize {
        self.list().len()
    }

    pub(super) fn of_room(&self, room: &str) -> Vec<Seen> {
        self.list().iter().filter(|s| s.room == room).cloned().collect()
    }

    pub(super) fn rooms(&self) -> Vec<String> {
        let mut rooms: Vec<_> = self.list().iter().map(|s| s.room.clone()).collect();
        rooms.sort();
        rooms.dedup();
        rooms
    }

    /// Whether a room ever had two commands at once.
    pub(super) fn has_overlaps(&self) -> bool {
        *self.overlaps.lock().expect("no panic") > 0
    }

    fn list(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.seen.lock().expect("no panic")
    }

    fn record(&self, command: &Command, refused: Option<ErrorType>) {
        self.list().push(Seen {
            room: command.room.to_string(),
            job: job_id(command),
            params: command.params.clone(),
            refused,
        });
    }

    fn enter(&self, room: &str) {
        let mut busy = self.busy.lock().expect("no panic");
        let count = busy.entry(room.to_owned()).or_default();
        *count += 1;
        if *count > 1 {
            *self.overlaps.lock().expect("no panic") += 1;
        }
    }

    async fn act(&self, command: &Command) -> (Result<Object, Failure>, u32) {
        let number = |key: &str| command.params.get(key).and_then(Value::as_u64).unwrap_or(0);
        let pause = Duration::from_millis(number("ms"));
        let object = |value: Value| value.as_object().cloned().unwrap_or_default();
        let done = match command.verb.name() {
            // Of the two only the second may be repeated.
            "sleep" | "peek" => {
                sleep(pause).await;
                command.params.clone()
            }
            "gate" => {
                let mut gate = self.gate.subscribe();
                gate.wait_for(|open| *open).await.expect("the recorder is there");
                command.params.clone()
            }
            "span" => {
                let from = now();
                sleep(pause).await;
                object(json!({ "from": from, "to": now() }))
            }
            "stamp" => object(json!({ "p": command.params["p"], "at": now() })),
            "fail" => return (Err(self.fail(command)), 1),
            "flaky" => return self.flaky(command, number("times")).await,
            "panic" => panic!("asked to"),
            "progress" => self.progress(command).await,
            _ => command.params.clone(),
        };
        (Ok(done), 1)
    }

    fn fail(&self, command: &Command) -> Failure {
        let code = command.params.get("code").and_then(Value::as_str);
        let code = code.unwrap_or("action_failed").parse().expect("a code");
        Failure::new(code, "it was asked to fail")
    }

    async fn progress(&self, command: &Command) -> Object {
        let (reporter, id) = (self.reporter.get().expect("set"), job_id(command));
        reporter.progress(&id, &json!(50)).await.expect("progress");
        reporter.log(&id, "half way").await.expect("log");
        let step = json!({ "step": "ü" });
        reporter.progress(&id, &step).await.expect("progress");
        Object::new()
    }

    async fn flaky(&self, command: &Command, times: u64) -> (Result<Object, Failure>, u32) {
        for attempt in 1..=command.limits.attempts {
            if u64::from(attempt) > times {
                return (Ok(command.params.clone()), attempt);
            }
            sleep(command.limits.backoff.as_ref().map_or(Duration::ZERO, |b| b.delay)).await;
        }
        let busy = Failure::new(ErrorType::Busy, "still busy");
        (Err(busy), command.limits.attempts)
    }
}

impl Rooms for Recorder {
    async fn run(&self, command: Command) -> Outcome {
        let room = command.room.to_string();
        self.enter(&room);
        let _inside = Inside(self, room);
        self.record(&command, None);
        let (result, attempts) = self.act(&command).await;
        Outcome {
            result,
            timestamp: now() / 1000.0,
            duration: Duration::ZERO,
            attempts,
        }
    }

    fn is_idempotent(&self, verb: &Verb) -> bool {
        verb.name() == "peek"
    }

    async fn refused(&self, command: &Command, failure: &Failure) {
        self.record(command, Some(failure.error_type));
    }
}

/// A command in a room; leaves it also when the command panics or is given up.
struct Inside<'r>(&'r Recorder, String);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let mut busy = self.0.busy.lock().expect("no panic");
        *busy.entry(self.1.clone()).or_default() -= 1;
    }
}

fn job_id(command: &Command) -> String {
    match &command.origin {
        Origin::Queue { job_id } => job_id.clone(),
        other => panic!("{other:?} is no job"),
    }
}

/// Milliseconds since 1970.
fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    since.as_secs_f64() * 1000.0
}
