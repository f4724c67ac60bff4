//! Calls into the isolated worlds of a tab's frames, where our own JavaScript lives out of the page's sight.
//!
//! Worlds are made when they are first needed and again when a navigation has taken them away.

use std::borrow::Cow;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::cdp::CdpError;
use super::page_error::PageError;
use super::page_ops::World;
use super::wire::{
    Argument, CallFunctionOn, CreateIsolatedWorld, Evaluate, Evaluated, GetFrameOwner, ReleaseObject, ResolveNode,
};
use super::{FrameRef, Tab};

/// For a call that only reads; longer than any page should need that still lives.
pub(super) const CALL: Duration = Duration::from_secs(10);
/// The same for a frame inside the page: one that hangs must not hold up what is asked of all of them.
const FRAME_CALL: Duration = Duration::from_secs(2);
/// Group of the few objects that are held by DevTools.
pub(super) const GROUP: &str = "perilune";

const TOOLS: &str = concat!(
    include_str!("js/world.js"),
    include_str!("js/roots.js"),
    include_str!("js/walk.js"),
    include_str!("js/act.js"),
    include_str!("js/find.js"),
    include_str!("js/form.js"),
    include_str!("js/media.js"),
    include_str!("js/record.js"),
    include_str!("js/choose.js"),
    include_str!("js/submit.js"),
    include_str!("js/drag.js"),
    include_str!("js/clipboard.js"),
    include_str!("js/glide.js"),
    include_str!("js/until.js"),
    include_str!("js/article.js"),
    include_str!("js/present.js"),
);

/// How a call into a world failed.
pub(super) enum WorldError {
    /// The world is not there: the frame has navigated or is gone.
    Lost,
    /// Anything else.
    Other(PageError),
}

impl From<CdpError> for WorldError {
    fn from(error: CdpError) -> Self {
        if is_lost(&error) {
            Self::Lost
        } else {
            Self::Other(error.into())
        }
    }
}

/// DevTools has one error code for everything, so its words are all there is to tell a lost context by.
fn is_lost(error: &CdpError) -> bool {
    const LOST: [&str; 7] = [
        "Cannot find context",
        "Execution context was destroyed",
        "Inspected target navigated",
        "No frame for given id",
        "Cannot find execution context",
        "Frame with the given id",
        "Session with given id not found",
    ];
    matches!(error, CdpError::Refused { message, .. } if LOST.iter().any(|words| message.contains(words)))
}

impl Tab {
    /// Calls one of our functions in the frame's world as it is; a lost world is an error.
    pub(super) async fn world_ask<T: DeserializeOwned>(
        &self,
        frame: &FrameRef,
        method: &str,
        args: &impl Serialize,
        within: Duration,
    ) -> Result<T, WorldError> {
        self.world_run(frame, method, args, within, false).await
    }

    /// Calls one of our functions as if a person had just pressed something in the frame; its world is made if need be.
    pub(super) async fn world_gesture<T: DeserializeOwned>(
        &self,
        frame: &FrameRef,
        method: &str,
        args: &impl Serialize,
        within: Duration,
    ) -> Result<T, PageError> {
        let gone = || PageError::Gone {
            what: "the frame".to_owned(),
        };
        match self.ensure_world(frame).await {
            Ok(_) => {}
            Err(WorldError::Lost) => return Err(gone()),
            Err(WorldError::Other(error)) => return Err(error),
        }
        match self.world_run(frame, method, args, within, true).await {
            Ok(answer) => Ok(answer),
            Err(WorldError::Lost) => Err(gone()),
            Err(WorldError::Other(error)) => Err(error),
        }
    }

    async fn world_run<T: DeserializeOwned>(
        &self,
        frame: &FrameRef,
        method: &str,
        args: &impl Serialize,
        within: Duration,
        gesture: bool,
    ) -> Result<T, WorldError> {
        let world = self.page_ops().lock().worlds.get(&frame.frame_id).cloned();
        let session = frame.target.session_id().map(str::to_owned);
        let Some(world) = world.filter(|world| world.session == session) else {
            return Err(WorldError::Lost);
        };
        let name = self.page_ops().name(&frame.frame_id);
        let args = serde_json::to_string(args).expect("arguments are JSON");
        let expression = format!("{name}.run('{method}',{args})");
        let command = Evaluate {
            user_gesture: gesture,
            ..evaluate(expression, world.context)
        };
        let answer = frame.target.call_within(within, command).await;
        match self.world_answer(answer) {
            Err(WorldError::Lost) => {
                self.lose_world(&frame.frame_id, &world);
                Err(WorldError::Lost)
            }
            other => other,
        }
    }

    /// Calls one of our functions in the frame's world, made first if need be.
    pub(super) async fn world_call<T: DeserializeOwned>(
        &self,
        frame: &FrameRef,
        method: &str,
        args: &impl Serialize,
        within: Duration,
    ) -> Result<T, PageError> {
        // More than once: the world may be lost to a navigation between its making and its use.
        for _ in 0..3 {
            match self.world_ask(frame, method, args, within).await {
                Ok(answer) => return Ok(answer),
                Err(WorldError::Other(error)) => return Err(error),
                Err(WorldError::Lost) => match self.make_world(frame).await {
                    Ok(_) | Err(WorldError::Lost) => {}
                    Err(WorldError::Other(error)) => return Err(error),
                },
            }
        }
        let what = if frame.parent.is_none() {
            "the page that was there"
        } else {
            "the frame"
        };
        Err(PageError::Gone { what: what.to_owned() })
    }

