//! One job from its turn to its end: journal, command, outcome.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use futures_util::FutureExt as _;

use super::Rooms;
use super::held::Phase;
use super::job::Job;
use super::journal::{self, Begin, Ending};
use super::reporter::Reporter;
use super::shared::{Shared, now_ms};
use crate::protocol::{Command, ErrorType, Failure, Outcome};

/// A job whose command is understood.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) job: Job,
    pub(super) command: Command,
}

/// How a delivery ended for the room's queue.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The job is off our hands.
    Done,
    /// It has not begun, because the queue is paused.
    Paused,
}

/// Runs one command, once.
pub(super) async fn deliver<R: Rooms>(shared: Arc<Shared>, rooms: Arc<R>, work: Work) -> Verdict {
    let Work { job, command } = work;
    let begin = journal::begin(&shared, &job).await;
    if matches!(begin, Begin::Paused) {
        shared.held.set(&job.id, Phase::Waiting);
        shared.begun.notify_one();
        return Verdict::Paused;
    }
    shared.held.set(&job.id, Phase::Running);
    shared.begun.notify_one();
    let ending = match begin {
        Begin::Run => Some(ending(&run(&*rooms, command).await)),
        Begin::Again { host } => Some(run_again(&shared, &*rooms, &job, command, &host).await),
        Begin::Finished(stored) => Some(stored),
        Begin::Paused | Begin::Lost => None,
    };
    if let Some(ending) = ending {
        end(&shared, &job, &ending).await;
    }
    shared.held.remove(&job.id);
    Verdict::Done
}

/// Ends a job that cannot be understood.
pub(super) async fn refuse(shared: Arc<Shared>, job: Job, failure: Failure) {
    tracing::warn!(job = %job.id, error = %failure, "job refused");
    end(&shared, &job, &refusal(failure)).await;
    shared.held.remove(&job.id);
}

/// Ends a job that BullMQ wants to fail: it stalled too often, or one of its children failed. The words are BullMQ's.
pub(super) async fn fail_deferred<R: Rooms>(shared: Arc<Shared>, rooms: Arc<R>, work: Work, reason: String) {
    let kind = if reason.starts_with("child ") {
        ErrorType::Cancelled
    } else {
        ErrorType::InDoubt
    };
    let failure = Failure::new(kind, reason.clone());
    announce(&*rooms, &work.command, &failure).await;
    end(
        &shared,
        &work.job,
        &Ending {
            reason,
            ..refusal(failure)
        },
    )
    .await;
    shared.held.remove(&work.job.id);
}

async fn run_again<R: Rooms>(shared: &Arc<Shared>, rooms: &R, job: &Job, command: Command, host: &str) -> Ending {
    if rooms.is_idempotent(&command.verb) {
        log(
            shared,
            job,
            &format!("host {host} died while this ran; it can be repeated, so it runs again"),
        )
        .await;
        return ending(&run(rooms, command).await);
    }
    shared.counters.in_doubt.fetch_add(1, Ordering::Relaxed);
    let failure = Failure::new(
        ErrorType::InDoubt,
        format!(
            "{} had begun when its host ({host}) died, so it may have had its effect; look at the page before repeating it",
            command.verb.name()
        ),
    );
    log(shared, job, &failure.to_string()).await;
    announce(rooms, &command, &failure).await;
    refusal(failure)
}

/// Runs the command; a panic becomes a failure of this command alone.
async fn run<R: Rooms>(rooms: &R, command: Command) -> Outcome {
    let began = Instant::now();
    let name = command.verb.name().to_owned();
    match AssertUnwindSafe(rooms.run(command)).catch_unwind().await {
        Ok(outcome) => outcome,
        Err(panic) => {
            let words = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_default();
            tracing::error!(action = %name, panic = %words, "a command panicked");
            Outcome {
                result: Err(Failure::new(
                    ErrorType::Internal,
                    format!("{name} hit a fault of perilune itself ({words}); look at the page before repeating it"),
                )),
                timestamp: seconds(),
                duration: began.elapsed(),
                attempts: 1,
            }
        }
    }
}

async fn announce<R: Rooms>(rooms: &R, command: &Command, failure: &Failure) {
    if AssertUnwindSafe(rooms.refused(command, failure))
        .catch_unwind()
        .await
        .is_err()
    {
        tracing::error!(command = %command.id, "announcing a refused command panicked");
    }
}

async fn end(shared: &Shared, job: &Job, ending: &Ending) {
    let counter = if ending.success {
        &shared.counters.completed
    } else {
        &shared.counters.failed
    };
    counter.fetch_add(1, Ordering::Relaxed);
    journal::finish(shared, job, ending).await;
}

async fn log(shared: &Arc<Shared>, job: &Job, line: &str) {
    if let Err(error) = Reporter::new(Arc::clone(shared))
        .log_of(&job.id, line, job.opts.keep_logs)
        .await
    {
        tracing::debug!(job = %job.id, %error, "the job's log could not be written");
    }
}

fn refusal(failure: Failure) -> Ending {
    ending(&Outcome::refused(failure, seconds()))
}

fn ending(outcome: &Outcome) -> Ending {
    Ending {
        success: outcome.is_success(),
        outcome: serde_json::to_string(outcome).unwrap_or_else(|_| "null".to_owned()),
        reason: outcome
            .result
            .as_ref()
            .err()
            .map(ToString::to_string)
            .unwrap_or_default(),
        attempts: outcome.attempts,
    }
}

fn seconds() -> f64 {
    now_ms() as f64 / 1000.0
}
