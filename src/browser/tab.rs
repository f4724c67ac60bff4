//! One page: where it is, and getting it elsewhere.
//!
//! Waits are for events, never for time: a navigation has happened when its own document, or one that the page went on to
//! by itself, has had its load event.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chromiumoxide_cdp::cdp::browser_protocol::page::{
    GetNavigationHistoryParams, NavigateParams, NavigateReturns, NavigateToHistoryEntryParams, ReloadParams,
    StopLoadingParams,
};
use chromiumoxide_cdp::cdp::js_protocol::runtime::{EvaluateParams, TerminateExecutionParams};
use tokio::sync::watch;
use url::Url;

use super::cdp::{CdpError, Target};
use super::context::Shared;
use super::frames::{FrameRef, Frames};
use super::network::{self, Navigation};
use super::observe::PageState;
use super::page_ops::PageOps;
use super::record::Recording;
use super::{BrowserEvent, Error};
use crate::policy::Rules;

/// A page that does not answer the simplest question within this time is stuck in a script.
const HEARTBEAT: Duration = Duration::from_millis(500);
/// How long after a page asked for a navigation its beginning is waited for; it takes a few milliseconds.
const BEGINNING: Duration = Duration::from_millis(500);

/// Handle of one page; cheap to clone.
#[derive(Clone)]
pub struct Tab {
    inner: Arc<Inner>,
}

struct Inner {
    context: Arc<Shared>,
    target: Target,
    id: String,
    opener: Option<String>,
    frames: Mutex<Frames>,
    page: watch::Sender<PageState>,
    ops: PageOps,
    recording: Recording,
}

// === impl Tab ===

impl Tab {
    pub(super) fn new(context: Arc<Shared>, target: Target, id: &str, opener: Option<String>, url: String) -> Self {
        let frames = Mutex::new(Frames::new(id.to_owned(), target.clone()));
        let url = if url.is_empty() { "about:blank".to_owned() } else { url };
        let page = watch::Sender::new(PageState {
            url,
            ..PageState::default()
        });
        Self {
            inner: Arc::new(Inner {
                context,
                target,
                id: id.to_owned(),
                opener,
                frames,
                page,
                ops: PageOps::default(),
                recording: Recording::default(),
            }),
        }
    }

    /// The page's DevTools session.
    pub fn target(&self) -> &Target {
        &self.inner.target
    }

    /// Chromium's id of the page, which is that of its main frame too.
    pub fn target_id(&self) -> &str {
        &self.inner.id
    }

    /// The address that is shown, or that could not be reached.
    pub fn url(&self) -> String {
        self.page().url.clone()
    }

    /// The title that is shown.
    pub fn title(&self) -> String {
        self.page().title.clone()
    }

    /// Its place among the context's tabs now; none when it was closed.
    pub fn index(&self) -> Option<usize> {
        self.inner
            .context
            .tabs
            .borrow()
            .list
            .iter()
            .position(|tab| tab.target_id() == self.target_id())
    }

    /// Whether the page's renderer or its browser is gone. A navigation brings back the former.
    pub fn is_crashed(&self) -> bool {
        self.page().crashed || self.inner.context.crashed().is_some()
    }

    /// The context's domain rules.
    pub fn rules(&self) -> &Rules {
        &self.inner.context.spec.rules
    }

    /// The page's frames: the main frame first, each before its children.
    pub fn frames(&self) -> Vec<FrameRef> {
        self.frame_tree().list()
    }

    /// What the page operations keep of this page: revision, worlds, cursor.
    pub(super) fn page_ops(&self) -> &PageOps {
        &self.inner.ops
    }

    pub(super) fn recording(&self) -> &Recording {
        &self.inner.recording
    }

    /// Goes to an address and waits until it has loaded.
    pub async fn navigate(&self, url: &Url, timeout: Duration) -> Result<Navigation, Error> {
        self.rules().check_url(url).map_err(Error::Denied)?;
        let start = Instant::now();
        let mark = self.inner.context.refusals.mark();
        let late = || Error::NavigationTimeout {
            url: url.to_string(),
            after: timeout,
        };
        let going = async {
            self.wake().await;
            // What the page did before, it has told by now.
            let (before, here) = (self.page().commits, self.url() == url.as_str());
            // A navigation gives a crashed page a new renderer; a crash from here on is another one.
            self.change(|page| page.crashed = false);
            // The deadline is that of the whole navigation; the command's own only has to be later.
            let command = NavigateParams::new(url.to_string());
            let answer = match self.target().post_within(timeout * 2, command).await {
                Ok(answer) => answer,
                Err(CdpError::Refused { message, .. }) => return Err(network::network(url.as_str(), &message)),
                Err(error) => return Err(error.into()),
            };
            let loader = self.accepted(url, mark, answer)?;
            self.loaded(|page| match &loader {
                Some(loader) => page.loaders.contains(loader),
                // A step within the document; to where it already is there may be none.
                None => here || page.commits > before,
            })
            .await
        };
        match tokio::time::timeout(timeout, going).await {
            Ok(loaded) => loaded?,
            Err(_) => return Err(self.give_up(late()).await),
        }
        self.outcome(start, mark)
    }

