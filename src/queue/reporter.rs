//! Progress and log lines of running jobs, as BullMQ's producers read them.

use std::sync::Arc;

use super::error::Error;
use super::scripts::Call;
use super::shared::Shared;

/// Writes progress and log lines into jobs. Clones are cheap.
#[derive(Clone)]
pub struct Reporter(Arc<Shared>);

impl Reporter {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self(shared)
    }

    /// Sets a job's progress, a number or an object; `QueueEvents` tells it to whoever listens.
    pub async fn progress(&self, job_id: &str, progress: &serde_json::Value) -> Result<(), Error> {
        let keys = &self.0.keys;
        let call = Call::of(&self.0.scripts.update_progress)
            .keys([keys.of(job_id), keys.of("events"), keys.of("meta")])
            .arg(job_id)
            .arg(progress.to_string());
        found(job_id, call.run(self.0.redis.connection()).await?)
    }

    /// Appends a line to a job's log.
    pub async fn log(&self, job_id: &str, line: &str) -> Result<(), Error> {
        self.log_of(job_id, line, None).await
    }

    pub(super) async fn log_of(&self, job_id: &str, line: &str, keep: Option<i64>) -> Result<(), Error> {
        let keys = &self.0.keys;
        let call = Call::of(&self.0.scripts.add_log)
            .keys([keys.of(job_id), keys.of(&format!("{job_id}:logs"))])
            .arg(job_id)
            .arg(line)
            .arg(keep.map(|n| n.to_string()).unwrap_or_default());
        found(job_id, call.run(self.0.redis.connection()).await?)
    }
}

fn found(job_id: &str, code: i64) -> Result<(), Error> {
    if code < 0 {
        Err(Error::NotActive(job_id.to_owned()))
    } else {
        Ok(())
    }
}
