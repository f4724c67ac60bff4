//! Waiting for something on the page: a text, an element, an address, a load, a quiet network.
//!
//! Nothing is asked again and again: each frame's own world watches for changes and answers when it holds, and addresses,
//! loads and requests are told by Chromium's events.

use std::time::Duration;

use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::Instant;

use super::cdp::CdpError;
use super::observe::PageState;
use super::page_error::PageError;
use super::world::{WorldError, patience};
use super::{FrameRef, Tab, setup};

/// A network without a request for this long is idle.
const QUIET: Duration = Duration::from_millis(500);
/// The same while requests may be under way that nobody told of; event streams are, and never end.
const QUIET_UNSURE: Duration = Duration::from_secs(5);
/// How long a frame's answer may come after its time.
const SPARE: Duration = Duration::from_secs(2);
/// A page between two documents is asked again after this, unless an event comes first.
const BETWEEN: Duration = Duration::from_millis(100);
/// Documents of a frame that are asked in one round.
const WORLDS: usize = 3;

/// What is waited for.
#[derive(Clone, Debug, PartialEq)]
pub enum Until {
    /// A text or an element.
    Shows(Shown),
    /// An address with this in it; with `*`, of this form.
    Url(String),
    /// The end of loading.
    Load(Load),
}

/// A text or an element of the page.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// What is looked for.
    #[serde(flatten)]
    pub what: Shows,
    /// How it shall be.
    pub state: Presence,
}

/// What is looked for on the page.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shows {
    /// Words, in any frame and shadow tree; upper and lower case and the kind of spaces do not matter.
    Text(String),
    /// A CSS selector.
    Selector(String),
}

/// How something is on the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    /// A person sees it, scrolled to or not.
    #[default]
    Visible,
    /// Nobody sees it: it is hidden or not there.
    Hidden,
    /// It is there, visible or not.
    Attached,
}

/// How far a load is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// The load event has come and nothing loads.
    Done,
    /// And no request is under way for half a second.
    Idle,
}

/// How a frame answers.
#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    met: bool,
    #[serde(default)]
    words: String,
    what: Option<String>,
    invalid: Option<String>,
}

/// How a round over all frames ended.
enum Round {
    Met(Option<String>),
    Changed,
    Late(String),
}

impl Tab {
    /// Waits until it holds; what it was that held, where that can be told.
    pub async fn wait_until(&self, until: &Until, timeout: Duration) -> Result<Option<String>, PageError> {
        let end = Instant::now() + timeout;
        let late = |what: String, seen: String| PageError::NeverCame {
            what,
            seen,
            after: timeout,
        };
        match until {
            Until::Shows(shown) => match self.until_shown(shown, end).await? {
                Ok(what) => Ok(what),
                Err(seen) => Err(late(shown.never(), seen)),
            },
            Until::Url(pattern) => match self.until_page(end, |page| fits(pattern, &page.url)).await? {
                true => Ok(Some(self.url())),
                false => Err(late(
                    format!("the address did not become '{pattern}'"),
                    format!("it is {}", self.url()),
                )),
            },
            Until::Load(load) => match self.until_loaded(*load, end).await? {
                true => Ok(None),
                false => Err(late("the page did not come to rest".to_owned(), self.unrest())),
            },
        }
    }

    /// Whether the page came to be so in time.
    async fn until_page(&self, end: Instant, fits: impl Fn(&PageState) -> bool) -> Result<bool, PageError> {
        let mut page = self.watch_page();
        let state = tokio::time::timeout_at(end, page.wait_for(|page| page.is_over() || fits(page))).await;
        match state {
            Ok(Ok(page)) => over(&page).map_or(Ok(true), Err),
            Ok(Err(_)) => Err(CdpError::Detached.into()),
            Err(_) => Ok(false),
        }
    }

    async fn until_loaded(&self, load: Load, end: Instant) -> Result<bool, PageError> {
        if load == Load::Idle {
            self.watch_requests().await?;
        }
        let left = end.saturating_duration_since(Instant::now());
        if self.wait_for_load(left).await.is_err() {
            // Late, or the page is gone.
            let over = over(&self.page());
            return over.map_or(Ok(false), Err);
        }
        match load {
            Load::Done => Ok(true),
            Load::Idle => self.until_idle(end).await,
        }
    }

