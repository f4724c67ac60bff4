//! Where an element is drawn on the page, through all frames around it.

use super::element::Element;
use super::geometry::Rect;
use super::page_error::PageError;
use super::world::{CALL, WorldError};

impl Element {
    /// The element's box in the visible part of the page; it is scrolled there first.
    pub async fn area(&self) -> Result<Rect, PageError> {
        self.scroll_into_view().await?;
        let told = self.ask::<Option<Rect>>("box", &(self.number,), CALL).await?;
        let mut area = told.ok_or_else(|| self.refused("it is not visible"))?;
        let frames = self.tab.frames();
        let mut at = frames.iter().position(|frame| frame.frame_id == self.frame.frame_id);
        while let Some((child, parent)) = at.and_then(|child| Some((child, frames[child].parent?))) {
            #[derive(serde::Deserialize)]
            struct FrameBox {
                x: f64,
                y: f64,
                sx: f64,
                sy: f64,
            }
            let owner = match self.tab.owner(&frames, child).await {
                Ok(owner) => owner,
                Err(WorldError::Lost) => return Err(self.gone()),
                Err(WorldError::Other(error)) => return Err(error),
            };
            let told: Option<FrameBox> = self
                .tab
                .world_call(&frames[parent], "frameBox", &(owner,), CALL)
                .await?;
            let outer = told.ok_or_else(|| self.refused("its frame is not visible"))?;
            area = Rect {
                x: outer.x + area.x * outer.sx,
                y: outer.y + area.y * outer.sy,
                width: area.width * outer.sx,
                height: area.height * outer.sy,
            };
            at = Some(parent);
        }
        if at.is_none() { Err(self.gone()) } else { Ok(area) }
    }
}
