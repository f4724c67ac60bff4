//! Walks the tables of `join.rs` with simulated time.

use super::link::{LONGEST_WAIT, RESUME_TRIES};
use super::*;

struct Walk {
    join: Join,
    now: Instant,
}

impl Walk {
    fn new() -> Self {
        Self {
            join: Join::new(Duration::from_secs(30), 0.0),
            now: Instant::now(),
        }
    }

    fn give(&mut self, input: Input) -> Effects {
        self.join.handle(input, self.now)
    }

    /// Lets time pass until the machine asks for it.
    fn wait(&mut self) -> Effects {
        self.now = self.join.deadline().expect("a deadline");
        self.give(Input::Timeout)
    }

    fn published() -> Self {
        let mut walk = Self::new();
        walk.give(Input::Begin);
        walk.give(Input::Joined {
            others: vec!["PA_viewer".into()],
        });
        walk.publish(1);
        assert_eq!(walk.join.standing(), Standing::Published);
        walk
    }

    fn publish(&mut self, number: u64) {
        let (cid, sid) = (format!("browser-{number}"), format!("TR_{number}"));
        self.give(Input::TrackPublished { cid, sid });
        self.give(Input::Answered { connected: false });
        self.give(Input::MediaConnected);
    }
}

fn state(state: LivekitState) -> Effect {
    Effect::Event(StreamEvent::State { state, reason: None })
}

fn states(effects: &Effects) -> Vec<LivekitState> {
    let of = |effect: &Effect| match effect {
        Effect::Event(StreamEvent::State { state, .. }) => Some(*state),
        _ => None,
    };
    effects.iter().filter_map(of).collect()
}

#[test]
fn a_stream_is_published_step_by_step() {
    let mut walk = Walk::new();
    assert_eq!(
        walk.give(Input::Begin),
        [state(LivekitState::Connecting), Effect::Connect]
    );
    let cid = "browser-1".to_owned();
    assert_eq!(
        walk.give(Input::Joined { others: vec![] }),
        [
            Effect::Event(StreamEvent::RoomEmpty),
            state(LivekitState::Connected),
            Effect::AddTrack { cid: cid.clone() },
            Effect::Offer(Change::Publish { cid: cid.clone() }),
        ]
    );
    assert_eq!(walk.give(Input::Answered { connected: false }), []);
    assert_eq!(
        walk.give(Input::MediaConnected),
        [],
        "the server has not named the track yet"
    );
    assert_eq!(walk.join.standing(), Standing::Working);
    assert_eq!(
        walk.give(Input::TrackPublished {
            cid,
            sid: "TR_1".into()
        }),
        [state(LivekitState::Published)]
    );
    assert_eq!(walk.join.standing(), Standing::Published);
    assert_eq!(walk.join.live_track(), Some(("browser-1", "TR_1")));
    assert_eq!(walk.join.deadline(), None);
}

#[test]
fn the_encoder_is_joined_only_while_somebody_watches_our_track() {
    let mut walk = Walk::published();
    let watched = |sid: &str, watched| Input::Watched {
        sid: sid.into(),
        watched,
    };
    assert_eq!(walk.give(watched("TR_other", true)), []);
    assert_eq!(walk.give(watched("TR_1", true)), [Effect::Watch(true)]);
    assert_eq!(walk.give(watched("TR_1", true)), [Effect::KeyFrame], "one more viewer");
    assert_eq!(walk.give(watched("TR_1", false)), [Effect::Watch(false)]);
}

#[test]
fn pause_takes_the_track_away_and_resume_brings_another() {
    let mut walk = Walk::published();
    walk.give(Input::Watched {
        sid: "TR_1".into(),
        watched: true,
    });
    assert_eq!(
        walk.give(Input::Pause),
        [Effect::Watch(false), Effect::Offer(Change::Unpublish)]
    );
    assert_eq!(walk.join.standing(), Standing::Working);
    assert_eq!(walk.give(Input::Resume), [], "one offer at a time");
    let cid = "browser-2".to_owned();
    assert_eq!(
        walk.give(Input::Answered { connected: true }),
        [
            state(LivekitState::Connected),
            Effect::AddTrack { cid: cid.clone() },
            Effect::Offer(Change::Publish { cid })
        ]
    );
    walk.publish(2);
    assert_eq!(walk.join.standing(), Standing::Published);
    walk.give(Input::Pause);
    walk.give(Input::TrackUnpublished { sid: "TR_2".into() });
    assert_eq!(
        walk.give(Input::Answered { connected: true }),
        [state(LivekitState::Connected)]
    );
    assert_eq!(walk.join.standing(), Standing::Paused);
}

