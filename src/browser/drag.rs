//! Dragging with the mouse. Whether the page takes it as a drag of its own (HTML drag and drop) or follows the mouse or
//! pointer itself, the page decides: each gets the events that a person's mouse would send it.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::element::Element;
use super::geometry::Point;
use super::input::{TAKEN, taken};
use super::interact::Check;
use super::locate::Locator;
use super::page_error::PageError;
use super::wire::{DragEvent, MouseEvent, SetInterceptDrags};
use super::world::CALL;
use super::{FrameRef, Tab};

/// Movements of the mouse between the two ends.
const STEPS: u32 = 10;
/// The first movements, in pixels: small, as a hand begins. Chromium takes less than 3 for a click, with links up to 40.
const FIRST: [f64; 2] = [6.0, 46.0];
/// How long Chromium may take to hand over what is dragged once the page has begun a drag.
const HANDED_OVER: Duration = Duration::from_secs(3);

/// An end of a drag.
#[derive(Clone, Debug)]
pub enum Place {
    /// An element, wherever it is at that moment.
    Element(Element),
    /// A point of the visible part.
    Point(Point),
}

/// What came of a drag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dragged {
    /// Where the button was pressed.
    pub from: Point,
    /// Where it was released.
    pub to: Point,
    /// Whether the page used HTML drag and drop; otherwise it got mouse and pointer events.
    pub by_drag_events: bool,
}

/// `Input.dragIntercepted`
#[derive(Debug, Deserialize)]
pub(super) struct Intercepted {
    pub(super) data: Value,
}

#[derive(Deserialize)]
struct State {
    started: bool,
    dropped: bool,
}

impl Tab {
    /// Presses the left button at one place, moves to the other and releases it there.
    pub async fn drag(&self, from: &Place, to: &Place) -> Result<Dragged, PageError> {
        // A target that is not there is told before anything moves.
        let goal = self.place_point(to, false).await?;
        let start = self.place_point(from, true).await?;
        let source = self.place_frame(from, start).await?;
        self.watch_drag(&source).await?;
        self.target().call(SetInterceptDrags { enabled: true }).await?;
        self.change(|page| page.drag = None);
        let mut drag = Drag {
            tab: self,
            at: start,
            pressed: false,
            data: None,
            by_mouse: false,
        };
        let done = drag.run(&source, goal, to).await;
        if done.is_err() {
            drag.abandon().await;
        }
        self.page_ops().lock().cursor = drag.at;
        let _ = self.target().call(SetInterceptDrags { enabled: false }).await;
        done.map(|to| Dragged {
            from: start,
            to,
            by_drag_events: drag.data.is_some(),
        })
    }

    /// Where a place is now, scrolled into view; what is grabbed must lie on top, what is dragged to may be covered by it.
    async fn place_point(&self, place: &Place, on_top: bool) -> Result<Point, PageError> {
        let check = Check {
            on_top,
            ..Check::hover()
        };
        match place {
            Place::Element(element) => element.point(check).await,
            Place::Point(point) => Ok(*point),
        }
    }

    async fn place_frame(&self, place: &Place, point: Point) -> Result<FrameRef, PageError> {
        match place {
            Place::Element(element) => Ok((*element.frame).clone()),
            Place::Point(_) => {
                let Point { x, y } = point;
                Ok((*self.locate(Locator::Point { x, y }).await?.frame).clone())
            }
        }
    }

    async fn watch_drag(&self, frame: &FrameRef) -> Result<(), PageError> {
        self.world_call::<Option<()>>(frame, "watchDrag", &[(); 0], CALL)
            .await
            .map(drop)
    }
}

fn between(a: Point, b: Point, part: f64) -> Point {
    Point {
        x: a.x + (b.x - a.x) * part,
        y: a.y + (b.y - a.y) * part,
    }
}

/// A drag on its way.
struct Drag<'a> {
    tab: &'a Tab,
    at: Point,
    pressed: bool,
    /// What is dragged, once the page has begun a drag of its own.
    data: Option<Value>,
    /// Chromium handed nothing over: the page follows the mouse.
    by_mouse: bool,
}

