//! How far the scripts of one session reach beyond its page: kept values, events, requests, credentials.
//!
//! The session makes one [`Reach`] when it begins, hands it to every call, and publishes and records what comes out as
//! [`Notice`]s, in their order. What is kept ends with the session.
//! **Invariant:** nothing here publishes or records by itself.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};

use super::Actions;
use super::store::Store;
use crate::http;
use crate::protocol::{ErrorType, Event, Failure, Room, SessionId};
use crate::registry::{Credential, Domain, Registry};

/// Notices that may wait for the session.
const NOTICES: usize = 256;
/// Events that the scripts of one session may publish in a second, and at one stroke.
const RATE: f64 = 50.0;
/// Requests of one session at a time; one more waits.
const REQUESTS: usize = 8;

/// What the scripts of all sessions share.
#[derive(Clone)]
pub(super) struct Common {
    pub(super) shared: Store,
    pub(super) http: http::Client,
    pub(super) registry: Registry,
}

/// What the scripts of one session have beyond its page; cheap to clone.
#[derive(Clone)]
pub struct Reach {
    pub(super) session_id: SessionId,
    pub(super) room: Room,
    pub(super) state: Store,
    pub(super) common: Common,
    pub(super) requests: Arc<Semaphore>,
    /// The host's own threads: a request must not compute on a Lua thread.
    pub(super) runtime: Handle,
    notices: mpsc::Sender<Notice>,
    rate: Arc<Mutex<Rate>>,
}

/// What the scripts of a session have done that others are to hear of.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// An event to publish in the room.
    Event(Event),
    /// A line for the audit record.
    CredentialUsed {
        /// Whose script.
        script: String,
        /// The agent at the site.
        agent_id: String,
        /// The site.
        domain: String,
        /// What for, in words.
        purpose: &'static str,
    },
}

impl Actions {
    /// What the scripts of a new session have beyond its page, and what comes out of it. Called in the host's runtime.
    pub fn reach(&self, session_id: SessionId, room: &Room) -> (Reach, mpsc::Receiver<Notice>) {
        Reach::new(self.common.clone(), session_id, room)
    }
}

impl Reach {
    pub(super) fn new(common: Common, session_id: SessionId, room: &Room) -> (Self, mpsc::Receiver<Notice>) {
        let (notices, out) = mpsc::channel(NOTICES);
        let reach = Self {
            session_id,
            room: room.clone(),
            state: Store::default(),
            common,
            requests: Arc::new(Semaphore::new(REQUESTS)),
            runtime: Handle::current(),
            notices,
            rate: Arc::new(Mutex::new(Rate::new(Instant::now()))),
        };
        (reach, out)
    }

    /// Hands an event to the session.
    pub(super) fn emit(&self, event: Event) -> Result<(), Failure> {
        let wait = self
            .rate
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take(Instant::now());
        if let Some(wait) = wait {
            let sentence =
                format!("the scripts of a session may publish {RATE} events a second; put more into one event");
            return Err(Failure {
                retry_after: Some(wait),
                ..Failure::new(ErrorType::RateLimited, sentence)
            });
        }
        self.tell(Notice::Event(event))
    }

    /// Hands a notice to the session, which takes them as fast as they come unless it is busy with itself.
    pub(super) fn tell(&self, notice: Notice) -> Result<(), Failure> {
        self.notices.try_send(notice).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Failure::new(
                ErrorType::Busy,
                "the session is busy and takes no more notices of scripts; try again",
            ),
            mpsc::error::TrySendError::Closed(_) => Failure::new(ErrorType::Cancelled, "the session has ended"),
        })
    }

    /// The usable credentials of a site, or of all.
    pub(super) async fn credentials(&self, site: Option<Domain>) -> Result<Vec<Credential>, Failure> {
        let registry = self.common.registry.clone();
        let read = self.runtime.spawn_blocking(move || registry.list(site.as_ref(), now()));
        let read = read.await.map_err(|error| {
            Failure::new(
                ErrorType::Internal,
                format!("reading the registry ended by a fault of perilune: {error}"),
            )
        })?;
        Ok(read?)
    }
}

fn now() -> DateTime<Utc> {
    Utc::now()
}

/// A bucket that fills with time; each event takes one drop.
struct Rate {
    drops: f64,
    at: Instant,
}

impl Rate {
    fn new(now: Instant) -> Self {
        Self { drops: RATE, at: now }
    }

    /// Takes one, or tells how long until there is one.
    fn take(&mut self, now: Instant) -> Option<Duration> {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.drops = (self.drops + passed * RATE).min(RATE);
        self.at = now;
        if self.drops >= 1.0 {
            self.drops -= 1.0;
            return None;
        }
        Some(Duration::from_secs_f64((1.0 - self.drops) / RATE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_events_a_second_pass_and_no_more() {
        let mut now = Instant::now();
        let mut rate = Rate::new(now);
        let passed = |rate: &mut Rate, now| {
            std::iter::from_fn(|| rate.take(now).is_none().then_some(()))
                .take(1000)
                .count()
        };
        assert_eq!(passed(&mut rate, now), 50);
        assert_eq!(rate.take(now), Some(Duration::from_millis(20)));
        now += Duration::from_millis(100);
        assert_eq!(passed(&mut rate, now), 5);
        now += Duration::from_secs(3600);
        assert_eq!(passed(&mut rate, now), 50);
    }
}
