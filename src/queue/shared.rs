//! What the parts of one intake share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use super::error::Error;
use super::held::Held;
use super::keys::Keys;
use super::lease::Lease;
use super::scripts::Scripts;
use crate::config;
use crate::events::RedisHandle;

/// Settings, connection and state of one intake.
pub(super) struct Shared {
    pub(super) settings: config::Queue,
    pub(super) redis: RedisHandle,
    pub(super) keys: Keys,
    pub(super) scripts: Scripts,
    pub(super) host: String,
    /// This host as BullMQ shows it (`processedBy`, `getWorkers`); always begins with `perilune-`.
    pub(super) worker: String,
    pub(super) held: Held,
    pub(super) lease: watch::Sender<Option<Lease>>,
    /// Tells the intake to look at the queue.
    pub(super) wake: Arc<Notify>,
    /// Tells the intake that a job has begun.
    pub(super) begun: Notify,
    pub(super) counters: Counters,
    fetches: AtomicU64,
}

/// Jobs since the start.
#[derive(Default)]
pub(super) struct Counters {
    pub(super) fetched: AtomicU64,
    pub(super) completed: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) in_doubt: AtomicU64,
}

impl Shared {
    pub(super) fn new(settings: config::Queue, redis: RedisHandle, host: &str) -> Self {
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() || "._:-".contains(c) {
                c
            } else {
                '-'
            }
        };
        Self {
            keys: Keys::new(&settings.prefix, &settings.name),
            settings,
            redis,
            scripts: Scripts::new(),
            host: host.to_owned(),
            worker: format!("perilune-{}", host.chars().map(plain).collect::<String>()),
            held: Held::default(),
            lease: watch::Sender::new(None),
            wake: Arc::new(Notify::new()),
            begun: Notify::new(),
            counters: Counters::default(),
            fetches: AtomicU64::new(0),
        }
    }

    /// A token that no other fetch uses.
    pub(super) fn new_token(&self, lease: &Lease) -> Arc<str> {
        let number = self.fetches.fetch_add(1, Ordering::Relaxed);
        format!("{}:{}:{number}", lease.instance, lease.term).into()
    }

    /// Waits until it makes sense to call Redis again.
    pub(super) async fn after_error(&self, what: &'static str, error: &Error) {
        if error.is_passing() {
            tracing::debug!(what, %error, "redis failed");
        } else {
            tracing::error!(what, %error, "redis refused");
        }
        // A refusal is not cured by a connection, so it is asked again seldom.
        sleep(Duration::from_millis(if error.is_passing() { 100 } else { 1000 })).await;
        self.redis.wait_connected(Duration::from_secs(30)).await;
    }
}

/// Milliseconds since 1970, as BullMQ's scripts take them.
pub(super) fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as u64)
}
