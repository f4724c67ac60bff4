//! Where an element is drawn on the page, through all frames around it.

use serde::Deserialize;

use super::element::Element;
use super::geometry::Rect;
use super::page_error::PageError;
use super::world::{CALL, WorldError};

impl Element {
    /// The element's box in the visible part of the page; it is scrolled there first.
    pub async fn area(&self) -> Result<Rect, PageError> {
        self.scroll_into_view().await?;
        let mut area = self.shown_box().await?;
        let frames = self.tab.frames();
        let mut at = frames.iter().position(|frame| frame.frame_id == self.frame.frame_id);
        while let Some((child, parent)) = at.and_then(|child| Some((child, frames[child].parent?))) {
            let owner = match self.tab.owner(&frames, child).await {
                Ok(owner) => owner,
                Err(WorldError::Lost) => return Err(self.gone()),
                Err(WorldError::Other(error)) => return Err(error),
            };
            let told: Option<FrameView> = self
                .tab
                .world_call(&frames[parent], "frameBox", &(owner,), CALL)
                .await?;
            area = told
                .ok_or_else(|| self.refused("its frame is not visible"))?
                .outer(area);
            at = Some(parent);
        }
        if at.is_none() { Err(self.gone()) } else { Ok(area) }
    }

    /// Its box in the visible part of its own frame.
    pub(super) async fn shown_box(&self) -> Result<Rect, PageError> {
        let told = self.ask::<Option<Rect>>("box", &(self.number,), CALL).await?;
        told.ok_or_else(|| self.refused("it is not visible"))
    }
}

/// Where a frame's page lies in its parent's.
#[derive(Deserialize)]
pub(super) struct FrameView {
    x: f64,
    y: f64,
    sx: f64,
    sy: f64,
}

impl FrameView {
    pub(super) fn outer(&self, inner: Rect) -> Rect {
        Rect {
            x: self.x + inner.x * self.sx,
            y: self.y + inner.y * self.sy,
            width: inner.width * self.sx,
            height: inner.height * self.sy,
        }
    }
}