    /// Silence from before the wait does not count: what was done just before may only be about to ask for something.
    async fn until_idle(&self, end: Instant) -> Result<bool, PageError> {
        let start = Instant::now();
        let is_quiet = |page: &PageState| !page.loading && page.traffic.open().0 == 0;
        loop {
            if !self.until_page(end, is_quiet).await? {
                return Ok(false);
            }
            let (since, is_sure) = {
                let page = self.page();
                (page.traffic.quiet_since.max(start), page.traffic.is_complete())
            };
            let rest = since + if is_sure { QUIET } else { QUIET_UNSURE };
            let is_other = |page: &PageState| {
                !is_quiet(page) || page.traffic.quiet_since > since || page.traffic.is_complete() != is_sure
            };
            if !self.until_page(end.min(rest), is_other).await? {
                return Ok(rest <= end);
            }
        }
    }

    /// Lets the tab tell of its requests from now on, in every frame.
    async fn watch_requests(&self) -> Result<(), PageError> {
        let mut is_first = false;
        self.change_if(|page| {
            is_first = page.traffic.watch();
            is_first
        });
        if !is_first {
            return Ok(());
        }
        for frame in self.frames() {
            if frame.target.session_id() != self.target().session_id() {
                drop(frame.target.post(setup::requests()));
            }
        }
        let told = self.target().call(setup::requests()).await;
        if told.is_err() {
            self.change(|page| page.traffic.watch_ended());
        }
        Ok(told.map(drop)?)
    }

    /// What keeps the page from rest.
    fn unrest(&self) -> String {
        let page = self.page();
        match page.traffic.open() {
            (0, _) if page.loading => "it still loads".to_owned(),
            (0, _) if !page.traffic.is_complete() => "requests from before may still be under way".to_owned(),
            (0, _) => "requests came again and again".to_owned(),
            (1, one) => format!("a request is under way: {}", one.unwrap_or_default()),
            (count, one) => format!(
                "{count} requests are under way, one of them {}",
                one.unwrap_or_default()
            ),
        }
    }

    async fn until_shown(&self, shown: &Shown, end: Instant) -> Result<Result<Option<String>, String>, PageError> {
        let id = rand::random::<u32>();
        let mut page = self.watch_page();
        self.find_closed_roots(&self.frames()).await;
        let ended = loop {
            // Before the frames are read: a change after this begins another round.
            let known = {
                let page = page.borrow_and_update();
                if let Some(error) = over(&page) {
                    return Err(error);
                }
                page.frames
            };
            let frames = self.frames();
            match self.round(&frames, (id, shown, end), known, &mut page).await? {
                Round::Met(what) => break Ok(what),
                Round::Late(seen) => break Err(seen),
                Round::Changed => {}
            }
        };
        let frames = self.frames();
        if frames.len() > 1 || ended.is_err() {
            let gone = frames.iter().map(|frame| async move {
                let _ = self.world_ask::<()>(frame, "giveUp", &(id,), patience(frame)).await;
            });
            join_all(gone).await;
        }
        Ok(ended)
    }

