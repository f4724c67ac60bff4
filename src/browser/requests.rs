//! What a page requested: address, status, time and size of each, secrets in addresses as stars.

use std::collections::{HashMap, VecDeque};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::cdp::CdpEvent;
use super::record::RecordFilter;
use crate::policy::scrub;

/// Requests that are kept.
const KEPT: usize = 500;
/// Requests that are under way and followed; a page may begin any number.
const FOLLOWED: usize = 1000;
/// Characters of an address; `data:` ones hold a whole file.
const ADDRESS: usize = 1000;

/// One request.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RequestEntry {
    /// Its method; none when only the page's own timing tells of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Its address; secrets as stars.
    pub url: String,
    /// The answer's HTTP status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// `document`, `script`, `image`, `fetch`, ...
    pub resource_type: String,
    /// From its beginning to its end; none while it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
    /// What came over the network, head and body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// When it began, in seconds since 1970.
    pub timestamp: f64,
}

/// The ring.
#[derive(Default)]
pub(super) struct Requests {
    entries: VecDeque<RequestEntry>,
    /// The number of the first entry: numbers are for ever, places are not.
    first: u64,
    /// Requests under way: the entry's number and when it began by Chromium's clock.
    open: HashMap<String, (u64, f64)>,
}

/// A request as the page's own timing has it.
#[derive(Deserialize)]
pub(super) struct Timing {
    url: String,
    kind: String,
    status: u16,
    duration: f64,
    bytes: u64,
    at: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    request_id: String,
    request: Request,
    timestamp: f64,
    wall_time: f64,
    #[serde(default)]
    r#type: String,
    redirect_response: Option<Response>,
}

#[derive(Deserialize)]
struct Request {
    url: String,
    method: String,
}

#[derive(Deserialize)]
struct Response {
    status: u16,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Received {
    request_id: String,
    response: Response,
    #[serde(default)]
    r#type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ended {
    request_id: String,
    timestamp: f64,
    #[serde(default)]
    encoded_data_length: f64,
    error_text: Option<String>,
    #[serde(default)]
    canceled: bool,
    blocked_reason: Option<String>,
}

// === impl Requests ===

impl Requests {
    /// Takes an event in.
    pub(super) fn event(&mut self, event: &CdpEvent) {
        match event.method.as_str() {
            "Network.requestWillBeSent" => {
                if let Some(sent) = event.params() {
                    self.sent(sent);
                }
            }
            "Network.responseReceived" => {
                if let Some(Received {
                    request_id,
                    response,
                    r#type,
                }) = event.params()
                    && let Some(entry) = self.entry(&request_id)
                {
                    entry.status = Some(response.status).filter(|status| *status != 0);
                    entry.resource_type = r#type.to_lowercase();
                }
            }
            "Network.loadingFinished" | "Network.loadingFailed" => {
                if let Some(ended) = event.params() {
                    self.ended(ended);
                }
            }
            _ => {}
        }
    }

    /// What was requested before anything was recorded.
    pub(super) fn earlier(&mut self, timings: Vec<Timing>) {
        let mut earlier: Vec<_> = timings.into_iter().map(Timing::entry).collect();
        earlier.sort_by(|a, b| a.timestamp.total_cmp(&b.timestamp));
        // Those that are recorded already are known better.
        let recorded = self.entries.front().map_or(f64::INFINITY, |entry| entry.timestamp);
        earlier.retain(|entry| entry.timestamp < recorded);
        let room = KEPT - self.entries.len();
        let start = earlier.len().saturating_sub(room);
        let taken = earlier.split_off(start);
        let count = taken.len() as u64;
        for entry in taken.into_iter().rev() {
            self.entries.push_front(entry);
        }
        // Numbers of what was there shift with their places.
        for (number, _) in self.open.values_mut() {
            *number += count;
        }
    }

    /// The latest entries that fit, and how many do.
    pub(super) fn list(&mut self, filter: &RecordFilter) -> (Vec<RequestEntry>, usize) {
        let fits = |entry: &&RequestEntry| {
            filter.since.is_none_or(|since| entry.timestamp >= since)
                && filter.url.as_deref().is_none_or(|part| entry.url.contains(part))
        };
        let all: Vec<_> = self.entries.iter().filter(fits).cloned().collect();
        if filter.clear {
            self.first += self.entries.len() as u64;
            self.entries.clear();
            self.open.clear();
        }
        let count = all.len();
        (
            all.into_iter().skip(count.saturating_sub(filter.limit)).collect(),
            count,
        )
    }

