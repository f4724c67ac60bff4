//! Which elements the page's scripts listen on: script cannot ask, DevTools can, out of the page's sight.
//!
//! Before each snapshot every frame's listeners are asked for in one call; elements that are new among them are shown to
//! the walker, which remembers them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::time::{Duration, Instant};

use chromiumoxide_types::{Command, Method, MethodId};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use super::page_ops::World;
use super::wire::{Evaluate, Evaluated, Ignored, Remote, ResolveNode, ResolvedNode};
use super::world::{GROUP, WorldError};
use super::{FrameRef, Tab};

/// A frame that takes longer is numbered without what its scripts listen on.
const PATIENCE: Duration = Duration::from_secs(2);
/// Elements that are looked up for one snapshot and frame; the next snapshot goes on from there.
const MOST: usize = 500;
/// Elements remembered as shown; beyond it all are shown anew.
const REMEMBERED: usize = 50_000;
/// Pages with more listeners than this are not asked before every snapshot,
const MANY: usize = 1_000;
/// but when so many times the last answer's time has passed.
const REST: u32 = 20;
/// Group of the objects that are held while they are shown.
const SHOWN: &str = "perilune.listeners";
/// What a pointer does to an element.
const POINTER: [&str; 8] = [
    "click",
    "dblclick",
    "mousedown",
    "mouseup",
    "pointerdown",
    "pointerup",
    "touchstart",
    "touchend",
];

/// What the walker of one frame's world has been shown.
#[derive(Clone)]
pub(super) struct Shown {
    world: World,
    /// DevTools' handle of the document in that world.
    document: String,
    /// Its handle in the page's own world, whose listeners are told.
    page: String,
    /// DevTools' numbers of the elements.
    nodes: HashSet<i64>,
    /// When to ask again.
    next: Option<Instant>,
}

impl Tab {
    /// Shows the walkers which elements have listeners. Whatever fails here only makes the snapshot poorer.
    pub(super) async fn show_listeners(&self, frames: &[FrameRef]) {
        let shows = frames.iter().map(|frame| async move {
            if tokio::time::timeout(PATIENCE, self.show_in(frame)).await.is_err() {
                tracing::debug!("a frame's listeners are not known in time");
            }
        });
        join_all(shows).await;
    }

    /// More than once: a navigation takes world and handles away, which only their use tells.
    async fn show_in(&self, frame: &FrameRef) {
        for _ in 0..3 {
            let world = match self.ensure_world(frame).await {
                Ok(world) => world,
                Err(WorldError::Lost) => continue,
                Err(WorldError::Other(error)) => {
                    tracing::debug!(%error, "a frame's listeners are not known");
                    return;
                }
            };
            match self.show(frame, world.clone()).await {
                Ok(()) => return,
                Err(WorldError::Lost) => self.lose_world(&frame.frame_id, &world),
                Err(WorldError::Other(error)) => tracing::debug!(%error, "a frame's listeners are asked for again"),
            }
        }
    }

    async fn show(&self, frame: &FrameRef, world: World) -> Result<(), WorldError> {
        let shown = self.page_ops().lock().listeners.remove(&frame.frame_id);
        let mut shown = match shown.filter(|shown| shown.world == world) {
            Some(shown) => shown,
            None => self.begin(frame, world).await?,
        };
        if shown.next.is_none_or(|next| next <= Instant::now()) {
            self.ask(frame, &mut shown).await?;
        }
        self.page_ops().lock().listeners.insert(frame.frame_id.clone(), shown);
        Ok(())
    }

    async fn ask(&self, frame: &FrameRef, shown: &mut Shown) -> Result<(), WorldError> {
        let began = Instant::now();
        let ask = GetEventListeners {
            object_id: &shown.page,
            depth: -1,
            pierce: false,
        };
        let listeners = frame.target.call_within(PATIENCE, ask).await?.listeners;
        if shown.nodes.len() > REMEMBERED {
            shown.nodes.clear();
        }
        let nodes = listeners.iter().filter(|listener| POINTER.contains(&&*listener.kind));
        let new: Vec<i64> = nodes
            .filter_map(|listener| listener.backend_node_id)
            .filter(|node| shown.nodes.insert(*node))
            .take(MOST)
            .collect();
        if !new.is_empty() {
            self.hand_over(frame, shown, &new).await?;
        }
        // Elements that did not fit are shown next time, however many there are.
        let is_done = new.len() < MOST;
        shown.next = (listeners.len() > MANY && is_done).then(|| Instant::now() + began.elapsed() * REST);
        Ok(())
    }

