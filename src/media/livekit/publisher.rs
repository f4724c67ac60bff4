//! The handle of a stream in a LiveKit room.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::join::{Join, Standing};
use super::task::{Call, Outlets, Status, Task};
use super::{Access, Error, LivekitState, StreamEvent, Video};
use crate::config;
use crate::media::Fanout;

/// Events that may wait for the session.
const EVENTS: usize = 64;
/// Calls that may wait for the task.
const MAILBOX: usize = 8;
/// How long `pause` and `resume` wait for the server.
const CHANGE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long leaving may take.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Handle of a publisher. It leaves the room when it is stopped, when the stream ends and when the last handle is dropped.
#[derive(Clone)]
pub struct Publisher {
    mailbox: mpsc::Sender<Call>,
    status: watch::Receiver<Status>,
    task: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Publisher {
    /// Starts to join; the events tell how it goes. They end with the publisher.
    pub fn start(
        access: Access,
        video: Video,
        fanout: Fanout,
        config: &config::Livekit,
    ) -> (Self, mpsc::Receiver<StreamEvent>) {
        let (mailbox, calls) = mpsc::channel(MAILBOX);
        let (events, receiver) = mpsc::channel(EVENTS);
        let first = Status {
            standing: Standing::Working,
            state: LivekitState::Connecting,
            reason: None,
        };
        let (sender, status) = watch::channel(first);
        let join = Join::new(config.reconnect_timeout, rand::random());
        let task = Task::new(access, video, fanout, join, Outlets { events, status: sender });
        let task = tokio::spawn(task.run(calls));
        (
            Self {
                mailbox,
                status,
                task: Arc::new(Mutex::new(Some(task))),
            },
            receiver,
        )
    }

    /// How the connection is now.
    pub fn state(&self) -> LivekitState {
        self.status.borrow().state
    }

    /// Waits until the track is in the room.
    pub async fn published(&self, within: Duration) -> Result<(), Error> {
        let mut status = self.status.clone();
        let done = |status: &Status| matches!(status.standing, Standing::Published | Standing::Over(_));
        let waited = tokio::time::timeout(within, status.wait_for(done)).await;
        match waited {
            Ok(Ok(status)) => match &status.standing {
                Standing::Over(why) => Err(Error::Over(why.clone())),
                _ => Ok(()),
            },
            Ok(Err(_)) => Err(gone()),
            Err(_) => Err(self.slow("published", within)),
        }
    }

    /// Takes the track out of the room and stays there; returns when the server has agreed (viewers learn it within 0.3 s).
    pub async fn pause(&self) -> Result<(), Error> {
        self.change(Standing::Paused, "paused").await
    }

    /// Publishes again; returns when the track is there.
    pub async fn resume(&self) -> Result<(), Error> {
        self.change(Standing::Published, "published").await
    }

    /// Leaves the room; returns when the server was told.
    pub async fn stop(&self) {
        let deadline = tokio::time::Instant::now() + STOP_TIMEOUT;
        // Fails when the task has ended by itself, or is stuck: both are seen below.
        let _ = tokio::time::timeout_at(deadline, self.mailbox.send(Call::Stop)).await;
        let mut task = self.task.lock().await;
        if let Some(mut running) = task.take()
            && tokio::time::timeout_at(deadline, &mut running).await.is_err()
        {
            tracing::warn!("the LiveKit publisher did not leave in time");
            running.abort();
        }
    }

    async fn change(&self, wanted: Standing, word: &'static str) -> Result<(), Error> {
        let (reply, done) = oneshot::channel();
        let change = async {
            self.mailbox
                .send(Call::Change { wanted, reply })
                .await
                .map_err(|_| self.over())?;
            done.await.map_err(|_| self.over())?.map_err(Error::Over)
        };
        let waited = tokio::time::timeout(CHANGE_TIMEOUT, change).await;
        waited.unwrap_or_else(|_| Err(self.slow(word, CHANGE_TIMEOUT)))
    }

    fn over(&self) -> Error {
        match &self.status.borrow().standing {
            Standing::Over(why) => Error::Over(why.clone()),
            _ => gone(),
        }
    }

    fn slow(&self, wanted: &'static str, within: Duration) -> Error {
        let status = self.status.borrow();
        let reason = status
            .reason
            .as_ref()
            .map(|reason| format!(" ({reason})"))
            .unwrap_or_default();
        let state = format!("the connection is {}{reason}", status.state);
        Error::Slow {
            wanted,
            seconds: within.as_secs(),
            state,
        }
    }
}

fn gone() -> Error {
    Error::Over("the publisher ended by a fault of its own".to_owned())
}
