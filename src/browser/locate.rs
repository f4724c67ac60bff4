//! From what a caller points at to one element: by index, selector, point, focus.

use std::sync::Arc;

use serde::Deserialize;

use super::element::{Element, Origin};
use super::geometry::Point;
use super::page_error::PageError;
use super::page_ops::Shot;
use super::snapshot::SnapshotOptions;
use super::world::{CALL, WorldError, patience};
use super::{FrameRef, Tab};

/// Deepest chain of frames that a point or the focus is followed through.
const DEEPEST: usize = 16;

/// What a caller points at.
#[derive(Clone, Debug, PartialEq)]
pub enum Locator {
    /// A number of the latest snapshot.
    Index {
        /// The number, from 0.
        index: u32,
        /// The snapshot it was read in, if the caller says so.
        revision: Option<u64>,
    },
    /// The first visible match of a CSS selector, through frames and shadow roots.
    Selector(String),
    /// Whatever is at this point of the visible part.
    Point {
        /// From the left edge.
        x: f64,
        /// From the top edge.
        y: f64,
    },
    /// What has the focus.
    Focused,
    /// The first visible field that text can be typed into.
    FirstInput,
}

/// An element as our JavaScript reports it.
#[derive(Deserialize)]
pub(super) struct Found {
    pub(super) number: u64,
    pub(super) what: String,
    #[serde(default)]
    visible: bool,
}

