//! Room to session: start, find, list, close all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::checkpoint::Checkpoint;
use super::record::{self, action_ref, error_event};
use super::{Checkpoints, Missed, Session, lifecycle, task};
use crate::actions::Actions;
use crate::browser::Pool;
use crate::config;
use crate::events::{Bus, Subject};
use crate::policy::{Audit, Rules};
use crate::protocol::{Command, ErrorType, Event, Failure, Lifecycle, Outcome, Phase, Room, Verb};

/// What sessions are made of; given by the host.
pub struct Parts {
    /// Chromium.
    pub pool: Pool,
    /// The verbs on a page.
    pub actions: Actions,
    /// Events going out.
    pub bus: Bus,
    /// The record of what was done; none when it is switched off.
    pub audit: Option<Audit>,
    /// The domain rules of the configuration.
    pub rules: Rules,
    /// Where sessions are remembered for the time after the host's death; none without Redis.
    pub checkpoints: Option<Checkpoints>,
    /// `[browser]`.
    pub browser: config::Browser,
    /// `[stream]`.
    pub stream: config::Stream,
    /// `[livekit]`.
    pub livekit: config::Livekit,
    /// Makes the addresses of a room's picture.
    pub links: Links,
}

/// From a room to the addresses of its picture: the view page and the WHEP endpoint.
pub type Links = Box<dyn Fn(&Room) -> (String, String) + Send + Sync>;

/// All sessions of this host; cheap to clone.
#[derive(Clone)]
pub struct Directory {
    inner: Arc<Inner>,
}

struct Inner {
    parts: Arc<Parts>,
    sessions: Mutex<HashMap<Room, Session>>,
    places: Arc<Semaphore>,
}

// === impl Directory ===

impl Directory {
    /// A directory without sessions.
    pub fn new(parts: Parts) -> Self {
        let places = Arc::new(Semaphore::new(parts.browser.max_sessions));
        Self {
            inner: Arc::new(Inner {
                parts: Arc::new(parts),
                sessions: Mutex::default(),
                places,
            }),
        }
    }

    /// Runs a command in its room and waits for its outcome. Gives exactly one `action_started` and then one
    /// `action_completed` or `action_error`, whatever happens.
    pub async fn run(&self, command: Command) -> Outcome {
        let command = Arc::new(command);
        // A session may end between being found and taking the command; then the next one is asked.
        for _ in 0..3 {
            let session = match self.session_for(&command) {
                Ok(session) => session,
                Err(failure) => return self.refuse(&command, failure).await,
            };
            match session.run(&command).await {
                Ok(outcome) => return outcome,
                Err(Missed::Ended) => session.ended().await,
                Err(Missed::Full) => return self.refuse(&command, lifecycle::busy(&command.room)).await,
                Err(Missed::Lost) => {
                    let sentence = "the room's task died while the command was in it; look before repeating it";
                    return self.fail(&command, Failure::new(ErrorType::InDoubt, sentence)).await;
                }
            }
        }
        let sentence = "the room's session ended again and again; start it again";
        self.refuse(&command, Failure::new(ErrorType::Internal, sentence)).await
    }

    /// Answers a command that does not run, with its events and its line in the audit record.
    pub async fn refuse(&self, command: &Command, failure: Failure) -> Outcome {
        let events = self.inner.parts.bus.room(Some(&command.room)).await;
        let action = action_ref(command);
        events.publish(&Subject::command(None, command), Event::ActionStarted { action });
        self.fail(command, failure).await
    }

    /// The same for one that has begun.
    async fn fail(&self, command: &Command, failure: Failure) -> Outcome {
        let events = self.inner.parts.bus.room(Some(&command.room)).await;
        let event = error_event(action_ref(command), &failure, 0);
        events.publish(&Subject::command(None, command), event);
        let outcome = Outcome::refused(failure, unix_now());
        record::audit(&self.inner.parts, None, command, &outcome);
        outcome
    }

    /// Whether a command whose effect is unknown may simply run again.
    pub fn is_idempotent(&self, verb: &Verb) -> bool {
        match verb {
            // Each of them says what is to be, not what is to change.
            Verb::Lifecycle(_) => true,
            Verb::Action(name) => self.inner.parts.actions.is_idempotent(name),
            Verb::Lua => false,
        }
    }

