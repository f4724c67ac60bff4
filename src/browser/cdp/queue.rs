//! The events of one target that wait to be read.

use serde_json::value::RawValue;
use tokio::sync::mpsc;

use super::CdpEvent;

/// Events of one target that wait to be read.
pub(super) const LENGTH: usize = 4096;
/// An event of our own, which stands for `Network.*` events that were not kept.
pub(in crate::browser) const LOST: &str = "perilune.requestsLost";

/// The writing end.
pub(super) struct Queue {
    sender: mpsc::Sender<CdpEvent>,
    /// The latest `Network.*` event was not kept.
    is_behind: bool,
}

// === impl Queue ===

impl Queue {
    pub(super) fn new() -> (Self, mpsc::Receiver<CdpEvent>) {
        let (sender, receiver) = mpsc::channel(LENGTH);
        let is_behind = false;
        (Self { sender, is_behind }, receiver)
    }

    /// Takes an event in; false when there is no room at all. A page may cause any number of requests: news of them give
    /// way to those that must not be lost, and the first that does leaves word of it.
    pub(super) fn offer(&mut self, mut event: CdpEvent) -> bool {
        if event.method.starts_with("Network.") {
            let was_behind = std::mem::replace(&mut self.is_behind, self.sender.capacity() < LENGTH / 2);
            match (was_behind, self.is_behind) {
                (true, true) => return true,
                (false, true) => {
                    event = CdpEvent {
                        method: LOST.to_owned(),
                        params: RawValue::NULL.to_owned(),
                    }
                }
                (_, false) => {}
            }
        }
        !matches!(self.sender.try_send(event), Err(mpsc::error::TrySendError::Full(_)))
    }
}
