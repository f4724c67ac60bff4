//! Events to Redis: one task, one pipeline per batch, in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, mpsc};

use super::bus::Message;
use super::connection::RedisHandle;
use crate::protocol::{Published, Room};

/// Events that may wait while Redis is away; later ones are dropped and counted.
const WAITING: usize = 8192;
/// Events of one round trip.
const BATCH: usize = 256;
/// How long one wait for Redis is; the next one follows.
const AWAY: Duration = Duration::from_secs(30);
/// How long a room's last number is remembered after its last event.
const REMEMBER_S: u64 = 7 * 24 * 3600;

/// The way out.
pub(super) struct Outlet {
    queue: mpsc::Sender<Line>,
    dropped: AtomicU64,
    progress: Arc<Progress>,
}

/// How much is handed over and not yet written.
#[derive(Default)]
struct Progress {
    waiting: AtomicU64,
    idle: Notify,
}

struct Line {
    room: Option<Room>,
    message: Message,
}

impl Outlet {
    /// Starts the task; it ends when the outlet is dropped and all is written.
    pub(super) fn start(redis: RedisHandle) -> Self {
        let (queue, lines) = mpsc::channel(WAITING);
        let progress = Arc::new(Progress::default());
        tokio::spawn(run(redis, lines, progress.clone()));
        Self {
            queue,
            dropped: AtomicU64::new(0),
            progress,
        }
    }

    /// Hands over an event; never waits.
    pub(super) fn send(&self, room: Option<&Room>, message: &Message) {
        let line = Line {
            room: room.cloned(),
            message: message.clone(),
        };
        self.progress.waiting.fetch_add(1, Ordering::AcqRel);
        if self.queue.try_send(line).is_err() {
            self.progress.waiting.fetch_sub(1, Ordering::AcqRel);
            let dropped = self.dropped.fetch_add(1, Ordering::Relaxed) + 1;
            if dropped.is_power_of_two() {
                tracing::warn!(dropped, "events lost: Redis is away and the queue of events is full");
            }
        }
    }

    /// Waits until the queue is empty.
    pub(super) async fn flush(&self, within: Duration) {
        let wait = async {
            loop {
                let idle = self.progress.idle.notified();
                if self.progress.waiting.load(Ordering::Acquire) == 0 {
                    break;
                }
                idle.await;
            }
        };
        let _ = tokio::time::timeout(within, wait).await;
    }
}

/// The last number that a room's events had, 0 if there were none or Redis does not answer.
pub(super) async fn last_seq(redis: &RedisHandle, room: Option<&Room>) -> u64 {
    if !*redis.connected().borrow() {
        return 0;
    }
    let read = async {
        ::redis::cmd("GET")
            .arg(seq_key(room))
            .query_async::<Option<u64>>(&mut redis.connection())
            .await
    };
    match tokio::time::timeout(Duration::from_secs(2), read).await {
        Ok(Ok(last)) => last.unwrap_or(0),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the last event number of a room could not be read");
            0
        }
        Err(_) => 0,
    }
}

fn seq_key(room: Option<&Room>) -> String {
    format!("perilune:seq:{}", room.map_or(Published::HOST, Room::as_str))
}

fn channel(room: Option<&Room>) -> String {
    format!("browser:events:{}", room.map_or(Published::HOST, Room::as_str))
}

async fn run(redis: RedisHandle, mut lines: mpsc::Receiver<Line>, progress: Arc<Progress>) {
    let mut batch = Vec::with_capacity(BATCH);
    while lines.recv_many(&mut batch, BATCH).await > 0 {
        let mut pipe = ::redis::pipe();
        for line in &batch {
            let room = line.room.as_ref();
            pipe.publish(channel(room), &*line.message.json).ignore();
            pipe.cmd("SET")
                .arg(seq_key(room))
                .arg(line.message.seq)
                .arg("EX")
                .arg(REMEMBER_S)
                .ignore();
        }
        // The numbers tell a listener of a repeated event, so a batch whose answer was lost may be sent again.
        while let Err(error) = pipe.query_async::<()>(&mut redis.connection()).await {
            tracing::debug!(%error, events = batch.len(), "events wait for Redis");
            redis.wait_connected(AWAY).await;
        }
        progress.waiting.fetch_sub(batch.len() as u64, Ordering::AcqRel);
        progress.idle.notify_waiters();
        batch.clear();
    }
}
