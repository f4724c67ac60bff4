//! Acting on an element as a person would: only when it can be acted on, at a point where it takes the pointer.
//!
//! One call into the element's frame waits until it is attached, visible, enabled, at the same place in two animation
//! frames and on top at the point; one more per surrounding frame makes sure that the frame shows there too.

use std::time::Duration;

use serde::Deserialize;

use super::FrameRef;
use super::element::Element;
use super::geometry::Point;
use super::input::{Button, Modifiers};
use super::page_error::PageError;
use super::world::WorldError;

/// How long an element may take to become ready unless the caller says otherwise.
const READY: Duration = Duration::from_secs(3);
/// What a call may take longer than the wait it contains.
const SPARE: Duration = Duration::from_secs(5);

/// What must hold before an element is acted on. It is always attached, visible and not moving.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// It must be enabled.
    pub enabled: bool,
    /// It must be on top at the point.
    pub on_top: bool,
    /// How long to wait for all of it.
    pub timeout: Duration,
}

impl Default for Check {
    fn default() -> Self {
        Self {
            enabled: true,
            on_top: true,
            timeout: READY,
        }
    }
}

impl Check {
    /// What hovering asks for: disabled elements can be pointed at.
    pub fn hover() -> Self {
        Self {
            enabled: false,
            ..Self::default()
        }
    }

    /// The same check with another patience.
    #[must_use]
    pub fn within(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

/// How to click.
#[derive(Clone, Copy, Debug)]
pub struct Click {
    /// The button.
    pub button: Button,
    /// How often: 2 is a double click.
    pub count: u32,
    /// Keys that are held meanwhile.
    pub modifiers: Modifiers,
    /// What must hold first.
    pub check: Check,
}

impl Default for Click {
    fn default() -> Self {
        Self {
            button: Button::Left,
            count: 1,
            modifiers: Modifiers::default(),
            check: Check::default(),
        }
    }
}

#[derive(Deserialize)]
struct Spot {
    x: f64,
    y: f64,
}

impl Element {
    /// Waits until the element can be acted on; the point of the page where it takes the pointer.
    pub async fn point(&self, check: Check) -> Result<Point, PageError> {
        let end = tokio::time::Instant::now() + check.timeout;
        let milliseconds = check.timeout.as_millis() as u64;
        let args = (self.number, check.enabled, check.on_top, milliseconds);
        let spot: Spot = self.ask("ready", &args, check.timeout + SPARE).await?;
        let mut point = Point { x: spot.x, y: spot.y };
        if self.frame.parent.is_none() {
            return Ok(point);
        }
        let frames = self.tab.frames();
        let mut at = frames.iter().position(|frame| frame.frame_id == self.frame.frame_id);
        while let Some((child, parent)) = at.and_then(|child| Some((child, frames[child].parent?))) {
            let left = end.saturating_duration_since(tokio::time::Instant::now());
            point = self.through(&frames, child, parent, point, left).await?;
            at = Some(parent);
        }
        if at.is_none() { Err(self.gone()) } else { Ok(point) }
    }

    /// A point of a child frame as a point of its parent, where the frame must be on top.
    async fn through(
        &self,
        frames: &[FrameRef],
        child: usize,
        parent: usize,
        point: Point,
        left: Duration,
    ) -> Result<Point, PageError> {
        #[derive(Deserialize)]
        struct Told {
            #[serde(default)]
            gone: bool,
            why: Option<String>,
            x: Option<f64>,
            y: Option<f64>,
        }
        for _ in 0..2 {
            let number = match self.tab.owner(frames, child).await {
                Ok(number) => number,
                Err(WorldError::Lost) => return Err(self.gone()),
                Err(WorldError::Other(error)) => return Err(error),
            };
            let is_foreign = frames[child].target.session_id() != frames[parent].target.session_id();
            let args = (number, point.x, point.y, is_foreign, left.as_millis() as u64);
            match self
                .tab
                .world_ask::<Told>(&frames[parent], "through", &args, left + SPARE)
                .await
            {
                Ok(Told { why: Some(why), .. }) => return Err(self.refused(why)),
                Ok(Told {
                    gone: false,
                    x: Some(x),
                    y: Some(y),
                    ..
                }) => return Ok(Point { x, y }),
                // The frame's element was remembered from an older document.
                Ok(_) | Err(WorldError::Lost) => self.tab.forget_owner(&frames[child].frame_id),
                Err(WorldError::Other(error)) => return Err(error),
            }
        }
        Err(self.gone())
    }

    /// Clicks it; the point says where.
    pub async fn click(&self, click: Click) -> Result<Point, PageError> {
        self.acted_upon().await;
        let point = self.point(click.check).await?;
        self.tab
            .click_at(point, click.button, click.count, click.modifiers)
            .await?;
        Ok(point)
    }

    /// Moves the pointer onto it.
    pub async fn hover(&self) -> Result<Point, PageError> {
        self.acted_upon().await;
        let point = self.point(Check::hover()).await?;
        self.tab.mouse_move(point.x, point.y).await?;
        Ok(point)
    }
}
