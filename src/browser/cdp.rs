//! The DevTools connection: commands, answers and events of one Chromium, over its debugging pipe.
//!
//! Messages are JSON, each ended by a zero byte. One connection carries all targets of a process; each target has a
//! "flattened" session whose id stands in every message. Only single command and event types of `chromiumoxide_cdp` are
//! used, never its enum of all events: a value that this Chromium knows and the crate does not then hurts nobody else.
//!
//! **Invariant:** every command ends: by its answer, its deadline, the crash or detach of its target, or the end of the
//! pipe. Event queues are bounded; their readers never wait for a command inside the reading loop.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use chromiumoxide_types::{Command, MethodType};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

mod queue;

pub(super) use queue::LOST;
use queue::Queue;

/// Commands that wait to be written; more than this means that Chromium does not read any more.
const WRITE_QUEUE: usize = 4096;

/// Why a DevTools command has no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CdpError {
    /// Chromium answered with an error.
    #[error("{method}: {message}")]
    Refused {
        /// The command.
        method: String,
        /// Chromium's words.
        message: String,
    },
    /// No answer in time.
    #[error("{method} had no answer within {after:?}")]
    Deadline {
        /// The command.
        method: String,
        /// The deadline.
        after: Duration,
    },
    /// The page's renderer crashed.
    #[error("the page crashed")]
    Crashed,
    /// The target was closed.
    #[error("the page was closed")]
    Detached,
    /// The process is gone.
    #[error("the browser is gone")]
    Gone,
    /// The answer has another shape than expected.
    #[error("{method}: answer not understood: {message}")]
    Answer {
        /// The command.
        method: String,
        /// What did not fit.
        message: String,
    },
}

/// One event of a target: the method's name and its parameters, unparsed.
#[derive(Debug)]
pub struct CdpEvent {
    /// For instance `Page.frameNavigated`.
    pub method: String,
    params: Box<RawValue>,
}

impl CdpEvent {
    /// The parameters, if this is an event of type `E` and has the shape that the type expects.
    pub fn get<E: MethodType + DeserializeOwned>(&self) -> Option<E> {
        (self.method == E::method_id())
            .then(|| serde_json::from_str(self.params.get()).ok())
            .flatten()
    }

    /// The parameters as the given type, whatever the method.
    pub fn params<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.params.get()).ok()
    }
}

/// One Chromium's connection; cheap to clone, open as long as the pipe is.
#[derive(Clone)]
pub struct Connection {
    shared: Arc<Shared>,
}

struct Shared {
    next_id: AtomicU64,
    deadline: Duration,
    outgoing: mpsc::Sender<Vec<u8>>,
    state: Mutex<State>,
    closed: CancellationToken,
}

#[derive(Default)]
struct State {
    pending: HashMap<u64, Pending>,
    events: HashMap<Option<Arc<str>>, Queue>,
}

struct Pending {
    session: Option<Arc<str>>,
    answer: oneshot::Sender<Result<Box<RawValue>, Refusal>>,
}

enum Refusal {
    Message(String),
    Crashed,
    Detached,
    Gone,
}

// === impl Connection ===

impl Connection {
    /// Takes over the two ends of the pipe. The tasks end with the pipe; [`Connection::closed`] tells when.
    pub fn start(
        read: impl AsyncRead + Send + Unpin + 'static,
        write: impl AsyncWrite + Send + Unpin + 'static,
        deadline: Duration,
    ) -> Self {
        let (outgoing, queue) = mpsc::channel(WRITE_QUEUE);
        let shared = Arc::new(Shared {
            next_id: AtomicU64::new(1),
            deadline,
            outgoing,
            state: Mutex::default(),
            closed: CancellationToken::new(),
        });
        tokio::spawn(write_loop(write, queue, shared.closed.clone()));
        tokio::spawn(read_loop(read, shared.clone()));
        Self { shared }
    }

    /// The browser itself, for commands that belong to no page.
    pub fn root(&self) -> Target {
        Target {
            shared: self.shared.clone(),
            session: None,
        }
    }

    /// The target with this session id (`Target.attachedToTarget`).
    pub fn target(&self, session_id: &str) -> Target {
        Target {
            shared: self.shared.clone(),
            session: Some(session_id.into()),
        }
    }

    /// Ends when the browser is gone.
    pub async fn closed(&self) {
        self.shared.closed.cancelled().await;
    }

    /// Whether the browser is gone.
    pub fn is_closed(&self) -> bool {
        self.shared.closed.is_cancelled()
    }

    /// Lets go of the pipe: Chromium sees its end and exits.
    pub fn close(&self) {
        self.shared.closed.cancel();
    }
}

