//! The rows of the first table in `join.rs`: how the link to the server is lost and comes back.

use std::time::{Duration, Instant};

use super::{Change, Effect, Effects, Join, Leave, Link, Refusal, Track};
use crate::media::livekit::{LivekitState, StreamEvent};

/// Media must flow again within this time after the signalling was resumed.
const RESTORE_TIMEOUT: Duration = Duration::from_secs(5);
/// After so many tries to resume the session is taken for lost.
pub(super) const RESUME_TRIES: u32 = 3;
/// Wait after the first failed try; doubled after each further one.
const FIRST_WAIT: Duration = Duration::from_millis(150);
/// The longest wait between two tries, so that we are soon back after the server is.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(1);

impl Join {
    pub(super) fn join(&mut self, now: Instant, fx: &mut Effects) {
        self.link = Link::Joining;
        self.down_since.get_or_insert(now);
        self.track = Track::None;
        self.offer = None;
        self.answered = false;
        self.media = false;
        self.opened = false;
        self.watch(false, fx);
        let state = if self.was_up {
            LivekitState::Reconnecting
        } else {
            LivekitState::Connecting
        };
        self.enter(state, fx);
        fx.push(Effect::Connect);
    }

    pub(super) fn rejoin(&mut self, why: String, now: Instant, fx: &mut Effects) {
        if !matches!(self.link, Link::Up | Link::Resuming | Link::Restoring { .. }) {
            return;
        }
        self.reason = Some(why);
        // The first try comes at once; if the link then fails again before it was ever complete, with a wait.
        self.tries += 1;
        if self.down_since.is_some() && self.tries > RESUME_TRIES + 1 {
            self.wait(false, now);
        } else {
            self.join(now, fx);
        }
    }

    pub(super) fn joined(&mut self, others: Vec<String>, fx: &mut Effects) {
        if self.link != Link::Joining {
            return;
        }
        self.link = Link::Up;
        self.was_up = true;
        self.others = others.into_iter().collect();
        self.others_stale = false;
        self.tell_emptiness(fx);
        if self.state == LivekitState::Connecting {
            self.enter(LivekitState::Connected, fx);
        }
    }

    pub(super) fn join_failed(&mut self, refusal: Refusal, now: Instant, fx: &mut Effects) {
        if self.link != Link::Joining {
            return;
        }
        match refusal {
            Refusal::Final(why) => self.fail(why, fx),
            Refusal::Passing(why) => {
                self.reason = Some(why);
                self.tries += 1;
                self.wait(false, now);
            }
        }
    }

    pub(super) fn resume(&mut self, media_lost: bool, now: Instant, fx: &mut Effects) {
        self.down_since.get_or_insert(now);
        self.link = Link::Resuming;
        self.media = self.media && !media_lost;
        self.enter(LivekitState::Reconnecting, fx);
        fx.push(Effect::ResumeSignal { media_lost });
    }

    pub(super) fn resumed(&mut self, now: Instant, fx: &mut Effects) {
        if self.link != Link::Resuming {
            return;
        }
        self.link = Link::Restoring {
            until: now + RESTORE_TIMEOUT,
        };
        self.others_stale = true;
        self.offer = Some(now + RESTORE_TIMEOUT);
        self.answered = false;
        fx.push(Effect::SyncState);
        fx.push(Effect::Offer(Change::RestartIce));
    }

    pub(super) fn resume_failed(&mut self, gone: bool, now: Instant, fx: &mut Effects) {
        if self.link != Link::Resuming {
            return;
        }
        self.tries += 1;
        if gone || self.tries >= RESUME_TRIES {
            self.join(now, fx);
        } else {
            self.wait(true, now);
        }
    }

    pub(super) fn signal_lost(&mut self, why: String, now: Instant, fx: &mut Effects) {
        match self.link {
            Link::Up => {
                self.reason = Some(why);
                // A negotiation that was under way is lost with the socket, so the session is not worth resuming.
                let steady = self.offer.is_none() && self.media;
                if steady {
                    self.resume(false, now, fx)
                } else {
                    self.join(now, fx)
                }
            }
            Link::Restoring { .. } => self.rejoin(why, now, fx),
            _ => {}
        }
    }

    pub(super) fn media_lost(&mut self, now: Instant, fx: &mut Effects) {
        self.media = false;
        match self.link {
            Link::Up if self.offer.is_none() => {
                self.reason = Some("the media connection to the LiveKit server was lost".to_owned());
                self.resume(true, now, fx);
            }
            Link::Up | Link::Restoring { .. } => {
                self.rejoin(
                    "the media connection to the LiveKit server was lost".to_owned(),
                    now,
                    fx,
                );
            }
            _ => {}
        }
    }

    pub(super) fn left(&mut self, leave: Leave, now: Instant, fx: &mut Effects) {
        match leave {
            Leave::Final(why) => self.fail(why, fx),
            Leave::RoomEnded => {
                self.reason = Some("the LiveKit room was ended".to_owned());
                self.end(fx);
                self.enter(LivekitState::Off, fx);
                fx.push(Effect::Event(StreamEvent::RoomEnded));
            }
            Leave::Resume if self.link == Link::Up && self.offer.is_none() => self.resume(false, now, fx),
            Leave::Resume => self.rejoin("the server asked for a new connection".to_owned(), now, fx),
            Leave::Rejoin(why) => self.rejoin(why, now, fx),
        }
    }

    pub(super) fn timeout(&mut self, now: Instant, fx: &mut Effects) {
        if self.down_since.is_some_and(|since| now >= since + self.limit) {
            let last = self.reason.as_deref().unwrap_or("it did not answer");
            let limit = self.limit.as_secs();
            return self.fail(format!("the LiveKit server was lost for {limit} s: {last}"), fx);
        }
        match self.link {
            Link::Waiting { until, resume } if now >= until => {
                if resume {
                    self.resume(!self.media, now, fx)
                } else {
                    self.join(now, fx)
                }
            }
            Link::Restoring { until } if now >= until => {
                self.rejoin("the media connection did not come back".to_owned(), now, fx);
            }
            Link::Up if self.offer.is_some_and(|until| now >= until) => {
                let why = match (self.answered, self.media) {
                    (true, false) => "no media connection to the LiveKit server; UDP to it may be blocked",
                    _ => "the LiveKit server did not answer an offer",
                };
                self.rejoin(why.to_owned(), now, fx);
            }
            _ => {}
        }
    }

    pub(super) fn wait(&mut self, resume: bool, now: Instant) {
        let doubled = FIRST_WAIT * 2u32.pow(self.tries.saturating_sub(1).min(8));
        let wait = doubled.min(LONGEST_WAIT).mul_f64(1.0 + self.spread / 4.0);
        self.link = Link::Waiting {
            until: now + wait,
            resume,
        };
        self.offer = None;
    }

    pub(super) fn stop(&mut self, fx: &mut Effects) {
        self.reason = Some("the stream was stopped".to_owned());
        self.end(fx);
        self.enter(LivekitState::Off, fx);
    }

    pub(super) fn fail(&mut self, why: String, fx: &mut Effects) {
        self.reason = Some(why.clone());
        self.end(fx);
        self.enter(LivekitState::Failed, fx);
        fx.push(Effect::Event(StreamEvent::Failed(why)));
    }

    pub(super) fn end(&mut self, fx: &mut Effects) {
        self.watch(false, fx);
        self.link = Link::Ended;
        self.track = Track::None;
        self.offer = None;
        fx.push(Effect::Leave);
    }
}