    /// Asks every frame and waits for the one that answers, or for all when something shall be nowhere.
    async fn round(
        &self,
        frames: &[FrameRef],
        (id, shown, end): (u32, &Shown, Instant),
        known: u64,
        page: &mut watch::Receiver<PageState>,
    ) -> Result<Round, PageError> {
        let is_everywhere = shown.state == Presence::Hidden;
        let mut asked: FuturesUnordered<_> = frames
            .iter()
            .map(|frame| async move {
                let told = self.look(frame, id, shown, end).await;
                (frame.parent.is_some(), told)
            })
            .collect();
        let (mut seen, mut is_lost) = (String::new(), false);
        let late = tokio::time::sleep_until(end + SPARE);
        tokio::pin!(late);
        loop {
            tokio::select! {
                answer = asked.next() => match answer {
                    None => break,
                    Some((_, Ok(Told { invalid: Some(message), .. }))) => {
                        let selector = shown.text().to_owned();
                        return Err(PageError::InvalidSelector { selector, message });
                    }
                    Some((_, Ok(told))) if told.met && !is_everywhere => return Ok(Round::Met(told.what)),
                    Some((_, Ok(told))) => if !told.met && told.words.len() > seen.len() { seen = told.words },
                    // A frame that goes away shows nothing.
                    Some((is_child, Err(WorldError::Lost))) => is_lost |= !is_child,
                    Some((true, Err(WorldError::Other(_)))) => {}
                    Some((false, Err(WorldError::Other(error)))) => return Err(error),
                },
                changed = page.changed() => {
                    let page = page.borrow();
                    if changed.is_err() || page.is_over() || page.frames != known {
                        return Ok(Round::Changed);
                    }
                }
                () = &mut late => return Ok(Round::Late(seen)),
            }
        }
        if Instant::now() >= end && (is_lost || !seen.is_empty()) {
            return Ok(Round::Late(seen));
        }
        if is_lost {
            let _ = tokio::time::timeout(BETWEEN, page.changed()).await;
            return Ok(Round::Changed);
        }
        if seen.is_empty() && is_everywhere && self.is_nowhere(frames, (id, shown)).await {
            return Ok(Round::Met(None));
        }
        Ok(Round::Changed)
    }

    /// What each frame has said at its own time holds for all of them now.
    async fn is_nowhere(&self, frames: &[FrameRef], (id, shown): (u32, &Shown)) -> bool {
        let now = Instant::now();
        let looks = frames.iter().map(|frame| self.look(frame, id, shown, now));
        let looks = join_all(looks).await;
        looks.iter().zip(frames).all(|(told, frame)| match told {
            Ok(told) => told.met,
            Err(_) => frame.parent.is_some(),
        })
    }

    /// A world that is remembered may be that of the document before, which only its use tells, perhaps after the event
    /// of the navigation: then the frame is asked in its new one. Navigations from here on are changes.
    async fn look(&self, frame: &FrameRef, id: u32, shown: &Shown, end: Instant) -> Result<Told, WorldError> {
        let mut told = Err(WorldError::Lost);
        for _ in 0..WORLDS {
            self.ensure_world(frame).await?;
            let left = end.saturating_duration_since(Instant::now());
            let args = (id, shown, left.as_millis() as u64);
            told = self.world_ask(frame, "until", &args, left + patience(frame)).await;
            if !matches!(told, Err(WorldError::Lost)) {
                break;
            }
        }
        told
    }
}

fn over(page: &PageState) -> Option<PageError> {
    match page {
        PageState { crashed: true, .. } => Some(CdpError::Crashed.into()),
        PageState { closed: true, .. } => Some(CdpError::Detached.into()),
        _ => None,
    }
}

// === impl Shown ===

impl Shown {
    fn text(&self) -> &str {
        match &self.what {
            Shows::Text(text) | Shows::Selector(text) => text,
        }
    }

    /// That it did not come, as the beginning of a sentence.
    fn never(&self) -> String {
        let what = match &self.what {
            Shows::Text(text) => format!("the text '{text}'"),
            Shows::Selector(selector) => format!("an element that fits '{selector}'"),
        };
        match self.state {
            Presence::Visible => format!("{what} did not become visible"),
            Presence::Hidden => format!("{what} did not go away"),
            Presence::Attached => format!("{what} did not come to be on the page"),
        }
    }
}

/// Whether an address has the text in it, or has the form: `*` stands for anything.
fn fits(pattern: &str, url: &str) -> bool {
    if !pattern.contains('*') {
        return url.contains(pattern);
    }
    let mut pieces = pattern.split('*');
    let Some(mut rest) = url.strip_prefix(pieces.next().unwrap_or_default()) else {
        return false;
    };
    let Some(last) = pieces.next_back() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_fit_parts_and_forms() {
        let url = "http://site.test:80/a/b?c=1#d";
        for (pattern, expect) in [
            ("/a/b", true),
            ("?c=1", true),
            ("/x", false),
            ("http://*", true),
            ("*#d", true),
            ("*/a/*c=1*", true),
            ("http://site.test*/b", false),
            ("*/b*/a*", false),
            ("https://*", false),
            ("**", true),
        ] {
            assert_eq!(fits(pattern, url), expect, "{pattern}");
        }
    }
}
