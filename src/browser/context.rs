//! An isolated browser context: a room's cookies, tabs, domain rules and picture.
//!
//! One task owns it: it takes the news of the process, adopts pages, notices the process's death, and takes everything
//! down when the last handle goes or somebody closes it.
//! **Invariant:** with domain rules, the context's only way to the network is its own filtering proxy.

use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chromiumoxide_cdp::cdp::browser_protocol::browser::BrowserContextId;
use chromiumoxide_cdp::cdp::browser_protocol::target::{
    AttachToBrowserTargetParams, CreateBrowserContextParams, DetachFromTargetParams, DisposeBrowserContextParams,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::capture::Capture;
use super::cdp::Target;
use super::clipboard::Clipboard;
use super::dialogs::Dialogs;
use super::downloads::{self, Downloads};
use super::network::Refusals;
use super::outbox::Outbox;
use super::pool::Seat;
use super::present::Presentation;
use super::process::{News, Process};
use super::proxy::Proxy;
use super::reopen::ClosedTabs;
use super::setup::Look;
use super::tabs::Tabs;
use super::{BrowserEvent, Error};
use crate::config;
use crate::policy::{Denied, Rules};

/// News that wait for the context's task.
const NEWS: usize = 1024;
/// How long the disposal of a context may take; it takes 25 to 100 ms.
const DISPOSAL: Duration = Duration::from_secs(5);

/// What a new context shall be like.
#[derive(Clone)]
pub struct ContextSpec {
    /// What its pages may reach.
    pub rules: Rules,
    /// Width of the pages in CSS pixels.
    pub width: u32,
    /// Height of the pages in CSS pixels.
    pub height: u32,
    /// Language of `Accept-Language`, `navigator.language` and number formats.
    pub locale: String,
}

/// Handle of a browser context; cheap to clone. The context is closed when the last one is dropped.
#[derive(Clone)]
pub struct Context {
    pub(super) shared: Arc<Shared>,
    _close: Arc<DropGuard>,
}

pub(super) struct Shared {
    pub(super) process: Process,
    pub(super) id: BrowserContextId,
    pub(super) spec: ContextSpec,
    pub(super) look: Look,
    pub(super) tabs: watch::Sender<Tabs>,
    pub(super) capture: Capture,
    pub(super) presentation: Presentation,
    pub(super) refusals: Arc<Refusals>,
    /// A session with the browser that only hears what concerns this context.
    pub(super) browser: Target,
    pub(super) dialogs: Dialogs,
    pub(super) downloads: Arc<Downloads>,
    pub(super) closed_tabs: ClosedTabs,
    /// Who waits for a page that is to be no tab: gets its session and its id.
    pub(super) unseen: Mutex<Option<oneshot::Sender<(String, String)>>>,
    /// Whether tabs are recorded from their beginning.
    pub(super) record: config::Record,
    pub(super) command_timeout: Duration,
    pub(super) navigation_timeout: Duration,
    pub(super) clipboard: Clipboard,
    /// Folders that files may be uploaded from.
    pub(super) upload_folders: Vec<PathBuf>,
    /// The task's own mailbox, for the tabs that tell of their end.
    pub(super) news: mpsc::Sender<News>,
    outbox: Arc<Outbox>,
    crashed: Mutex<Option<String>>,
    pub(super) close: CancellationToken,
    closed: CancellationToken,
}

// === impl Context ===

impl Context {
    /// Makes a context with one empty tab in a process.
    pub(super) async fn open(
        process: Process,
        spec: ContextSpec,
        seat: Seat,
        config: &config::Browser,
        files: Option<PathBuf>,
    ) -> Result<(Self, mpsc::Receiver<BrowserEvent>), Error> {
        let (outbox, events) = Outbox::new();
        let (outbox, refusals) = (Arc::new(outbox), Arc::<Refusals>::default());
        let proxy = match spec.rules.is_open() {
            true => None,
            false => Some(Proxy::start(spec.rules.clone(), refusals.clone(), outbox.clone()).await?),
        };
        let id = create(&process, proxy.as_ref()).await?;
        let (news, inbox) = mpsc::channel(NEWS);
        process.register(id.as_ref(), news.clone());
        let attach = AttachToBrowserTargetParams::default();
        let session = process.connection().root().call(attach).await?.session_id;
        let browser = process.connection().target(session.as_ref());
        let (settings, files) = (config.clone(), files);
        let made = tokio::task::spawn_blocking(move || Downloads::new(files, &settings)).await;
        let downloads = Arc::new(made.map_err(|error| Error::Answer(error.to_string()))?);
        let (told, allowed) = (browser.events(), browser.post(downloads.behaviour(&id)));
        let look = look(&process, &spec, &config.locale);
        let close = CancellationToken::new();
        let shared = Arc::new(Shared {
            process,
            id,
            spec,
            look,
            tabs: watch::Sender::new(Tabs::default()),
            capture: Capture::new(),
            presentation: Presentation::default(),
            refusals,
            browser,
            dialogs: Dialogs::default(),
            downloads,
            closed_tabs: ClosedTabs::default(),
            unseen: Mutex::default(),
            record: config.record,
            command_timeout: config.command_timeout,
            navigation_timeout: config.navigation_timeout,
            clipboard: Clipboard::default(),
            upload_folders: config.upload_folders.iter().map(PathBuf::from).collect(),
            news,
            outbox,
            crashed: Mutex::new(None),
            close: close.clone(),
            closed: CancellationToken::new(),
        });
        tokio::spawn(downloads::run(shared.clone(), told));
        tokio::spawn(run(shared.clone(), inbox, proxy, seat));
        // From here on a failure drops the handle, and that closes the context.
        let context = Self {
            shared,
            _close: Arc::new(close.drop_guard()),
        };
        context.shared.open_tab().await?;
        allowed.await?;
        Ok((context, events))
    }

    /// Why the context can no longer be used, if so.
    pub fn crashed(&self) -> Option<String> {
        let page = || self.shared.tabs.borrow().active().is_some_and(|tab| tab.page().crashed);
        self.shared
            .crashed()
            .or_else(|| page().then(|| "the page's renderer died".to_owned()))
    }

    /// What its pages may reach.
    pub fn rules(&self) -> &Rules {
        &self.shared.spec.rules
    }

    /// The context's cookies, as Chromium gives them.
    pub async fn cookies(&self) -> Result<Vec<Value>, Error> {
        #[derive(Deserialize)]
        struct Answer {
            cookies: Vec<Value>,
        }
        let params = json!({ "browserContextId": self.shared.id });
        let answer: Answer = self
            .shared
            .process
            .connection()
            .root()
            .call_json("Storage.getCookies", &params)
            .await?;
        Ok(answer.cookies)
    }

    /// Sets cookies, of the form in which [`Context::cookies`] gives them.
    pub async fn set_cookies(&self, cookies: Vec<Value>) -> Result<(), Error> {
        let params = json!({ "browserContextId": self.shared.id, "cookies": cookies });
        let _: Value = self
            .shared
            .process
            .connection()
            .root()
            .call_json("Storage.setCookies", &params)
            .await?;
        Ok(())
    }

    /// The picture of the active tab.
    pub fn capture(&self) -> Capture {
        self.shared.capture.clone()
    }

    /// Requests that the domain rules have denied so far.
    pub fn violations(&self) -> u64 {
        self.shared.refusals.violations()
    }

    /// The latest denied request since there were `n`.
    pub fn last_violation_since(&self, n: u64) -> Option<Denied> {
        self.shared.refusals.last_violation_since(n)
    }

    /// The process id of the Chromium that the context lives in.
    pub fn process_id(&self) -> u32 {
        self.shared.process.pid()
    }

    /// Takes the context down: pages, proxy, its place in the process. Returns when nothing is left.
    pub async fn close(&self) {
        self.shared.close.cancel();
        self.shared.closed.cancelled().await;
    }
}

// === impl Shared ===

impl Shared {
    pub(super) fn emit(&self, event: BrowserEvent) {
        self.outbox.emit(event);
    }

    /// Why the process can no longer be used, if so.
    pub(super) fn crashed(&self) -> Option<String> {
        self.crashed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The error of a page or process that died.
    pub(super) fn gone(&self) -> Error {
        Error::Crashed {
            reason: self.crashed().unwrap_or_else(|| "the page's renderer died".into()),
        }
    }

    fn process_gone(&self, reason: String) {
        *self.crashed.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason.clone());
        self.tabs
            .borrow()
            .list
            .iter()
            .for_each(|tab| tab.change(|page| page.closed = true));
        self.emit(BrowserEvent::Crashed {
            reason,
            whole_process: true,
        });
    }

    async fn dispose(&self) {
        let tabs = self.tabs.send_replace(Tabs::default());
        tabs.list.iter().for_each(|tab| tab.change(|page| page.closed = true));
        self.outbox.close();
        self.capture.close();
        if !self.process.is_gone() {
            let detach = DetachFromTargetParams {
                session_id: self.browser.session_id().map(|id| id.to_owned().into()),
            };
            drop(self.process.connection().root().post(detach));
            let dispose = DisposeBrowserContextParams::new(self.id.clone());
            if let Err(error) = self.process.connection().root().call_within(DISPOSAL, dispose).await {
                tracing::warn!(%error, "a browser context was not disposed of");
            }
        }
        self.process.forget(self.id.as_ref());
    }
}

fn look(process: &Process, spec: &ContextSpec, started_with: &str) -> Look {
    let user_agent = (spec.locale != started_with).then(|| process.user_agent().to_owned());
    Look {
        width: spec.width,
        height: spec.height,
        locale: spec.locale.clone(),
        user_agent,
    }
}

/// Makes an empty browser context.
async fn create(process: &Process, proxy: Option<&Proxy>) -> Result<BrowserContextId, Error> {
    let mut create = CreateBrowserContextParams {
        dispose_on_detach: Some(true),
        ..Default::default()
    };
    if let Some(proxy) = proxy {
        create.proxy_server = Some(format!("http://{}", proxy.address()));
        // Without it Chromium would go to loopback addresses directly.
        create.proxy_bypass_list = Some("<-loopback>".into());
    }
    Ok(process.connection().root().call(create).await?.browser_context_id)
}

/// The context's task.
async fn run(shared: Arc<Shared>, mut inbox: mpsc::Receiver<News>, proxy: Option<Proxy>, seat: Seat) {
    let process = shared.process.clone();
    let mut gone = pin!(process.gone());
    let mut alive = true;
    loop {
        tokio::select! {
            () = shared.close.cancelled() => break,
            reason = &mut gone, if alive => {
                alive = false;
                shared.process_gone(reason);
            }
            Some(news) = inbox.recv() => shared.news(news),
        }
    }
    shared.dispose().await;
    if let Some(proxy) = proxy {
        proxy.stop().await;
    }
    drop(seat);
    shared.closed.cancel();
}
