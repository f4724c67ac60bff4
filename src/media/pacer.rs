//! When to encode: frame rate, key frames on demand, sharpening of a picture that came to rest. Pure: takes `now`, says what to do.
//!
//! | there is | then |
//! | --- | --- |
//! | no picture, or the stream is paused | wait |
//! | after a start or a pause, only an old picture | wait `HOLD` for a fresh one, then take it, as a key frame |
//! | a key frame wanted | encode one without regard to the frame rate; `KEY_SOON` after the last, `KEY_GAP` if that one had another before it |
//! | a fresh picture | encode it, at most `max_fps` |
//! | none for one and a half frames, and blocks that are not sharp yet | encode the last picture again |
//! | nothing for `HEARTBEAT` | encode that nothing has changed |

use std::time::{Duration, Instant};

/// How long an encoder that starts with an old picture waits for a fresh one.
const HOLD: Duration = Duration::from_millis(250);

/// Key frames are large: requests within this time share one.
const KEY_GAP: Duration = Duration::from_millis(250);

/// A key frame that follows a rest may have one more soon after it: for a viewer whose connection was just ready.
const KEY_SOON: Duration = Duration::from_millis(60);

/// A picture takes about this long from the request to the encoder where the whole page changes.
const LEAD: Duration = Duration::from_millis(30);

/// A viewer that gets no frame for three seconds takes its picture for lost and asks for a key frame, which costs much
/// more than a frame in which nothing has changed.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// What is there to do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    /// A picture has arrived that was not encoded yet.
    pub(super) fresh: bool,
    /// There is a picture at all.
    pub(super) stored: bool,
    /// A viewer needs a key frame.
    pub(super) key: bool,
    /// Viewers get nothing.
    pub(super) paused: bool,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing until then, or until something new is asked.
    Wait(Option<Instant>),
    /// Encode.
    Encode(Work),
}

/// What to encode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Work {
    /// As a key frame.
    pub(super) key: bool,
    /// The stored picture; otherwise the last one again.
    pub(super) take: bool,
    /// Only that nothing has changed.
    pub(super) idle: bool,
}

/// The decisions of one encoder.
pub(super) struct Pacer {
    interval: Duration,
    /// Since when a first picture is waited for; none once there was one.
    opening: Option<Instant>,
    paused: bool,
    /// The encoder holds a picture that can be encoded again.
    holds: bool,
    due: Instant,
    /// From when on another key frame may come.
    key_due: Instant,
    /// The last attempt.
    last: Instant,
    last_key: Option<Instant>,
    unsharp: bool,
}

impl Pacer {
    pub(super) fn new(max_fps: u32, now: Instant) -> Self {
        let interval = Duration::from_secs(1) / max_fps.clamp(1, 60);
        Self {
            interval,
            opening: Some(now),
            paused: false,
            holds: false,
            due: now,
            key_due: now,
            last: now,
            last_key: None,
            unsharp: false,
        }
    }

    pub(super) fn decide(&mut self, asked: Asked, now: Instant) -> Turn {
        if self.paused && !asked.paused {
            self.opening = Some(now);
        }
        self.paused = asked.paused;
        if asked.paused || !(asked.stored || self.holds) {
            return Turn::Wait(None);
        }
        if let Some(opened) = self.opening {
            let hold = opened + HOLD;
            let first = Turn::Encode(Work {
                key: true,
                take: asked.stored,
                idle: false,
            });
            return if asked.fresh || now >= hold {
                first
            } else {
                Turn::Wait(Some(hold))
            };
        }
        if asked.key && now >= self.key_due {
            return Turn::Encode(Work {
                key: true,
                take: asked.fresh,
                idle: false,
            });
        }
        if asked.fresh && now >= self.due {
            return Turn::Encode(Work {
                take: true,
                ..Work::default()
            });
        }
        let again = self.last + if self.unsharp { self.interval * 3 / 2 } else { HEARTBEAT };
        if now >= again {
            return Turn::Encode(Work {
                idle: !self.unsharp,
                ..Work::default()
            });
        }
        let key = asked.key.then_some(self.key_due);
        let times = [key, asked.fresh.then_some(self.due), Some(again)];
        Turn::Wait(times.into_iter().flatten().min())
    }

    /// Takes note of an attempt begun at `now`: whether it took a picture, whether it gave a key frame, and whether the
    /// picture is sharp after it.
    pub(super) fn done(&mut self, now: Instant, took: bool, key: bool, sharp: bool) {
        self.opening = None;
        self.holds = true;
        self.last = now;
        self.unsharp = !sharp;
        // What shows nothing new does not hold up what does.
        if took || key {
            // A little lateness does not cost frame rate; a rest does not allow a burst.
            let late = now.saturating_duration_since(self.due);
            self.due = if late < self.interval / 2 {
                self.due.min(now)
            } else {
                now
            } + self.interval;
        }
        if key {
            let crowded = self.last_key.is_some_and(|last| now < last + 2 * KEY_GAP);
            self.key_due = now + if crowded { KEY_GAP } else { KEY_SOON };
            self.last_key = Some(now);
        }
    }

