//! The loop: fetches strictly in the queue's order and gives each room one command at a time.
//!
//! Jobs of a busy room wait here, fetched, so that a flooded room does not hold up the others. When the queue is paused, or
//! the intake stops, those that have not begun go back to where they came from, in their order.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

use super::Rooms;
use super::decode::decode;
use super::delivery::{self, Verdict, Work};
use super::fetch::{self, Batch};
use super::held::Phase;
use super::job::Job;
use super::lease;
use super::recover;
use super::scripts::QueueState;
use super::shared::{Shared, now_ms};
use crate::protocol::{Command, Room};

/// The wait before something is tried again that did not work.
const RETRY: Duration = Duration::from_millis(100);
/// The most job data held at a time.
const MAX_BYTES: usize = 256 * 1024 * 1024;

/// Asks the loop to end: no new fetch, what has not begun goes back, what runs may go on until the deadline.
pub(super) struct Stop {
    pub(super) deadline: Duration,
    pub(super) done: oneshot::Sender<()>,
}

/// Why nothing is begun at the moment.
enum Hold {
    Paused,
    Stopping(Instant),
}

#[derive(Default)]
struct Lane {
    busy: bool,
    waiting: VecDeque<Work>,
}

enum Done {
    Room(Room, Verdict),
    Alone,
}

/// The loop's state; everything in it belongs to this one task.
pub(super) struct Task<R> {
    shared: Arc<Shared>,
    rooms: Arc<R>,
    lanes: HashMap<Room, Lane>,
    running: JoinSet<Done>,
    fetching: Option<Pin<Box<dyn Future<Output = Batch> + Send>>>,
    /// Whether the queue may have something for us.
    wanted: bool,
    /// The rate limit lets nothing through before this.
    not_before: Instant,
    /// When the next delayed job is due.
    due: Option<Instant>,
    /// The global concurrency was reached: the next finished job makes place.
    full: bool,
    hold: Option<Hold>,
    term: Option<i64>,
    ask_marker: Arc<Notify>,
}

impl<R: Rooms> Task<R> {
    pub(super) fn new(shared: Arc<Shared>, rooms: Arc<R>, ask_marker: Arc<Notify>) -> Self {
        Self {
            shared,
            rooms,
            lanes: HashMap::new(),
            running: JoinSet::new(),
            fetching: None,
            wanted: true,
            not_before: Instant::now(),
            due: None,
            full: false,
            hold: None,
            term: None,
            ask_marker,
        }
    }

    /// Runs until it is asked to stop.
    pub(super) async fn run(mut self, stops: &mut mpsc::Receiver<Stop>) {
        let mut lease = self.shared.lease.subscribe();
        let mut stopping: Option<oneshot::Sender<()>> = None;
        loop {
            self.step().await;
            if let Some(Hold::Stopping(deadline)) = self.hold
                && self.is_idle_or_late(deadline)
            {
                break;
            }
            let alarm = self.alarm();
            tokio::select! {
                stop = stops.recv(), if stopping.is_none() => {
                    let Some(stop) = stop else { return };
                    self.hold = Some(Hold::Stopping(Instant::now() + stop.deadline));
                    stopping = Some(stop.done);
                }
                changed = lease.changed() => if changed.is_err() { return },
                Some(done) = self.running.join_next(), if !self.running.is_empty() => self.on_done(done),
                batch = next(&mut self.fetching) => {
                    self.fetching = None;
                    self.on_batch(batch);
                }
                () = self.shared.wake.notified() => self.wanted = true,
                () = self.shared.begun.notified(), if self.hold.is_some() => {}
                () = sleep_until(alarm.unwrap_or_else(Instant::now)), if alarm.is_some() => self.on_alarm(),
            }
            self.on_lease();
        }
        self.running.abort_all();
        let held = self.shared.lease.borrow().clone();
        if let Some(held) = held
            && let Err(error) = lease::release(&self.shared, &held).await
        {
            tracing::debug!(%error, "the lease could not be given up; it ends by itself");
        }
        if let Some(done) = stopping {
            let _ = done.send(());
        }
    }

    /// Does what can be done now: hands back, or starts the next fetch.
    async fn step(&mut self) {
        if self.hold.is_some() {
            // A command between fetch and begin must be one or the other before the order can be put together again.
            if self.fetching.is_none() && self.shared.held.count(Phase::Beginning) == 0 {
                self.hand_back().await;
            }
            return;
        }
        if self.fetching.is_some() || !self.wanted || Instant::now() < self.not_before {
            return;
        }
        let Some(lease) = self.shared.lease.borrow().clone() else {
            return;
        };
        let (held, bytes) = self.shared.held.size();
        let place = self.shared.settings.max_active.saturating_sub(held);
        if place == 0 || bytes >= MAX_BYTES {
            return;
        }
        self.wanted = false;
        self.fetching = Some(Box::pin(fetch::fetch(Arc::clone(&self.shared), lease, place)));
    }

    /// When to look again without being woken.
    fn alarm(&self) -> Option<Instant> {
        match self.hold {
            Some(Hold::Stopping(deadline)) if self.shared.held.waiting().is_empty() => Some(deadline),
            Some(Hold::Stopping(deadline)) => Some(deadline.min(Instant::now() + RETRY)),
            Some(Hold::Paused) => Some(Instant::now() + RETRY),
            None if self.fetching.is_some() => None,
            None if self.wanted && self.not_before > Instant::now() => Some(self.not_before),
            None => self.due,
        }
    }

