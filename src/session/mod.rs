//! One room's browser, picture and mailbox.
//!
//! [`Directory`] finds or makes the [`Session`] of a room; a session's task (`task.rs`) is the only place where it
//! changes. Commands of a room run one after another in the order of their arrival; lifecycle verbs overtake them.
//! **Invariant:** whatever happens to a room's browser, script or viewers ends in its own task.

mod browsing;
mod checkpoint;
mod directory;
mod grace;
mod hooks;
mod lifecycle;
mod memory;
mod params;
mod picture;
mod read;
mod record;
mod recovery;
mod running;
mod task;

pub use checkpoint::Checkpoints;
pub use directory::{Directory, Links, Parts};

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};

use crate::browser::Context;
use crate::media::Stream;
use crate::protocol::{
    ActionRef, Command, Failure, Outcome, Phase, Room, SessionId, SessionInfo, StreamInfo, TabInfo, Verb,
};

/// Commands that may wait in a room; one more is `busy`.
const MAILBOX: usize = 64;

/// The handle of a room's task; cheap to clone.
#[derive(Clone)]
pub struct Session {
    room: Room,
    actions: mpsc::Sender<Submitted>,
    lifecycle: mpsc::Sender<Submitted>,
    view: watch::Receiver<View>,
    ended: tokio_util::sync::CancellationToken,
}

/// A command with the way back for its outcome.
struct Submitted {
    command: Arc<Command>,
    /// The command as its events show it.
    action: ActionRef,
    reply: oneshot::Sender<Outcome>,
}

/// Why a session has no outcome for a command.
enum Missed {
    /// Too many wait; it was not begun.
    Full,
    /// The session has ended; it was not begun.
    Ended,
    /// The session's task has died; it may have been begun.
    Lost,
}

/// What others may see of a session at one moment.
#[derive(Clone)]
struct View {
    phase: Phase,
    session_id: SessionId,
    started_at: f64,
    context: Option<Context>,
    stream: Option<Stream>,
    livekit: LivekitView,
    last_url: String,
    running: Option<Arc<str>>,
}

/// The LiveKit side of the picture.
#[derive(Clone, Debug, PartialEq)]
struct LivekitView {
    configured: bool,
    state: &'static str,
}

impl LivekitView {
    const OFF: Self = Self {
        configured: false,
        state: "off",
    };
}

impl Session {
    /// Runs a command and waits for its outcome.
    async fn run(&self, command: &Arc<Command>) -> Result<Outcome, Missed> {
        let (reply, outcome) = oneshot::channel();
        let lane = match command.verb {
            Verb::Lifecycle(_) => &self.lifecycle,
            Verb::Action(_) | Verb::Lua => &self.actions,
        };
        let submitted = Submitted {
            command: Arc::clone(command),
            action: record::action_ref(command),
            reply,
        };
        lane.try_send(submitted).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Missed::Full,
            mpsc::error::TrySendError::Closed(_) => Missed::Ended,
        })?;
        // A task that ends answers the actions in its lane; lifecycle verbs it leaves to the next.
        outcome.await.map_err(|_| match command.verb {
            Verb::Lifecycle(_) => Missed::Ended,
            Verb::Action(_) | Verb::Lua => Missed::Lost,
        })
    }

    /// Its room.
    pub fn room(&self) -> &Room {
        &self.room
    }

    /// The phase it is in.
    pub fn phase(&self) -> Phase {
        self.view.borrow().phase
    }

    /// The picture, for its viewers.
    pub fn stream(&self) -> Result<Stream, Failure> {
        self.view
            .borrow()
            .stream
            .clone()
            .ok_or_else(|| lifecycle::not_found(&self.room))
    }

    /// Ends when the task has ended.
    pub async fn ended(&self) {
        self.ended.cancelled().await;
    }

    /// What it looks like now. `links` makes the addresses of the picture for a room.
    pub fn info(&self, viewers: usize, links: &dyn Fn(&Room) -> (String, String)) -> SessionInfo {
        let view = self.view.borrow().clone();
        let tabs: Vec<TabInfo> = view.context.as_ref().map(Context::tabs).unwrap_or_default();
        let active = tabs.iter().find(|tab| tab.active);
        let (view_url, whep_url) = links(&self.room);
        SessionInfo {
            room_name: self.room.clone(),
            session_id: view.session_id,
            phase: view.phase,
            url: active.map_or(view.last_url, |tab| tab.url.clone()),
            title: active.map(|tab| tab.title.clone()).unwrap_or_default(),
            stream: StreamInfo {
                livekit: view.livekit.configured,
                livekit_state: view.livekit.state.to_owned(),
                view_url,
                whep_url,
                viewers,
                frames_encoded: view.stream.map_or(0, |stream| stream.stats().frames_encoded),
            },
            tabs,
            started_at: view.started_at,
            waiting: MAILBOX - self.actions.capacity(),
            running: view.running.as_deref().map(str::to_owned),
        }
    }
}
