//! What a session knows of itself across a crash of its browser, and writes down for the time after its host's death.

use tokio_util::task::AbortOnDropHandle;

use super::checkpoint::{Checkpoint, Checkpoints};
use crate::browser::Context;
use crate::protocol::{Room, StartParams};

/// Last address, cookies and start parameters of one session.
pub(super) struct Memory {
    room: Room,
    checkpoints: Option<Checkpoints>,
    pub(super) url: String,
    pub(super) params: StartParams,
    cookies: Vec<serde_json::Value>,
    saving: Option<AbortOnDropHandle<Vec<serde_json::Value>>>,
}

impl Memory {
    /// Of a new session, or of one that another host has left behind.
    pub(super) fn new(room: Room, checkpoints: Option<Checkpoints>, remembered: Option<Checkpoint>) -> Self {
        let (url, params, cookies) = remembered.map_or_else(Default::default, |c| (c.url, c.params, c.cookies));
        Self {
            room,
            checkpoints,
            url,
            params,
            cookies,
            saving: None,
        }
    }

    /// The cookies to give to the next browser.
    pub(super) fn cookies(&self) -> Vec<serde_json::Value> {
        self.cookies.clone()
    }

    /// Reads the cookies and writes the checkpoint beside the session's loop. While one write is under way another is
    /// not begun; the next change of the page writes again.
    pub(super) fn save(&mut self, context: &Context) {
        if self.saving.is_some() {
            return;
        }
        let (context, checkpoints) = (context.clone(), self.checkpoints.clone());
        let (room, params) = (self.room.clone(), self.params.clone());
        self.saving = Some(AbortOnDropHandle::new(tokio::spawn(async move {
            let cookies = context.cookies().await.unwrap_or_default();
            let url = context.active().map(|tab| tab.url()).unwrap_or_default();
            if let Some(checkpoints) = checkpoints {
                let checkpoint = Checkpoint {
                    room,
                    host: checkpoints.host(),
                    url,
                    params,
                    cookies: cookies.clone(),
                };
                checkpoints.save(&checkpoint).await;
            }
            cookies
        })));
    }

    /// Waits until a write that is under way has ended; for ever if there is none.
    pub(super) async fn saved(&mut self) {
        let Some(saving) = &mut self.saving else {
            return std::future::pending().await;
        };
        let cookies = saving.await;
        self.saving = None;
        if let Ok(cookies) = cookies {
            self.cookies = cookies;
        }
    }

    /// Removes what was written down.
    pub(super) async fn forget(&mut self) {
        self.saving = None;
        if let Some(checkpoints) = &self.checkpoints {
            checkpoints.forget(&self.room).await;
        }
    }
}
