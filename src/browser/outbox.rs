//! The facts that a browser context tells its session, and the bounded queue they go through.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;

use super::dialogs::Dialog;
use super::downloads::Download;
use crate::policy::Denied;

/// Events that wait to be read.
const QUEUE: usize = 1024;

/// Something that happened in a browser context. Navigations and loads are those of the active tab.
#[derive(Clone, Debug, PartialEq)]
pub enum BrowserEvent {
    /// The active tab shows another document or address.
    Navigated {
        /// The new address.
        url: String,
        /// The title known so far.
        title: String,
    },
    /// The active tab's page has loaded.
    Loaded {
        /// Its address.
        url: String,
        /// Its title.
        title: String,
        /// From the start of the navigation.
        load_time: Duration,
    },
    /// A tab was opened, by a command or by a page.
    TabOpened {
        /// Its place.
        index: usize,
        /// Its address so far.
        url: String,
    },
    /// A tab was closed.
    TabClosed {
        /// The place it had.
        index: usize,
    },
    /// Another tab is the active one.
    TabSwitched {
        /// Its place.
        index: usize,
    },
    /// Presentation mode was turned on or off.
    Presenting {
        /// Whether it is on now.
        enabled: bool,
    },
    /// A page opened a dialog, which was answered at once.
    Dialog(Dialog),
    /// A file is on its way.
    DownloadStarted(Download),
    /// A file is whole, or came to nothing.
    DownloadEnded(Download),
    /// The domain rules denied a request.
    Violation {
        /// The address; of tunnels (https, WebSockets) only host and port are known.
        url: String,
        /// Domain and rule.
        denied: Denied,
    },
    /// The active tab's renderer, or the whole process, is gone.
    Crashed {
        /// What happened.
        reason: String,
        /// Whether all tabs are gone.
        whole_process: bool,
    },
}

/// The sending end.
///
/// A page may cause any number of events and must not fill the host's memory: when the reader is far behind, those of
/// the page are dropped first. For a crash one place is always kept.
pub(super) struct Outbox {
    inner: Mutex<Option<Inner>>,
}

struct Inner {
    sender: mpsc::Sender<BrowserEvent>,
    crash: Option<mpsc::OwnedPermit<BrowserEvent>>,
}

// === impl Outbox ===

impl Outbox {
    pub(super) fn new() -> (Self, mpsc::Receiver<BrowserEvent>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let crash = sender.clone().try_reserve_owned().ok();
        (
            Self {
                inner: Mutex::new(Some(Inner { sender, crash })),
            },
            receiver,
        )
    }

    pub(super) fn emit(&self, event: BrowserEvent) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Inner { sender, crash }) = inner.as_mut() else {
            return;
        };
        let of_the_page = matches!(
            event,
            BrowserEvent::Violation { .. } | BrowserEvent::Dialog(_) | BrowserEvent::DownloadStarted(_)
        );
        if matches!(event, BrowserEvent::Crashed { .. }) {
            if let Some(permit) = crash.take() {
                permit.send(event);
                // The next crash is one of a page that was brought back meanwhile.
                *crash = sender.clone().try_reserve_owned().ok();
                return;
            }
        } else if of_the_page && sender.capacity() < QUEUE / 2 {
            return;
        }
        if let Err(mpsc::error::TrySendError::Full(event)) = sender.try_send(event) {
            tracing::warn!(?event, "events of a browser are not read");
        }
    }

    /// No more events: the reader sees the end.
    pub(super) fn close(&self) {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_flood_leaves_room_for_the_crash() {
        let (outbox, mut events) = Outbox::new();
        let dialog = || {
            BrowserEvent::Dialog(Dialog {
                kind: "alert".into(),
                message: String::new(),
                default_text: None,
                accepted: true,
                text: None,
                timestamp: 0.0,
            })
        };
        (0..10_000).for_each(|_| outbox.emit(dialog()));
        (0..10_000).for_each(|index| outbox.emit(BrowserEvent::TabSwitched { index }));
        outbox.emit(BrowserEvent::Crashed {
            reason: "x".into(),
            whole_process: true,
        });
        outbox.close();
        let (mut count, mut last) = (0, None);
        while let Some(event) = events.recv().await {
            (count, last) = (count + 1, Some(event));
        }
        assert!(count <= QUEUE);
        assert!(matches!(last, Some(BrowserEvent::Crashed { .. })));
    }
}
