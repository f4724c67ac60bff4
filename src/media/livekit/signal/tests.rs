//! What the server's words come to.

use proto::leave_request::Action;
use proto::{DisconnectReason as Reason, LeaveRequest, SubscribedCodec, SubscribedQuality, SubscribedQualityUpdate};

use super::*;

#[test]
fn the_reason_decides_whether_we_come_back() {
    let leave = |action: Action, reason: Reason| {
        leaving(&LeaveRequest {
            action: action as i32,
            reason: reason as i32,
            ..Default::default()
        })
    };
    assert_eq!(leave(Action::Disconnect, Reason::RoomDeleted), Leave::RoomEnded);
    assert!(matches!(
        leave(Action::Disconnect, Reason::DuplicateIdentity),
        Leave::Final(_)
    ));
    assert!(matches!(
        leave(Action::Disconnect, Reason::ParticipantRemoved),
        Leave::Final(_)
    ));
    assert!(matches!(
        leave(Action::Disconnect, Reason::ServerShutdown),
        Leave::Rejoin(_)
    ));
    assert!(
        matches!(leave(Action::Reconnect, Reason::StateMismatch), Leave::Rejoin(why) if why.contains("state mismatch"))
    );
    assert_eq!(leave(Action::Resume, Reason::UnknownReason), Leave::Resume);
}

#[test]
fn one_quality_of_one_codec_is_enough_to_be_watched() {
    let update = |enabled| {
        let qualities = vec![
            SubscribedQuality::default(),
            SubscribedQuality {
                enabled,
                ..Default::default()
            },
        ];
        let subscribed_codecs = vec![SubscribedCodec {
            codec: "vp8".into(),
            qualities,
        }];
        watched(SubscribedQualityUpdate {
            track_sid: "TR_1".into(),
            subscribed_codecs,
            ..Default::default()
        })
    };
    assert!(matches!(update(true), Input::Watched { watched: true, sid } if sid == "TR_1"));
    assert!(matches!(update(false), Input::Watched { watched: false, .. }));
}

#[test]
fn a_wrong_key_is_final_and_a_server_that_is_down_is_not() {
    let status = |code: u16| code.try_into().expect("a status");
    let wrong = refusal("ws://x", &SignalError::Client(status(401), "invalid API key".into()));
    assert!(matches!(wrong, Refusal::Final(why) if why.contains("invalid API key")));
    let down = refusal("ws://x", &SignalError::Connection("refused".into()));
    assert!(matches!(down, Refusal::Passing(_)));
    let full = refusal("ws://x", &SignalError::Server(status(503), String::new()));
    assert!(matches!(full, Refusal::Passing(_)));
}