/// One page, worker or frame of another site, or the browser itself; cheap to clone.
#[derive(Clone)]
pub struct Target {
    shared: Arc<Shared>,
    session: Option<Arc<str>>,
}

// === impl Target ===

impl Target {
    /// The session's id; none for the browser itself.
    pub fn session_id(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// Sends a command and waits for its answer, with the connection's deadline.
    pub async fn call<C: Command>(&self, command: C) -> Result<C::Response, CdpError> {
        self.post(command).await
    }

    /// Sends a command and waits for its answer, with a deadline of its own.
    pub async fn call_within<C: Command>(&self, deadline: Duration, command: C) -> Result<C::Response, CdpError> {
        self.post_within(deadline, command).await
    }

    /// Sends a command now; the answer can be awaited later or never. For pipelining.
    pub fn post<C: Command>(&self, command: C) -> Answer<C::Response> {
        self.post_within(self.shared.deadline, command)
    }

    /// [`Target::post`] with a deadline of its own.
    pub fn post_within<C: Command>(&self, deadline: Duration, command: C) -> Answer<C::Response> {
        self.post_json(deadline, &command.identifier(), &command)
    }

    /// Sends a command that `chromiumoxide_cdp` does not have, or not with these parameters.
    pub async fn call_json<R: DeserializeOwned>(&self, method: &str, params: &impl Serialize) -> Result<R, CdpError> {
        self.post_json(self.shared.deadline, method, params).await
    }

    /// The events of this target from now on. A second call takes them away from the first reader.
    pub fn events(&self) -> mpsc::Receiver<CdpEvent> {
        let (queue, receiver) = Queue::new();
        if !self.shared.closed.is_cancelled() {
            self.shared.lock().events.insert(self.session.clone(), queue);
        }
        receiver
    }

    /// Fails what waits for this target and forgets its events; what its crash and its detach do by themselves.
    pub fn forget(&self) {
        self.shared.fail(self.session.as_ref(), || Refusal::Detached);
    }

    fn post_json<R: DeserializeOwned>(&self, deadline: Duration, method: &str, params: &impl Serialize) -> Answer<R> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Message<'a, P> {
            id: u64,
            method: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            session_id: Option<&'a str>,
            params: &'a P,
        }
        let id = self.shared.next_id.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        let message = Message {
            id,
            method,
            session_id: self.session_id(),
            params,
        };
        let mut bytes = serde_json::to_vec(&message).expect("a command is JSON");
        bytes.push(0);
        self.shared.lock().pending.insert(
            id,
            Pending {
                session: self.session.clone(),
                answer: sender,
            },
        );
        // The pending entry goes in first, so that whoever closes the connection after this line finds it.
        if self.shared.closed.is_cancelled() || self.shared.outgoing.try_send(bytes).is_err() {
            self.shared.answer(id, Err(Refusal::Gone));
        }
        Answer {
            shared: self.shared.clone(),
            id,
            method: method.to_owned(),
            after: deadline,
            answer,
            timer: Box::pin(tokio::time::sleep(deadline)),
            kind: std::marker::PhantomData,
        }
    }
}

/// The answer to a command that was sent: await it, or drop it.
pub struct Answer<R> {
    shared: Arc<Shared>,
    id: u64,
    method: String,
    after: Duration,
    answer: oneshot::Receiver<Result<Box<RawValue>, Refusal>>,
    timer: Pin<Box<tokio::time::Sleep>>,
    kind: std::marker::PhantomData<fn() -> R>,
}

impl<R: DeserializeOwned> Future for Answer<R> {
    type Output = Result<R, CdpError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let method = self.method.clone();
        if let Poll::Ready(answer) = Pin::new(&mut self.answer).poll(cx) {
            return Poll::Ready(match answer {
                Ok(Ok(raw)) => serde_json::from_str(raw.get()).map_err(|error| CdpError::Answer {
                    method,
                    message: error.to_string(),
                }),
                Ok(Err(Refusal::Message(message))) => Err(CdpError::Refused { method, message }),
                Ok(Err(Refusal::Crashed)) => Err(CdpError::Crashed),
                Ok(Err(Refusal::Detached)) => Err(CdpError::Detached),
                Ok(Err(Refusal::Gone)) | Err(_) => Err(CdpError::Gone),
            });
        }
        let after = self.after;
        self.timer
            .as_mut()
            .poll(cx)
            .map(|()| Err(CdpError::Deadline { method, after }))
    }
}

impl<R> Drop for Answer<R> {
    fn drop(&mut self) {
        self.shared.lock().pending.remove(&self.id);
    }
}

