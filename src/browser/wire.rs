//! The few DevTools commands of the page operations, with answers that keep only what is used.
//!
//! `chromiumoxide_cdp` has them too, but its answers refuse values that are newer than the crate, and its builders cost
//! more than the commands.

use std::borrow::Cow;
use std::path::PathBuf;

use chromiumoxide_types::{Command, Method, MethodId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    Evaluate<'_>, "Runtime.evaluate", Evaluated;
    CallFunctionOn<'_>, "Runtime.callFunctionOn", Evaluated;
    ReleaseObject<'_>, "Runtime.releaseObject", Ignored;
    TerminateExecution, "Runtime.terminateExecution", Ignored;
    CreateIsolatedWorld<'_>, "Page.createIsolatedWorld", WorldCreated;
    GetFrameOwner<'_>, "DOM.getFrameOwner", FrameOwner;
    ResolveNode<'_>, "DOM.resolveNode", ResolvedNode;
    GetProperties<'_>, "Runtime.getProperties", Properties;
    DescribeNode, "DOM.describeNode", Described;
    ReleaseObjectGroup<'_>, "Runtime.releaseObjectGroup", Ignored;
    MouseEvent<'_>, "Input.dispatchMouseEvent", Ignored;
    KeyEvent, "Input.dispatchKeyEvent", Ignored;
    InsertText<'_>, "Input.insertText", Ignored;
    SetInterceptDrags, "Input.setInterceptDrags", Ignored;
    DragEvent<'_>, "Input.dispatchDragEvent", Ignored;
    SetFileInputFiles<'_>, "DOM.setFileInputFiles", Ignored;
}

/// `Runtime.evaluate`
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Evaluate<'a> {
    pub(super) expression: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) context_id: Option<i64>,
    pub(super) await_promise: bool,
    pub(super) return_by_value: bool,
    pub(super) repl_mode: bool,
    pub(super) user_gesture: bool,
    #[serde(rename = "includeCommandLineAPI")]
    pub(super) include_command_line_api: bool,
    pub(super) object_group: &'a str,
    /// Milliseconds after which Chromium ends the script.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timeout: Option<u64>,
}

/// `Runtime.callFunctionOn`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CallFunctionOn<'a> {
    pub(super) object_id: &'a str,
    pub(super) function_declaration: &'a str,
    pub(super) arguments: Vec<Argument>,
    pub(super) await_promise: bool,
    pub(super) return_by_value: bool,
    pub(super) user_gesture: bool,
}

/// An argument of [`CallFunctionOn`].
#[derive(Serialize)]
pub(super) struct Argument {
    pub(super) value: Value,
}

/// `Runtime.releaseObject`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReleaseObject<'a> {
    pub(super) object_id: &'a str,
}

/// `Runtime.terminateExecution`
#[derive(Serialize)]
pub(super) struct TerminateExecution {}

/// `Page.createIsolatedWorld`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateIsolatedWorld<'a> {
    pub(super) frame_id: &'a str,
    pub(super) world_name: &'a str,
}

/// `DOM.getFrameOwner`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GetFrameOwner<'a> {
    pub(super) frame_id: &'a str,
}

/// `DOM.resolveNode`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResolveNode<'a> {
    pub(super) backend_node_id: i64,
    pub(super) execution_context_id: i64,
    pub(super) object_group: &'a str,
}

/// `Runtime.getProperties`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GetProperties<'a> {
    pub(super) object_id: &'a str,
    pub(super) own_properties: bool,
}

/// What an object has.
#[derive(Deserialize, Debug)]
pub(super) struct Properties {
    pub(super) result: Vec<Property>,
}

/// One of them.
#[derive(Deserialize, Debug)]
pub(super) struct Property {
    pub(super) name: String,
    pub(super) value: Option<Remote>,
}

/// `DOM.describeNode`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeNode {
    pub(super) object_id: String,
}

/// A node as DevTools sees it.
#[derive(Deserialize, Debug)]
pub(super) struct Described {
    pub(super) node: Node,
}

/// The parts of it that are used.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct Node {
    pub(super) backend_node_id: i64,
    pub(super) shadow_root_type: Option<String>,
    #[serde(default)]
    pub(super) shadow_roots: Vec<Node>,
}

/// `Runtime.releaseObjectGroup`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReleaseObjectGroup<'a> {
    pub(super) object_group: &'a str,
}

/// `Input.dispatchMouseEvent`
#[derive(Serialize, Clone, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct MouseEvent<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) modifiers: u32,
    pub(super) button: &'a str,
    pub(super) buttons: u32,
    pub(super) click_count: u32,
    pub(super) delta_x: f64,
    pub(super) delta_y: f64,
}

/// `Input.dispatchKeyEvent`
#[derive(Serialize, Clone, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeyEvent {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) modifiers: u32,
    pub(super) key: String,
    pub(super) code: &'static str,
    pub(super) windows_virtual_key_code: u32,
    pub(super) native_virtual_key_code: u32,
    pub(super) location: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unmodified_text: Option<String>,
    /// Editing commands that take the place of the key's own.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(super) commands: &'static [&'static str],
}

/// `Input.insertText`
#[derive(Serialize)]
pub(super) struct InsertText<'a> {
    pub(super) text: &'a str,
}

/// `Input.setInterceptDrags`
#[derive(Serialize)]
pub(super) struct SetInterceptDrags {
    pub(super) enabled: bool,
}

/// `Input.dispatchDragEvent`
#[derive(Serialize, Clone)]
pub(super) struct DragEvent<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) data: &'a Value,
}

/// `DOM.setFileInputFiles`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SetFileInputFiles<'a> {
    pub(super) files: &'a [PathBuf],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) object_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) backend_node_id: Option<i64>,
}

/// An answer without content.
#[derive(Deserialize, Debug)]
pub(super) struct Ignored {}

/// The end of a script.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct Evaluated {
    pub(super) result: Remote,
    pub(super) exception_details: Option<Exception>,
}

/// A value of the page.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct Remote {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) class_name: Option<String>,
    pub(super) value: Option<Value>,
    pub(super) unserializable_value: Option<String>,
    pub(super) description: Option<String>,
    pub(super) object_id: Option<String>,
}

/// What a script raised.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct Exception {
    pub(super) text: String,
    pub(super) line_number: u32,
    pub(super) exception: Option<Remote>,
    pub(super) stack_trace: Option<StackTrace>,
}

/// Where it was raised, innermost call first.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct StackTrace {
    pub(super) call_frames: Vec<CallFrame>,
}

/// One call; lines count from 0.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct CallFrame {
    pub(super) url: String,
    pub(super) line_number: u32,
}

/// Answer of [`CreateIsolatedWorld`].
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct WorldCreated {
    pub(super) execution_context_id: i64,
}

/// Answer of [`GetFrameOwner`].
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct FrameOwner {
    pub(super) backend_node_id: i64,
}

/// Answer of [`ResolveNode`].
#[derive(Deserialize, Debug)]
pub(super) struct ResolvedNode {
    pub(super) object: Remote,
}
