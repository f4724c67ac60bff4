//! The tabs of a context: opened by commands or by pages, switched, closed; which one is shown.

use std::sync::{Arc, PoisonError};

use chromiumoxide_cdp::cdp::browser_protocol::page::BringToFrontParams;
use chromiumoxide_cdp::cdp::browser_protocol::target::{CloseTargetParams, CreateTargetParams, GetTargetInfoParams};
use chromiumoxide_cdp::cdp::js_protocol::runtime::RunIfWaitingForDebuggerParams;
use url::Url;

use super::context::{Context, Shared};
use super::process::{News, TargetInfo};
use super::{BrowserEvent, Error, Tab, observe, setup};
use crate::protocol::TabInfo;

/// Tabs of one context; pages can open windows without end.
const MOST: usize = 32;

/// The open tabs, in the order in which they were opened.
#[derive(Default)]
pub(super) struct Tabs {
    pub(super) list: Vec<Tab>,
    active: usize,
}

impl Tabs {
    pub(super) fn active(&self) -> Option<&Tab> {
        self.list.get(self.active)
    }

    fn find(&self, target: &str) -> Option<usize> {
        self.list.iter().position(|tab| tab.target_id() == target)
    }

    /// Takes a tab out; the one that opened it is shown next, or its neighbour.
    fn remove(&mut self, target: &str) -> Option<usize> {
        let index = self.find(target)?;
        let tab = self.list.remove(index);
        if index == self.active {
            let opener = tab.opener().and_then(|opener| self.find(opener));
            self.active = opener.unwrap_or(index.saturating_sub(1));
        } else if index < self.active {
            self.active -= 1;
        }
        Some(index)
    }
}

impl Context {
    /// The open tabs.
    pub fn tabs(&self) -> Vec<TabInfo> {
        let tabs = self.shared.tabs.borrow();
        let info = |(index, tab): (usize, &Tab)| {
            let page = tab.page();
            TabInfo {
                index,
                url: page.url.clone(),
                title: page.title.clone(),
                active: index == tabs.active,
            }
        };
        tabs.list.iter().enumerate().map(info).collect()
    }

    /// The tab that commands act on and viewers see.
    pub fn active(&self) -> Result<Tab, Error> {
        if let Some(reason) = self.crashed() {
            return Err(Error::Crashed { reason });
        }
        self.shared.tabs.borrow().active().cloned().ok_or(Error::Closed)
    }

    /// Reads the titles anew: pages change them without telling anybody.
    pub async fn refresh(&self) -> Result<(), Error> {
        let root = self.shared.process.connection().root();
        let tabs = self.shared.tabs.borrow().list.clone();
        let ask = |tab: &Tab| GetTargetInfoParams {
            target_id: Some(tab.target_id().to_owned().into()),
        };
        let answers: Vec<_> = tabs.iter().map(|tab| root.post(ask(tab))).collect();
        for (tab, answer) in tabs.iter().zip(answers) {
            // A tab that went meanwhile has no title to read.
            let Ok(answer) = answer.await else { continue };
            let info = answer.target_info;
            // For a page without a title Chromium makes one up from the address.
            let made_up = info.url.contains(&info.title) && info.title.len() + 10 >= info.url.len();
            tab.change(|page| {
                if page.loaded && !page.failed && !made_up {
                    page.title = info.title;
                }
            });
        }
        Ok(())
    }

    /// Opens a tab and shows it; with an address, waits until that has loaded.
    pub async fn new_tab(&self, url: Option<&Url>) -> Result<Tab, Error> {
        if let Some(url) = url {
            self.shared.spec.rules.check_url(url).map_err(Error::Denied)?;
        }
        if self.shared.tabs.borrow().list.len() >= MOST {
            return Err(Error::TooManyTabs { limit: MOST });
        }
        let tab = self.shared.open_tab().await?;
        self.shared.show(&tab);
        if let Some(url) = url {
            tab.navigate(url, self.shared.navigation_timeout).await?;
        }
        Ok(tab)
    }

    /// Shows another tab.
    pub async fn switch_tab(&self, index: usize) -> Result<Tab, Error> {
        let tab = self.tab(index)?;
        if tab.is_crashed() {
            return Err(self.shared.gone());
        }
        self.shared.show(&tab);
        Ok(tab)
    }

    /// Closes a tab, by default the active one. In place of the last one an empty tab is opened.
    pub async fn close_tab(&self, index: Option<usize>) -> Result<(), Error> {
        let tab = match index {
            Some(index) => self.tab(index)?,
            None => self.shared.tabs.borrow().active().cloned().ok_or(Error::Closed)?,
        };
        if self.shared.tabs.borrow().list.len() == 1 {
            let empty = self.shared.open_tab().await?;
            self.shared.show(&empty);
        }
        let root = self.shared.process.connection().root();
        root.call(CloseTargetParams::new(tab.target_id().to_owned())).await?;
        let mut tabs = self.shared.tabs.subscribe();
        let closed = tabs.wait_for(|tabs| tabs.find(tab.target_id()).is_none());
        let after = self.shared.command_timeout;
        let closed = tokio::time::timeout(after, closed).await.map(drop);
        closed.map_err(|_| Error::Timeout {
            what: "closing a tab".into(),
            after,
        })
    }