#[test]
fn who_joins_paused_still_connects() {
    let mut walk = Walk::new();
    walk.give(Input::Begin);
    walk.give(Input::Pause);
    assert_eq!(walk.join.standing(), Standing::Paused);
    let effects = walk.give(Input::Joined {
        others: vec!["PA_1".into()],
    });
    assert_eq!(effects.last(), Some(&Effect::Offer(Change::Open)));
    walk.give(Input::Answered { connected: false });
    walk.give(Input::MediaConnected);
    assert_eq!((walk.join.standing(), walk.join.deadline()), (Standing::Paused, None));
}

#[test]
fn a_lost_signal_is_resumed_in_the_same_session() {
    let mut walk = Walk::published();
    walk.give(Input::Watched {
        sid: "TR_1".into(),
        watched: true,
    });
    let effects = walk.give(Input::SignalLost("closed".into()));
    assert_eq!(states(&effects), [LivekitState::Reconnecting]);
    assert_eq!(effects.last(), Some(&Effect::ResumeSignal { media_lost: false }));
    assert_eq!(walk.give(Input::SignalLost("the old socket".into())), []);
    walk.give(Input::ResumeFailed { gone: false });
    assert_eq!(walk.wait(), [Effect::ResumeSignal { media_lost: false }]);
    assert_eq!(
        walk.give(Input::Resumed),
        [Effect::SyncState, Effect::Offer(Change::RestartIce)]
    );
    assert_eq!(walk.give(Input::Answered { connected: false }), [Effect::KeyFrame]);
    let effects = walk.give(Input::MediaConnected);
    assert_eq!(
        effects,
        [
            Effect::KeyFrame,
            Effect::ConfirmResume,
            state(LivekitState::Published),
            Effect::KeyFrame
        ],
        "the viewer never went"
    );
    assert_eq!(walk.join.deadline(), None);
}

#[test]
fn a_killed_server_is_joined_again_when_it_is_back() {
    let mut walk = Walk::published();
    walk.give(Input::Watched {
        sid: "TR_1".into(),
        watched: true,
    });
    walk.give(Input::SignalLost("closed".into()));
    for _ in 1..RESUME_TRIES {
        walk.give(Input::ResumeFailed { gone: false });
        walk.wait();
    }
    assert_eq!(
        walk.give(Input::ResumeFailed { gone: false }),
        [Effect::Watch(false), Effect::Connect]
    );
    let start = walk.now;
    for _ in 0..10 {
        let before = walk.now;
        walk.give(Input::JoinFailed(Refusal::Passing("connection refused".into())));
        assert_eq!(walk.wait(), [Effect::Connect]);
        assert!(walk.now - before <= LONGEST_WAIT, "soon back after the server is");
    }
    assert!(walk.now - start > Duration::from_secs(5));
    let effects = walk.give(Input::Joined {
        others: vec!["PA_viewer".into()],
    });
    assert!(effects.contains(&Effect::AddTrack {
        cid: "browser-2".into()
    }));
    walk.publish(2);
    assert_eq!(walk.join.standing(), Standing::Published);
}

#[test]
fn an_unknown_session_and_a_lost_negotiation_are_joined_anew() {
    let mut walk = Walk::published();
    walk.give(Input::MediaLost);
    assert_eq!(walk.give(Input::ResumeFailed { gone: true }), [Effect::Connect]);
    walk.give(Input::Joined { others: vec![] });
    let effects = walk.give(Input::SignalLost("closed".into()));
    assert_eq!(effects, [Effect::Connect], "the offer is lost with the socket");
    walk.give(Input::Joined { others: vec![] });
    assert_eq!(walk.wait().last(), Some(&Effect::Connect), "an offer without an answer");
}

#[test]
fn a_resume_that_brings_no_media_becomes_a_new_session() {
    for input in [
        Input::MediaLost,
        Input::SignalLost("closed".into()),
        Input::OfferFailed("bad".into()),
    ] {
        let mut walk = Walk::published();
        walk.give(Input::SignalLost("closed".into()));
        walk.give(Input::Resumed);
        assert_eq!(walk.give(input).last(), Some(&Effect::Connect));
    }
    let mut walk = Walk::published();
    walk.give(Input::SignalLost("closed".into()));
    walk.give(Input::Resumed);
    assert_eq!(walk.wait().last(), Some(&Effect::Connect));
}

