//! Joining, publishing, pausing and reconnecting as a state machine: no I/O, no clock.
//!
//! The link to the server (rows) and what happens to it (columns); empty: stays as it is.
//!
//! | link | done | failed | signal lost | media lost | server says leave | deadline |
//! | --- | --- | --- | --- | --- | --- | --- |
//! | Idle | `Begin`: Joining | | | | | |
//! | Joining | Up | Waiting to join; Ended when refused | | | | |
//! | Up | | | Resuming; Joining when an offer was open | the same | by its action | an offer is not in effect: Joining |
//! | Resuming | Restoring | Waiting to resume, after three tries Joining | | | by its action | |
//! | Restoring | Up, when the media is back | Joining | Joining | Joining | by its action | Joining |
//! | Waiting | | | | | Ended, if it is for good | Resuming or Joining |
//! | Ended | | | | | | |
//!
//! Leave with the action resume: Resuming; reconnect: Joining; disconnect: Ended, unless the reason is a fault of the server.
//! `Stop` ends from everywhere; so does an outage that is longer than the limit.
//!
//! The track: what is `wanted` (`Pause`, `Resume`) against what is there. One offer is open at a time, and [`Join::reconcile`]
//! makes the next one when none is:
//!
//! | wanted | track | then |
//! | --- | --- | --- |
//! | yes | None | AddTrack and an offer with it: Adding, and Live after the server's word and its answer |
//! | no | Adding, Live | an offer without it: Removing, and None after the answer |
//! | no | None, no offer yet | an offer with the data channel only, so that the server sees us connected |

mod link;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::{LivekitState, StreamEvent};

/// An offer, and the track in it, must be in effect within this time.
const OFFER_TIMEOUT: Duration = Duration::from_secs(8);

/// What happens to the publisher.
#[derive(Clone, Debug)]
pub(super) enum Input {
    /// The publisher was started.
    Begin,
    /// We are in the room; these others are there.
    Joined { others: Vec<String> },
    /// Joining did not work.
    JoinFailed(Refusal),
    /// The signalling is back in the old session.
    Resumed,
    /// It is not; `gone`: the server does not know the session.
    ResumeFailed { gone: bool },
    /// The signalling socket closed.
    SignalLost(String),
    /// The server sends us away.
    Left(Leave),
    /// The server has taken the track.
    TrackPublished { cid: String, sid: String },
    /// The server took the track away.
    TrackUnpublished { sid: String },
    /// The server does not take the track.
    TrackRefused(String),
    /// The server's answer is in effect; `connected`: media can flow now.
    Answered { connected: bool },
    /// The offer could not be made, or its answer not be used.
    OfferFailed(String),
    /// Media can flow.
    MediaConnected,
    /// Media cannot flow any more.
    MediaLost,
    /// Whether somebody is subscribed to the track.
    Watched { sid: String, watched: bool },
    /// Others came (true) or went (false). After a resume the first list is complete.
    Others(Vec<(String, bool)>),
    /// The track shall not be there.
    Pause,
    /// The track shall be there.
    Resume,
    /// The end.
    Stop,
    /// The deadline has passed.
    Timeout,
}

/// Why joining did not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Trying again cannot help: the sentence says why.
    Final(String),
    /// It may.
    Passing(String),
}

/// The server's reason to send us away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Leave {
    /// Come back in the same session.
    Resume,
    /// Come back in a new session.
    Rejoin(String),
    /// The room is no more.
    RoomEnded,
    /// Stay away: the sentence says why.
    Final(String),
}

/// What has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Drop session and media connection, and join anew: `Joined` or `JoinFailed` follows.
    Connect,
    /// Bring the signalling back in the same session: `Resumed` or `ResumeFailed` follows.
    ResumeSignal { media_lost: bool },
    /// Tell the server what we think is published.
    SyncState,
    /// Let held requests go.
    ConfirmResume,
    /// Announce a track.
    AddTrack { cid: String },
    /// Send an offer: `Answered` or `OfferFailed` follows.
    Offer(Change),
    /// Join (true) or leave (false) the fan-out.
    Watch(bool),
    /// Ask the encoder for a key frame.
    KeyFrame,
    /// Tell the server that we leave.
    Leave,
    /// Tell the session.
    Event(StreamEvent),
}

/// What an offer changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing but the connection itself.
    Open,
    /// One more track.
    Publish { cid: String },
    /// The track goes.
    Unpublish,
    /// New addresses for the same connection.
    RestartIce,
}

/// Effects, in the order in which they are to be carried out.
pub(super) type Effects = Vec<Effect>;

