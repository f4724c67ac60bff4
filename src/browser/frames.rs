//! The frames of a page, and which DevTools session each belongs to.
//!
//! Frames of the page's own site live in the page's session; a frame of another site may live in another renderer, which
//! has a child session of its own (in headless shell there are none by default).

use super::cdp::Target;

/// One frame of a page.
#[derive(Clone)]
pub struct FrameRef {
    /// Chromium's id of the frame.
    pub frame_id: String,
    /// The session that the frame's commands go to.
    pub target: Target,
    /// Place of the parent in the same list; none for the main frame.
    pub parent: Option<usize>,
}

/// The frame tree as the events tell it.
pub(super) struct Frames {
    main: String,
    page: Target,
    /// Parents before children, in the order of their appearance; the main frame is not in it.
    nodes: Vec<Node>,
}

struct Node {
    id: String,
    parent: String,
    /// The child session that begins with this frame.
    session: Option<Target>,
}

// === impl Frames ===

impl Frames {
    /// A page with its main frame only.
    pub(super) fn new(main: String, page: Target) -> Self {
        Self {
            main,
            page,
            nodes: Vec::new(),
        }
    }

    /// `Page.frameAttached`.
    pub(super) fn attached(&mut self, id: &str, parent: &str) {
        if id != self.main && !self.nodes.iter().any(|node| node.id == id) {
            self.nodes.push(Node {
                id: id.to_owned(),
                parent: parent.to_owned(),
                session: None,
            });
        }
    }

    /// `Page.frameDetached`; a frame that only changes its renderer stays.
    pub(super) fn detached(&mut self, id: &str, swapped: bool) {
        self.remove_below(id);
        if !swapped {
            self.nodes.retain(|node| node.id != id);
        }
    }

    /// A new document in a frame has no child frames yet.
    pub(super) fn navigated(&mut self, id: &str) {
        self.remove_below(id);
    }

    /// A frame got a session of its own.
    pub(super) fn moved_out(&mut self, id: &str, parent: &str, session: Target) {
        self.attached(id, parent);
        self.remove_below(id);
        if let Some(node) = self.nodes.iter_mut().find(|node| node.id == id) {
            node.session = Some(session);
        }
    }

    /// A child session ended: its frame is gone, or back with its parent.
    pub(super) fn moved_back(&mut self, session: &str) {
        let is_it = |node: &&mut Node| node.session.as_ref().is_some_and(|s| s.session_id() == Some(session));
        let Some(node) = self.nodes.iter_mut().find(is_it) else {
            return;
        };
        node.session = None;
        let id = node.id.clone();
        self.remove_below(&id);
    }

    /// All frames, the main frame first, each before its children, siblings in the order of their appearance.
    pub(super) fn list(&self) -> Vec<FrameRef> {
        let mut list = vec![FrameRef {
            frame_id: self.main.clone(),
            target: self.page.clone(),
            parent: None,
        }];
        self.add_children(0, &mut list);
        list
    }

    fn add_children(&self, parent: usize, list: &mut Vec<FrameRef>) {
        let id = list[parent].frame_id.clone();
        for node in self.nodes.iter().filter(|node| node.parent == id) {
            let target = node.session.clone().unwrap_or_else(|| list[parent].target.clone());
            list.push(FrameRef {
                frame_id: node.id.clone(),
                target,
                parent: Some(parent),
            });
            self.add_children(list.len() - 1, list);
        }
    }

    fn remove_below(&mut self, id: &str) {
        let mut gone = vec![id.to_owned()];
        // Parents stand before their children, so one pass finds the whole branch.
        self.nodes.retain(|node| {
            let below = gone.contains(&node.parent);
            if below {
                gone.push(node.id.clone());
            }
            !below
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::cdp::Connection;
    use super::*;

    #[tokio::test]
    async fn frames_move_between_sessions() {
        let (read, write) = (tokio::io::empty(), tokio::io::sink());
        let connection = Connection::start(read, write, Duration::from_secs(1));
        let mut frames = Frames::new("M".into(), connection.target("page"));
        for (id, parent) in [("A", "M"), ("B", "M"), ("A1", "A")] {
            frames.attached(id, parent);
        }
        let names = |frames: &Frames| -> Vec<String> {
            let text = |f: FrameRef| format!("{}@{}", f.frame_id, f.target.session_id().unwrap_or_default());
            frames.list().into_iter().map(text).collect()
        };
        assert_eq!(names(&frames), ["M@page", "A@page", "A1@page", "B@page"]);
        frames.moved_out("A", "M", connection.target("child"));
        frames.detached("A", true);
        frames.attached("A2", "A");
        assert_eq!(names(&frames), ["M@page", "A@child", "A2@child", "B@page"]);
        frames.moved_back("child");
        assert_eq!(names(&frames), ["M@page", "A@page", "B@page"]);
        frames.detached("A", false);
        frames.navigated("M");
        assert_eq!(names(&frames), ["M@page"]);
    }
}
