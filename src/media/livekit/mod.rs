//! The stream as a screen-share track in a LiveKit room.
//!
//! [`Publisher`] joins the room, publishes one VP8 track and keeps it there: it resumes or joins again when the server was lost.
//! `join.rs` decides (pure), `task.rs` carries it out, `signal.rs` speaks to the server, `rtc.rs` sends the media.
//! **Invariant:** the fan-out is joined only while the server says that somebody is subscribed, so nothing is encoded for nobody.

mod error;
mod join;
mod publisher;
mod rtc;
mod signal;
mod sockets;
mod task;
mod token;

pub use error::Error;
pub use publisher::Publisher;
pub use token::{Access, TokenSource};

use std::fmt;

/// What is published, for those who choose among the room's tracks.
#[derive(Clone, Copy, Debug)]
pub struct Video {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Bits per second at the start.
    pub bitrate: u32,
    /// Bits per second at most.
    pub max_bitrate: u32,
}

/// How the connection to the LiveKit server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LivekitState {
    /// There is none, and none is wanted.
    Off,
    /// It is being made for the first time.
    Connecting,
    /// We are in the room; nothing is published.
    Connected,
    /// The track is in the room.
    Published,
    /// It was lost and is being made again.
    Reconnecting,
    /// It was given up.
    Failed,
}

impl LivekitState {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Published => "published",
            Self::Reconnecting => "reconnecting",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for LivekitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the session learns of its stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamEvent {
    /// The connection changed.
    State {
        /// How it is now.
        state: LivekitState,
        /// Why, when something went wrong.
        reason: Option<String>,
    },
    /// Nobody but us is in the room.
    RoomEmpty,
    /// Somebody else is in the room.
    RoomOccupied,
    /// The server has ended the room; the publisher is gone.
    RoomEnded,
    /// The publisher has given up and is gone; the sentence says why.
    Failed(String),
}
