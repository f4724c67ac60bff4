//! The numbered list of interactive elements that indexes refer to: one number space over all frames and shadow
//! roots, a revision that rises with each list.

use futures_util::future::{join, join_all};
use serde::Serialize;

use super::geometry::Rect;
use super::page_error::PageError;
use super::page_ops::Shot;
use super::walked::{Walked, assemble};
use super::world::{WorldError, patience};
use super::{FrameRef, Tab};

/// Elements of a list unless the caller says otherwise; beyond it only their number is told.
const MOST: usize = 20_000;

/// What a snapshot should have.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotOptions {
    /// Elements at most, in each frame.
    pub max_elements: usize,
}

impl Default for SnapshotOptions {
    fn default() -> Self {
        Self { max_elements: MOST }
    }
}

/// The interactive elements of a page at one moment.
#[derive(Clone, Debug, Serialize)]
pub struct Snapshot {
    /// Rises with each snapshot of the tab.
    pub revision: u64,
    /// The page's address.
    pub url: String,
    /// The page's title.
    pub title: String,
    /// How far the page is scrolled to the right.
    pub scroll_x: f64,
    /// How far the page is scrolled down.
    pub scroll_y: f64,
    /// Width of the whole page.
    pub scroll_width: f64,
    /// Height of the whole page.
    pub scroll_height: f64,
    /// Width of the visible part.
    pub viewport_width: f64,
    /// Height of the visible part.
    pub viewport_height: f64,
    /// How many elements there are, those left out included.
    pub total_elements: usize,
    /// Whether some were left out.
    pub truncated: bool,
    /// Addresses of the frames with elements; elements name them by position.
    pub frames: Vec<String>,
    /// The elements; each one's index is its position.
    pub elements: Vec<SnapshotElement>,
}

/// One interactive element.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SnapshotElement {
    /// Its number in this snapshot.
    pub index: u32,
    /// Tag name in lower case.
    pub tag: String,
    /// Its role, given or implied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Its accessible name, or the text in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The type of an input or button.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Hint in an empty field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
    /// The attribute `name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The attribute `id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The attribute `class`, when nothing else tells the element from others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Where a link goes, as the page writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// What a field holds; never of a password, one-time code or card field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The first options of a drop-down list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Vec<String>>,
    /// How many options there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options_total: Option<u32>,
    /// Ticked or pressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked: Option<bool>,
    /// Selected, as a tab or an option is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selected: Option<bool>,
    /// Unfolded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expanded: Option<bool>,
    /// Takes no action now.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// Where it is, in the page's visible part.
    pub rect: Rect,
    /// Whether some of it shows.
    pub in_viewport: bool,
    /// Position of its frame in [`Snapshot::frames`].
    pub frame: u32,
}

impl Tab {
    /// Numbers the interactive elements of the page anew.
    pub async fn snapshot(&self, options: SnapshotOptions) -> Result<Snapshot, PageError> {
        self.take_snapshot(options, true).await
    }

    pub(super) async fn take_snapshot(&self, options: SnapshotOptions, is_shown: bool) -> Result<Snapshot, PageError> {
        let frames = self.frames();
        let revision = {
            let mut state = self.page_ops().lock();
            state.revision += 1;
            // Whatever happens now, the old numbers are over.
            state.shot = Some(Shot {
                revision: state.revision,
                is_shown,
                frames: Vec::new(),
            });
            state
                .worlds
                .retain(|id, _| frames.iter().any(|frame| frame.frame_id == *id));
            state
                .listeners
                .retain(|id, _| frames.iter().any(|frame| frame.frame_id == *id));
            state
                .owners
                .retain(|id, _| frames.iter().any(|frame| frame.frame_id == *id));
            state.revision
        };
        let (owners, ()) = join(self.owners_by_parent(&frames), self.show_listeners(&frames)).await;
        let mut walked = self.walk(revision, options, &frames, &owners).await?;
        let is_suspicious = |part: &Option<Walked>| part.as_ref().is_some_and(|part| part.suspicious);
        if walked.iter().any(is_suspicious) {
            let suspicious = frames.iter().zip(&walked).filter(|(_, part)| is_suspicious(part));
            let suspicious: Vec<FrameRef> = suspicious.map(|(frame, _)| frame.clone()).collect();
            if self.find_closed_roots(&suspicious).await {
                walked = self.walk(revision, options, &frames, &owners).await?;
            }
        }
        let snapshot = assemble(revision, &frames, &owners, walked);
        let shot = Shot {
            revision,
            is_shown,
            frames: snapshot.counts,
        };
        let mut state = self.page_ops().lock();
        if state.revision == revision {
            state.shot = Some(shot);
        }
        Ok(snapshot.snapshot)
    }

    /// What the walker reports of each frame; none of those that do not answer.
    async fn walk(
        &self,
        revision: u64,
        options: SnapshotOptions,
        frames: &[FrameRef],
        owners: &[Vec<(usize, u64)>],
    ) -> Result<Vec<Option<Walked>>, PageError> {
        let walks = frames.iter().zip(owners).map(|(frame, owners)| async move {
            let numbers: Vec<u64> = owners.iter().map(|(_, number)| *number).collect();
            let arguments = (revision, options.max_elements, numbers);
            self.world_call::<Walked>(frame, "walk", &arguments, patience(frame))
                .await
        });
        let mut walked = Vec::with_capacity(frames.len());
        for (position, answer) in join_all(walks).await.into_iter().enumerate() {
            match answer {
                Ok(answer) => walked.push(Some(answer)),
                Err(error) if position == 0 => return Err(error),
                // A frame that goes away or hangs takes its elements with it, not the page's.
                Err(error) => {
                    tracing::debug!(%error, "a frame is not in the snapshot");
                    walked.push(None);
                }
            }
        }
        Ok(walked)
    }

    /// For each frame: its child frames' positions and the numbers of their elements in it.
    pub(super) async fn owners_by_parent(&self, frames: &[FrameRef]) -> Vec<Vec<(usize, u64)>> {
        let mut owners = vec![Vec::new(); frames.len()];
        let found = join_all((1..frames.len()).map(|child| self.owner(frames, child))).await;
        for (position, number) in found.into_iter().enumerate() {
            let child = position + 1;
            match (frames[child].parent, number) {
                (Some(parent), Ok(number)) => owners[parent].push((child, number)),
                (_, Err(WorldError::Other(error))) => tracing::debug!(%error, "a frame has no place on the page"),
                _ => {}
            }
        }
        owners
    }
}

// === impl Snapshot ===

impl Snapshot {
    pub(super) fn empty(revision: u64) -> Self {
        Self {
            revision,
            url: String::new(),
            title: String::new(),
            scroll_x: 0.0,
            scroll_y: 0.0,
            scroll_width: 0.0,
            scroll_height: 0.0,
            viewport_width: 0.0,
            viewport_height: 0.0,
            total_elements: 0,
            truncated: false,
            frames: Vec::new(),
            elements: Vec::new(),
        }
    }
}
