//! What a page does, read from its DevTools events: the state that navigations wait for, and the [`BrowserEvent`]s.
//!
//! One task per tab reads the events of the page and of its child frames. It never waits for a command while it reads:
//! answers that it needs are awaited beside the events, so a page that hangs cannot stop its own observation.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::{Duration, Instant};

use chromiumoxide_cdp::cdp::js_protocol::runtime::EvaluateParams;
use futures_util::stream::{FuturesUnordered, SelectAll, Stream, StreamExt, poll_fn};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::cdp::{self, CdpError, CdpEvent, Target};
use super::drag::Intercepted;
use super::traffic::Traffic;
use super::upload::Chooser;
use super::{BrowserEvent, Tab, setup};

/// How long a loaded page may take to tell its title; its script may already be busy again.
const FACTS: Duration = Duration::from_secs(2);
/// Loaders whose documents were shown lately; a navigation asks whether its own was among them.
const LOADERS: usize = 16;

/// The state of a tab's main frame.
#[derive(Debug, Default)]
pub(super) struct PageState {
    /// The address that is shown, or that could not be reached.
    pub(super) url: String,
    pub(super) title: String,
    /// The document's HTTP status, once it has loaded.
    pub(super) status: Option<u16>,
    /// The documents shown lately, the current one last.
    pub(super) loaders: VecDeque<String>,
    /// Documents and same-document steps shown so far.
    pub(super) commits: u64,
    /// The current document's load event came, and its title and status are known.
    pub(super) loaded: bool,
    /// A navigation or a document is on its way.
    pub(super) loading: bool,
    /// When the page asked for a navigation that has not begun yet.
    pub(super) requested: Option<Instant>,
    /// The current document is Chromium's own error page.
    pub(super) failed: bool,
    /// Requests under way.
    pub(super) traffic: Traffic,
    /// Counts the changes of the frame tree and the documents in it.
    pub(super) frames: u64,
    /// The page can take commands.
    pub(super) ready: bool,
    /// The drag that the page has begun.
    pub(super) drag: Option<Intercepted>,
    /// The file dialog that the page has asked for.
    pub(super) chooser: Option<Chooser>,
    pub(super) crashed: bool,
    pub(super) closed: bool,
}

impl PageState {
    /// Whether waiting on is pointless.
    pub(super) fn is_over(&self) -> bool {
        self.crashed || self.closed
    }

    fn loader(&self) -> &str {
        self.loaders.back().map_or("", String::as_str)
    }
}

/// Observes a tab until it is gone; `ready` resolves when the page has been set up.
pub(super) async fn run(
    tab: Tab,
    mut events: mpsc::Receiver<CdpEvent>,
    ready: impl Future<Output = Result<(), CdpError>> + Send + 'static,
) {
    let mut observer = Observer {
        tab,
        children: SelectAll::new(),
        work: FuturesUnordered::new(),
        started: Instant::now(),
    };
    observer.work.push(Box::pin(async { Done::Ready(ready.await) }));
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Some(event) => observer.page_event(&event),
                None => break,
            },
            Some((target, event)) = observer.children.next() => observer.frame_event(&target, &event),
            Some(done) = observer.work.next() => observer.done(done),
        }
    }
    observer.tab.change(|page| page.closed = true);
}

struct Observer {
    tab: Tab,
    children: SelectAll<Pin<Box<FrameEvents>>>,
    work: FuturesUnordered<Pin<Box<dyn Future<Output = Done> + Send>>>,
    /// When the latest navigation began.
    started: Instant,
}

/// The events of a child frame, with its session.
type FrameEvents = dyn Stream<Item = (Target, CdpEvent)> + Send;

/// An answer that came.
enum Done {
    /// The page is set up.
    Ready(Result<(), CdpError>),
    /// What a loaded document says about itself.
    Facts {
        loader: String,
        load_time: Duration,
        facts: Option<Facts>,
    },
    /// The frames that a child session already had.
    Tree(Option<setup::Tree>),
}

#[derive(Deserialize)]
struct Facts {
    url: String,
    title: String,
    status: u16,
}