#[test]
fn a_refused_token_fails_at_once_and_a_lost_server_after_the_limit() {
    let mut walk = Walk::new();
    walk.give(Input::Begin);
    let effects = walk.give(Input::JoinFailed(Refusal::Final("wrong key".into())));
    assert_eq!(states(&effects), [LivekitState::Failed]);
    assert_eq!(walk.join.standing(), Standing::Over("wrong key".into()));
    assert_eq!(walk.give(Input::Resume), []);

    let mut walk = Walk::new();
    walk.give(Input::Begin);
    let mut tries = 0;
    while walk.join.standing() == Standing::Working {
        walk.give(Input::JoinFailed(Refusal::Passing("connection refused".into())));
        walk.wait();
        tries += 1;
    }
    assert!((30..40).contains(&tries), "{tries} tries in 30 s");
    let over = Standing::Over("the LiveKit server was lost for 30 s: connection refused".into());
    assert_eq!(walk.join.standing(), over);
}

#[test]
fn media_that_never_connects_is_named_and_given_up() {
    let mut walk = Walk::new();
    walk.give(Input::Begin);
    while walk.join.standing() == Standing::Working {
        walk.give(Input::Joined { others: vec![] });
        walk.give(Input::Answered { connected: false });
        walk.wait();
    }
    assert!(matches!(walk.join.standing(), Standing::Over(why) if why.contains("UDP")));
}

#[test]
fn the_server_may_send_us_away() {
    let mut walk = Walk::published();
    let effects = walk.give(Input::Left(Leave::RoomEnded));
    assert_eq!(effects.first(), Some(&Effect::Leave));
    assert_eq!(effects.last(), Some(&Effect::Event(StreamEvent::RoomEnded)));
    assert!(walk.give(Input::SignalLost("closed".into())).is_empty(), "over is over");

    let mut walk = Walk::published();
    let effects = walk.give(Input::Left(Leave::Final("removed".into())));
    assert_eq!(
        effects.last(),
        Some(&Effect::Event(StreamEvent::Failed("removed".into())))
    );

    let mut walk = Walk::published();
    assert_eq!(
        walk.give(Input::Left(Leave::Rejoin("restart".into()))).last(),
        Some(&Effect::Connect)
    );
    let mut walk = Walk::published();
    let resume = Effect::ResumeSignal { media_lost: false };
    assert_eq!(walk.give(Input::Left(Leave::Resume)).last(), Some(&resume));
}

#[test]
fn the_room_is_empty_without_others() {
    let mut walk = Walk::published();
    let (came, went) = (|sid: &str| (sid.to_owned(), true), |sid: &str| (sid.to_owned(), false));
    assert_eq!(walk.give(Input::Others(vec![came("PA_2"), went("PA_viewer")])), []);
    assert_eq!(
        walk.give(Input::Others(vec![went("PA_2")])),
        [Effect::Event(StreamEvent::RoomEmpty)]
    );
    assert_eq!(
        walk.give(Input::Others(vec![came("PA_3")])),
        [Effect::Event(StreamEvent::RoomOccupied)]
    );
    walk.give(Input::SignalLost("closed".into()));
    walk.give(Input::Resumed);
    assert_eq!(
        walk.give(Input::Others(vec![])),
        [Effect::Event(StreamEvent::RoomEmpty)],
        "gone meanwhile"
    );
}

#[test]
fn stop_ends_from_everywhere() {
    for lost in [None, Some(Input::SignalLost("closed".into())), Some(Input::MediaLost)] {
        let mut walk = Walk::published();
        lost.map(|input| walk.give(input));
        let effects = walk.give(Input::Stop);
        assert_eq!(effects.first(), Some(&Effect::Leave));
        assert_eq!(states(&effects), [LivekitState::Off]);
        assert_eq!(walk.join.deadline(), None);
    }
}

#[test]
fn a_track_that_is_taken_away_is_not_fought_for() {
    let mut walk = Walk::published();
    let effects = walk.give(Input::TrackUnpublished { sid: "TR_1".into() });
    assert_eq!(states(&effects), [LivekitState::Failed]);
    let mut walk = Walk::published();
    assert_eq!(walk.give(Input::TrackUnpublished { sid: "TR_0".into() }), []);
}
