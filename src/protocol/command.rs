//! What was asked, of which room, by whom, until when.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{CommandId, Object, Room};

/// One request to a room: an action or a lifecycle verb.
#[derive(Clone, Debug)]
pub struct Command {
    /// Its id; stays the same when a job is delivered again.
    pub id: CommandId,
    /// The room it is for.
    pub room: Room,
    /// What to do.
    pub verb: Verb,
    /// With which parameters; not yet checked.
    pub params: Object,
    /// Where it came from.
    pub origin: Origin,
    /// How often it may be tried.
    pub limits: Limits,
}

impl Command {
    /// A lifecycle verb that the host itself gives.
    pub fn of_host(room: &Room, verb: Lifecycle) -> Self {
        Self {
            id: CommandId::random(),
            room: room.clone(),
            verb: Verb::Lifecycle(verb),
            params: Object::new(),
            origin: Origin::Host,
            limits: Limits::default(),
        }
    }
}

/// What a command does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Changes the session itself.
    Lifecycle(Lifecycle),
    /// Runs the action of that name on the room's page.
    Action(String),
    /// Runs a text that an operator has typed; never comes from a caller of tools or the queue.
    Lua,
}

impl Verb {
    /// The verb that a wire name stands for; every name that is no lifecycle tool is an action's.
    pub fn from_name(name: &str) -> Self {
        Lifecycle::ALL
            .iter()
            .find(|l| l.name() == name)
            .map_or_else(|| Self::Action(name.to_owned()), |l| Self::Lifecycle(*l))
    }

    /// The name on the wire.
    pub fn name(&self) -> &str {
        match self {
            Self::Lifecycle(verb) => verb.name(),
            Self::Action(name) => name,
            Self::Lua => "lua",
        }
    }
}

/// The verbs that change a session's phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lifecycle {
    /// `start_browser_session`
    Start,
    /// `pause_browser_session`
    Pause,
    /// `resume_browser_session`
    Resume,
    /// `recover_browser_session`
    Recover,
    /// `close_browser_session`
    Close,
}

impl Lifecycle {
    /// Every lifecycle verb.
    pub const ALL: [Self; 5] = [Self::Start, Self::Pause, Self::Resume, Self::Recover, Self::Close];

    /// The name of the tool and of the job.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start_browser_session",
            Self::Pause => "pause_browser_session",
            Self::Resume => "resume_browser_session",
            Self::Recover => "recover_browser_session",
            Self::Close => "close_browser_session",
        }
    }

    /// The `status` of a successful answer.
    pub const fn status(self) -> &'static str {
        match self {
            Self::Start => "started",
            Self::Pause => "paused",
            Self::Resume => "resumed",
            Self::Recover => "recovered",
            Self::Close => "closed",
        }
    }
}

/// Where a command came from; written into events and the audit line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A job of the queue.
    Queue {
        /// BullMQ's id of the job.
        job_id: String,
    },
    /// A call by HTTP.
    Http,
    /// The host itself, for instance when it restores a session.
    Host,
}

/// Upper bounds and defaults for retries; the retry policy decides within them.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// How often the command may be tried at most, the first time included; at least 1.
    pub attempts: u32,
    /// How the caller wants to wait between two attempts.
    pub backoff: Option<Backoff>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempts: 1,
            backoff: None,
        }
    }
}

/// How long to wait before the next attempt, as BullMQ's job option `backoff` says it.
#[derive(Clone, Debug, PartialEq)]
pub struct Backoff {
    /// Doubled with each attempt, or always the same.
    pub exponential: bool,
    /// The wait before the second attempt.
    pub delay: Duration,
    /// How much of the wait is random, 0 to 1.
    pub jitter: f64,
}

/// The parameters of `start_browser_session`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartParams {
    /// The first page; `about:blank` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_url: Option<String>,
    /// The LiveKit server to publish at, in place of the configured one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub livekit_url: Option<String>,
    /// Key for making an access token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub livekit_api_key: Option<String>,
    /// Secret of that key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub livekit_api_secret: Option<String>,
    /// A ready access token, in place of key and secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub livekit_token: Option<String>,
    /// The participant's identity in the room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participant_identity: Option<String>,
    /// The participant's name in the room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participant_name: Option<String>,
    /// Width of the page in CSS pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewport_width: Option<u32>,
    /// Height of the page in CSS pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewport_height: Option<u32>,
    /// The most frames per second of the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fps: Option<u32>,
    /// Only these domains, within what the configuration allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_domains: Option<Vec<String>>,
    /// Not these domains, beside what the configuration forbids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prohibited_domains: Option<Vec<String>>,
    /// `false` forbids loopback, private and link-local addresses for this session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_addresses: Option<bool>,
}