    async fn begin(&self, frame: &FrameRef, world: World) -> Result<Shown, WorldError> {
        let expression = Evaluate {
            expression: Cow::Borrowed("document"),
            context_id: Some(world.context),
            object_group: GROUP,
            ..Evaluate::default()
        };
        let answer = frame.target.call_within(PATIENCE, expression).await?;
        let document = answer.result.object_id.ok_or(WorldError::Lost)?;
        let node = DescribeNode { object_id: &document };
        let node = frame.target.call_within(PATIENCE, node).await?.node;
        // Without a world it is the page's own.
        let page = ResolveThere {
            backend_node_id: node.backend_node_id,
            object_group: GROUP,
        };
        let page = frame.target.call_within(PATIENCE, page).await?.object;
        Ok(Shown {
            world,
            document,
            page: page.object_id.ok_or(WorldError::Lost)?,
            nodes: HashSet::new(),
            next: None,
        })
    }

    /// Elements that have gone meanwhile, or belong to a frame inside this one, are left out.
    async fn hand_over(&self, frame: &FrameRef, shown: &Shown, nodes: &[i64]) -> Result<(), WorldError> {
        let resolving = nodes.iter().map(|node| {
            let command = ResolveNode {
                backend_node_id: *node,
                execution_context_id: shown.world.context,
                object_group: SHOWN,
            };
            frame.target.post_within(PATIENCE, command)
        });
        let resolving: Vec<_> = resolving.collect();
        let objects = join_all(resolving).await.into_iter().flatten();
        let arguments: Vec<Handle> = objects.filter_map(Handle::of).collect();
        let name = self.page_ops().name(&frame.frame_id);
        let command = ShowTo {
            object_id: &shown.document,
            function_declaration: format!("function(...elements) {{ {name}.listen(elements); }}"),
            arguments,
        };
        let answer = frame.target.call_within(PATIENCE, command).await;
        drop(frame.target.post(ReleaseObjectGroup { object_group: SHOWN }));
        match answer?.exception_details {
            Some(_) => Err(WorldError::Lost),
            None => Ok(()),
        }
    }
}

// === What goes over the wire ===

/// `DOM.describeNode`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DescribeNode<'a> {
    object_id: &'a str,
}

#[derive(Deserialize, Debug)]
struct Described {
    node: Node,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
struct Node {
    backend_node_id: i64,
}

/// `DOM.resolveNode` in the page's own world.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResolveThere<'a> {
    backend_node_id: i64,
    object_group: &'a str,
}

/// `DOMDebugger.getEventListeners`, of the world that the object is of. With `pierce` it would tell those of all worlds,
/// and the renderer dies at its next garbage collection (Chromium 156).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GetEventListeners<'a> {
    object_id: &'a str,
    depth: i32,
    pierce: bool,
}

#[derive(Deserialize, Debug)]
struct Listeners {
    listeners: Vec<Listener>,
}

#[derive(Deserialize, Debug)]
struct Listener {
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "backendNodeId")]
    backend_node_id: Option<i64>,
}

/// `Runtime.callFunctionOn` with objects as arguments.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShowTo<'a> {
    object_id: &'a str,
    function_declaration: String,
    arguments: Vec<Handle>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Handle {
    object_id: String,
}

/// `Runtime.releaseObjectGroup`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReleaseObjectGroup<'a> {
    object_group: &'a str,
}

impl Handle {
    fn of(node: ResolvedNode) -> Option<Self> {
        let Remote { object_id, .. } = node.object;
        object_id.map(|object_id| Self { object_id })
    }
}

macro_rules! commands {
    ($($name:ty, $method:literal, $answer:ty;)*) => {
        $(
            impl Method for $name {
                fn identifier(&self) -> MethodId {
                    Cow::Borrowed($method)
                }
            }

            impl Command for $name {
                type Response = $answer;
            }
        )*
    };
}

commands! {
    DescribeNode<'_>, "DOM.describeNode", Described;
    ResolveThere<'_>, "DOM.resolveNode", ResolvedNode;
    GetEventListeners<'_>, "DOMDebugger.getEventListeners", Listeners;
    ShowTo<'_>, "Runtime.callFunctionOn", Evaluated;
    ReleaseObjectGroup<'_>, "Runtime.releaseObjectGroup", Ignored;
}
