//! The commands that make a new page or frame ready, all sent before the first answer is awaited.

use std::borrow::Cow;

use chromiumoxide_cdp::cdp::browser_protocol::emulation::{
    SetDeviceMetricsOverrideParams, SetFocusEmulationEnabledParams, SetLocaleOverrideParams,
};
use chromiumoxide_cdp::cdp::browser_protocol::inspector;
use chromiumoxide_cdp::cdp::browser_protocol::network::{self, SetUserAgentOverrideParams};
use chromiumoxide_cdp::cdp::browser_protocol::page::{
    self, SetInterceptFileChooserDialogParams, SetLifecycleEventsEnabledParams,
};
use chromiumoxide_cdp::cdp::browser_protocol::target::{FilterEntry, SetAutoAttachParams, TargetFilter};
use chromiumoxide_cdp::cdp::js_protocol::runtime::RunIfWaitingForDebuggerParams;
use chromiumoxide_types::{Command, Method};
use serde::{Deserialize, Serialize};

use super::cdp::{CdpError, Target};

/// What every page of a context gets.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) locale: String,
    /// Set if the locale is another than the process was started with.
    pub(super) user_agent: Option<String>,
}

/// Sets a page up and lets it run; the commands are sent at once, the future awaits their answers.
pub(super) fn page(target: &Target, look: &Look) -> impl Future<Output = Result<(), CdpError>> + Send + use<> {
    let enabled = target.post(page::EnableParams::default());
    let lifecycle = target.post(SetLifecycleEventsEnabledParams::new(true));
    let inspector = target.post(inspector::EnableParams::default());
    let (width, height) = (i64::from(look.width), i64::from(look.height));
    let metrics = target.post(SetDeviceMetricsOverrideParams::new(width, height, 1.0, false));
    // To its script each page is the one in front: otherwise the new headless mode stops drawing tabs that are not.
    let focus = target.post(SetFocusEmulationEnabledParams::new(true));
    let attach = target.post(attach_frames());
    // A file dialog of the window system could not be closed by anybody.
    drop(target.post(SetInterceptFileChooserDialogParams::new(true)));
    // The override is one of the renderer process; a second page in it is refused and has it already.
    drop(target.post(SetLocaleOverrideParams {
        locale: Some(look.locale.clone()),
    }));
    if let Some(user_agent) = &look.user_agent {
        let mut languages = SetUserAgentOverrideParams::new(user_agent.clone());
        languages.accept_language = Some(look.locale.clone());
        drop(target.post(languages));
    }
    let run = target.post(RunIfWaitingForDebuggerParams::default());
    async move {
        enabled.await?;
        lifecycle.await?;
        inspector.await?;
        metrics.await?;
        focus.await?;
        attach.await?;
        run.await.map(drop)
    }
}

/// Sets a frame with a session of its own up and asks for the frames that it already has.
pub(super) fn frame(target: &Target) -> impl Future<Output = Result<Tree, CdpError>> + Send + use<> {
    drop(target.post(page::EnableParams::default()));
    drop(target.post(attach_frames()));
    let tree = target.post(GetFrameTree {});
    drop(target.post(RunIfWaitingForDebuggerParams::default()));
    tree
}

/// Tells of requests without keeping what they bring. Each then costs Chromium a millisecond, so nobody gets this unasked.
pub(super) fn requests() -> network::EnableParams {
    network::EnableParams {
        max_total_buffer_size: Some(0),
        max_resource_buffer_size: Some(0),
        ..Default::default()
    }
}

fn attach_frames() -> SetAutoAttachParams {
    SetAutoAttachParams {
        auto_attach: true,
        wait_for_debugger_on_start: false,
        flatten: Some(true),
        filter: Some(TargetFilter::new(vec![FilterEntry {
            exclude: None,
            r#type: Some("iframe".into()),
        }])),
    }
}

/// `Page.getFrameTree` with an answer of which only the ids are read: other fields may have values that are new.
#[derive(Serialize)]
struct GetFrameTree {}

impl Method for GetFrameTree {
    fn identifier(&self) -> Cow<'static, str> {
        "Page.getFrameTree".into()
    }
}

impl Command for GetFrameTree {
    type Response = Tree;
}

/// A frame tree's ids.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tree {
    frame_tree: Branch,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Branch {
    frame: Id,
    #[serde(default)]
    child_frames: Vec<Branch>,
}

#[derive(Debug, Deserialize)]
struct Id {
    id: String,
}

impl Tree {
    /// Every frame below the root with its parent, parents first.
    pub(super) fn edges(self) -> Vec<(String, String)> {
        let mut edges = Vec::new();
        let mut open = vec![self.frame_tree];
        while let Some(branch) = open.pop() {
            for child in branch.child_frames {
                edges.push((child.frame.id.clone(), branch.frame.id.clone()));
                open.push(child);
            }
        }
        edges
    }
}
