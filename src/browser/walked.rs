//! What the walker reports of each frame, put together: one number space, all boxes in the page's coordinates.

use serde::Deserialize;

use super::FrameRef;
use super::geometry::Rect;
use super::snapshot::{Snapshot, SnapshotElement};

/// The answer of the walker in one frame.
#[derive(Deserialize)]
pub(super) struct Walked {
    elements: Vec<Entry>,
    total: usize,
    frames: Vec<Option<FrameBox>>,
    url: String,
    title: String,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    scroll_width: f64,
    scroll_height: f64,
    /// Some elements may have a closed shadow root that is not known yet.
    pub(super) suspicious: bool,
}

/// One element as the walker writes it; short names, as there are thousands.
#[derive(Deserialize)]
struct Entry {
    g: String,
    r: Option<String>,
    t: Option<String>,
    k: Option<String>,
    p: Option<String>,
    n: Option<String>,
    i: Option<String>,
    l: Option<String>,
    h: Option<String>,
    v: Option<String>,
    o: Option<Vec<String>>,
    m: Option<u32>,
    c: Option<bool>,
    s: Option<bool>,
    e: Option<bool>,
    #[serde(default)]
    d: bool,
    b: (f64, f64, f64, f64),
}

/// Where a frame's page lies in its parent's.
#[derive(Deserialize, Clone, Copy)]
struct FrameBox {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    sx: f64,
    sy: f64,
}

/// From a frame's coordinates to the page's, and what shows of it.
#[derive(Clone, Copy)]
struct View {
    x: f64,
    y: f64,
    sx: f64,
    sy: f64,
    clip: Rect,
}

/// A snapshot and where its elements are.
pub(super) struct Assembled {
    pub(super) snapshot: Snapshot,
    /// Frame id and number of elements of each frame, in the order of the indexes.
    pub(super) counts: Vec<(String, u32)>,
}

/// The snapshot of the frames' reports; `owners` are each frame's child frames, by position.
pub(super) fn assemble(
    revision: u64,
    frames: &[FrameRef],
    owners: &[Vec<(usize, u64)>],
    walked: Vec<Option<Walked>>,
) -> Assembled {
    let views = views(&walked, owners);
    let mut snapshot = Snapshot::empty(revision);
    let mut counts = Vec::new();
    for (position, walked) in walked.into_iter().enumerate() {
        let (Some(walked), Some(view)) = (walked, views[position]) else {
            continue;
        };
        if position == 0 {
            snapshot.take_page(&walked);
        } else if walked.elements.is_empty() {
            continue;
        }
        snapshot.frames.push(walked.url);
        snapshot.total_elements += walked.total;
        counts.push((frames[position].frame_id.clone(), walked.elements.len() as u32));
        let frame = snapshot.frames.len() as u32 - 1;
        for entry in walked.elements {
            let index = snapshot.elements.len() as u32;
            snapshot.elements.push(entry.element(index, frame, &view));
        }
    }
    snapshot.truncated = snapshot.elements.len() < snapshot.total_elements;
    Assembled { snapshot, counts }
}

/// The view of each frame; none for frames that nobody can see. Parents stand before their children.
fn views(walked: &[Option<Walked>], owners: &[Vec<(usize, u64)>]) -> Vec<Option<View>> {
    let mut views = vec![None; walked.len()];
    if let Some(Some(page)) = walked.first() {
        let clip = Rect {
            x: 0.0,
            y: 0.0,
            width: page.width,
            height: page.height,
        };
        views[0] = Some(View {
            x: 0.0,
            y: 0.0,
            sx: 1.0,
            sy: 1.0,
            clip,
        });
    }
    for (parent, walked) in walked.iter().enumerate() {
        let (Some(walked), Some(view)) = (walked, views[parent]) else {
            continue;
        };
        for ((child, _), frame) in owners[parent].iter().zip(&walked.frames) {
            views[*child] = frame.map(|frame| view.inner(&frame));
        }
    }
    views
}

// === impl View ===

impl View {
    fn rect(&self, x: f64, y: f64, width: f64, height: f64) -> Rect {
        Rect {
            x: self.x + x * self.sx,
            y: self.y + y * self.sy,
            width: width * self.sx,
            height: height * self.sy,
        }
    }

    fn inner(&self, frame: &FrameBox) -> Self {
        let rect = self.rect(frame.x, frame.y, frame.width, frame.height);
        let clip = self.clip.intersection(&rect);
        Self {
            x: rect.x,
            y: rect.y,
            sx: self.sx * frame.sx,
            sy: self.sy * frame.sy,
            clip,
        }
    }
}

// === impl Entry ===

impl Entry {
    fn element(self, index: u32, frame: u32, view: &View) -> SnapshotElement {
        let (x, y, width, height) = self.b;
        let rect = view.rect(x, y, width, height);
        let round = |value: f64| (value * 10.0).round() / 10.0;
        SnapshotElement {
            index,
            tag: self.g,
            role: self.r,
            text: self.t,
            kind: self.k,
            placeholder: self.p,
            name: self.n,
            id: self.i,
            class: self.l,
            href: self.h,
            value: self.v,
            options: self.o,
            options_total: self.m,
            checked: self.c,
            selected: self.s,
            expanded: self.e,
            disabled: self.d,
            in_viewport: rect.intersection(&view.clip).has_area(),
            rect: Rect {
                x: round(rect.x),
                y: round(rect.y),
                width: round(rect.width),
                height: round(rect.height),
            },
            frame,
        }
    }
}

// === impl Snapshot ===

impl Snapshot {
    fn take_page(&mut self, page: &Walked) {
        self.url.clone_from(&page.url);
        self.title.clone_from(&page.title);
        (self.scroll_x, self.scroll_y) = (page.x, page.y);
        (self.scroll_width, self.scroll_height) = (page.scroll_width, page.scroll_height);
        (self.viewport_width, self.viewport_height) = (page.width, page.height);
    }
}
