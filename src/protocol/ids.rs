//! Names of things: one newtype each, cheap to clone.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The LiveKit room, and the key callers use for everything.
///
/// Any text of 1 to 256 bytes without control characters; colons and slashes are allowed.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Room(Arc<str>);

/// Why a text cannot name a room.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RoomError {
    /// The text is empty.
    #[error("room_name is empty; give the name of a room")]
    Empty,
    /// The text is longer than 256 bytes.
    #[error("room_name has {0} bytes; 256 is the most")]
    TooLong(usize),
    /// The text has a control character.
    #[error("room_name has a control character; use printable characters only")]
    Control,
}

impl Room {
    /// Checks and takes a room's name.
    pub fn new(name: &str) -> Result<Self, RoomError> {
        match name {
            "" => Err(RoomError::Empty),
            _ if name.len() > 256 => Err(RoomError::TooLong(name.len())),
            _ if name.chars().any(char::is_control) => Err(RoomError::Control),
            _ => Ok(Self(name.into())),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Room({})", self.0)
    }
}

impl<'de> Deserialize<'de> for Room {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

/// One life of a room's browser, from start to close.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct SessionId(Uuid);

impl SessionId {
    /// A new random id.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One command; for a queued command it is derived from the job's id, so that a redelivery is recognised.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct CommandId(Arc<str>);

impl CommandId {
    /// A new random id.
    pub fn random() -> Self {
        Self(Uuid::new_v4().to_string().into())
    }

    /// The id of the command that a job carries.
    pub fn of_job(queue: &str, job_id: &str) -> Self {
        Self(format!("{queue}:{job_id}").into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_names_are_checked() {
        assert_eq!(Room::new(""), Err(RoomError::Empty));
        assert_eq!(Room::new(&"a".repeat(257)), Err(RoomError::TooLong(257)));
        assert_eq!(Room::new("a\nb"), Err(RoomError::Control));
        assert_eq!(Room::new("demo:1/ü").map(|r| r.to_string()), Ok("demo:1/ü".to_owned()));
    }
}
