//! What became of a navigation: its status, or the network's reason in words.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use url::Url;

use super::Error;
use crate::policy::Denied;

/// Refusals that are remembered; a page can make any number of refused requests.
const REMEMBERED: usize = 64;

/// A navigation that showed a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Navigation {
    /// The address after redirects.
    pub url: String,
    /// The document's title.
    pub title: String,
    /// The HTTP status; none for addresses without HTTP. 404 is a document like any other.
    pub status: Option<u16>,
    /// From the command to the load event.
    pub load_time: Duration,
}

/// What a context's proxy did not let through or could not reach, so that a navigation can say why it failed.
#[derive(Default)]
pub(super) struct Refusals {
    log: Mutex<Log>,
}

#[derive(Default)]
struct Log {
    /// All refusals so far, which is also the number of the next one.
    total: u64,
    violations: u64,
    recent: VecDeque<Refused>,
}

/// One refused request.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    number: u64,
    /// How many violations there were before this one.
    violations: u64,
    url: Url,
    why: Why,
}

/// Why a request was refused.
#[derive(Clone, Debug)]
pub(super) enum Why {
    /// By the domain rules.
    Denied(Denied),
    /// The server could not be reached: Chromium's name for that.
    Unreachable(&'static str),
}

// === impl Refusals ===

impl Refusals {
    /// Notes a refusal.
    pub(super) fn note(&self, url: Url, why: Why) {
        let mut log = self.lock();
        if log.recent.len() == REMEMBERED {
            log.recent.pop_front();
        }
        let (number, violations) = (log.total, log.violations);
        log.total += 1;
        log.violations += u64::from(matches!(why, Why::Denied(_)));
        log.recent.push_back(Refused {
            number,
            violations,
            url,
            why,
        });
    }

    /// The number of the next refusal.
    pub(super) fn mark(&self) -> u64 {
        self.lock().total
    }

    /// Requests denied by the rules so far.
    pub(super) fn violations(&self) -> u64 {
        self.lock().violations
    }

    /// The latest request denied since there were `n` violations.
    pub(super) fn last_violation_since(&self, n: u64) -> Option<Denied> {
        let log = self.lock();
        log.recent
            .iter()
            .rev()
            .take_while(|refused| refused.violations >= n)
            .find_map(|refused| match &refused.why {
                Why::Denied(denied) => Some(denied.clone()),
                Why::Unreachable(_) => None,
            })
    }

    /// The refusal of exactly this document since a mark.
    pub(super) fn of_document(&self, mark: u64, url: &str) -> Option<Error> {
        let url = url.split('#').next().unwrap_or(url);
        let log = self.lock();
        let found = log
            .recent
            .iter()
            .rev()
            .take_while(|r| r.number >= mark)
            .find(|r| r.url.as_str() == url)?;
        Some(found.error())
    }

