//! What each command has done, so that nothing is done twice.
//!
//! Before a command runs, an entry says so (`started`). The script that finishes the job removes the entry in the same step.
//! So an entry that is found when a job is delivered means: the host died while the command ran, or it ran to its end and
//! the outcome could not be written into the job (then the entry holds the outcome). Entries end after `journal_ttl`.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::error::Error;
use super::job::Job;
use super::scripts::Call;
use super::shared::{Shared, now_ms};

/// How long the lease may take to come back after an outage, per try.
const LATER: Duration = Duration::from_millis(50);

/// What the journal says about a job that is about to run.
#[derive(Debug)]
pub(super) enum Begin {
    /// It never ran: run it.
    Run,
    /// It began on `host` and nobody knows how it ended.
    Again { host: String },
    /// It ended, and only the job does not know it yet.
    Finished(Ending),
    /// The queue is paused: not now.
    Paused,
    /// The job is not ours any more.
    Lost,
}

/// How a job ends in BullMQ.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ending {
    pub(super) success: bool,
    /// The outcome as JSON.
    pub(super) outcome: String,
    /// Why it failed, as `failedReason` shows it.
    pub(super) reason: String,
    /// How often the command was tried; at least 1 is counted.
    pub(super) attempts: u32,
}

/// Asks whether the job may run, and writes down that it does. Repeats itself while Redis is away.
pub(super) async fn begin(shared: &Shared, job: &Job) -> Begin {
    let mut mine: Vec<Arc<str>> = Vec::new();
    loop {
        let (Some(token), Some(lease)) = (shared.held.token(&job.id), shared.lease.borrow().clone()) else {
            return Begin::Lost;
        };
        if !mine.contains(&token) {
            mine.push(Arc::clone(&token));
        }
        let keys = &shared.keys;
        let call = Call::of(&shared.scripts.begin)
            .keys([
                keys.lock(&job.id),
                keys.journal(&job.id),
                keys.of("meta"),
                keys.of("active"),
                keys.lease(),
            ])
            .arg(&*token)
            .arg(now_ms())
            .arg(shared.settings.journal_ttl.as_millis() as u64)
            .arg(&job.added)
            .arg(&shared.host)
            .arg(&*job.id)
            .arg(&*lease.me)
            .arg(shared.settings.lock_duration.as_millis() as u64);
        match call
            .run::<Vec<String>>(shared.redis.connection())
            .await
            .and_then(|answer| read(&answer, &mine))
        {
            Ok(Some(begin)) => return begin,
            Ok(None) => sleep(LATER).await,
            Err(error) => shared.after_error("beginning a job", &error).await,
        }
    }
}

/// None: to be asked again.
fn read(answer: &[String], mine: &[Arc<str>]) -> Result<Option<Begin>, Error> {
    let words: Vec<&str> = answer.iter().map(String::as_str).collect();
    Ok(Some(match words.as_slice() {
        ["run"] => Begin::Run,
        // Our own entry: an earlier call did its work and only its answer was lost.
        ["again", _, token] if mine.iter().any(|m| **m == **token) => Begin::Run,
        ["again", host, _] => Begin::Again {
            host: (*host).to_owned(),
        },
        ["finished", success, outcome, reason] => Begin::Finished(Ending {
            success: *success == "1",
            outcome: (*outcome).to_owned(),
            reason: (*reason).to_owned(),
            attempts: 1,
        }),
        ["paused"] => Begin::Paused,
        ["lost"] => Begin::Lost,
        ["later"] => return Ok(None),
        _ => return Err(Error::Answer("begin")),
    }))
}