const FACTS_SCRIPT: &str = "({ url: location.href, title: document.title,
  status: (performance.getEntriesByType('navigation')[0] || {}).responseStatus || 0 })";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrameEvent {
    frame_id: String,
    #[serde(default)]
    parent_frame_id: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    loader_id: String,
}

#[derive(Deserialize)]
struct Navigated {
    frame: Frame,
    #[serde(default)]
    r#type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Frame {
    id: String,
    #[serde(default)]
    loader_id: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    url_fragment: String,
    #[serde(default)]
    unreachable_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Child {
    session_id: String,
    target_info: Option<ChildInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChildInfo {
    target_id: String,
    #[serde(default)]
    parent_frame_id: String,
}

// === impl Observer ===

impl Observer {
    fn page_event(&mut self, event: &CdpEvent) {
        let page = self.tab.target().clone();
        match event.method.as_str() {
            "Page.screencastFrame" => self.tab.context().capture.arrived(&page, event),
            "Inspector.targetCrashed" => self.tab.crashed(),
            _ => self.frame_event(&page, event),
        }
    }

    /// Events that a page and its child frames have in common.
    fn frame_event(&mut self, target: &Target, event: &CdpEvent) {
        match event.method.as_str() {
            method if method.starts_with("Network.") || method == cdp::LOST => {
                let session = target.session_id();
                self.tab.change_if(|page| page.traffic.event(session, event));
            }
            "Page.frameNavigated" => {
                if let Some(navigated) = event.params() {
                    self.navigated(navigated);
                }
            }
            "Page.javascriptDialogOpening" => {
                let told = self.tab.context().dialogs.answer(target, event);
                self.tab.context().emit(told);
            }
            "Input.dragIntercepted" => self.tab.change(|page| page.drag = event.params()),
            "Page.fileChooserOpened" => self.tab.change(|page| page.chooser = event.params()),
            "Target.attachedToTarget" => {
                if let Some(child) = event.params() {
                    self.child(child);
                }
            }
            "Target.detachedFromTarget" => {
                if let Some(Child { session_id, .. }) = event.params() {
                    self.tab.frame_tree().moved_back(&session_id);
                    self.tab.change(|page| {
                        page.frames += 1;
                        page.traffic.left(&session_id);
                    });
                }
            }
            _ => {
                if let Some(frame) = event.params() {
                    self.frame(&event.method, frame);
                }
            }
        }
    }

    fn frame(&mut self, method: &str, event: FrameEvent) {
        match method {
            "Page.frameAttached" => {
                self.tab.frame_tree().attached(&event.frame_id, &event.parent_frame_id);
                self.tab.change(|page| page.frames += 1);
            }
            "Page.frameDetached" => {
                self.tab.frame_tree().detached(&event.frame_id, event.reason == "swap");
                self.tab.change(|page| page.frames += 1);
            }
            _ if event.frame_id != self.tab.target_id() => {}
            "Page.frameRequestedNavigation" => self.tab.change(|page| page.requested = Some(Instant::now())),
            "Page.frameStartedNavigating" => self.started = Instant::now(),
            "Page.frameStartedLoading" => self.tab.change(|page| (page.loading, page.requested) = (true, None)),
            "Page.frameStoppedLoading" => self.tab.change(|page| page.loading = false),
            "Page.lifecycleEvent" if event.name == "load" => self.loaded(event.loader_id),
            "Page.lifecycleEvent" if event.name == "networkIdle" => {
                self.tab
                    .change_if(|page| page.loader() == event.loader_id && page.traffic.came_to_rest());
            }
            "Page.navigatedWithinDocument" => {
                self.tab.change(|page| {
                    page.url.clone_from(&event.url);
                    page.commits += 1;
                });
                self.tab.report(|page| BrowserEvent::Navigated {
                    url: page.url.clone(),
                    title: page.title.clone(),
                });
            }
            _ => {}
        }
    }

    fn navigated(&mut self, Navigated { frame, r#type }: Navigated) {
        self.tab.frame_tree().navigated(&frame.id);
        self.tab.change(|page| page.frames += 1);
        if frame.id != self.tab.target_id() {
            return;
        }
        let failed = !frame.unreachable_url.is_empty();
        let loader = frame.loader_id.clone();
        self.tab.change(|page| {
            page.url = if failed {
                frame.unreachable_url
            } else {
                frame.url + &frame.url_fragment
            };
            page.title.clear();
            page.status = None;
            page.traffic.document(&frame.loader_id);
            if page.loaders.len() == LOADERS {
                page.loaders.pop_front();
            }
            page.loaders.push_back(frame.loader_id);
            page.commits += 1;
            (page.loaded, page.failed, page.crashed) = (false, failed, false);
        });
        self.tab.report(|page| BrowserEvent::Navigated {
            url: page.url.clone(),
            title: String::new(),
        });
        if r#type == "BackForwardCacheRestore" {
            // Such a document has no second load event, and what it asked for had been answered.
            self.tab.change_if(|page| page.traffic.came_to_rest());
            self.loaded(loader);
        }
    }

    fn loaded(&mut self, loader: String) {
        // The first document of a tab is there before anybody listens.
        self.tab.change(|page| {
            if page.loaders.is_empty() {
                page.loaders.push_back(loader.clone());
            }
        });
        if self.tab.page().loader() != loader {
            return;
        }
        let load_time = self.started.elapsed();
        let question = EvaluateParams {
            return_by_value: Some(true),
            ..EvaluateParams::new(FACTS_SCRIPT)
        };
        let answer = self.tab.target().post_within(FACTS, question);
        self.work.push(Box::pin(async move {
            let value = answer.await.ok().and_then(|answer| answer.result.value);
            let facts = value.and_then(|value| serde_json::from_value(value).ok());
            Done::Facts {
                loader,
                load_time,
                facts,
            }
        }));
    }

    fn child(&mut self, child: Child) {
        let Some(info) = child.target_info else { return };
        let target = self.tab.context().process.connection().target(&child.session_id);
        let mut events = target.events();
        let answer = setup::frame(&target);
        self.tab
            .frame_tree()
            .moved_out(&info.target_id, &info.parent_frame_id, target.clone());
        self.tab.change(|page| page.frames += 1);
        // After the frame stands in the tree: whoever begins to watch meanwhile finds it there.
        if self.tab.page().traffic.is_watched() {
            drop(target.post(setup::requests()));
        }
        let source = target.clone();
        self.children.push(Box::pin(poll_fn(move |cx| {
            events
                .poll_recv(cx)
                .map(|event| event.map(|event| (source.clone(), event)))
        })));
        self.work.push(Box::pin(async move { Done::Tree(answer.await.ok()) }));
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Ready(Ok(())) => self.tab.change(|page| page.ready = true),
            Done::Ready(Err(error)) => tracing::debug!(%error, "a page went before it was set up"),
            Done::Tree(tree) => {
                for (id, parent) in tree.map(setup::Tree::edges).unwrap_or_default() {
                    self.tab.frame_tree().attached(&id, &parent);
                }
                self.tab.change(|page| page.frames += 1);
            }
            Done::Facts {
                loader,
                load_time,
                facts,
            } => self.facts(&loader, load_time, facts),
        }
    }

    fn facts(&mut self, loader: &str, load_time: Duration, facts: Option<Facts>) {
        let mut first = false;
        self.tab.change(|page| {
            if page.loader() != loader {
                return;
            }
            first = !page.loaded && !page.failed;
            let Some(facts) = facts else { return };
            page.status = Some(facts.status).filter(|status| *status != 0);
            // Chromium's own page for a failure has an address and a title that nobody asked for.
            if !page.failed {
                (page.url, page.title) = (facts.url, facts.title);
            }
        });
        if first {
            self.tab.report(|page| BrowserEvent::Loaded {
                url: page.url.clone(),
                title: page.title.clone(),
                load_time,
            });
        }
        // Last, so that the session knows of the load before a command that waits for it can end.
        self.tab.change(|page| page.loaded |= page.loader() == loader);
    }
}