/// What a caller waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// On the way.
    Working,
    /// The track is there.
    Published,
    /// The track is not there, as wanted.
    Paused,
    /// Nothing more will happen; the sentence says why.
    Over(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Idle,
    Joining,
    Up,
    Resuming,
    Restoring { until: Instant },
    Waiting { until: Instant, resume: bool },
    Ended,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Track {
    None,
    Adding { cid: String, sid: Option<String> },
    Live { cid: String, sid: String },
    Removing,
}

/// The state of one publisher.
pub(super) struct Join {
    link: Link,
    track: Track,
    wanted: bool,
    /// Until when the open offer, or the track in it, must be in effect.
    offer: Option<Instant>,
    answered: bool,
    media: bool,
    opened: bool,
    was_up: bool,
    watched: bool,
    others: HashSet<String>,
    /// The next list of others replaces the known ones.
    others_stale: bool,
    empty: Option<bool>,
    tries: u32,
    down_since: Option<Instant>,
    limit: Duration,
    /// 0 to 1: makes many publishers come back at different moments.
    spread: f64,
    reason: Option<String>,
    state: LivekitState,
    published: u64,
}

impl Join {
    /// A publisher that gives up after an outage of `limit`.
    pub(super) fn new(limit: Duration, spread: f64) -> Self {
        Self {
            link: Link::Idle,
            track: Track::None,
            wanted: true,
            offer: None,
            answered: false,
            media: false,
            opened: false,
            was_up: false,
            watched: false,
            others: HashSet::new(),
            others_stale: false,
            empty: None,
            tries: 0,
            down_since: None,
            limit,
            spread,
            reason: None,
            state: LivekitState::Off,
            published: 0,
        }
    }

    /// Takes what happened at `now`; gives what is to be done.
    pub(super) fn handle(&mut self, input: Input, now: Instant) -> Effects {
        let mut fx = Effects::new();
        if self.link == Link::Ended {
            return fx;
        }
        match input {
            Input::Begin => self.join(now, &mut fx),
            Input::Joined { others } => self.joined(others, &mut fx),
            Input::JoinFailed(refusal) => self.join_failed(refusal, now, &mut fx),
            Input::Resumed => self.resumed(now, &mut fx),
            Input::ResumeFailed { gone } => self.resume_failed(gone, now, &mut fx),
            Input::SignalLost(why) => self.signal_lost(why, now, &mut fx),
            Input::Left(leave) => self.left(leave, now, &mut fx),
            Input::TrackPublished { cid, sid } => self.track_published(&cid, sid),
            Input::TrackUnpublished { sid } => self.track_unpublished(&sid, &mut fx),
            Input::TrackRefused(why) => self.fail(why, &mut fx),
            Input::Answered { connected } => self.answered(connected, &mut fx),
            Input::OfferFailed(why) => self.rejoin(why, now, &mut fx),
            Input::MediaConnected => self.media_connected(&mut fx),
            Input::MediaLost => self.media_lost(now, &mut fx),
            Input::Watched { sid, watched } => self.watched(&sid, watched, &mut fx),
            Input::Others(changes) => self.others_changed(changes, &mut fx),
            Input::Pause => self.wanted = false,
            Input::Resume => self.wanted = true,
            Input::Stop => self.stop(&mut fx),
            Input::Timeout => self.timeout(now, &mut fx),
        }
        self.settle(&mut fx);
        self.reconcile(now, &mut fx);
        fx
    }

    /// When `Timeout` is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let link = match self.link {
            Link::Restoring { until } | Link::Waiting { until, .. } => Some(until),
            _ => None,
        };
        let limit = self.down_since.map(|since| since + self.limit);
        let limit = limit.filter(|_| self.link != Link::Ended);
        [link, self.offer, limit].into_iter().flatten().min()
    }

    /// How far it got.
    pub(super) fn standing(&self) -> Standing {
        match (&self.link, &self.track) {
            (Link::Ended, _) => Standing::Over(
                self.reason
                    .clone()
                    .unwrap_or_else(|| "the stream was stopped".to_owned()),
            ),
            (Link::Up, Track::Live { .. }) if self.wanted && self.offer.is_none() => Standing::Published,
            (_, Track::None) if !self.wanted && self.offer.is_none() => Standing::Paused,
            _ => Standing::Working,
        }
    }

    /// What went wrong last, while it is not mended.
    pub(super) fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// The track as the server knows it: our id and the server's.
    pub(super) fn live_track(&self) -> Option<(&str, &str)> {
        match &self.track {
            Track::Live { cid, sid } => Some((cid, sid)),
            _ => None,
        }
    }

    // === the track; the link is in link.rs ===

    fn reconcile(&mut self, now: Instant, fx: &mut Effects) {
        if self.link != Link::Up || self.offer.is_some() {
            return;
        }
        let change = match (self.wanted, &self.track) {
            (true, Track::None) => {
                self.published += 1;
                let cid = format!("browser-{}", self.published);
                self.track = Track::Adding {
                    cid: cid.clone(),
                    sid: None,
                };
                fx.push(Effect::AddTrack { cid: cid.clone() });
                Change::Publish { cid }
            }
            (false, Track::Adding { .. } | Track::Live { .. }) => {
                self.watch(false, fx);
                self.track = Track::Removing;
                Change::Unpublish
            }
            (false, Track::None) if !self.opened => Change::Open,
            _ => return,
        };
        self.opened = true;
        self.answered = false;
        self.offer = Some(now + OFFER_TIMEOUT);
        fx.push(Effect::Offer(change));
    }

    /// Closes an offer that is in effect, and the outage with it.
    fn settle(&mut self, fx: &mut Effects) {
        if self.offer.is_none() || !self.answered || !self.media {
            return;
        }
        match (&self.link, &self.track) {
            (Link::Up, Track::Adding { cid, sid: Some(sid) }) => {
                self.track = Track::Live {
                    cid: cid.clone(),
                    sid: sid.clone(),
                };
            }
            (Link::Up, Track::Adding { .. }) => return,
            (Link::Up, Track::Removing) => self.track = Track::None,
            (Link::Up, _) => {}
            (Link::Restoring { .. }, _) => {
                self.link = Link::Up;
                fx.push(Effect::ConfirmResume);
            }
            _ => return,
        }
        self.offer = None;
        self.tries = 0;
        self.down_since = None;
        self.reason = None;
        let live = matches!(self.track, Track::Live { .. });
        self.enter(
            if live {
                LivekitState::Published
            } else {
                LivekitState::Connected
            },
            fx,
        );
        if self.watched {
            fx.push(Effect::KeyFrame);
        }
    }

    fn answered(&mut self, connected: bool, fx: &mut Effects) {
        self.answered = self.offer.is_some();
        self.media = connected;
        if self.watched {
            fx.push(Effect::KeyFrame);
        }
    }

    fn media_connected(&mut self, fx: &mut Effects) {
        self.media = true;
        if self.watched {
            fx.push(Effect::KeyFrame);
        }
    }

    fn track_published(&mut self, published: &str, server_sid: String) {
        if let Track::Adding { cid, sid } = &mut self.track
            && cid == published
        {
            *sid = Some(server_sid);
        }
    }

    fn track_unpublished(&mut self, gone: &str, fx: &mut Effects) {
        // Not by us: somebody with the right to do so took it away. Publishing it again at once would be a quarrel.
        if matches!(&self.track, Track::Live { sid, .. } if sid == gone) && self.wanted && self.offer.is_none() {
            self.fail("the LiveKit server took the track away".to_owned(), fx);
        }
    }

    fn watched(&mut self, of: &str, watched: bool, fx: &mut Effects) {
        let ours = match &self.track {
            Track::Adding { sid: Some(sid), .. } | Track::Live { sid, .. } => sid == of,
            _ => false,
        };
        if !ours {
            return;
        }
        if watched && self.watched {
            fx.push(Effect::KeyFrame);
        }
        self.watch(watched, fx);
    }

    fn watch(&mut self, watched: bool, fx: &mut Effects) {
        if self.watched != watched {
            self.watched = watched;
            fx.push(Effect::Watch(watched));
        }
    }

    // === the room ===

    fn others_changed(&mut self, changes: Vec<(String, bool)>, fx: &mut Effects) {
        if std::mem::take(&mut self.others_stale) {
            self.others.clear();
        }
        for (sid, here) in changes {
            if here {
                self.others.insert(sid);
            } else {
                self.others.remove(&sid);
            }
        }
        self.tell_emptiness(fx);
    }

    fn tell_emptiness(&mut self, fx: &mut Effects) {
        let empty = self.others.is_empty();
        if self.empty.replace(empty) != Some(empty) {
            fx.push(Effect::Event(if empty {
                StreamEvent::RoomEmpty
            } else {
                StreamEvent::RoomOccupied
            }));
        }
    }

    fn enter(&mut self, state: LivekitState, fx: &mut Effects) {
        if self.state != state {
            self.state = state;
            // Good news needs no reason; one that is kept is about the way there.
            let good = matches!(state, LivekitState::Connected | LivekitState::Published);
            let reason = self.reason.clone().filter(|_| !good);
            fx.push(Effect::Event(StreamEvent::State { state, reason }));
        }
    }
}

#[cfg(test)]
mod tests;