    fn entry(&mut self, id: &str) -> Option<&mut RequestEntry> {
        let (number, _) = self.open.get(id)?;
        self.entries
            .get_mut(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    fn sent(&mut self, sent: Sent) {
        if let Some(redirect) = &sent.redirect_response {
            let began = self.open.get(&sent.request_id).map(|(_, began)| *began);
            if let (Some(entry), Some(began)) = (self.entry(&sent.request_id), began) {
                entry.status = Some(redirect.status);
                entry.duration_ms = Some((sent.timestamp - began) * 1000.0);
            }
        }
        if self.entries.len() == KEPT {
            self.entries.pop_front();
            self.first += 1;
        }
        if self.open.len() >= FOLLOWED {
            let first = self.first;
            self.open.retain(|_, (number, _)| *number >= first);
            if self.open.len() >= FOLLOWED {
                self.open.clear();
            }
        }
        let number = self.first + self.entries.len() as u64;
        self.open.insert(sent.request_id, (number, sent.timestamp));
        self.entries.push_back(RequestEntry {
            method: Some(sent.request.method),
            url: shown(&sent.request.url),
            resource_type: sent.r#type.to_lowercase(),
            timestamp: sent.wall_time,
            ..RequestEntry::default()
        });
    }

    fn ended(&mut self, ended: Ended) {
        let Some(began) = self.open.get(&ended.request_id).map(|(_, began)| *began) else {
            return;
        };
        if let Some(entry) = self.entry(&ended.request_id) {
            entry.duration_ms = Some((ended.timestamp - began).max(0.0) * 1000.0);
            match ended.error_text {
                None => entry.bytes = Some(ended.encoded_data_length as u64),
                Some(_) if ended.canceled => entry.failure = Some("canceled".to_owned()),
                Some(text) => {
                    let why = ended.blocked_reason.map_or(text, |reason| format!("blocked: {reason}"));
                    entry.failure = Some(why.trim_start_matches("net::").to_owned());
                }
            }
        }
        self.open.remove(&ended.request_id);
    }
}

impl Timing {
    fn entry(self) -> RequestEntry {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0.0, |now| now.as_secs_f64());
        RequestEntry {
            method: None,
            url: shown(&self.url),
            status: Some(self.status).filter(|status| *status != 0),
            resource_type: self.kind,
            duration_ms: Some(self.duration),
            bytes: Some(self.bytes),
            failure: None,
            timestamp: (self.at / 1000.0).min(now),
        }
    }
}

fn shown(url: &str) -> String {
    scrub(&url.chars().take(ADDRESS).collect::<String>()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(id: usize) -> Sent {
        Sent {
            request_id: id.to_string(),
            request: Request {
                url: format!("http://a.test/{id}?token=abc"),
                method: "GET".into(),
            },
            timestamp: id as f64,
            wall_time: id as f64,
            r#type: "Fetch".into(),
            redirect_response: None,
        }
    }

    #[test]
    fn the_ring_keeps_the_latest_and_its_memory_is_bounded() {
        let mut requests = Requests::default();
        (0..5000).for_each(|id| requests.sent(sent(id)));
        assert_eq!(requests.entries.len(), KEPT);
        assert!(requests.open.len() <= FOLLOWED);
        requests.ended(Ended {
            request_id: "4999".into(),
            timestamp: 5000.5,
            encoded_data_length: 7.0,
            error_text: None,
            canceled: false,
            blocked_reason: None,
        });
        let filter = RecordFilter {
            url: Some("/499".into()),
            limit: 2,
            ..RecordFilter::default()
        };
        let (list, count) = requests.list(&filter);
        assert_eq!((list.len(), count), (2, 10));
        assert_eq!(list[1].bytes, Some(7));
        assert_eq!(list[1].duration_ms, Some(1500.0));
        assert_eq!(list[1].url, "http://a.test/4999?token=***");
    }

    #[test]
    fn what_was_before_stands_before() {
        let mut requests = Requests::default();
        requests.sent(sent(10));
        let timing = |at| Timing {
            url: "http://a.test/".into(),
            kind: "navigation".into(),
            status: 200,
            duration: 1.0,
            bytes: 1,
            at,
        };
        requests.earlier(vec![timing(2000.0), timing(1000.0), timing(11_000.0)]);
        let (list, _) = requests.list(&RecordFilter {
            limit: 9,
            ..RecordFilter::default()
        });
        let times: Vec<_> = list.iter().map(|entry| entry.timestamp).collect();
        assert_eq!(times, [1.0, 2.0, 10.0]);
        assert_eq!(requests.entry("10").map(|entry| entry.timestamp), Some(10.0));
    }
}
