//! What people who watch see beside the page: a drawn pointer, frames around elements and boxes, lines.
//!
//! The marks are drawn in each page's isolated world (`js/present.js`). The pointer, and the mode in which everything that
//! is acted upon is marked, belong to the context: one task brings them to whichever page is shown.
//! **Invariant:** the page's script can neither see nor remove a mark, and no action waits for one that cannot be drawn.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::area::FrameView;
use super::context::Shared;
use super::element::Element;
use super::geometry::{Point, Rect};
use super::page_error::PageError;
use super::world::{CALL, WorldError};
use super::{BrowserEvent, Context, FrameRef, Tab};

/// How what is acted upon is marked in presentation mode.
const ACTED: (&str, Duration) = ("#f90", Duration::from_secs(1));

/// What a context shows beside its pages.
#[derive(Default)]
pub(super) struct Presentation {
    wanted: watch::Sender<Wanted>,
    is_followed: AtomicBool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Wanted {
    /// A larger pointer, and marks on what is acted upon.
    enabled: bool,
    /// A pointer without the mode.
    shown: bool,
    at: Point,
}

/// A mark as our JavaScript tells of it.
#[derive(Deserialize)]
struct Marked {
    why: Option<String>,
    colour: Option<String>,
    #[serde(default)]
    away: bool,
    #[serde(default)]
    gone: bool,
    x: Option<f64>,
    y: Option<f64>,
    width: Option<f64>,
    height: Option<f64>,
}

/// How a mark looks, and for how long.
#[derive(Clone, Debug)]
pub struct Ink {
    /// A CSS colour.
    pub colour: String,
    /// After this it is gone.
    pub duration: Duration,
}

/// What became of a slow scroll.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Glided {
    /// Whether anything moved.
    pub moved: bool,
    /// How far to the right.
    pub moved_x: f64,
    /// How far down.
    pub moved_y: f64,
    /// Where the page is then.
    pub scroll_x: f64,
    /// Where the page is then.
    pub scroll_y: f64,
}

// === impl Marked ===

impl Marked {
    fn rect(self, what: &str) -> Result<Rect, PageError> {
        let refused = |why: &str| PageError::NotInteractable {
            what: what.to_owned(),
            why: why.to_owned(),
        };
        match self {
            Self {
                colour: Some(colour), ..
            } => Err(PageError::InvalidColour { colour }),
            Self { why: Some(why), .. } => Err(refused(&why)),
            Self { gone: true, .. } => Err(PageError::Gone { what: what.to_owned() }),
            Self { away: true, .. } => Err(refused("it is outside of the visible part of the page")),
            Self {
                x, y, width, height, ..
            } => Ok(Rect {
                x: x.unwrap_or_default(),
                y: y.unwrap_or_default(),
                width: width.unwrap_or_default(),
                height: height.unwrap_or_default(),
            }),
        }
    }
}

// === impl Tab ===

impl Tab {
    /// Puts a frame around a box of the visible part.
    pub async fn mark_box(&self, area: Rect, ink: &Ink) -> Result<Rect, PageError> {
        let args = (area, &ink.colour, millis(ink.duration));
        self.mark("markBox", &args).await?.rect("the region")
    }

    /// Draws a line through points of the visible part.
    pub async fn mark_path(&self, points: &[Point], width: f64, ink: &Ink) -> Result<Rect, PageError> {
        let args = (points, &ink.colour, width, millis(ink.duration));
        self.mark("markPath", &args).await?.rect("the line")
    }

    /// Scrolls slowly what is in the middle of the view, or what is around an element.
    pub async fn glide(&self, by: Point, duration: Duration) -> Result<Glided, PageError> {
        let main = self.main_frame()?;
        let args = (Option::<u64>::None, by.x, by.y, millis(duration));
        self.world_call(&main, "glide", &args, CALL + duration * 2).await
    }

    async fn mark(&self, method: &str, args: &impl Serialize) -> Result<Marked, PageError> {
        self.world_call(&self.main_frame()?, method, args, CALL).await
    }

    async fn draw_pointer(&self, wanted: &Wanted) -> Result<Rect, PageError> {
        let at = wanted.is_visible().then_some(wanted.at);
        self.mark("pointer", &(at, wanted.enabled)).await?.rect("the pointer")
    }

    fn main_frame(&self) -> Result<FrameRef, PageError> {
        let first = self.frames().into_iter().next();
        first.ok_or(PageError::Cdp(super::cdp::CdpError::Detached))
    }

    /// The mouse was moved: the drawn pointer follows.
    pub(super) fn pointed(&self, at: Point) {
        self.context().presentation.wanted.send_if_modified(|wanted| {
            let before = std::mem::replace(&mut wanted.at, at);
            wanted.is_visible() && before != at
        });
    }
}

// === impl Element ===

impl Element {
    /// Scrolls to it and puts a frame around it that follows it.
    pub async fn highlight(&self, ink: &Ink) -> Result<Rect, PageError> {
        self.scroll_into_view().await?;
        self.outline(ink).await
    }

    /// Scrolls slowly what is around it.
    pub async fn glide(&self, by: Point, duration: Duration) -> Result<Glided, PageError> {
        let args = (self.number, by.x, by.y, millis(duration));
        self.ask("glide", &args, CALL + duration * 2).await
    }