    fn tab(&self, index: usize) -> Result<Tab, Error> {
        let tabs = self.shared.tabs.borrow();
        tabs.list.get(index).cloned().ok_or(Error::NoTab {
            index,
            count: tabs.list.len(),
        })
    }
}

impl Shared {
    /// Opens an empty tab and waits until it is ready; it is not shown yet unless it is the only one.
    pub(super) async fn open_tab(&self) -> Result<Tab, Error> {
        let after = self.command_timeout;
        let id = self.process.connection().root().call(self.empty_tab()).await?.target_id;
        let mut tabs = self.tabs.subscribe();
        let adopted = tabs.wait_for(|tabs| tabs.find(id.as_ref()).is_some());
        let adopted = async {
            adopted
                .await
                .ok()
                .and_then(|tabs| tabs.find(id.as_ref()).map(|at| tabs.list[at].clone()))
        };
        let tab = tokio::select! {
            tab = tokio::time::timeout(after, adopted) => tab.ok().flatten(),
            reason = self.process.gone() => return Err(Error::Crashed { reason }),
        };
        let tab = tab.ok_or(Error::Timeout {
            what: "opening a tab".into(),
            after,
        })?;
        tab.ready(after).await?;
        Ok(tab)
    }

    /// `newWindow` stays out: said explicitly, it fails for the first page of a context.
    pub(super) fn empty_tab(&self) -> CreateTargetParams {
        let mut create = CreateTargetParams::new("about:blank");
        create.browser_context_id = Some(self.id.clone());
        create
    }

    /// News of the process and of the tabs' observers; called by the context's task only.
    pub(super) fn news(self: &Arc<Self>, news: News) {
        match news {
            News::Attached { session, info } => self.adopt(&session, info),
            News::Ended { target } => self.ended(&target),
        }
    }

    fn adopt(self: &Arc<Self>, session: &str, info: TargetInfo) {
        if info.opener_id.is_none() && self.give_unseen(session, &info) {
            return;
        }
        let target = self.process.connection().target(session);
        if self.tabs.borrow().list.len() >= MOST {
            tracing::debug!(url = info.url, "a tab too many was closed");
            drop(target.post(RunIfWaitingForDebuggerParams::default()));
            drop(
                self.process
                    .connection()
                    .root()
                    .post(CloseTargetParams::new(info.target_id)),
            );
            return;
        }
        let events = target.events();
        let ready = setup::page(&target, &self.look);
        let id = info.target_id;
        let tab = Tab::new(self.clone(), target, &id, info.opener_id, info.url);
        let (mut index, mut first, mut shown) = (0, false, false);
        self.tabs.send_modify(|tabs| {
            first = tabs.list.is_empty();
            index = tabs.list.len();
            // A page that the shown one opened comes to the front, as in any browser.
            shown = first
                || tabs
                    .active()
                    .is_some_and(|active| tab.opener() == Some(active.target_id()));
            tabs.list.push(tab.clone());
        });
        tab.begin_record();
        if !first {
            self.emit(BrowserEvent::TabOpened { index, url: tab.url() });
        }
        if shown {
            self.show(&tab);
        }
        let (news, close) = (self.news.clone(), self.close.clone());
        tokio::spawn(async move {
            observe::run(tab, events, ready).await;
            tokio::select! {
                _ = news.send(News::Ended { target: id }) => {}
                () = close.cancelled() => {}
            }
        });
    }

    /// Makes a tab the active one.
    pub(super) fn show(&self, tab: &Tab) {
        let mut switched = None;
        self.tabs.send_if_modified(|tabs| {
            let index = tabs.find(tab.target_id()).filter(|index| *index != tabs.active);
            tabs.active = index.unwrap_or(tabs.active);
            switched = index;
            index.is_some()
        });
        self.capture.follow(tab.target());
        if let Some(index) = switched {
            drop(tab.target().post(BringToFrontParams::default()));
            self.emit(BrowserEvent::TabSwitched { index });
        }
    }

    /// Hands a page to whoever waits for one that is to be no tab.
    fn give_unseen(&self, session: &str, info: &TargetInfo) -> bool {
        let waiting = self.unseen.lock().unwrap_or_else(PoisonError::into_inner).take();
        waiting.is_some_and(|sender| sender.send((session.to_owned(), info.target_id.clone())).is_ok())
    }

    fn ended(&self, target: &str) {
        let (mut index, mut active, mut moved) = (None, None, false);
        self.tabs.send_modify(|tabs| {
            if let Some(at) = tabs.find(target) {
                self.closed_tabs.note(&tabs.list[at]);
            }
            let before = tabs.active().map(|tab| tab.target_id().to_owned());
            index = tabs.remove(target);
            active = tabs.active().cloned();
            moved = before.as_deref() == Some(target);
        });
        let Some(index) = index else { return };
        if self.crashed().is_some() {
            return;
        }
        self.emit(BrowserEvent::TabClosed { index });
        match active {
            Some(tab) if moved => {
                drop(tab.target().post(BringToFrontParams::default()));
                self.capture.follow(tab.target());
                let index = tab.index().unwrap_or_default();
                self.emit(BrowserEvent::TabSwitched { index });
            }
            Some(_) => {}
            // A page closed itself and was the last: a context always has a tab.
            None => drop(self.process.connection().root().post(self.empty_tab())),
        }
    }
}
