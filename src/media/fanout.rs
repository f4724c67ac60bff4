//! One encoded frame to many subscribers, and the wishes of all of them back to the one encoder.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::frame::Inbox;

/// Frames that a subscriber may be behind before it has to start again at a key frame: about a second.
const BACKLOG: usize = 16;

/// Estimates below this part of the configured rate do not slow the picture of all the others down any further.
const FLOOR: u32 = 4;

/// RTP payload: VP8 payload descriptor and a part of a frame. Shared by all viewers, in the form in which the WebRTC library sends it uncopied.
pub type Payload = Arc<[u8]>;

/// One frame of the stream, encoded and packetized once.
#[derive(Clone, Debug)]
pub struct EncodedFrame {
    /// The whole VP8 frame.
    pub data: Bytes,
    /// Whether decoding can start here.
    pub key: bool,
    /// When the picture was captured.
    pub at: Instant,
    /// The same on the stream's 90 kHz clock; strictly rising.
    pub rtp_time: u32,
    /// Pixels.
    pub width: u16,
    /// Pixels.
    pub height: u16,
    /// 15 bits, rising by one a frame.
    pub picture_id: u16,
    /// Rising by one a frame, as there is one temporal layer.
    pub tl0: u8,
    /// RTP payloads in order; the marker bit belongs to the last one.
    pub packets: Arc<[Payload]>,
}

/// The distributing end of a stream. Clones are handles to the same stream.
#[derive(Clone)]
pub struct Fanout {
    shared: Arc<Shared>,
}

struct Shared {
    frames: broadcast::Sender<Arc<EncodedFrame>>,
    watchers: watch::Sender<usize>,
    inbox: Arc<Inbox>,
    rates: Mutex<Rates>,
    next_id: AtomicU64,
    ended: CancellationToken,
}

struct Rates {
    base: u32,
    max: u32,
    estimates: HashMap<u64, u32>,
}

impl Rates {
    /// The slowest viewer decides, down to a floor; without any estimate the configured rate holds.
    fn target(&self) -> u32 {
        let least = self.estimates.values().copied().min().unwrap_or(self.base);
        least.clamp(self.base / FLOOR, self.max.max(self.base))
    }
}