    /// In presentation mode, marks what is about to be acted upon; that it cannot be marked holds up nothing.
    pub(super) async fn acted_upon(&self) {
        if !self.tab.context().presentation.wanted.borrow().enabled {
            return;
        }
        let ink = Ink {
            colour: ACTED.0.to_owned(),
            duration: ACTED.1,
        };
        if let Err(error) = self.outline(&ink).await {
            tracing::debug!(%error, "what is acted upon is not marked");
        }
    }

    async fn outline(&self, ink: &Ink) -> Result<Rect, PageError> {
        let time = millis(ink.duration);
        if self.frame.parent.is_none() {
            let args = (self.number, Option::<Rect>::None, &ink.colour, time);
            return self.ask::<Marked>("markElement", &args, CALL).await?.rect(&self.what);
        }
        // Only the page itself is on top of everything: what is in a frame is marked from there.
        let mut area = self.shown_box().await?;
        let frames = self.tab.frames();
        let mut at = frames.iter().position(|frame| frame.frame_id == self.frame.frame_id);
        while let Some((child, parent)) = at.and_then(|child| Some((child, frames[child].parent?))) {
            let lost = |error| match error {
                WorldError::Lost => self.gone(),
                WorldError::Other(error) => error,
            };
            let owner = self.tab.owner(&frames, child).await.map_err(lost)?;
            if frames[parent].parent.is_none() {
                let args = (owner, area, &ink.colour, time);
                let marked: Marked = self.tab.world_call(&frames[parent], "markElement", &args, CALL).await?;
                return marked.rect(&self.what);
            }
            let view: Option<FrameView> = self
                .tab
                .world_call(&frames[parent], "frameBox", &(owner,), CALL)
                .await?;
            area = view
                .ok_or_else(|| self.refused("its frame is not visible"))?
                .outer(area);
            at = Some(parent);
        }
        Err(self.gone())
    }
}

// === impl Context ===

impl Context {
    /// Turns the mode on or off in which the pointer is large and what is acted upon is marked.
    pub async fn present(&self, enabled: bool) -> Result<(), PageError> {
        self.wish(|wanted| wanted.enabled = enabled).await?;
        self.shared.emit(BrowserEvent::Presenting { enabled });
        Ok(())
    }

    /// Shows a drawn pointer at a point of the visible part, from where it follows the mouse; none takes it away.
    pub async fn show_pointer(&self, at: Option<Point>) -> Result<(), PageError> {
        self.wish(|wanted| match at {
            Some(at) => (wanted.shown, wanted.at) = (true, at),
            None => wanted.shown = false,
        })
        .await
    }

    /// Whether presentation mode is on.
    pub fn is_presenting(&self) -> bool {
        self.shared.presentation.wanted.borrow().enabled
    }

    /// Draws what is wished for, and only then makes it the rule for the pages that follow.
    async fn wish(&self, change: impl FnOnce(&mut Wanted)) -> Result<(), PageError> {
        let presentation = &self.shared.presentation;
        let mut wanted = *presentation.wanted.borrow();
        change(&mut wanted);
        let tab = self.shared.tabs.borrow().active().cloned();
        let tab = tab.ok_or(PageError::Cdp(super::cdp::CdpError::Detached))?;
        tab.draw_pointer(&wanted).await?;
        presentation.wanted.send_replace(wanted);
        if !presentation.is_followed.swap(true, Ordering::AcqRel) {
            tokio::spawn(follow(self.shared.clone()));
        }
        Ok(())
    }
}

// === impl Wanted ===

impl Wanted {
    fn is_visible(&self) -> bool {
        self.enabled || self.shown
    }
}

/// What the pointer was drawn for.
#[derive(PartialEq)]
struct Drawn {
    wanted: Wanted,
    tab: String,
    commits: u64,
    loaded: bool,
}

/// Brings the pointer to every page that is shown, until the context is closed.
async fn follow(shared: Arc<Shared>) {
    let mut wishes = shared.presentation.wanted.subscribe();
    let mut tabs = shared.tabs.subscribe();
    let mut drawn: Option<Drawn> = None;
    loop {
        let wanted = *wishes.borrow_and_update();
        let Some(tab) = tabs.borrow_and_update().active().cloned() else {
            return;
        };
        let mut page = tab.watch_page();
        let now = {
            let page = page.borrow_and_update();
            Drawn {
                wanted,
                tab: tab.target_id().to_owned(),
                commits: page.commits,
                loaded: page.loaded,
            }
        };
        if drawn.as_ref() != Some(&now) {
            // A page that has no body yet is tried again when it has loaded.
            if let Err(error) = tab.draw_pointer(&wanted).await {
                tracing::debug!(%error, "the pointer is not drawn");
            }
            drawn = Some(now);
        }
        let changed = tokio::select! {
            () = shared.close.cancelled() => return,
            changed = wishes.changed() => changed,
            changed = tabs.changed() => changed,
            changed = page.changed() => changed,
        };
        if changed.is_err() {
            return;
        }
    }
}

fn millis(duration: Duration) -> u64 {
    duration.as_millis() as u64
}
