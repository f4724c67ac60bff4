//! `ctx.events`: facts that a script tells the room.

use mlua::{Lua, Value};

use super::{invalid, noun, raise};
use crate::actions::Reach;
use crate::policy;
use crate::protocol::{Event, Object};
use crate::script::from_lua;

/// Bytes of one event's payload as JSON.
const MOST_PAYLOAD: usize = 16 << 10;
/// Characters of an event's name.
const MOST_NAME: usize = 64;

/// The way to the room's listeners.
pub(super) struct Events {
    pub(super) reach: Reach,
    pub(super) script: String,
}

noun! { Events, EVENTS, "perilune.Events", "Facts for everybody who listens to the room.";
    read "emit" emit "fun(self, name: string, payload?: any)" "Publishes the event script_event with this name and payload; 16 KiB at most, 50 a second in a session. Texts and secrets are cut and starred as in every event.";
}

fn emit(lua: &Lua, events: &Events, (name, payload): (String, Value)) -> mlua::Result<()> {
    let is_name = name.len() <= MOST_NAME
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !is_name {
        return Err(invalid(format!(
            "an event's name has lower-case letters, digits and underscores, {MOST_NAME} at most, and begins with a letter"
        )));
    }
    let payload = from_lua(lua, payload)?;
    let bytes = payload.to_string().len();
    if bytes > MOST_PAYLOAD {
        return Err(invalid(format!(
            "an event's payload may have {MOST_PAYLOAD} bytes as JSON, this one has {bytes}; tell less, or where the rest is"
        )));
    }
    // Inside an object, so that the masking sees all of it, whatever it is.
    let mut whole: Object = policy::redact(&Object::from_iter([("payload".to_owned(), payload)]));
    let event = Event::ScriptEvent {
        script: events.script.clone(),
        name,
        payload: whole.shift_remove("payload").unwrap_or_default(),
    };
    events.reach.emit(event).map_err(raise)
}