impl Drag<'_> {
    async fn run(&mut self, source: &FrameRef, towards: Point, to: &Place) -> Result<Point, PageError> {
        self.mouse("mouseMoved").await?;
        self.pressed = true;
        self.mouse("mousePressed").await?;
        // The drag must have begun before anything is scrolled: what is under the mouse then is not what was grabbed.
        let start = self.at;
        let length = (towards.x - start.x).hypot(towards.y - start.y).max(1.0);
        for first in FIRST.iter().filter(|first| **first < length) {
            self.at = between(start, towards, first / length);
            self.follow(source).await?;
        }
        // Where the target is while something is being dragged: pages make room, and scroll.
        let (start, end) = (self.at, self.tab.place_point(to, false).await?);
        for step in 1..=STEPS {
            self.at = between(start, end, f64::from(step) / f64::from(STEPS));
            self.follow(source).await?;
        }
        self.at = self.tab.place_point(to, false).await?;
        self.follow(source).await?;
        let goal = self.tab.place_frame(&Place::Point(self.at), self.at).await?;
        match self.data.take() {
            Some(data) => {
                self.tab.watch_drag(&goal).await?;
                // The page says in the latest dragover whether it takes it.
                self.drag_event("dragOver", &data).await?;
                let dropped = self.drag_event("drop", &data).await;
                self.data = Some(data);
                dropped?;
                self.pressed = false;
                self.check_drop(&goal).await?;
            }
            None => {
                self.pressed = false;
                self.mouse("mouseReleased").await?;
            }
        }
        Ok(self.at)
    }

    /// One movement, in the form that the page has chosen.
    async fn follow(&mut self, source: &FrameRef) -> Result<(), PageError> {
        if let Some(data) = self.data.take() {
            let moved = self.drag_event("dragOver", &data).await;
            self.data = Some(data);
            return moved;
        }
        self.mouse("mouseMoved").await?;
        if self.by_mouse {
            return Ok(());
        }
        let state: State = self.tab.world_call(source, "dragState", &[(); 0], CALL).await?;
        if !state.started {
            return Ok(());
        }
        let mut page = self.tab.watch_page();
        let intercepted = page.wait_for(|page| page.drag.is_some() || page.is_over());
        let data = match tokio::time::timeout(HANDED_OVER, intercepted).await {
            Ok(Ok(page)) => page.drag.as_ref().map(|drag| drag.data.clone()),
            // The page began a drag and Chromium found nothing to drag: the mouse goes on.
            _ => None,
        };
        let Some(data) = data else {
            self.by_mouse = true;
            return Ok(());
        };
        let entered = self.drag_event("dragEnter", &data).await;
        self.data = Some(data);
        entered
    }

    async fn check_drop(&self, goal: &FrameRef) -> Result<(), PageError> {
        let state: Result<State, _> = self.tab.world_call(goal, "dragState", &[(); 0], CALL).await;
        match state {
            Ok(state) if !state.dropped => Err(PageError::NotDropped),
            // The drop may have opened another page.
            Ok(_) | Err(PageError::Gone { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Lets go without a drop.
    async fn abandon(&mut self) {
        if let Some(data) = self.data.take() {
            if self.pressed {
                let _ = self.drag_event("dragCancel", &data).await;
            }
        } else if self.pressed {
            let _ = self.mouse("mouseReleased").await;
        }
    }

    async fn mouse(&self, kind: &'static str) -> Result<(), PageError> {
        let held = self.pressed;
        let event = MouseEvent {
            kind,
            x: self.at.x,
            y: self.at.y,
            button: if held || kind == "mouseReleased" {
                "left"
            } else {
                "none"
            },
            buttons: u32::from(held && kind != "mouseReleased"),
            click_count: u32::from(kind != "mouseMoved"),
            ..MouseEvent::default()
        };
        taken([self.tab.target().post_within(TAKEN, event)]).await
    }

    async fn drag_event(&self, kind: &'static str, data: &Value) -> Result<(), PageError> {
        let Point { x, y } = self.at;
        taken([self.tab.target().post_within(TAKEN, DragEvent { kind, x, y, data })]).await
    }
}