    /// The frame's world, made if need be.
    pub(super) async fn ensure_world(&self, frame: &FrameRef) -> Result<World, WorldError> {
        let world = self.page_ops().lock().worlds.get(&frame.frame_id).cloned();
        let session = frame.target.session_id().map(str::to_owned);
        match world.filter(|world| world.session == session) {
            Some(world) => Ok(world),
            None => self.make_world(frame).await,
        }
    }

    async fn make_world(&self, frame: &FrameRef) -> Result<World, WorldError> {
        let command = CreateIsolatedWorld {
            frame_id: &frame.frame_id,
            world_name: GROUP,
        };
        let context = frame.target.call_within(CALL, command).await?.execution_context_id;
        let serial = {
            let mut state = self.page_ops().lock();
            state.serial += 1;
            state.serial
        };
        let name = self.page_ops().name(&frame.frame_id);
        let install = format!(
            "globalThis['{name}'] ??= (() => {{ 'use strict'; const serial = {serial};\n{TOOLS}\nreturn ops; }})(); 'null'"
        );
        let answer = frame.target.call_within(CALL, evaluate(install, context)).await;
        self.world_answer::<()>(answer)?;
        let world = World {
            session: frame.target.session_id().map(str::to_owned),
            context,
        };
        self.page_ops()
            .lock()
            .worlds
            .insert(frame.frame_id.clone(), world.clone());
        Ok(world)
    }

    pub(super) fn lose_world(&self, frame_id: &str, world: &World) {
        let mut state = self.page_ops().lock();
        if state.worlds.get(frame_id) == Some(world) {
            state.worlds.remove(frame_id);
        }
    }

    fn world_answer<T: DeserializeOwned>(&self, answer: Result<Evaluated, CdpError>) -> Result<T, WorldError> {
        let answer = answer?;
        if let Some(exception) = answer.exception_details {
            let class = exception.exception.as_ref().and_then(|e| e.class_name.as_deref());
            // Our name is unknown there: the context number belongs to another document by now.
            if class == Some("ReferenceError") {
                return Err(WorldError::Lost);
            }
            let message = exception
                .exception
                .and_then(|e| e.description)
                .unwrap_or(exception.text);
            return Err(WorldError::Other(PageError::Script { message, line: None }));
        }
        let text = answer
            .result
            .value
            .as_ref()
            .and_then(|value| value.as_str())
            .unwrap_or("null");
        serde_json::from_str(text).map_err(|error| {
            let method = "Runtime.evaluate".to_owned();
            WorldError::Other(
                CdpError::Answer {
                    method,
                    message: error.to_string(),
                }
                .into(),
            )
        })
    }

    /// The number of a frame's element in its parent's world.
    pub(super) async fn owner(&self, frames: &[FrameRef], index: usize) -> Result<u64, WorldError> {
        let frame = &frames[index];
        let parent = frame
            .parent
            .and_then(|parent| frames.get(parent))
            .ok_or(WorldError::Lost)?;
        let world = self.ensure_world(parent).await?;
        if let Some(number) = self.page_ops().lock().owners.get(&frame.frame_id) {
            return Ok(*number);
        }
        let owner = parent
            .target
            .call_within(
                CALL,
                GetFrameOwner {
                    frame_id: &frame.frame_id,
                },
            )
            .await?;
        let number = self.adopt(parent, &world, owner.backend_node_id).await?;
        self.page_ops().lock().owners.insert(frame.frame_id.clone(), number);
        Ok(number)
    }

    /// The number, in a frame's world, of a node that DevTools names.
    pub(super) async fn adopt(&self, frame: &FrameRef, world: &World, backend_node_id: i64) -> Result<u64, WorldError> {
        let command = ResolveNode {
            backend_node_id,
            execution_context_id: world.context,
            object_group: GROUP,
        };
        let object = frame.target.call_within(CALL, command).await?.object;
        let object_id = object.object_id.ok_or(WorldError::Lost)?;
        let name = self.page_ops().name(&frame.frame_id);
        let function = format!("function() {{ return '' + {name}.adopt(this); }}");
        let command = CallFunctionOn {
            object_id: &object_id,
            function_declaration: &function,
            arguments: Vec::<Argument>::new(),
            await_promise: false,
            return_by_value: true,
            user_gesture: false,
        };
        let answer = frame.target.call_within(CALL, command).await;
        drop(frame.target.post(ReleaseObject { object_id: &object_id }));
        self.world_answer(answer)
    }

    /// Forgets a frame's element: it is looked up again at the next use.
    pub(super) fn forget_owner(&self, frame_id: &str) {
        self.page_ops().lock().owners.remove(frame_id);
    }
}

/// How long a frame may take over a question that is put to every frame.
pub(super) fn patience(frame: &FrameRef) -> Duration {
    if frame.parent.is_none() { CALL } else { FRAME_CALL }
}

fn evaluate(expression: String, context: i64) -> Evaluate<'static> {
    Evaluate {
        expression: Cow::Owned(expression),
        context_id: Some(context),
        await_promise: true,
        return_by_value: true,
        object_group: GROUP,
        ..Evaluate::default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::TOOLS;

    #[test]
    fn the_tools_declare_each_name_once() {
        let mut names = HashSet::new();
        for line in TOOLS.lines() {
            let Some(rest) = ["const ", "let ", "function ", "async function ", "class ", "ops."]
                .iter()
                .find_map(|word| line.strip_prefix(word))
            else {
                continue;
            };
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let is_tool = line.starts_with("ops.");
            // The others only use a tool.
            if is_tool && !rest[name.len()..].starts_with(" = ") {
                continue;
            }
            assert!(
                names.insert((is_tool, name.clone())),
                "{name} is declared twice, which breaks the tools"
            );
        }
        assert!(names.len() > 20);
    }
}