    /// Takes note of a picture that could not be decoded.
    pub(super) fn skipped(&mut self, now: Instant) {
        self.due = now + self.interval;
        self.last = now;
    }

    /// From when on another picture is useful.
    pub(super) fn ready_at(&self) -> Instant {
        self.due.checked_sub(LEAD).unwrap_or(self.due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Asked = Asked {
        fresh: false,
        stored: true,
        key: false,
        paused: false,
    };
    const FRESH: Asked = Asked { fresh: true, ..IDLE };
    const KEY: Asked = Asked { key: true, ..IDLE };

    fn encode(key: bool, take: bool) -> Turn {
        Turn::Encode(Work { key, take, idle: false })
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// At 10 frames a second, with a first sharp key frame at the returned time.
    fn started() -> (Pacer, Instant) {
        let start = Instant::now();
        let mut pacer = Pacer::new(10, start);
        assert_eq!(pacer.decide(Asked::default(), start), Turn::Wait(None));
        assert_eq!(pacer.decide(FRESH, start), encode(true, true));
        pacer.done(start, true, true, true);
        (pacer, start)
    }

    #[test]
    fn a_page_at_rest_costs_a_heartbeat_and_a_paused_one_nothing() {
        let (mut pacer, start) = started();
        let beat = start + HEARTBEAT;
        assert_eq!(pacer.decide(IDLE, start + ms(100)), Turn::Wait(Some(beat)));
        let idle = Work {
            idle: true,
            ..Work::default()
        };
        assert_eq!(pacer.decide(IDLE, beat), Turn::Encode(idle));
        pacer.done(beat, false, false, true);
        assert_eq!(pacer.decide(IDLE, beat), Turn::Wait(Some(beat + HEARTBEAT)));
        assert_eq!(
            pacer.decide(FRESH, beat),
            encode(false, true),
            "news need not wait for it"
        );
        assert_eq!(
            pacer.decide(Asked { paused: true, ..FRESH }, start + ms(5000)),
            Turn::Wait(None)
        );
    }

    #[test]
    fn frames_keep_their_rate_although_some_come_late() {
        let (mut pacer, start) = started();
        assert_eq!(pacer.decide(FRESH, start + ms(40)), Turn::Wait(Some(start + ms(100))));
        assert_eq!(pacer.decide(FRESH, start + ms(130)), encode(false, true));
        pacer.done(start + ms(130), true, false, true);
        assert_eq!(pacer.decide(FRESH, start + ms(150)), Turn::Wait(Some(start + ms(200))));
        assert_eq!(pacer.ready_at(), start + ms(200) - LEAD);
        pacer.done(start + ms(900), true, false, true);
        assert_eq!(
            pacer.decide(FRESH, start + ms(910)),
            Turn::Wait(Some(start + ms(1000))),
            "no burst after a rest"
        );
    }

    #[test]
    fn an_unsharp_picture_is_encoded_again_until_it_is_sharp() {
        let (mut pacer, start) = started();
        pacer.done(start, true, false, false);
        assert_eq!(pacer.decide(IDLE, start), Turn::Wait(Some(start + ms(150))));
        assert_eq!(pacer.decide(IDLE, start + ms(150)), encode(false, false));
        pacer.done(start + ms(150), false, false, true);
        assert_eq!(pacer.decide(FRESH, start + ms(151)), encode(false, true));
        assert_eq!(
            pacer.decide(IDLE, start + ms(300)),
            Turn::Wait(Some(start + ms(150) + HEARTBEAT))
        );
    }

    #[test]
    fn key_frames_come_at_once_but_not_one_for_each_request() {
        let (mut pacer, start) = started();
        let second = start + KEY_SOON;
        assert_eq!(pacer.decide(KEY, start + ms(10)), Turn::Wait(Some(second)));
        assert_eq!(pacer.decide(KEY, second), encode(true, false));
        pacer.done(second, true, true, true);
        assert_eq!(pacer.decide(KEY, second + ms(90)), Turn::Wait(Some(second + KEY_GAP)));
        assert_eq!(
            pacer.decide(Asked { fresh: true, ..KEY }, second + ms(110)),
            encode(false, true)
        );
        pacer.done(second + ms(110), true, false, true);
        assert_eq!(pacer.decide(KEY, second + KEY_GAP), encode(true, false));
    }

    #[test]
    fn an_old_picture_is_shown_only_if_no_fresh_one_comes() {
        let start = Instant::now();
        let mut pacer = Pacer::new(10, start);
        assert_eq!(pacer.decide(KEY, start), Turn::Wait(Some(start + HOLD)));
        assert_eq!(pacer.decide(KEY, start + HOLD), encode(true, true));
        pacer.done(start + HOLD, true, true, true);
        let resumed = start + ms(9000);
        pacer.decide(Asked { paused: true, ..IDLE }, start + ms(500));
        assert_eq!(pacer.decide(KEY, resumed), Turn::Wait(Some(resumed + HOLD)));
        assert_eq!(
            pacer.decide(Asked { fresh: true, ..KEY }, resumed + ms(20)),
            encode(true, true)
        );
    }
}
