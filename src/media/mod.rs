//! Pixels to viewers: captured pictures become one VP8 stream that LiveKit and WHEP viewers share.
//!
//! A session pushes pictures into its [`Stream`]; viewers join the stream's [`Fanout`]. Nothing is decoded or encoded while nobody
//! watches, nothing is sent while nothing changes, and the newest picture always replaces one that waits.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::task::TaskTracker;
use tracing::warn;

use crate::config;

mod check;
mod encoder;
mod error;
mod fanout;
mod frame;
pub mod livekit;
mod pacer;
mod peer;
mod port;
pub mod rtp;
mod sharpness;
mod whep;

pub use check::encoder_check;
pub use error::Error;
pub use fanout::{EncodedFrame, Fanout, Payload, Subscriber};
pub use frame::Frame;
pub use whep::{Viewer, Whep};

use encoder::{Counters, Timeline};
use frame::Inbox;

/// How long the end of the encoder's thread is waited for; one frame takes far less.
const END: Duration = Duration::from_secs(2);

/// After an encoder died, the next one is not made before this.
const REST: Duration = Duration::from_secs(1);

/// The picture of one session. Clones are handles to the same stream; it ends with `stop` or with the last handle.
#[derive(Clone)]
pub struct Stream {
    shared: Arc<Shared>,
}

struct Shared {
    inbox: Arc<Inbox>,
    fanout: Fanout,
    counters: Arc<Counters>,
    tasks: TaskTracker,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.fanout.end();
    }
}

/// What a stream did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamStats {
    /// Frames that went out, key frames included.
    pub frames_encoded: u64,
    /// Of these, key frames.
    pub key_frames: u64,
    /// Size of all of them.
    pub bytes: u64,
    /// Captured pictures that could not be decoded.
    pub broken_pictures: u64,
    /// Viewers now.
    pub watchers: usize,
}

impl Stream {
    /// Prepares a stream; must be called within the runtime. The size comes with the pictures and may change.
    pub fn start(config: &config::Stream) -> Self {
        let inbox = Arc::new(Inbox::new(config.bitrate));
        let fanout = Fanout::new(inbox.clone(), config.bitrate, config.max_bitrate);
        let (counters, tasks) = (Arc::new(Counters::default()), TaskTracker::new());
        tasks.spawn(keep_encoder(
            inbox.clone(),
            fanout.clone(),
            counters.clone(),
            config.max_fps,
        ));
        tasks.close();
        Self {
            shared: Arc::new(Shared {
                inbox,
                fanout,
                counters,
                tasks,
            }),
        }
    }

    /// Resolves when somebody watches and the encoder can take a picture. Cancel safe.
    pub async fn wanted(&self) {
        let mut ready = self.shared.inbox.ready();
        loop {
            let at = *ready.borrow_and_update();
            let passed = async {
                match at {
                    Some(at) => sleep_until(Instant::from_std(at)).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                changed = ready.changed() => if changed.is_err() { std::future::pending::<()>().await },
                () = passed => return,
            }
        }
    }

    /// How many watch, by LiveKit and by WHEP together.
    pub fn watchers(&self) -> watch::Receiver<usize> {
        self.shared.fanout.watchers()
    }

    /// Hands over a captured picture; never blocks, and replaces one that was not encoded yet.
    pub fn push(&self, frame: Frame) {
        self.shared.inbox.push(frame);
    }

    /// Where viewers join.
    pub fn fanout(&self) -> Fanout {
        self.shared.fanout.clone()
    }

    /// Viewers get nothing until `resume`.
    pub fn pause(&self) {
        self.shared.inbox.set_paused(true);
    }

    /// Viewers get pictures again, beginning with a key frame.
    pub fn resume(&self) {
        self.shared.inbox.set_paused(false);
    }

    /// What the stream did so far.
    pub fn stats(&self) -> StreamStats {
        let counters = &self.shared.counters;
        StreamStats {
            frames_encoded: counters.frames.load(Ordering::Relaxed),
            key_frames: counters.key_frames.load(Ordering::Relaxed),
            bytes: counters.bytes.load(Ordering::Relaxed),
            broken_pictures: counters.broken.load(Ordering::Relaxed),
            watchers: *self.watchers().borrow(),
        }
    }

    /// Ends the stream for all its viewers; returns when the encoder is gone.
    pub async fn stop(&self) {
        self.shared.fanout.end();
        if timeout(END, self.shared.tasks.wait()).await.is_err() {
            warn!("an encoder did not end in time");
        }
    }
}

/// Runs one encoder thread while somebody watches. The only place that starts one.
async fn keep_encoder(inbox: Arc<Inbox>, fanout: Fanout, counters: Arc<Counters>, max_fps: u32) {
    let mut watchers = fanout.watchers();
    let mut timeline = Timeline::new();
    while watched(&fanout, &mut watchers, true).await {
        inbox.open();
        let thread = encoder::spawn(inbox.clone(), fanout.clone(), counters.clone(), max_fps, timeline);
        let ended = match thread {
            Ok(mut thread) => {
                tokio::select! {
                    _ = watched(&fanout, &mut watchers, false) => {
                        inbox.close();
                        thread.await.ok()
                    }
                    ended = &mut thread => ended.ok(),
                }
            }
            Err(error) => {
                warn!(%error, "no thread for an encoder");
                None
            }
        };
        inbox.close();
        timeline = match ended {
            Some(timeline) => timeline,
            None => {
                warn!("an encoder died; the next one starts in a moment");
                sleep(REST).await;
                Timeline::new()
            }
        };
    }
}

/// Waits until somebody watches, or nobody does. False: the stream has ended.
async fn watched(fanout: &Fanout, watchers: &mut watch::Receiver<usize>, somebody: bool) -> bool {
    tokio::select! {
        biased;
        () = fanout.ended() => false,
        found = watchers.wait_for(|&count| (count > 0) == somebody) => found.is_ok(),
    }
}

#[cfg(test)]
mod tests;
