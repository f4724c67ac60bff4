//! What a tab's console said and what it requested, kept in two bounded rings.
//!
//! Nothing is recorded before somebody asks, unless `browser.record` says so: reporting costs Chromium about a
//! millisecond for each request and a tenth of one for each console call. The first question loses nothing of the console,
//! since V8 keeps the last thousand messages of a document and tells them, and little of the requests, since the page
//! keeps their timing. The events go to a DevTools session of their own, so that a page that floods them holds up nobody.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chromiumoxide_cdp::cdp::browser_protocol::log;
use chromiumoxide_cdp::cdp::browser_protocol::network;
use chromiumoxide_cdp::cdp::browser_protocol::target::AttachToTargetParams;
use chromiumoxide_cdp::cdp::js_protocol::runtime::{self, EvaluateParams, ReleaseObjectGroupParams};
use tokio::sync::{mpsc, oneshot};

use super::Tab;
use super::cdp::{CdpEvent, Target};
use super::console::{Console, ConsoleEntry, Level};
use super::page_error::PageError;
use super::requests::{RequestEntry, Requests, Timing};
use super::world::CALL;
use crate::config;

/// How long a busy page may keep its latest news back.
const LATEST: Duration = Duration::from_millis(500);
/// V8 keeps what was logged for the session; it is let go after this many messages.
const HELD: u32 = 200;

/// Which entries are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordFilter {
    /// Only since this time, in seconds since 1970.
    pub since: Option<f64>,
    /// Only messages at least as severe.
    pub level: Option<Level>,
    /// Only requests whose address has this text.
    pub url: Option<String>,
    /// The latest of them at most.
    pub limit: usize,
    /// Forget all entries of this kind afterwards.
    pub clear: bool,
}

/// A tab's recording.
#[derive(Default)]
pub(super) struct Recording {
    rings: Arc<Mutex<Rings>>,
    session: tokio::sync::Mutex<Option<Session>>,
}

#[derive(Default)]
pub(super) struct Rings {
    console: Console,
    requests: Requests,
}

/// The session that is told.
struct Session {
    target: Target,
    /// Answered when everything that has been told until then is in the rings.
    flush: mpsc::Sender<oneshot::Sender<()>>,
    console: bool,
    requests: bool,
}

impl Tab {
    /// What the tab's console said, the oldest first, and how many entries fitted; uncaught exceptions are among it.
    pub async fn console(&self, filter: &RecordFilter) -> Result<(Vec<ConsoleEntry>, usize), PageError> {
        self.record(true, false).await?;
        Ok(self.recording().lock().console.list(filter))
    }

    /// What the tab requested, the oldest first, and how many entries fitted.
    pub async fn requests(&self, filter: &RecordFilter) -> Result<(Vec<RequestEntry>, usize), PageError> {
        self.record(false, true).await?;
        Ok(self.recording().lock().requests.list(filter))
    }

    /// Records from the tab's beginning, if the settings say so.
    pub(super) fn begin_record(&self) {
        if self.context().record != config::Record::Always {
            return;
        }
        let tab = self.clone();
        tokio::spawn(async move {
            for (console, requests) in [(true, false), (false, true)] {
                if let Err(error) = tab.record(console, requests).await {
                    tracing::debug!(%error, "a tab is not recorded");
                }
            }
        });
    }

    /// Records from now on, and waits until what has been told is in the rings.
    async fn record(&self, console: bool, requests: bool) -> Result<(), PageError> {
        let mut session = self.recording().session.lock().await;
        if session.as_ref().is_none_or(|session| session.flush.is_closed()) {
            *session = Some(self.attach_record().await?);
        }
        let session = session.as_mut().ok_or(PageError::Cdp(super::cdp::CdpError::Detached))?;
        if console && !session.console {
            let enabled = session.target.post(runtime::EnableParams::default());
            session.target.call(log::EnableParams::default()).await?;
            enabled.await?;
            session.console = true;
        }
        if requests && !session.requests {
            let enable = network::EnableParams {
                // Bodies are nobody's business here.
                max_total_buffer_size: Some(0),
                max_resource_buffer_size: Some(0),
                ..network::EnableParams::default()
            };
            session.target.call(enable).await?;
            session.requests = true;
            self.earlier_requests().await;
        }
        // One more answer, and what the page told before it has been read; a page that is busy keeps its news.
        let probe = EvaluateParams::new("0");
        drop(session.target.call_within(LATEST, probe).await);
        let (sender, flushed) = oneshot::channel();
        if session.flush.send(sender).await.is_ok() {
            let _ = tokio::time::timeout(LATEST, flushed).await;
        }
        Ok(())
    }

    async fn attach_record(&self) -> Result<Session, PageError> {
        let mut attach = AttachToTargetParams::new(self.target_id().to_owned());
        attach.flatten = Some(true);
        // Through the context's own session: the process's hears of new pages, and this is none.
        let answer = self.context().browser.call(attach).await?;
        let target = self.context().process.connection().target(answer.session_id.as_ref());
        let events = target.events();
        let (flush, flushes) = mpsc::channel(4);
        tokio::spawn(read(target.clone(), events, flushes, self.recording().rings.clone()));
        Ok(Session {
            target,
            flush,
            console: false,
            requests: false,
        })
    }

    /// What the page itself remembers of its document's requests.
    async fn earlier_requests(&self) {
        let Some(frame) = self.frames().into_iter().next() else {
            return;
        };
        let earlier = self.world_call::<Vec<Timing>>(&frame, "timings", &[(); 0], CALL).await;
        if let Ok(earlier) = earlier {
            self.recording().lock().requests.earlier(earlier);
        }
    }
}

// === impl Recording ===

impl Recording {
    fn lock(&self) -> MutexGuard<'_, Rings> {
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the session's events until the page is gone.
async fn read(
    target: Target,
    mut events: mpsc::Receiver<CdpEvent>,
    mut flushes: mpsc::Receiver<oneshot::Sender<()>>,
    rings: Arc<Mutex<Rings>>,
) {
    let mut held = 0;
    loop {
        let event = tokio::select! {
            // In this order: a flush waits for the events before it.
            biased;
            event = events.recv() => event,
            Some(flush) = flushes.recv() => {
                let _ = flush.send(());
                continue;
            }
        };
        let Some(event) = event else { break };
        let mut rings = rings.lock().unwrap_or_else(PoisonError::into_inner);
        let said = rings.console.event(&event);
        if !said {
            rings.requests.event(&event);
        }
        drop(rings);
        held += u32::from(said);
        if held >= HELD {
            held = 0;
            drop(target.post(ReleaseObjectGroupParams::new("console")));
        }
    }
}
