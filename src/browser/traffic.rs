//! The requests that a page has under way, counted from Chromium's events.
//!
//! What stays open by its nature does not count: event streams and WebSockets.

use std::collections::HashMap;

use serde::Deserialize;
use tokio::time::Instant;

use super::cdp::CdpEvent;

/// Requests that are remembered; a page with more under way is not at rest anyway.
const MOST: usize = 4_096;

/// A page's requests under way.
#[derive(Debug)]
pub(super) struct Traffic {
    open: HashMap<String, Request>,
    /// Since when there is none.
    pub(super) quiet_since: Instant,
}

#[derive(Debug)]
struct Request {
    url: String,
    loader: String,
    session: Option<String>,
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            open: HashMap::new(),
            quiet_since: Instant::now(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    request_id: String,
    #[serde(default)]
    loader_id: String,
    request: Asked,
    #[serde(default)]
    r#type: String,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ended {
    request_id: String,
}

// === impl Traffic ===

impl Traffic {
    /// How many are under way, and the address of one.
    pub(super) fn open(&self) -> (usize, Option<&str>) {
        let one = self.open.values().next().map(|request| request.url.as_str());
        (self.open.len(), one)
    }

    /// Takes an event of a page or frame; whether anything changed.
    pub(super) fn event(&mut self, session: Option<&str>, event: &CdpEvent) -> bool {
        match event.method.as_str() {
            "Network.requestWillBeSent" => event.params().is_some_and(|sent| self.sent(session, sent)),
            "Network.loadingFinished" | "Network.loadingFailed" => {
                let Some(Ended { request_id }) = event.params() else {
                    return false;
                };
                self.drop_where(|id, _| *id == request_id)
            }
            _ => false,
        }
    }

    fn sent(&mut self, session: Option<&str>, sent: Sent) -> bool {
        let stays_open = matches!(sent.r#type.as_str(), "EventSource" | "WebSocket" | "Ping");
        if stays_open || sent.request.url.starts_with("data:") || self.open.len() >= MOST {
            return false;
        }
        let request = Request {
            url: sent.request.url.chars().take(300).collect(),
            loader: sent.loader_id,
            session: session.map(str::to_owned),
        };
        self.open.insert(sent.request_id, request);
        true
    }

    /// The page shows another document: what the one before asked for no longer matters.
    pub(super) fn document(&mut self, loader: &str) -> bool {
        self.drop_where(|_, request| request.loader != loader)
    }

    /// A frame's session has ended.
    pub(super) fn left(&mut self, session: &str) -> bool {
        self.drop_where(|_, request| request.session.as_deref() == Some(session))
    }

    fn drop_where(&mut self, is_over: impl Fn(&String, &Request) -> bool) -> bool {
        let before = self.open.len();
        self.open.retain(|id, request| !is_over(id, request));
        if self.open.is_empty() && before > 0 {
            self.quiet_since = Instant::now();
        }
        before != self.open.len()
    }
}