    /// The session of a room, if the room has one that is not closed.
    pub fn find(&self, room: &Room) -> Result<Session, Failure> {
        let session = self.inner.lock().get(room).cloned();
        session
            .filter(|s| s.phase() != Phase::Closed)
            .ok_or_else(|| lifecycle::not_found(room))
    }

    /// All sessions that are not closed, by room name.
    pub fn list(&self) -> Vec<Session> {
        let mut sessions: Vec<_> = self
            .inner
            .lock()
            .values()
            .filter(|s| s.phase() != Phase::Closed)
            .cloned()
            .collect();
        sessions.sort_by(|a, b| a.room.cmp(&b.room));
        sessions
    }

    /// The addresses of a room's picture.
    pub fn links(&self) -> &dyn Fn(&Room) -> (String, String) {
        &*self.inner.parts.links
    }

    /// The verbs on a page.
    pub fn actions(&self) -> &Actions {
        &self.inner.parts.actions
    }

    /// Brings back the sessions that a host of the same Redis left behind when it died; returns their rooms.
    pub async fn restore(&self) -> Vec<Room> {
        let Some(checkpoints) = &self.inner.parts.checkpoints else {
            return Vec::new();
        };
        let mut starts = JoinSet::new();
        for checkpoint in checkpoints.orphans().await {
            let directory = self.clone();
            starts.spawn(async move { directory.restore_one(checkpoint).await });
        }
        starts.join_all().await.into_iter().flatten().collect()
    }

    async fn restore_one(&self, checkpoint: Checkpoint) -> Option<Room> {
        let room = checkpoint.room.clone();
        if let Err(failure) = self.spawn(&room, Some(checkpoint)) {
            tracing::warn!(%room, %failure, "a session could not be restored");
            return None;
        }
        let command = Command::of_host(&room, Lifecycle::Recover);
        match self.run(command).await.result {
            Ok(_) => Some(room),
            Err(failure) => {
                tracing::warn!(%room, %failure, "a session could not be restored");
                None
            }
        }
    }

    /// Closes every session, at the same time, and waits for them at most this long.
    pub async fn close_all(&self, within: Duration) {
        let mut closing = JoinSet::new();
        for session in self.list() {
            let command = Arc::new(Command::of_host(&session.room, Lifecycle::Close));
            closing.spawn(async move {
                // Its answer does not matter: it is closed or it is gone.
                let _ = session.run(&command).await;
            });
        }
        if tokio::time::timeout(within, closing.join_all()).await.is_err() {
            tracing::warn!("some sessions did not close in time; their browsers are ended with the host");
        }
    }

    fn session_for(&self, command: &Command) -> Result<Session, Failure> {
        if let Some(session) = self.inner.lock().get(&command.room).filter(|s| !s.ended.is_cancelled()) {
            return Ok(session.clone());
        }
        if command.verb != Verb::Lifecycle(Lifecycle::Start) {
            return Err(lifecycle::not_found(&command.room));
        }
        self.spawn(&command.room, None)
    }

    /// The task of a room: the one that runs, or a new one, which remembers a session of a dead host where there is one.
    fn spawn(&self, room: &Room, remembered: Option<Checkpoint>) -> Result<Session, Failure> {
        let mut sessions = self.inner.lock();
        if let Some(session) = sessions.get(room).filter(|s| !s.ended.is_cancelled()) {
            return Ok(session.clone());
        }
        let most = self.inner.parts.browser.max_sessions;
        let place = self.inner.places.clone().try_acquire_owned().map_err(|_| {
            let sentence = format!("the host has {most} sessions, its most; close one or raise browser.max_sessions");
            Failure::new(ErrorType::Busy, sentence)
        })?;
        let session = task::spawn(room.clone(), self.inner.parts.clone(), place, remembered);
        sessions.insert(room.clone(), session.clone());
        let (inner, room, ended) = (self.inner.clone(), room.clone(), session.ended.clone());
        tokio::spawn(async move {
            ended.cancelled().await;
            let mut sessions = inner.lock();
            if sessions.get(&room).is_some_and(|s| s.ended.is_cancelled()) {
                sessions.remove(&room);
            }
        });
        Ok(session)
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, HashMap<Room, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Seconds since 1970 with fractions.
pub(super) fn unix_now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |d| d.as_secs_f64())
}
