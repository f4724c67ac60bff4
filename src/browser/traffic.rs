//! The requests that a page has under way, counted from Chromium's events.
//!
//! Being told of every request costs half of a load's time again, so it begins with the first question in a tab. Requests
//! from before are not known one by one; whether a document has come to rest since its beginning is told by an event that
//! costs nothing. What stays open by its nature does not count: event streams and WebSockets.

use std::collections::HashMap;

use serde::Deserialize;
use tokio::time::Instant;

use super::cdp::{self, CdpEvent};

/// Requests that are remembered; a page with more under way is not at rest anyway.
const MOST: usize = 4_096;

/// A page's requests under way.
#[derive(Debug)]
pub(super) struct Traffic {
    open: HashMap<String, Request>,
    /// Since when there is none.
    pub(super) quiet_since: Instant,
    /// Whether requests are told.
    is_watched: bool,
    /// Whether no others than those in `open` are under way, as far as can be known.
    is_complete: bool,
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
            is_watched: false,
            // A tab begins with an empty document.
            is_complete: true,
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

    /// Whether requests are told.
    pub(super) fn is_watched(&self) -> bool {
        self.is_watched
    }

    /// Whether there are no requests that nobody told of, as far as can be known.
    pub(super) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Requests are told from now on; whether they were not before.
    pub(super) fn watch(&mut self) -> bool {
        !std::mem::replace(&mut self.is_watched, true)
    }

    /// They are not told after all.
    pub(super) fn watch_ended(&mut self) {
        self.is_watched = false;
    }

    /// The document had none under way for a while, the first time since it began.
    pub(super) fn came_to_rest(&mut self) -> bool {
        !std::mem::replace(&mut self.is_complete, true)
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
            cdp::LOST => self.lost(),
            _ => false,
        }
    }

    /// Some may have ended since, and nobody will tell: all are forgotten.
    fn lost(&mut self) -> bool {
        self.is_complete = false;
        self.drop_where(|_, _| true);
        true
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
        self.is_complete = self.is_watched;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(id: &str) -> Sent {
        Sent {
            request_id: id.into(),
            loader_id: "L1".into(),
            request: Asked {
                url: format!("http://a.test/{id}"),
            },
            r#type: "Fetch".into(),
        }
    }

    #[test]
    fn what_is_under_way_is_known_from_the_document_on_that_is_watched() {
        let mut traffic = Traffic::default();
        traffic.document("L1");
        assert!(!traffic.is_complete(), "nobody has listened");
        assert!(traffic.watch() && !traffic.watch());
        assert!(!traffic.is_complete(), "its first requests may still be under way");
        assert!(traffic.came_to_rest() && traffic.is_complete());
        traffic.sent(None, sent("1"));
        traffic.document("L2");
        assert!(traffic.is_complete() && traffic.open().0 == 0, "another document");
    }

    #[test]
    fn requests_whose_end_was_lost_are_forgotten() {
        let mut traffic = Traffic::default();
        traffic.watch();
        traffic.sent(None, sent("1"));
        assert!(traffic.lost());
        assert_eq!(traffic.open().0, 0);
        assert!(!traffic.is_complete(), "it may still be under way");
    }
}