impl Fanout {
    pub(super) fn new(inbox: Arc<Inbox>, bitrate: u32, max_bitrate: u32) -> Self {
        let shared = Shared {
            frames: broadcast::Sender::new(BACKLOG),
            watchers: watch::Sender::new(0),
            inbox,
            rates: Mutex::new(Rates {
                base: bitrate,
                max: max_bitrate,
                estimates: HashMap::new(),
            }),
            next_id: AtomicU64::new(1),
            ended: CancellationToken::new(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Adds a viewer: the encoder runs while there is one, and a key frame comes at once.
    pub fn join(&self) -> Subscriber {
        let subscriber = self.prepare();
        // After subscribing, so that the key frame cannot slip by.
        self.shared.inbox.request_key();
        subscriber
    }

    /// Adds a viewer whose connection is still being made: what it needs is started, but the others get no key frame for it.
    pub(super) fn prepare(&self) -> Subscriber {
        let frames = self.shared.frames.subscribe();
        let id = self.shared.next_id.fetch_add(1, Ordering::Relaxed);
        self.shared.watchers.send_modify(|count| *count += 1);
        Subscriber {
            frames,
            id,
            starting: true,
            shared: self.shared.clone(),
        }
    }

    /// Asks for a key frame; requests that come close together are answered by one.
    pub fn request_key_frame(&self) {
        self.shared.inbox.request_key();
    }

    /// What the network towards somebody who is no subscriber can carry, in bits per second; 0 withdraws it.
    pub fn set_bitrate(&self, bps: u32) {
        self.shared.estimate(0, (bps > 0).then_some(bps));
    }

    /// How many subscribers there are.
    pub fn watchers(&self) -> watch::Receiver<usize> {
        self.shared.watchers.subscribe()
    }

    /// Whether the stream has come to its end.
    pub fn is_ended(&self) -> bool {
        self.shared.ended.is_cancelled()
    }

    /// Resolves at the end of the stream.
    pub async fn ended(&self) {
        self.shared.ended.cancelled().await;
    }

    pub(super) fn publish(&self, frame: EncodedFrame) {
        // Fails only when nobody is there, and then nobody misses it.
        let _ = self.shared.frames.send(Arc::new(frame));
    }

    pub(super) fn end(&self) {
        self.shared.ended.cancel();
    }
}

impl Shared {
    fn estimate(&self, id: u64, bps: Option<u32>) {
        let mut rates = self.rates();
        match bps {
            Some(bps) => rates.estimates.insert(id, bps),
            None => rates.estimates.remove(&id),
        };
        let target = rates.target();
        drop(rates);
        self.inbox.set_bitrate(target);
    }

    fn rates(&self) -> MutexGuard<'_, Rates> {
        self.rates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One viewer of the stream; dropping it is leaving.
pub struct Subscriber {
    frames: broadcast::Receiver<Arc<EncodedFrame>>,
    id: u64,
    starting: bool,
    shared: Arc<Shared>,
}

impl Subscriber {
    /// The next frame: first a key frame, and again one after having fallen behind. None at the end of the stream.
    ///
    /// Cancel safe: a frame is not lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Arc<EncodedFrame>> {
        loop {
            let received = tokio::select! {
                biased;
                () = self.shared.ended.cancelled() => return None,
                received = self.frames.recv() => received,
            };
            match received {
                Ok(_) if self.shared.inbox.is_paused() => self.starting = true,
                Ok(frame) if frame.key || !self.starting => {
                    self.starting = false;
                    return Some(frame);
                }
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => {
                    self.starting = true;
                    self.shared.inbox.request_key();
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// What the network towards this viewer can carry, in bits per second.
    pub fn set_bitrate(&self, bps: u32) {
        self.shared.estimate(self.id, Some(bps));
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.shared.estimate(self.id, None);
        self.shared.watchers.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(picture_id: u16, key: bool) -> EncodedFrame {
        let at = Instant::now();
        let (data, packets) = (Bytes::new(), Arc::from([]));
        EncodedFrame {
            data,
            key,
            at,
            rtp_time: 0,
            width: 16,
            height: 16,
            picture_id,
            tl0: 0,
            packets,
        }
    }

    fn fanout() -> Fanout {
        Fanout::new(Arc::new(Inbox::new(1000)), 1000, 4000)
    }

    #[tokio::test]
    async fn a_viewer_starts_at_a_key_frame_and_counts_until_it_leaves() {
        let fanout = fanout();
        let watchers = fanout.watchers();
        let mut viewer = fanout.join();
        assert_eq!(*watchers.borrow(), 1);
        fanout.publish(frame(1, false));
        fanout.publish(frame(2, true));
        fanout.publish(frame(3, false));
        assert_eq!(viewer.next().await.map(|f| f.picture_id), Some(2));
        assert_eq!(viewer.next().await.map(|f| f.picture_id), Some(3));
        drop(viewer);
        assert_eq!(*watchers.borrow(), 0);
    }

    #[tokio::test]
    async fn who_falls_behind_goes_on_at_a_key_frame() {
        let fanout = fanout();
        let mut viewer = fanout.join();
        fanout.publish(frame(0, true));
        for id in 1..40 {
            fanout.publish(frame(id, false));
        }
        fanout.publish(frame(40, true));
        assert_eq!(viewer.next().await.map(|f| f.picture_id), Some(40));
        fanout.end();
        assert!(viewer.next().await.is_none());
    }

    #[test]
    fn the_slowest_viewer_decides_down_to_a_floor() {
        let mut rates = Rates {
            base: 1000,
            max: 4000,
            estimates: HashMap::new(),
        };
        assert_eq!(rates.target(), 1000);
        rates.estimates.insert(1, 9000);
        assert_eq!(rates.target(), 4000);
        rates.estimates.insert(2, 700);
        assert_eq!(rates.target(), 700);
        rates.estimates.insert(3, 1);
        assert_eq!(rates.target(), 250);
    }
}
