//! Commands by BullMQ: takes jobs of the queue, gives each room its commands one at a time and in order, and finishes each
//! job once.
//!
//! One [`Intake`] per deployment fetches; others stand by until its lease ends. Retries happen inside [`Rooms::run`], so a
//! retried command keeps its place in its room, and BullMQ's own retries are never used.
//! **Invariant:** a command that may have had its effect is not run a second time, unless it says that it can be repeated.

mod decode;
mod delivery;
mod error;
mod fetch;
mod held;
mod intake;
mod job;
mod journal;
mod keys;
mod lease;
mod locks;
mod marker;
mod recover;
mod reporter;
mod rooms;
mod scripts;
mod shared;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};

pub use error::Error;
pub use reporter::Reporter;

use crate::config;
use crate::events::RedisHandle;
use crate::protocol::{Command, Failure, Outcome, Verb};
use held::Phase;
use intake::{Stop, Task};
use shared::Shared;

/// Whoever runs commands: the directory of sessions, or a recording stand-in of a test.
pub trait Rooms: Send + Sync + 'static {
    /// Runs a command to its end, retries included. The intake calls it for one command of a room at a time.
    fn run(&self, command: Command) -> impl Future<Output = Outcome> + Send;

    /// Whether the command may be run again when nobody knows whether it had its effect.
    fn is_idempotent(&self, verb: &Verb) -> bool;

    /// Tells the room's listeners about a command that is failed without being run.
    fn refused(&self, command: &Command, failure: &Failure) -> impl Future<Output = ()> + Send;
}

/// The running intake. Dropping it ends it on the spot, as if the host had died; [`Intake::stop`] ends it properly.
pub struct Intake {
    shared: Arc<Shared>,
    stops: mpsc::Sender<Stop>,
    task: AbortHandle,
}

/// What an intake does at the moment and has done since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Whether this host takes the queue's jobs; false while another does.
    pub holds_lease: bool,
    /// Fetched commands that wait for their room.
    pub waiting: usize,
    /// Commands that run.
    pub running: usize,
    /// Bytes of job data held.
    pub bytes: usize,
    /// Jobs fetched since the start.
    pub fetched: u64,
    /// Jobs completed since the start.
    pub completed: u64,
    /// Jobs failed since the start.
    pub failed: u64,
    /// Of those, how many because nobody knows what an earlier run of theirs did.
    pub in_doubt: u64,
}

impl Intake {
    /// Starts taking jobs. `host` is this host's name in the lease and in BullMQ's lists.
    pub fn start<R: Rooms>(config: &config::Queue, redis: RedisHandle, host: &str, rooms: Arc<R>) -> Self {
        let shared = Arc::new(Shared::new(config.clone(), redis, host));
        let (stops, inbox) = mpsc::channel(1);
        let task = tokio::spawn(supervise(Arc::clone(&shared), rooms, inbox)).abort_handle();
        Self { shared, stops, task }
    }

    /// Takes nothing more, hands back what has not begun, and waits for what runs, until the deadline at most.
    pub async fn stop(&self, deadline: Duration) {
        let (done, ended) = oneshot::channel();
        if self.stops.send(Stop { deadline, done }).await.is_ok() {
            // Handing back takes a call or two beyond the deadline.
            let _ = timeout(deadline + self.shared.redis.command_timeout(), ended).await;
        }
        self.task.abort();
    }

    /// The intake's numbers.
    pub fn stats(&self) -> Stats {
        let shared = &self.shared;
        let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        let (held, bytes) = shared.held.size();
        let waiting = shared.held.count(Phase::Waiting);
        Stats {
            holds_lease: shared.lease.borrow().is_some(),
            waiting,
            running: held.saturating_sub(waiting),
            bytes,
            fetched: count(&shared.counters.fetched),
            completed: count(&shared.counters.completed),
            failed: count(&shared.counters.failed),
            in_doubt: count(&shared.counters.in_doubt),
        }
    }

    /// Writes progress and log lines into jobs.
    pub fn reporter(&self) -> Reporter {
        Reporter::new(Arc::clone(&self.shared))
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Owns the loop and its helpers. A panic in one of them starts all of them anew: the new term of the lease finds what the
/// old one held and goes on from there.
async fn supervise<R: Rooms>(shared: Arc<Shared>, rooms: Arc<R>, mut stops: mpsc::Receiver<Stop>) {
    loop {
        let ask_marker = Arc::new(Notify::new());
        let mut helpers = JoinSet::new();
        helpers.spawn(lease::keep(Arc::clone(&shared)));
        helpers.spawn(locks::keep(Arc::clone(&shared)));
        helpers.spawn(marker::watch(Arc::clone(&shared), Arc::clone(&ask_marker)));
        let task = Task::new(Arc::clone(&shared), Arc::clone(&rooms), ask_marker);
        let ended = tokio::select! {
            ended = AssertUnwindSafe(task.run(&mut stops)).catch_unwind() => ended.is_ok(),
            helper = helpers.join_next() => {
                tracing::error!(?helper, "a part of the intake ended");
                false
            }
        };
        if ended {
            return;
        }
        tracing::error!("the intake starts anew after a fault");
        helpers.shutdown().await;
        shared.lease.send_replace(None);
        shared.held.clear();
        sleep(Duration::from_secs(1)).await;
    }
}