// === impl Shared ===

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, id: u64, answer: Result<Box<RawValue>, Refusal>) {
        if let Some(pending) = self.lock().pending.remove(&id) {
            // The caller may have given up meanwhile.
            let _ = pending.answer.send(answer);
        }
    }

    /// Fails every pending command of a session and ends its events; all sessions when the pipe is gone.
    fn fail(&self, session: Option<&Arc<str>>, refusal: fn() -> Refusal) {
        let mut state = self.lock();
        state.events.remove(&session.cloned());
        let ids: Vec<_> = state
            .pending
            .iter()
            .filter(|(_, p)| p.session.as_ref() == session)
            .map(|(id, _)| *id)
            .collect();
        for id in ids {
            if let Some(pending) = state.pending.remove(&id) {
                let _ = pending.answer.send(Err(refusal()));
            }
        }
    }

    fn close(&self) {
        self.closed.cancel();
        let mut state = self.lock();
        state.events.clear();
        for (_, pending) in state.pending.drain() {
            let _ = pending.answer.send(Err(Refusal::Gone));
        }
    }

    fn receive(&self, bytes: &[u8]) {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Message {
            id: Option<u64>,
            method: Option<String>,
            session_id: Option<Arc<str>>,
            params: Option<Box<RawValue>>,
            result: Option<Box<RawValue>>,
            error: Option<Error>,
        }
        #[derive(Deserialize)]
        struct Error {
            message: String,
            data: Option<serde_json::Value>,
        }
        let message: Message = match serde_json::from_slice(bytes) {
            Ok(message) => message,
            Err(error) => {
                tracing::warn!(%error, bytes = bytes.len(), "message of the browser not understood");
                return;
            }
        };
        match message {
            Message {
                id: Some(id),
                error: Some(error),
                ..
            } => {
                let detail = error
                    .data
                    .and_then(|d| d.as_str().map(|d| format!(" ({d})")))
                    .unwrap_or_default();
                self.answer(id, Err(Refusal::Message(error.message + &detail)));
            }
            Message {
                id: Some(id), result, ..
            } => {
                self.answer(id, Ok(result.unwrap_or_else(|| RawValue::NULL.to_owned())));
            }
            Message {
                method: Some(method),
                session_id,
                params,
                ..
            } => {
                let params = params.unwrap_or_else(|| RawValue::NULL.to_owned());
                self.event(session_id, CdpEvent { method, params });
            }
            _ => {}
        }
    }

    fn event(&self, session: Option<Arc<str>>, event: CdpEvent) {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Detached {
            session_id: Arc<str>,
        }
        let detached = (event.method == "Target.detachedFromTarget")
            .then(|| event.params::<Detached>())
            .flatten();
        let crashed = event.method == "Inspector.targetCrashed";
        let mut state = self.lock();
        let fits = state.events.get_mut(&session).is_none_or(|queue| queue.offer(event));
        drop(state);
        if !fits {
            // A reader that far behind would act on a world that is gone; its target counts as crashed.
            tracing::error!(?session, "events of a target are not read; giving it up");
            self.fail(session.as_ref(), || Refusal::Crashed);
        }
        if crashed {
            // The event queue stays: the same target can be navigated again.
            let mut state = self.lock();
            let ids: Vec<_> = state
                .pending
                .iter()
                .filter(|(_, p)| p.session == session)
                .map(|(id, _)| *id)
                .collect();
            for id in ids {
                if let Some(pending) = state.pending.remove(&id) {
                    let _ = pending.answer.send(Err(Refusal::Crashed));
                }
            }
        }
        if let Some(detached) = detached {
            self.fail(Some(&detached.session_id), || Refusal::Detached);
        }
    }
}

async fn read_loop(read: impl AsyncRead + Unpin, shared: Arc<Shared>) {
    let mut read = BufReader::with_capacity(1 << 18, read);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let end = tokio::select! {
            read = read.read_until(0, &mut buffer) => !matches!(read, Ok(n) if n > 0),
            () = shared.closed.cancelled() => true,
        };
        if end {
            break;
        }
        if buffer.last() == Some(&0) {
            buffer.pop();
        }
        shared.receive(&buffer);
        if buffer.capacity() > 1 << 22 {
            buffer = Vec::new();
        }
    }
    shared.close();
}

async fn write_loop(mut write: impl AsyncWrite + Unpin, mut queue: mpsc::Receiver<Vec<u8>>, closed: CancellationToken) {
    let run = async {
        while let Some(bytes) = queue.recv().await {
            if write.write_all(&bytes).await.is_err() || write.flush().await.is_err() {
                break;
            }
        }
    };
    tokio::select! { () = run => {}, () = closed.cancelled() => {} }
    closed.cancel();
}

#[cfg(test)]
mod tests;