    /// Goes one page back in the tab's history.
    pub async fn back(&self, timeout: Duration) -> Result<Navigation, Error> {
        self.travel(-1, "back", timeout).await
    }

    /// Goes one page forward in the tab's history.
    pub async fn forward(&self, timeout: Duration) -> Result<Navigation, Error> {
        self.travel(1, "forward", timeout).await
    }

    /// Loads the page again.
    pub async fn reload(&self, timeout: Duration) -> Result<Navigation, Error> {
        let (start, mark) = (Instant::now(), self.inner.context.refusals.mark());
        self.wake().await;
        let before = self.page().commits; // what the page did before, it has told by now
        drop(self.target().post(ReloadParams::default()));
        self.committed(before, timeout).await?;
        self.outcome(start, mark)
    }

    /// Waits until nothing loads any more; at once if nothing does.
    pub async fn wait_for_load(&self, timeout: Duration) -> Result<(), Error> {
        let after = timeout;
        let late = || Error::NavigationTimeout { url: self.url(), after };
        let waiting = async {
            // A click has asked for a navigation a moment before the navigation begins.
            let asked = self.page().requested.map(|at| at + BEGINNING);
            if let Some(until) = asked {
                let mut page = self.inner.page.subscribe();
                let begun = page.wait_for(|page| page.is_over() || page.requested.is_none());
                let _ = tokio::time::timeout_at(until.into(), begun).await.map(drop);
            }
            self.loaded(|page| !page.loading).await
        };
        tokio::time::timeout(timeout, waiting).await.map_err(|_| late())?
    }

    async fn travel(&self, step: i64, direction: &'static str, timeout: Duration) -> Result<Navigation, Error> {
        let (start, mark) = (Instant::now(), self.inner.context.refusals.mark());
        self.wake().await;
        let history = self.target().call(GetNavigationHistoryParams::default()).await?;
        let entry = usize::try_from(history.current_index + step)
            .ok()
            .and_then(|at| history.entries.get(at));
        let entry = entry.ok_or(Error::NoHistory { direction })?;
        let before = self.page().commits; // what the page did before, it has told by now
        self.target().call(NavigateToHistoryEntryParams::new(entry.id)).await?;
        self.committed(before, timeout).await?;
        self.outcome(start, mark)
    }

    /// The loader of a navigation that Chromium took on; none if it stays in the document.
    fn accepted(&self, url: &Url, mark: u64, answer: NavigateReturns) -> Result<Option<String>, Error> {
        if answer.is_download == Some(true) {
            return Err(Error::Download { url: url.to_string() });
        }
        match answer.error_text.filter(|text| !text.is_empty()) {
            // A document without a body: Chromium shows a page of its own, but the server did answer.
            Some(text) if text.ends_with("ERR_HTTP_RESPONSE_CODE_FAILURE") => Ok(answer.loader_id.map(Into::into)),
            Some(text) if text.ends_with("ERR_TUNNEL_CONNECTION_FAILED") => {
                let refused = self.inner.context.refusals.of_tunnel(mark, url);
                Err(refused.unwrap_or_else(|| network::network(url.as_str(), &text)))
            }
            Some(text) => Err(network::network(url.as_str(), &text)),
            None => Ok(answer.loader_id.map(Into::into)),
        }
    }

    /// Waits for another document or step than the first `before`, and for its load.
    async fn committed(&self, before: u64, timeout: Duration) -> Result<(), Error> {
        let late = || Error::NavigationTimeout {
            url: self.url(),
            after: timeout,
        };
        match tokio::time::timeout(timeout, self.loaded(|page| page.commits > before)).await {
            Ok(loaded) => loaded,
            Err(_) => Err(self.give_up(late()).await),
        }
    }

