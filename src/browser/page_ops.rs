//! What the page operations remember of one tab: isolated worlds, the latest snapshot's places, the pointer.
//!
//! A tab holds one [`PageOps`] for its whole life. Nothing here needs to be told of navigations: a world that is gone
//! says so when it is asked, and numbers of an older document are never numbers of a newer one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::geometry::Point;
use super::listeners::Shown;

/// State of the page operations of one tab; cheap to clone.
#[derive(Clone)]
pub(super) struct PageOps {
    shared: Arc<Shared>,
}

struct Shared {
    /// Name of our tools in isolated worlds; a page that meets the same context number does not know it.
    token: String,
    state: Mutex<State>,
}

/// Everything that changes.
#[derive(Default)]
pub(super) struct State {
    /// Context numbers of isolated worlds, by frame id.
    pub(super) worlds: HashMap<String, World>,
    /// Numbers of frames' elements in their parents' worlds, by frame id.
    pub(super) owners: HashMap<String, u64>,
    /// What each frame's walker knows of listeners, by frame id.
    pub(super) listeners: HashMap<String, Shown>,
    /// How many worlds were made; a world's numbers start at a base of its own.
    pub(super) serial: u64,
    /// Of the latest snapshot.
    pub(super) revision: u64,
    /// Where the latest snapshot's elements are.
    pub(super) shot: Option<Shot>,
    /// Where the pointer was last put.
    pub(super) cursor: Point,
    /// How large the page is drawn, in percent; none as long as nobody changed it.
    pub(super) zoom: Option<u32>,
}

/// One isolated world.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct World {
    /// The DevTools session it was made in.
    pub(super) session: Option<String>,
    /// Its number there.
    pub(super) context: i64,
}

/// What indexes refer to.
#[derive(Clone)]
pub(super) struct Shot {
    /// Its revision.
    pub(super) revision: u64,
    /// Whether a caller has seen it; one that was only taken to resolve an index may be replaced silently.
    pub(super) is_shown: bool,
    /// Frame id and number of elements of each frame, in the order of the indexes.
    pub(super) frames: Vec<(String, u32)>,
}

// === impl PageOps ===

impl Default for PageOps {
    fn default() -> Self {
        let token = format!("perilune_{:016x}", rand::random::<u64>());
        Self {
            shared: Arc::new(Shared {
                token,
                state: Mutex::default(),
            }),
        }
    }
}

impl PageOps {
    /// The latest snapshot's revision; 0 before the first.
    pub(super) fn revision(&self) -> u64 {
        self.lock().revision
    }

    /// Where the pointer was last put.
    pub(super) fn cursor(&self) -> Point {
        self.lock().cursor
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The name of our tools in the world of this frame. It differs from frame to frame, so that a context number that
    /// was given to another frame meanwhile is noticed.
    pub(super) fn name(&self, frame_id: &str) -> String {
        format!("{}_{frame_id}", self.shared.token)
    }
}

// === impl Shot ===

impl Shot {
    /// How many elements it has.
    pub(super) fn len(&self) -> u32 {
        self.frames.iter().map(|(_, count)| count).sum()
    }

    /// The frame of an index and the element's number in that frame.
    pub(super) fn place(&self, index: u32) -> Option<(&str, u32)> {
        let mut first = 0;
        for (frame_id, count) in &self.frames {
            if index < first + count {
                return Some((frame_id, index - first));
            }
            first += count;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_run_through_the_frames() {
        let frames = vec![("A".to_owned(), 2), ("B".to_owned(), 0), ("C".to_owned(), 1)];
        let shot = Shot {
            revision: 1,
            is_shown: true,
            frames,
        };
        let places: Vec<_> = (0..4).map(|index| shot.place(index)).collect();
        assert_eq!(places, [Some(("A", 0)), Some(("A", 1)), Some(("C", 0)), None]);
        assert_eq!(shot.len(), 3);
    }
}
