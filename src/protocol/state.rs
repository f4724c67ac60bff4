//! What a session looks like from outside at one moment.

use serde::{Deserialize, Serialize};

use super::{Room, SessionId};

/// Where a session is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The browser is being opened.
    Starting,
    /// The page runs and the picture is published.
    Active,
    /// The page runs; no picture is published.
    Paused,
    /// The browser is gone; the session can be started again with its last address.
    Crashed,
    /// The session is being taken down.
    Closing,
    /// Nothing is left of the session.
    Closed,
}

/// One open tab.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TabInfo {
    /// Its place among the tabs, from 0.
    pub index: usize,
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Whether it is the one that commands act on and viewers see.
    pub active: bool,
}

/// Where and how the picture can be seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StreamInfo {
    /// Whether it is published into a LiveKit room.
    pub livekit: bool,
    /// State of the LiveKit connection: `off`, `connecting`, `connected`, `published`, `reconnecting`, `failed`.
    pub livekit_state: String,
    /// The page where a person sees it.
    pub view_url: String,
    /// The WHEP endpoint.
    pub whep_url: String,
    /// How many watch by WHEP now.
    pub viewers: usize,
    /// Frames encoded since the session started.
    pub frames_encoded: u64,
}

/// A session as `perilune session show` and `GET /api/sessions` give it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionInfo {
    /// Its room.
    pub room_name: Room,
    /// Its id.
    pub session_id: SessionId,
    /// Its phase.
    pub phase: Phase,
    /// Address of the active tab.
    pub url: String,
    /// Title of the active tab.
    pub title: String,
    /// All open tabs.
    pub tabs: Vec<TabInfo>,
    /// The picture.
    pub stream: StreamInfo,
    /// When it started, in seconds since 1970.
    pub started_at: f64,
    /// Commands that wait for their turn.
    pub waiting: usize,
    /// The command that runs now.
    pub running: Option<String>,
}
