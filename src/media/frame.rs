//! Captured pictures on their way to the encoder: a slot that keeps only the newest, and what else the encoder is asked for.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::watch;

use super::pacer::{Asked, Turn, Work};

/// A picture of this age may no longer be what the page looks like.
const NEWS: Duration = Duration::from_millis(250);

/// One captured picture.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The picture as a JPEG.
    pub jpeg: Bytes,
    /// When it was captured.
    pub at: Instant,
}

/// What the encoder's thread is handed.
pub(super) struct Job {
    pub(super) work: Work,
    /// A picture to decode first; none: encode the last one again.
    pub(super) frame: Option<Frame>,
    pub(super) bitrate: u32,
}

/// Between the handles and the encoder's thread: the newest picture and the wishes of the viewers.
///
/// The newest picture stays after it was taken, so that a viewer who comes to a page that does not change has something to see.
pub(super) struct Inbox {
    state: Mutex<State>,
    wake: Condvar,
    ready: watch::Sender<Option<Instant>>,
}

struct State {
    newest: Option<Frame>,
    fresh: bool,
    key: bool,
    paused: bool,
    running: bool,
    ready_at: Instant,
    bitrate: u32,
}

impl Inbox {
    pub(super) fn new(bitrate: u32) -> Self {
        let state = State {
            newest: None,
            fresh: false,
            key: false,
            paused: false,
            running: false,
            ready_at: Instant::now(),
            bitrate,
        };
        Self {
            state: Mutex::new(state),
            wake: Condvar::new(),
            ready: watch::Sender::new(None),
        }
    }

    /// Replaces the picture that waits.
    pub(super) fn push(&self, frame: Frame) {
        self.change(|state| {
            state.newest = Some(frame);
            state.fresh = true;
        });
    }

    /// Forgets a picture that turned out to be none, unless a newer one has come.
    pub(super) fn discard(&self) {
        self.change(|state| {
            if !state.fresh {
                state.newest = None;
            }
        });
    }

    pub(super) fn request_key(&self) {
        self.change(|state| state.key = true);
    }

    pub(super) fn set_bitrate(&self, bitrate: u32) {
        self.change(|state| state.bitrate = bitrate);
    }

    pub(super) fn set_paused(&self, paused: bool) {
        self.change(|state| {
            state.paused = paused;
            state.key |= !paused;
        });
    }

    pub(super) fn is_paused(&self) -> bool {
        self.lock().paused
    }

    /// An encoder begins: what was pushed long ago is not news any more.
    pub(super) fn open(&self) {
        self.change(|state| {
            let now = Instant::now();
            state.fresh = state
                .newest
                .as_ref()
                .is_some_and(|frame| now.saturating_duration_since(frame.at) < NEWS);
            state.running = true;
            state.ready_at = now;
        });
    }

    /// The encoder shall end: `next` returns none.
    pub(super) fn close(&self) {
        self.change(|state| state.running = false);
    }

    /// Says from when on the encoder can take another picture.
    pub(super) fn set_ready(&self, at: Instant) {
        self.change(|state| state.ready_at = at);
    }

    /// From when on the encoder can take another picture; none: not now.
    pub(super) fn ready(&self) -> watch::Receiver<Option<Instant>> {
        self.ready.subscribe()
    }

    /// Blocks until `decide` wants something encoded; none when the encoder shall end.
    pub(super) fn next(&self, mut decide: impl FnMut(Asked, Instant) -> Turn) -> Option<Job> {
        let mut state = self.lock();
        while state.running {
            let stored = state.newest.is_some();
            let asked = Asked {
                fresh: state.fresh,
                stored,
                key: state.key,
                paused: state.paused,
            };
            let now = Instant::now();
            match decide(asked, now) {
                Turn::Encode(work) => {
                    let frame = if work.take { state.newest.clone() } else { None };
                    state.fresh &= !work.take;
                    state.key &= !work.key;
                    return Some(Job {
                        work,
                        frame,
                        bitrate: state.bitrate,
                    });
                }
                Turn::Wait(None) => state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner),
                Turn::Wait(Some(until)) => {
                    let time = until.saturating_duration_since(now);
                    state = self
                        .wake
                        .wait_timeout(state, time)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0;
                }
            }
        }
        None
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        let ready = (state.running && !state.paused && !state.fresh).then_some(state.ready_at);
        // Under the lock, so that the last change is also the last one announced.
        self.ready
            .send_if_modified(|old| std::mem::replace(old, ready) != ready);
        drop(state);
        self.wake.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