    fn on_alarm(&mut self) {
        self.wanted = true;
        self.due = None;
    }

    fn on_batch(&mut self, batch: Batch) {
        let Batch::Jobs {
            jobs,
            more,
            state,
            limited_ms,
            next_delayed,
        } = batch
        else {
            self.wanted = true;
            self.not_before = Instant::now() + RETRY;
            return;
        };
        for job in jobs {
            self.take(job);
        }
        self.wanted |= more;
        self.full = state == QueueState::Full;
        if more {
            return;
        }
        if limited_ms > 0 {
            self.not_before = Instant::now() + Duration::from_millis(limited_ms);
            self.wanted = true;
            return;
        }
        let wait = next_delayed.saturating_sub(now_ms());
        self.due = (next_delayed > 0).then(|| Instant::now() + Duration::from_millis(wait));
        if state == QueueState::Paused && !self.shared.held.waiting().is_empty() && self.hold.is_none() {
            self.hold = Some(Hold::Paused);
        }
        self.ask_marker.notify_one();
    }

    fn take(&mut self, job: Job) {
        let command = decode(&self.shared.settings.name, &job, self.shared.settings.max_backoff);
        let shared = Arc::clone(&self.shared);
        match command {
            Ok(command) if job.deferred_failure.is_some() => self.fail_deferred(job, command),
            Ok(command) => {
                let room = command.room.clone();
                self.lanes
                    .entry(room.clone())
                    .or_default()
                    .waiting
                    .push_back(Work { job, command });
                self.advance(room);
            }
            Err(failure) => {
                self.shared.held.set(&job.id, Phase::Running);
                self.running.spawn(async move {
                    delivery::refuse(shared, job, failure).await;
                    Done::Alone
                });
            }
        }
    }

    fn fail_deferred(&mut self, job: Job, command: Command) {
        self.shared.held.set(&job.id, Phase::Running);
        let (shared, rooms) = (Arc::clone(&self.shared), Arc::clone(&self.rooms));
        let reason = job.deferred_failure.clone().unwrap_or_default();
        self.running.spawn(async move {
            delivery::fail_deferred(shared, rooms, Work { job, command }, reason).await;
            Done::Alone
        });
    }

    /// Starts the room's next command if none runs.
    fn advance(&mut self, room: Room) {
        let Some(lane) = self.lanes.get_mut(&room) else { return };
        if lane.busy || self.hold.is_some() {
            return;
        }
        let Some(work) = lane.waiting.pop_front() else {
            self.lanes.remove(&room);
            return;
        };
        lane.busy = true;
        self.shared.held.set(&work.job.id, Phase::Beginning);
        let (shared, rooms) = (Arc::clone(&self.shared), Arc::clone(&self.rooms));
        self.running
            .spawn(async move { Done::Room(room, delivery::deliver(shared, rooms, work).await) });
    }

    fn on_done(&mut self, done: Result<Done, JoinError>) {
        // Place was made.
        self.wanted |= self.full;
        match done {
            Ok(Done::Alone) => {}
            Ok(Done::Room(room, verdict)) => {
                if matches!(verdict, Verdict::Paused) && self.hold.is_none() {
                    self.hold = Some(Hold::Paused);
                }
                if let Some(lane) = self.lanes.get_mut(&room) {
                    lane.busy = false;
                }
                self.advance(room);
            }
            Err(error) => tracing::error!(%error, "a delivery ended unexpectedly"),
        }
    }

    /// Returns everything that has not begun, in its order; the loop goes on when that is done.
    async fn hand_back(&mut self) {
        let waiting = self.shared.held.waiting();
        if !waiting.is_empty() {
            match recover::hand_back(&self.shared, &waiting).await {
                Ok(returned) => tracing::info!(returned, "commands that had not begun wait in the queue again"),
                // Tried again soon. What an ending host cannot hand back, the next holder of the lease takes back.
                Err(error) => {
                    return tracing::warn!(%error, waiting = waiting.len(), "commands could not be handed back");
                }
            }
        }
        self.forget_waiting();
        if matches!(self.hold, Some(Hold::Paused)) {
            self.hold = None;
            self.wanted = true;
        }
    }

    fn forget_waiting(&mut self) {
        self.shared.held.forget_waiting();
        self.lanes.retain(|_, lane| {
            lane.waiting.clear();
            lane.busy
        });
    }

    /// Notices that the lease was lost or is a new one: what had not begun belongs to whoever took it.
    fn on_lease(&mut self) {
        let term = self.shared.lease.borrow().as_ref().map(|lease| lease.term);
        if term == self.term {
            return;
        }
        if self.term.is_some() {
            self.forget_waiting();
        }
        self.term = term;
        self.wanted = true;
    }

    fn is_idle_or_late(&self, deadline: Instant) -> bool {
        let late = Instant::now() >= deadline;
        if late && !self.running.is_empty() {
            tracing::warn!(
                running = self.running.len(),
                "commands still run at the deadline; they will be in doubt"
            );
        }
        late || (self.fetching.is_none() && self.running.is_empty() && self.shared.held.size().0 == 0)
    }
}

/// The answer of the fetch that is under way; for ever when there is none.
async fn next(fetching: &mut Option<Pin<Box<dyn Future<Output = Batch> + Send>>>) -> Batch {
    match fetching {
        Some(fetch) => fetch.await,
        None => std::future::pending().await,
    }
}