    /// The refusal behind a tunnel that was not made, since a mark: of the address's host, else the latest one, since a
    /// redirect may have led elsewhere.
    pub(super) fn of_tunnel(&self, mark: u64, url: &Url) -> Option<Error> {
        let log = self.lock();
        let same = |r: &&Refused| {
            r.url.host_str() == url.host_str() && r.url.port_or_known_default() == url.port_or_known_default()
        };
        let since = || log.recent.iter().rev().take_while(|r| r.number >= mark);
        since().find(same).or_else(|| since().next()).map(Refused::error)
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Refused {
    fn error(&self) -> Error {
        match &self.why {
            Why::Denied(denied) => Error::Denied(denied.clone()),
            Why::Unreachable(code) => network(self.url.as_str(), code),
        }
    }
}

/// The error for a navigation that Chromium gave up with `net::CODE`.
pub(super) fn network(url: &str, text: &str) -> Error {
    let code = text.trim_start_matches("net::").to_owned();
    Error::Network {
        url: url.to_owned(),
        words: words(&code),
        code,
    }
}

/// Chromium's reason in words.
fn words(code: &str) -> String {
    let known = match code {
        "ERR_CONNECTION_REFUSED" => "nothing accepts connections there",
        "ERR_NAME_NOT_RESOLVED" | "ERR_NAME_RESOLUTION_FAILED" => "the host name is not known",
        "ERR_INTERNET_DISCONNECTED" => "this machine has no network",
        "ERR_NETWORK_CHANGED" => "the network changed while loading",
        "ERR_ADDRESS_UNREACHABLE" => "there is no route to the address",
        "ERR_ADDRESS_INVALID" => "the address cannot be connected to",
        "ERR_CONNECTION_TIMED_OUT" | "ERR_TIMED_OUT" => "the server did not answer in time",
        "ERR_CONNECTION_RESET" => "the server broke the connection",
        "ERR_CONNECTION_CLOSED" => "the server closed the connection",
        "ERR_CONNECTION_ABORTED" => "the connection was aborted",
        "ERR_CONNECTION_FAILED" => "the connection failed",
        "ERR_EMPTY_RESPONSE" => "the server closed the connection without an answer",
        "ERR_INVALID_RESPONSE" | "ERR_INVALID_HTTP_RESPONSE" => "the server's answer is no valid HTTP",
        "ERR_HTTP_RESPONSE_CODE_FAILURE" => "the server answered with an error and no document",
        "ERR_TOO_MANY_REDIRECTS" => "the server redirects in a circle",
        "ERR_UNSAFE_PORT" => "Chromium does not open that port",
        "ERR_INVALID_AUTH_CREDENTIALS" => "the site asks for a user name and a password",
        "ERR_FAILED" => "the page could not be fetched",
        "ERR_SSL_PROTOCOL_ERROR" => "the server does not speak TLS properly",
        "ERR_SSL_VERSION_OR_CIPHER_MISMATCH" => "the server's TLS is too old",
        "ERR_CERT_AUTHORITY_INVALID" => "the certificate's issuer is not trusted",
        "ERR_CERT_DATE_INVALID" => "the certificate is not valid at this date",
        "ERR_CERT_COMMON_NAME_INVALID" => "the certificate is for another host",
        "ERR_TUNNEL_CONNECTION_FAILED" | "ERR_PROXY_CONNECTION_FAILED" => "no connection could be made",
        "ERR_BLOCKED_BY_CLIENT" | "ERR_BLOCKED_BY_RESPONSE" => "the request was blocked",
        "ERR_UNKNOWN_URL_SCHEME" => "Chromium does not know that kind of address",
        "ERR_INVALID_URL" => "the address is not valid",
        "ERR_ABORTED" => "the navigation was given up; the server sent no document, or the page went elsewhere",
        _ => return code.trim_start_matches("ERR_").replace('_', " ").to_lowercase(),
    };
    format!("{known} ({code})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(domain: &str) -> Why {
        Why::Denied(Denied {
            domain: domain.into(),
            reason: "no".into(),
        })
    }

    #[test]
    fn a_navigation_finds_its_own_refusal_only() {
        let refusals = Refusals::default();
        let url = |text: &str| Url::parse(text).expect("a URL");
        refusals.note(url("http://a.test/x"), denied("a.test"));
        let mark = refusals.mark();
        assert!(refusals.of_document(mark, "http://a.test/x").is_none());
        refusals.note(url("http://a.test/x"), Why::Unreachable("ERR_CONNECTION_REFUSED"));
        assert!(matches!(
            refusals.of_document(mark, "http://a.test/x#top"),
            Some(Error::Network { .. })
        ));
        refusals.note(url("https://b.test/"), denied("b.test"));
        assert!(matches!(
            refusals.of_tunnel(mark, &url("https://b.test/deep")),
            Some(Error::Denied(_))
        ));
        assert_eq!(refusals.violations(), 2);
        assert_eq!(
            refusals.last_violation_since(1).map(|d| d.domain).as_deref(),
            Some("b.test")
        );
        assert!(refusals.last_violation_since(2).is_none());
    }

    #[test]
    fn reasons_are_words() {
        assert!(words("ERR_CONNECTION_REFUSED").contains("nothing accepts"));
        assert_eq!(words("ERR_SOME_NEW_THING"), "some new thing");
    }
}
