//! Closed shadow roots: no script can find them, so DevTools shows them to our world, which remembers them.
//!
//! Asking DevTools for the whole tree would cost seconds on a large page. Our walker names the few elements that may have
//! such a root (`js/roots.js`), and only those are looked into.

use std::borrow::Cow;
use std::collections::HashSet;

use futures_util::future::join_all;

use super::wire::{Argument, CallFunctionOn, DescribeNode, Evaluate, GetProperties, ReleaseObjectGroup, ResolveNode};
use super::world::{CALL, WorldError};
use super::{FrameRef, Tab};

/// Roots inside roots.
const DEEPEST: usize = 4;
impl Tab {
    /// Looks for closed shadow roots that are not known yet; whether there were any.
    pub(super) async fn find_closed_roots(&self, frames: &[FrameRef]) -> bool {
        let looks = frames.iter().map(|frame| async move {
            for depth in 0..DEEPEST {
                match self.closed_roots(frame).await {
                    Ok(0) => return depth > 0,
                    Ok(_) => {}
                    // A frame that goes away hides nothing.
                    Err(_) => return depth > 0,
                }
            }
            true
        });
        join_all(looks).await.into_iter().any(|any| any)
    }

    /// How many were found in one frame.
    async fn closed_roots(&self, frame: &FrameRef) -> Result<usize, WorldError> {
        let world = self.ensure_world(frame).await?;
        // The objects that are held meanwhile; other looks into the same session hold theirs.
        let group = format!("perilune-roots-{:08x}", rand::random::<u32>());
        let name = self.page_ops().name(&frame.frame_id);
        let command = Evaluate {
            expression: Cow::Owned(format!("{name}.suspects()")),
            context_id: Some(world.context),
            object_group: &group,
            ..Evaluate::default()
        };
        let list = frame.target.call_within(CALL, command).await?;
        if list.exception_details.is_some() {
            // The world is another document's by now; the next look makes a new one.
            return Err(WorldError::Lost);
        }
        let Some(list) = list.result.object_id else {
            return Ok(0);
        };
        let command = GetProperties {
            object_id: &list,
            own_properties: true,
        };
        let suspects = frame.target.call_within(CALL, command).await?.result;
        let suspects = suspects.into_iter().filter(|one| one.name.parse::<usize>().is_ok());
        let answers: Vec<_> = suspects
            .filter_map(|one| one.value?.object_id)
            .map(|object_id| frame.target.post_within(CALL, DescribeNode { object_id }))
            .collect();
        let mut found = HashSet::new();
        for node in join_all(answers).await.into_iter().flatten() {
            for root in node.node.shadow_roots {
                if root.shadow_root_type.as_deref() == Some("closed") {
                    found.insert(root.backend_node_id);
                }
            }
        }
        let adopted = found
            .iter()
            .map(|id| self.adopt_root(frame, *id, world.context, (&name, &group)));
        let adopted = join_all(adopted).await.into_iter().filter(Result::is_ok).count();
        drop(frame.target.post(ReleaseObjectGroup { object_group: &group }));
        Ok(adopted)
    }

    async fn adopt_root(
        &self,
        frame: &FrameRef,
        node: i64,
        context: i64,
        (name, group): (&str, &str),
    ) -> Result<(), WorldError> {
        let command = ResolveNode {
            backend_node_id: node,
            execution_context_id: context,
            object_group: group,
        };
        let object = frame.target.call_within(CALL, command).await?.object;
        let object_id = object.object_id.ok_or(WorldError::Lost)?;
        let function = format!("function() {{ {name}.adoptRoot(this); }}");
        let command = CallFunctionOn {
            object_id: &object_id,
            function_declaration: &function,
            arguments: Vec::<Argument>::new(),
            await_promise: false,
            return_by_value: true,
            user_gesture: false,
        };
        frame.target.call_within(CALL, command).await?;
        Ok(())
    }
}
