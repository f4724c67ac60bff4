//! Every event with its fields; the name is the wire name.

use serde::Serialize;
use serde_json::Value;
use strum::{IntoStaticStr, VariantNames};

use super::{CommandId, ErrorType, Object, Room, SessionId};

/// Which action an event is about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ActionRef {
    /// The action's name.
    pub action_type: String,
    /// Its parameters, secrets redacted.
    pub params: Object,
}

/// A fact that happened in a room, or on the host.
#[derive(Clone, Debug, PartialEq, Serialize, VariantNames, IntoStaticStr)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// A command began to run.
    ActionStarted {
        /// The command's action.
        action: ActionRef,
    },
    /// A command succeeded.
    ActionCompleted {
        /// The command's action.
        action: ActionRef,
        /// Always true.
        success: bool,
        /// The element index it acted on, where one was given.
        #[serde(skip_serializing_if = "Option::is_none")]
        index: Option<u64>,
        /// The outcome's data.
        result: Value,
        /// How long it took.
        duration_ms: f64,
        /// How often it was tried.
        attempts: u32,
    },
    /// A command failed for good.
    ActionError {
        /// The command's action.
        action: ActionRef,
        /// What happened and what to do next.
        error: String,
        /// Its code.
        error_type: ErrorType,
        /// Whether trying again may help.
        retryable: bool,
        /// The attempt that failed last.
        attempt: u32,
    },
    /// The active tab shows another document or address.
    PageNavigation {
        /// The new address.
        url: String,
        /// The title known so far.
        title: String,
    },
    /// The active tab's page has loaded.
    PageLoadComplete {
        /// Its address.
        url: String,
        /// Its title.
        title: String,
        /// From the start of the navigation.
        load_time_ms: f64,
    },
    /// The session's browser died.
    BrowserError {
        /// What happened and what to do next.
        error: String,
        /// The last address.
        url: String,
        /// Whether `start_browser_session` brings the session back.
        recoverable: bool,
    },
    /// A session runs again after its browser or its host died.
    SessionRecovered {
        /// The address it was brought back to.
        url: String,
    },
    /// The session changed its phase.
    SessionState {
        /// The new phase.
        phase: super::Phase,
    },
    /// A tab was opened.
    TabOpened {
        /// Its place among the tabs.
        index: usize,
        /// Its address.
        url: String,
    },
    /// A tab was closed.
    TabClosed {
        /// Its former place among the tabs.
        index: usize,
    },
    /// Presentation mode was turned on or off: a larger pointer, and marks on what is acted upon.
    PresentationModeEnabled {
        /// Whether it is on now.
        enabled: bool,
    },
    /// The page opened a dialog, which was answered at once so that no command hangs.
    DialogOpened {
        /// `alert`, `confirm`, `prompt` or `beforeunload`.
        kind: String,
        /// The page's words.
        message: String,
        /// The text that a prompt proposed.
        #[serde(skip_serializing_if = "Option::is_none")]
        default_text: Option<String>,
        /// Whether it was accepted.
        accepted: bool,
        /// What a prompt was given.
        #[serde(skip_serializing_if = "Option::is_none")]
        answer: Option<String>,
    },
    /// A file is on its way, begun by an action or by the page itself.
    DownloadStarted {
        /// Names the download.
        id: String,
        /// Where it comes from.
        url: String,
        /// The name that the server or the page proposes.
        suggested_name: String,
    },
    /// A download has ended: the file is whole, or it came to nothing.
    DownloadCompleted {
        /// Names the download.
        id: String,
        /// Where it came from.
        url: String,
        /// Whether the file is there.
        success: bool,
        /// Its name in the session's download folder.
        #[serde(skip_serializing_if = "Option::is_none")]
        file_name: Option<String>,
        /// Its size, or what had arrived.
        bytes: u64,
        /// Why it came to nothing.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// The page tried to reach a forbidden address.
    DomainViolation {
        /// The address, without query.
        url: String,
        /// The host.
        domain: String,
        /// Which rule forbids it.
        reason: String,
    },
    /// The picture's way to its viewers changed.
    StreamState {
        /// `off`, `connecting`, `connected`, `published`, `reconnecting`, `failed`.
        state: String,
        /// Why, where there is something to say.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Changed scripts are in use.
    ScriptReloaded {
        /// The script's name, for instance `actions/click`.
        script: String,
        /// Its file.
        file: String,
        /// Always null.
        line: Option<u32>,
        /// Always null.
        error: Option<String>,
        /// The generation in use from now on.
        generation: u64,
    },
    /// A saved script is broken; the last good one stays in use.
    ScriptFailed {
        /// The script's name.
        script: String,
        /// Its file.
        file: String,
        /// The line, where it is known.
        line: Option<u32>,
        /// What is wrong.
        error: String,
        /// The line's text, where it is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// What to do about it, where there is something to say.
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<String>,
        /// The generation that stays in use.
        generation: u64,
    },
    /// A script told something by `ctx.events:emit`.
    ScriptEvent {
        /// Whose script: `plugins/NAME`; one that belongs to no plugin is named after its command, as `actions/NAME`.
        script: String,
        /// What happened, in the script's words.
        name: String,
        /// More about it.
        payload: Value,
    },
    /// The host's connection to Redis changed.
    RedisState {
        /// Whether it is there now.
        connected: bool,
        /// What happened.
        reason: String,
    },
}

impl Event {
    /// The wire name of every event.
    pub const NAMES: &'static [&'static str] = Self::VARIANTS;

    /// Its name on the wire.
    pub fn name(&self) -> &'static str {
        self.into()
    }
}