    /// Waits until the shown document fits and has loaded.
    async fn loaded(&self, fits: impl Fn(&PageState) -> bool) -> Result<(), Error> {
        let mut page = self.inner.page.subscribe();
        let state = page
            .wait_for(|page| page.is_over() || (page.loaded && fits(page)))
            .await;
        match state {
            Ok(page) if page.crashed => Err(self.inner.context.gone()),
            Ok(page) if page.closed => Err(self
                .inner
                .context
                .crashed()
                .map_or(Error::Closed, |_| self.inner.context.gone())),
            Ok(_) => Ok(()),
            Err(_) => Err(Error::Closed),
        }
    }

    /// Ends a script that holds the page, which is to be left anyway. It has to be done before: from the start of a
    /// navigation until its document shows, Chromium keeps back what is for the page, and the script keeps the document
    /// from showing.
    async fn wake(&self) {
        if self.page().crashed {
            return;
        }
        let alive = self.target().call_within(HEARTBEAT, EvaluateParams::new("0")).await;
        if matches!(alive, Err(CdpError::Deadline { .. })) {
            tracing::debug!(url = self.url(), "a script without end was ended");
            drop(self.target().post(TerminateExecutionParams::default()));
        }
    }

    /// Stops what still loads, so that the tab can be used; a new document's script without end, too.
    async fn give_up(&self, error: Error) -> Error {
        drop(self.target().post(StopLoadingParams::default()));
        self.wake().await;
        error
    }

    fn outcome(&self, start: Instant, mark: u64) -> Result<Navigation, Error> {
        let page = self.page();
        let refused = page.status.is_some_and(|status| matches!(status, 403 | 502));
        let refusals = &self.inner.context.refusals;
        if let Some(error) = refused.then(|| refusals.of_document(mark, &page.url)).flatten() {
            return Err(error);
        }
        if page.failed && page.status.is_none() {
            let tunnel = Url::parse(&page.url)
                .ok()
                .and_then(|url| refusals.of_tunnel(mark, &url));
            return Err(tunnel.unwrap_or_else(|| network::network(&page.url, "ERR_FAILED")));
        }
        let (url, title, status) = (page.url.clone(), page.title.clone(), page.status);
        Ok(Navigation {
            url,
            title,
            status,
            load_time: start.elapsed(),
        })
    }
}

// What the other files of the browser use.
impl Tab {
    pub(super) fn context(&self) -> &Arc<Shared> {
        &self.inner.context
    }

    pub(super) fn opener(&self) -> Option<&str> {
        self.inner.opener.as_deref()
    }

    pub(super) fn page(&self) -> watch::Ref<'_, PageState> {
        self.inner.page.borrow()
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut PageState)) {
        self.inner.page.send_modify(change);
    }

    /// The same, where a change may turn out to be none.
    pub(super) fn change_if(&self, change: impl FnOnce(&mut PageState) -> bool) {
        self.inner.page.send_if_modified(change);
    }

    /// The page's state as it changes.
    pub(super) fn watch_page(&self) -> watch::Receiver<PageState> {
        self.inner.page.subscribe()
    }

    pub(super) fn frame_tree(&self) -> MutexGuard<'_, Frames> {
        self.inner.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the page has been set up.
    pub(super) async fn ready(&self, within: Duration) -> Result<(), Error> {
        let mut page = self.inner.page.subscribe();
        let ready = tokio::time::timeout(within, page.wait_for(|page| page.ready || page.is_over())).await;
        match ready {
            Ok(Ok(page)) if page.ready => Ok(()),
            Ok(_) => Err(self
                .inner
                .context
                .crashed()
                .map_or(Error::Closed, |_| self.inner.context.gone())),
            Err(_) => Err(Error::Timeout {
                what: "setting up a page".into(),
                after: within,
            }),
        }
    }

    /// Reports something about the page that is shown; of the others nobody sees anything.
    pub(super) fn report(&self, event: impl FnOnce(&PageState) -> BrowserEvent) {
        if self.is_active() {
            let event = event(&self.page());
            self.inner.context.emit(event);
        }
    }

    /// The renderer died.
    pub(super) fn crashed(&self) {
        self.change(|page| page.crashed = true);
        if self.is_active() {
            self.inner.context.emit(BrowserEvent::Crashed {
                reason: "the page's renderer died".into(),
                whole_process: false,
            });
        } else {
            tracing::warn!(url = self.url(), "the page of a tab in the background crashed");
        }
    }

    fn is_active(&self) -> bool {
        self.inner
            .context
            .tabs
            .borrow()
            .active()
            .is_some_and(|tab| tab.target_id() == self.target_id())
    }
}
