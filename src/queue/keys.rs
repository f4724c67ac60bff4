//! The names of the queue's keys in Redis: BullMQ's, and our own beside them under the same prefix, so that a hash tag in
//! the prefix keeps all of them in one slot of a cluster.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Names keys of one queue.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    base: String,
    client: String,
}

impl Keys {
    pub(super) fn new(prefix: &str, queue: &str) -> Self {
        Self {
            base: format!("{prefix}:{queue}:"),
            client: format!("{prefix}:{}", STANDARD.encode(queue)),
        }
    }

    /// What every key begins with; a job's own key is this and its id.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// One of BullMQ's keys, or a job's.
    pub(super) fn of(&self, name: &str) -> String {
        format!("{}{name}", self.base)
    }

    pub(super) fn lock(&self, job: &str) -> String {
        format!("{}{job}:lock", self.base)
    }

    pub(super) fn journal(&self, job: &str) -> String {
        format!("{}perilune:journal:{job}", self.base)
    }

    pub(super) fn lease(&self) -> String {
        self.of("perilune:lease")
    }

    pub(super) fn holder(&self) -> String {
        self.of("perilune:holder")
    }

    pub(super) fn fence(&self) -> String {
        self.of("perilune:fence")
    }

    /// The keys that `lua/put_back.lua` names, in its order.
    pub(super) fn queue(&self) -> [String; 9] {
        [
            "wait",
            "active",
            "prioritized",
            "events",
            "stalled",
            "meta",
            "marker",
            "pc",
            "repeat",
        ]
        .map(|name| self.of(name))
    }

    /// The keys of BullMQ's `moveToActive`.
    pub(super) fn move_to_active(&self) -> [String; 11] {
        [
            "wait",
            "active",
            "prioritized",
            "events",
            "stalled",
            "limiter",
            "delayed",
            "paused",
            "meta",
            "pc",
            "marker",
        ]
        .map(|name| self.of(name))
    }

    /// The keys of BullMQ's `moveToFinished`; `target` is `completed` or `failed`.
    pub(super) fn move_to_finished(&self, job: &str, target: &str) -> [String; 14] {
        let metrics = format!("metrics:{target}");
        [
            "wait",
            "active",
            "prioritized",
            "events",
            "stalled",
            "limiter",
            "delayed",
            "paused",
            "meta",
            "pc",
            target,
            job,
            &metrics,
            "marker",
        ]
        .map(|name| self.of(name))
    }

    /// The name by which `queue.getWorkers` finds a worker's connection.
    pub(super) fn client_name(&self, worker: &str) -> String {
        format!("{}:w:{worker}", self.client)
    }
}
