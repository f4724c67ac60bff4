//! The words on the wire: plain types, no I/O, no clock.
//!
//! Every entry point (queue, HTTP, command line) speaks these types, and the seeds' spellings (`room_name`,
//! `action_type`, ...) stand only here.
//! **Invariant:** nothing in this module imports another module of perilune.

mod command;
mod error_type;
mod event;
mod ids;
mod outcome;
mod state;

pub use command::{Backoff, Command, Lifecycle, Limits, Origin, StartParams, Verb};
pub use error_type::ErrorType;
pub use event::{ActionRef, Event, Published};
pub use ids::{CommandId, Room, RoomError, SessionId};
pub use outcome::{Failure, Outcome};
pub use state::{Phase, SessionInfo, StreamInfo, TabInfo};

/// A JSON object, in the order in which its keys came.
pub type Object = serde_json::Map<String, serde_json::Value>;
