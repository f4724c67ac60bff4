//! The encoding thread of one stream: decodes what the pacer lets through, encodes what changed, hands it to the fan-out.

use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::oneshot;
use tracing::{debug, warn};
use vp8::{Damage, Encoder, EncoderConfig, I420, JpegDecoder};

use super::fanout::{EncodedFrame, Fanout};
use super::frame::{Inbox, Job};
use super::pacer::Pacer;
use super::rtp::{CLOCK_RATE, PictureNumbers, packetize};
use super::sharpness::Sharpness;

/// What an encoder did so far, all threads of a stream together.
#[derive(Default)]
pub(super) struct Counters {
    pub(super) frames: AtomicU64,
    pub(super) key_frames: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) broken: AtomicU64,
}

/// What has to go on without a break when one thread ends and another begins.
pub(super) struct Timeline {
    epoch: Instant,
    offset: u32,
    last: u64,
    numbers: PictureNumbers,
}

impl Timeline {
    pub(super) fn new() -> Self {
        let (offset, start) = (rand::random(), rand::random());
        Self {
            epoch: Instant::now(),
            offset,
            last: 0,
            numbers: PictureNumbers::new(start),
        }
    }

    /// The RTP time of a picture, later than that of the one before.
    fn stamp(&mut self, at: Instant) -> u32 {
        let since = at.saturating_duration_since(self.epoch);
        let ticks = since.as_micros() as u64 * u64::from(CLOCK_RATE) / 1_000_000;
        self.last = ticks.max(self.last + 1);
        self.offset.wrapping_add(self.last as u32)
    }
}

/// Starts a thread that runs until the inbox is closed. The receiver gets the timeline back, or an error if the thread died.
pub(super) fn spawn(
    inbox: Arc<Inbox>,
    fanout: Fanout,
    counters: Arc<Counters>,
    max_fps: u32,
    timeline: Timeline,
) -> std::io::Result<oneshot::Receiver<Timeline>> {
    let (done, ended) = oneshot::channel();
    let work = move || {
        match Worker::new(inbox, fanout, counters, max_fps, timeline) {
            Ok(worker) => {
                // Nobody listens only when the stream itself is gone.
                let _ = done.send(worker.run());
            }
            Err(error) => warn!(%error, "no encoder could be made"),
        }
    };
    thread::Builder::new().name("encoder".to_owned()).spawn(work)?;
    Ok(ended)
}

struct Worker {
    inbox: Arc<Inbox>,
    fanout: Fanout,
    counters: Arc<Counters>,
    max_fps: u32,
    timeline: Timeline,
    jpeg: JpegDecoder,
    encoder: Option<Encoder>,
    /// What the encoder was made for.
    size: (usize, usize),
    /// The picture that viewers have, or will have after the next frame.
    shown: I420,
    spare: I420,
    damage: Damage,
    sharpness: Sharpness,
}

impl Worker {
    fn new(
        inbox: Arc<Inbox>,
        fanout: Fanout,
        counters: Arc<Counters>,
        max_fps: u32,
        timeline: Timeline,
    ) -> Result<Self, vp8::Error> {
        Ok(Self {
            inbox,
            fanout,
            counters,
            max_fps,
            timeline,
            jpeg: JpegDecoder::new()?,
            encoder: None,
            size: (0, 0),
            shown: I420::new(),
            spare: I420::new(),
            damage: Damage::default(),
            sharpness: Sharpness::default(),
        })
    }

    fn run(mut self) -> Timeline {
        let inbox = self.inbox.clone();
        let mut pacer = Pacer::new(self.max_fps, Instant::now());
        while let Some(job) = inbox.next(|asked, now| pacer.decide(asked, now)) {
            let start = Instant::now();
            let wanted_key = job.work.key;
            if self.take(&job) {
                let key = self.encode(&job, start).unwrap_or_else(|error| {
                    warn!(%error, "a frame could not be encoded; the encoder starts anew");
                    self.encoder = None;
                    false
                });
                if wanted_key && !key {
                    inbox.request_key();
                }
                pacer.done(start, job.work.take, key || wanted_key, self.sharpness.is_sharp());
            } else {
                if wanted_key {
                    inbox.request_key();
                }
                pacer.skipped(start);
            }
            inbox.set_ready(pacer.ready_at());
        }
        self.timeline
    }

    /// Makes the job's picture the one that is shown. False: there is none.
    fn take(&mut self, job: &Job) -> bool {
        let Some(frame) = &job.frame else {
            return !self.shown.is_empty();
        };
        if let Err(error) = self.jpeg.decode(&frame.jpeg, &mut self.spare) {
            self.counters.broken.fetch_add(1, Ordering::Relaxed);
            debug!(%error, "a captured picture was left out");
            self.inbox.discard();
            return false;
        }
        self.damage.update(&self.shown, &self.spare);
        mem::swap(&mut self.shown, &mut self.spare);
        self.sharpness.changed(&self.damage);
        true
    }

    /// Encodes and distributes what is due of the shown picture; true if that was a key frame.
    fn encode(&mut self, job: &Job, start: Instant) -> Result<bool, vp8::Error> {
        let size = (self.shown.width(), self.shown.height());
        let key = job.work.key || self.encoder.is_none() || self.size != size;
        if !key && !job.work.idle && self.sharpness.is_sharp() {
            return Ok(false);
        }
        let encoder = match &mut self.encoder {
            Some(encoder) if self.size == size => encoder,
            old => {
                let config = EncoderConfig {
                    width: size.0,
                    height: size.1,
                    bitrate: job.bitrate,
                    fps: self.max_fps,
                };
                self.size = size;
                old.insert(Encoder::new(&config)?)
            }
        };
        encoder.set_bitrate(job.bitrate)?;
        let Some(encoded) = encoder.encode(&self.shown, self.sharpness.active(), key)? else {
            return Ok(false);
        };
        self.sharpness.sent(encoded.key, encoded.quantizer);
        let (picture_id, tl0) = self.timeline.numbers.advance();
        let packets = packetize(&encoded.data, encoded.key, picture_id, tl0);
        self.counters.frames.fetch_add(1, Ordering::Relaxed);
        self.counters
            .key_frames
            .fetch_add(u64::from(encoded.key), Ordering::Relaxed);
        self.counters
            .bytes
            .fetch_add(encoded.data.len() as u64, Ordering::Relaxed);
        self.fanout.publish(EncodedFrame {
            data: Bytes::from(encoded.data),
            key: encoded.key,
            // Not when it was captured: what differs between that and the sending, viewers take for a bad network and
            // answer by waiting longer with every frame.
            at: start,
            rtp_time: self.timeline.stamp(start),
            width: self.shown.width() as u16,
            height: self.shown.height() as u16,
            picture_id,
            tl0,
            packets,
        });
        Ok(encoded.key)
    }
}