/// Writes the job's end into BullMQ and clears its entry, again and again until Redis has answered.
///
/// A call whose answer was lost may have worked. The script can be repeated all the same: a finished job has no lock, so
/// the repetition finds nothing to do.
pub(super) async fn finish(shared: &Shared, job: &Job, ending: &Ending) {
    let mut ending = ending.clone();
    let mut refusals = 0;
    loop {
        let Some(token) = shared.held.token(&job.id) else {
            return;
        };
        match call_finish(shared, job, &ending, &token).await {
            Ok(0..) => return,
            Ok(-100) => sleep(LATER).await,
            Ok(code @ (-4 | -9)) if ending.success => ending = unfinishable(&job.id, code),
            Ok(code) => {
                tracing::warn!(job = %job.id, code, "the job was taken from us before its outcome could be written");
                return;
            }
            Err(error) => {
                refusals += u32::from(!error.is_passing());
                if refusals > 3 {
                    tracing::error!(job = %job.id, %error, "the job's outcome cannot be written");
                    return;
                }
                shared.after_error("finishing a job", &error).await;
            }
        }
    }
}

/// BullMQ lets no job complete whose children have not all completed; the sentences are its own.
fn unfinishable(id: &str, code: i64) -> Ending {
    let reason = match code {
        -9 => format!("Cannot complete job {id} because it has at least one failed child. moveToFinished"),
        _ => format!("Job {id} has pending dependencies. moveToFinished"),
    };
    Ending {
        success: false,
        outcome: "null".to_owned(),
        reason,
        attempts: 1,
    }
}

async fn call_finish(shared: &Shared, job: &Job, ending: &Ending, token: &str) -> Result<i64, Error> {
    let (target, property, text, keep) = match ending.success {
        true => (
            "completed",
            "returnvalue",
            &ending.outcome,
            &job.opts.remove_on_complete,
        ),
        false => ("failed", "failedReason", &ending.reason, &job.opts.remove_on_fail),
    };
    let options = FinishOptions {
        token,
        keep_jobs: keep,
        lock_duration: shared.settings.lock_duration.as_millis() as u64,
        attempts: job.opts.attempts,
        max_metrics_size: "",
        name: &shared.worker,
    };
    let me = shared
        .lease
        .borrow()
        .as_ref()
        .map(|lease| lease.me.to_string())
        .unwrap_or_default();
    let keys = &shared.keys;
    Call::of(&shared.scripts.finish)
        .keys(keys.move_to_finished(&job.id, target))
        .keys([keys.journal(&job.id), keys.lease()])
        .arg(&*job.id)
        .arg(now_ms())
        .arg(property)
        .arg(text)
        .arg(target)
        .arg("0")
        .arg(keys.base())
        .packed(&options)
        .arg(pack_fields(&fields(job, ending)))
        .arg(me)
        .arg(token)
        .arg(options.lock_duration)
        .arg(u8::from(ending.success))
        .arg(&ending.outcome)
        .arg(&ending.reason)
        .arg(shared.settings.journal_ttl.as_millis() as u64)
        .run(shared.redis.connection())
        .await
}

/// BullMQ's script takes an empty text for "no fields"; an empty list would stop it half-way.
fn pack_fields(fields: &[String]) -> Vec<u8> {
    if fields.is_empty() {
        return Vec::new();
    }
    rmp_serde::to_vec(fields).expect("texts can be packed")
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct FinishOptions<'a> {
    token: &'a str,
    keep_jobs: &'a super::job::Keep,
    lock_duration: u64,
    attempts: u32,
    max_metrics_size: &'a str,
    name: &'a str,
}

/// Fields of the job's hash beside those that BullMQ's script writes. Attempts in place count as BullMQ's own would: the
/// script adds one, the others are added here.
fn fields(job: &Job, ending: &Ending) -> Vec<String> {
    let more = ending.attempts.max(1) - 1;
    let mut fields = Vec::new();
    let mut set = |name: &str, value: String| fields.extend([name.to_owned(), value]);
    if more > 0 {
        set("atm", (job.attempts_made + more).to_string());
        set("ats", (job.attempts_started.max(1) + more).to_string());
    }
    if !ending.success {
        let lines = if job.opts.stack_trace_limit == Some(0) {
            vec![]
        } else {
            vec![&ending.reason]
        };
        set("stacktrace", serde_json::to_string(&lines).expect("texts are JSON"));
        // Beside the sentence the whole outcome, for programs that want its code and details.
        if ending.outcome != "null" {
            set("returnvalue", ending.outcome.clone());
        }
    }
    fields
}
