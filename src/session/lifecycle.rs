//! A session's phases and what each lifecycle verb means in each of them; pure.
//!
//! | phase    | start           | pause      | resume     | recover    | close | action            |
//! | -------- | --------------- | ---------- | ---------- | ---------- | ----- | ----------------- |
//! | closed   | begin           | not found  | not found  | not found  | not found | not found     |
//! | active   | already running | pause      | nothing    | nothing    | close | run               |
//! | paused   | already running | nothing    | resume     | resume     | close | run               |
//! | crashed  | begin again     | crashed    | crashed    | begin again | close | crashed          |
//!
//! `starting` and `closing` are seen from outside only: the session's task is busy then and takes no verb.

use serde_json::json;

use super::MAILBOX;
use super::directory::Links;
use crate::protocol::{ErrorType, Failure, Lifecycle, Object, Phase, Room, SessionId};

/// What the task has to do for a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Open the browser.
    Begin,
    /// Say that it runs already.
    AlreadyRunning,
    /// Take the picture out of the room.
    Pause,
    /// Put the picture back.
    Resume,
    /// The session is in that phase already.
    Nothing,
    /// Take everything down.
    Close,
}

/// What a lifecycle verb means in a phase.
pub(super) fn step(phase: Phase, verb: Lifecycle, room: &Room) -> Result<Step, Failure> {
    match (phase, verb) {
        (Phase::Closed, Lifecycle::Start) => Ok(Step::Begin),
        (Phase::Closed, _) => Err(not_found(room)),
        (Phase::Crashed, Lifecycle::Start | Lifecycle::Recover) => Ok(Step::Begin),
        (Phase::Crashed, Lifecycle::Pause | Lifecycle::Resume) => Err(crashed(room)),
        (Phase::Active | Phase::Paused, Lifecycle::Start) => Ok(Step::AlreadyRunning),
        (Phase::Active, Lifecycle::Pause) => Ok(Step::Pause),
        (Phase::Paused, Lifecycle::Resume | Lifecycle::Recover) => Ok(Step::Resume),
        (Phase::Active, Lifecycle::Resume | Lifecycle::Recover) | (Phase::Paused, Lifecycle::Pause) => {
            Ok(Step::Nothing)
        }
        (_, Lifecycle::Close) => Ok(Step::Close),
        (Phase::Starting | Phase::Closing, _) => Err(Failure::new(
            ErrorType::Busy,
            format!("the session of {room} is starting or closing; try again in a moment"),
        )),
    }
}

/// Whether an action can run in a phase.
pub(super) fn admits_action(phase: Phase, room: &Room) -> Result<(), Failure> {
    match phase {
        Phase::Active | Phase::Paused => Ok(()),
        Phase::Crashed => Err(crashed(room)),
        Phase::Starting | Phase::Closing | Phase::Closed => Err(not_found(room)),
    }
}

/// The failure of a command for a room without session.
pub(super) fn not_found(room: &Room) -> Failure {
    Failure::new(
        ErrorType::SessionNotFound,
        format!("room {room} has no session; call start_browser_session for it first"),
    )
}

/// The failure of a command for a session whose browser died.
pub(super) fn crashed(room: &Room) -> Failure {
    let mut failure = Failure::new(
        ErrorType::BrowserCrashed,
        format!("the browser of room {room} has died; call start_browser_session to bring it back to its last address"),
    );
    // Waiting alone does not bring it back.
    failure.retryable = false;
    failure
}

/// As many commands wait in the room as may.
pub(super) fn busy(room: &Room) -> Failure {
    let sentence = format!("room {room} has {MAILBOX} commands waiting; wait for some of them to end");
    Failure::new(ErrorType::Busy, sentence)
}

/// What a lifecycle command is answered when its step was taken.
pub(super) fn answer(
    verb: Lifecycle,
    step: Step,
    room: &Room,
    session: SessionId,
    livekit: bool,
    links: &Links,
) -> Object {
    let mut data = Object::new();
    data.insert("status".into(), verb.status().into());
    data.insert("room_name".into(), room.as_str().into());
    if verb == Lifecycle::Start {
        let (view_url, whep_url) = links(room);
        let stream = json!({ "livekit": livekit, "view_url": view_url, "whep_url": whep_url });
        data.insert("session_id".into(), session.to_string().into());
        data.insert("stream".into(), stream);
        if step == Step::AlreadyRunning {
            data.insert("already_running".into(), true.into());
        }
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds() {
        use Lifecycle::{Close, Pause, Recover, Resume, Start};
        use Phase::{Active, Closed, Crashed, Paused};
        let room = Room::new("r").expect("a name");
        let row = |phase| {
            [Start, Pause, Resume, Recover, Close].map(|verb| step(phase, verb, &room).map_err(|f| f.error_type))
        };
        let none = Err(ErrorType::SessionNotFound);
        let dead = Err(ErrorType::BrowserCrashed);
        assert_eq!(row(Closed), [Ok(Step::Begin), none, none, none, none]);
        assert_eq!(
            row(Active),
            [
                Step::AlreadyRunning,
                Step::Pause,
                Step::Nothing,
                Step::Nothing,
                Step::Close
            ]
            .map(Ok)
        );
        assert_eq!(
            row(Paused),
            [
                Step::AlreadyRunning,
                Step::Nothing,
                Step::Resume,
                Step::Resume,
                Step::Close
            ]
            .map(Ok)
        );
        assert_eq!(
            row(Crashed),
            [Ok(Step::Begin), dead, dead, Ok(Step::Begin), Ok(Step::Close)]
        );
        assert!(admits_action(Paused, &room).is_ok() && admits_action(Closed, &room).is_err());
    }
}