/// An event with its envelope, as it goes out.
#[derive(Clone, Debug)]
pub struct Published {
    /// The room, or none for the host's own events.
    pub room: Option<Room>,
    /// The session it happened in.
    pub session_id: Option<SessionId>,
    /// The command it belongs to.
    pub command_id: Option<CommandId>,
    /// The job that carried the command.
    pub job_id: Option<String>,
    /// Rises by 1 per room, from 1, without holes.
    pub seq: u64,
    /// Seconds since 1970 with fractions.
    pub timestamp: f64,
    /// What happened.
    pub event: Event,
}

impl Published {
    /// The channel's name for a room that does not exist: the host's own events.
    pub const HOST: &str = "_host";

    /// The message on the wire: the envelope and the event's fields side by side, and the fields once more under
    /// `data`, where the newest of the original clients look for them.
    pub fn to_json(&self) -> String {
        let mut fields = match serde_json::to_value(&self.event) {
            Ok(Value::Object(fields)) => fields,
            _ => unreachable!("an event is a JSON object"),
        };
        let kind = fields.shift_remove("type").unwrap_or_default();
        let mut message = Object::new();
        message.insert("type".into(), kind);
        message.insert(
            "room_name".into(),
            self.room.as_ref().map_or(Self::HOST, Room::as_str).into(),
        );
        message.insert(
            "session_id".into(),
            self.session_id.map_or(Value::Null, |id| id.to_string().into()),
        );
        message.insert("seq".into(), self.seq.into());
        message.insert("timestamp".into(), self.timestamp.into());
        if let Some(id) = &self.command_id {
            message.insert("command_id".into(), id.as_str().into());
        }
        if let Some(id) = &self.job_id {
            message.insert("job_id".into(), id.as_str().into());
        }
        let data = fields.clone();
        message.extend(fields);
        message.insert("data".into(), Value::Object(data));
        Value::Object(message).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_flat_and_under_data() {
        let published = Published {
            room: Room::new("demo").ok(),
            session_id: None,
            command_id: None,
            job_id: Some("7".into()),
            seq: 3,
            timestamp: 1.25,
            event: Event::PageNavigation {
                url: "http://a/".into(),
                title: String::new(),
            },
        };
        let json: Value = serde_json::from_str(&published.to_json()).expect("JSON");
        assert_eq!(json["type"], "page_navigation");
        assert_eq!(json["room_name"], "demo");
        assert_eq!(json["url"], "http://a/");
        assert_eq!(json["data"]["url"], "http://a/");
        assert_eq!(json["seq"], 3);
        assert_eq!(json["job_id"], "7");
        assert!(json.get("command_id").is_none());
    }
}