impl Found {
    pub(super) fn new(number: u64, what: &str) -> Self {
        let what = what.to_owned();
        Self {
            number,
            what,
            visible: false,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Selected {
    Invalid { invalid: String },
    Found(Found),
}

impl Tab {
    /// The element that the locator points at now.
    pub async fn locate(&self, locator: Locator) -> Result<Element, PageError> {
        // What lies in a closed shadow tree would pass for the element around it.
        if matches!(locator, Locator::Point { .. } | Locator::Focused) {
            self.find_closed_roots(&self.frames()).await;
        }
        match self.look_up(locator.clone()).await {
            Err(PageError::NotFound { what }) if matches!(locator, Locator::Selector(_) | Locator::FirstInput) => {
                match self.find_closed_roots(&self.frames()).await {
                    true => self.look_up(locator).await,
                    false => Err(PageError::NotFound { what }),
                }
            }
            found => found,
        }
    }

    async fn look_up(&self, locator: Locator) -> Result<Element, PageError> {
        match locator {
            Locator::Index { index, revision } => self.by_index(index, revision).await,
            Locator::Selector(selector) => self.by_selector(&selector).await,
            Locator::Point { x, y } => self.by_point(Point { x, y }).await,
            Locator::Focused => self.focused().await,
            Locator::FirstInput => self.first_input().await,
        }
    }

    /// An index means an element of the latest snapshot or nothing. Callers that never saw a snapshot mean the page as
    /// it is: one is taken for them, and taken again when the page has changed.
    async fn by_index(&self, index: u32, revision: Option<u64>) -> Result<Element, PageError> {
        let (shot, current) = {
            let state = self.page_ops().lock();
            (state.shot.clone(), state.revision)
        };
        let is_blind = revision.is_none() && shot.as_ref().is_none_or(|shot| !shot.is_shown);
        let stale = PageError::StaleIndex {
            index,
            revision: revision.unwrap_or(current),
            current,
        };
        if revision.is_some_and(|revision| revision != current) {
            return Err(stale);
        }
        if let Some(shot) = &shot {
            match self.pick(shot, index).await? {
                Some(element) => return Ok(element),
                None if is_blind => {}
                None if index < shot.len() => return Err(stale),
                None => return Err(beyond(index, shot.len())),
            }
        }
        self.take_snapshot(SnapshotOptions::default(), false).await?;
        let shot = self.page_ops().lock().shot.clone();
        let Some(shot) = shot else { return Err(stale) };
        let found = self.pick(&shot, index).await?;
        found.ok_or_else(|| {
            if index < shot.len() {
                stale
            } else {
                beyond(index, shot.len())
            }
        })
    }

    async fn pick(&self, shot: &Shot, index: u32) -> Result<Option<Element>, PageError> {
        let Some((frame_id, local)) = shot.place(index) else {
            return Ok(None);
        };
        let Some(frame) = self.frames().into_iter().find(|frame| frame.frame_id == frame_id) else {
            return Ok(None);
        };
        let is_child = frame.parent.is_some();
        match self
            .world_ask::<Option<Found>>(&frame, "pick", &(shot.revision, local), CALL)
            .await
        {
            Ok(found) => {
                let origin = Origin::Index {
                    index,
                    revision: shot.revision,
                };
                Ok(found.map(|found| self.element(frame, found, origin)))
            }
            Err(WorldError::Lost) => Ok(None),
            Err(WorldError::Other(PageError::Cdp(super::cdp::CdpError::Detached))) if is_child => Ok(None),
            Err(WorldError::Other(error)) => Err(error),
        }
    }

    async fn by_selector(&self, selector: &str) -> Result<Element, PageError> {
        let mut hidden = None;
        for frame in self.frames() {
            let is_child = frame.parent.is_some();
            match self
                .world_call::<Option<Selected>>(&frame, "select", &(selector,), patience(&frame))
                .await
            {
                Ok(Some(Selected::Invalid { invalid })) => {
                    return Err(PageError::InvalidSelector {
                        selector: selector.to_owned(),
                        message: invalid,
                    });
                }
                Ok(Some(Selected::Found(found))) if found.visible => {
                    return Ok(self.element(frame, found, Origin::Other));
                }
                Ok(Some(Selected::Found(found))) => {
                    hidden = hidden.or_else(|| Some(self.element(frame, found, Origin::Other)));
                }
                Ok(None) => {}
                // A frame that goes away cannot hold what is looked for.
                Err(_) if is_child => {}
                Err(error) => return Err(error),
            }
        }
        hidden.ok_or_else(|| PageError::NotFound {
            what: format!("element that fits the selector '{selector}'"),
        })
    }

    async fn by_point(&self, point: Point) -> Result<Element, PageError> {
        #[derive(Deserialize)]
        struct FrameBox {
            x: f64,
            y: f64,
            sx: f64,
            sy: f64,
        }
        let what = || format!("element at ({}, {})", point.x, point.y);
        let frames = self.frames();
        let (mut at, mut local) = (0, point);
        for _ in 0..DEEPEST {
            let Some(frame) = frames.get(at) else { break };
            let found: Option<Found> = self.world_call(frame, "at", &(local.x, local.y), CALL).await?;
            let Some(found) = found else {
                return Err(PageError::NotFound { what: what() });
            };
            let Some(child) = self.child_of(&frames, at, found.number).await else {
                return Ok(self.element(frame.clone(), found, Origin::Other));
            };
            let inner: Option<FrameBox> = self.world_call(frame, "frameBox", &(found.number,), CALL).await?;
            let Some(inner) = inner else {
                return Ok(self.element(frame.clone(), found, Origin::Other));
            };
            local = Point {
                x: (local.x - inner.x) / inner.sx,
                y: (local.y - inner.y) / inner.sy,
            };
            at = child;
        }
        Err(PageError::NotFound { what: what() })
    }

    async fn focused(&self) -> Result<Element, PageError> {
        match self.focused_place().await? {
            (frame, Some(found)) => Ok(self.element(frame, found, Origin::Other)),
            _ => Err(PageError::NotFound {
                what: "element that has the focus".to_owned(),
            }),
        }
    }

    /// The innermost frame that has the focus.
    pub(super) async fn focused_frame(&self) -> Result<FrameRef, PageError> {
        Ok(self.focused_place().await?.0)
    }

    async fn focused_place(&self) -> Result<(FrameRef, Option<Found>), PageError> {
        let frames = self.frames();
        let mut at = 0;
        for _ in 0..DEEPEST {
            let found: Option<Found> = self.world_call(&frames[at], "focused", &[(); 0], CALL).await?;
            let child = match &found {
                Some(found) => self.child_of(&frames, at, found.number).await,
                None => None,
            };
            match child {
                Some(child) => at = child,
                None => return Ok((frames[at].clone(), found)),
            }
        }
        Ok((frames[at].clone(), None))
    }

    async fn first_input(&self) -> Result<Element, PageError> {
        for frame in self.frames() {
            let is_child = frame.parent.is_some();
            match self
                .world_call::<Option<Found>>(&frame, "firstInput", &[(); 0], patience(&frame))
                .await
            {
                Ok(Some(found)) => return Ok(self.element(frame, found, Origin::Other)),
                Ok(None) => {}
                Err(_) if is_child => {}
                Err(error) => return Err(error),
            }
        }
        Err(PageError::NotFound {
            what: "visible text field".to_owned(),
        })
    }

    /// The child frame whose element in the given frame has this number.
    async fn child_of(&self, frames: &[FrameRef], parent: usize, number: u64) -> Option<usize> {
        for (child, frame) in frames.iter().enumerate() {
            if frame.parent == Some(parent) && matches!(self.owner(frames, child).await, Ok(owner) if owner == number) {
                return Some(child);
            }
        }
        None
    }

    pub(super) fn element(&self, frame: FrameRef, found: Found, origin: Origin) -> Element {
        Element {
            tab: self.clone(),
            frame: Arc::new(frame),
            number: found.number,
            what: found.what.into(),
            origin,
        }
    }
}

fn beyond(index: u32, count: u32) -> PageError {
    let what = match count {
        0 => format!("element {index}: the page has no interactive elements"),
        _ => format!(
            "element {index}: the page has {count} elements, numbered from 0 to {}",
            count - 1
        ),
    };
    PageError::NotFound { what }
}
