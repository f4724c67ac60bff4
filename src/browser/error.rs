//! What can go wrong with a browser, and the sentence a caller reads about it.

use std::time::Duration;

use super::cdp::CdpError;
use crate::policy::Denied;
use crate::protocol::{ErrorType, Failure};

/// Why something on a browser did not work.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// There is no Chromium to start.
    #[error("no Chromium found as {wanted}")]
    NoBrowser {
        /// What was looked for.
        wanted: String,
    },
    /// A Chromium was started and did not come up.
    #[error("Chromium did not start: {reason}")]
    Launch {
        /// What it said last.
        reason: String,
    },
    /// No place for another browser context.
    #[error("all {limit} places for sessions are taken")]
    Busy {
        /// How many there are.
        limit: usize,
    },
    /// The page's renderer or the whole process is gone.
    #[error("the browser crashed: {reason}")]
    Crashed {
        /// What happened.
        reason: String,
    },
    /// The tab or the context was closed.
    #[error("the page was closed")]
    Closed,
    /// No tab of that index.
    #[error("there is no tab {index}, only 0 to {}", .count.saturating_sub(1))]
    NoTab {
        /// The index asked for.
        index: usize,
        /// How many tabs there are.
        count: usize,
    },
    /// No place for another tab.
    #[error("the session has {limit} tabs already")]
    TooManyTabs {
        /// How many there may be.
        limit: usize,
    },
    /// The history ends here.
    #[error("there is no page to go {direction} to")]
    NoHistory {
        /// `back` or `forward`.
        direction: &'static str,
    },
    /// The domain rules forbid it.
    #[error("{}", .0.reason)]
    Denied(Denied),
    /// The page could not be fetched.
    #[error("{url} could not be reached: {words}")]
    Network {
        /// The address.
        url: String,
        /// Chromium's name of the reason, such as `ERR_CONNECTION_REFUSED`.
        code: String,
        /// The same in words.
        words: String,
    },
    /// The page did not load in time.
    #[error("{url} did not load within {after:?}")]
    NavigationTimeout {
        /// The address.
        url: String,
        /// The deadline.
        after: Duration,
    },
    /// The address is a file to download.
    #[error("{url} is a download")]
    Download {
        /// The address.
        url: String,
    },
    /// The server answered a download with an error.
    #[error("the server answered {url} with HTTP status {status}")]
    Status {
        /// The address.
        url: String,
        /// The status.
        status: i64,
    },
    /// A download came to nothing.
    #[error("the download of {url} failed: {why}")]
    BrokenDownload {
        /// The address.
        url: String,
        /// The reason.
        why: String,
    },
    /// Downloads are switched off.
    #[error("this host takes no downloads")]
    NoDownloads,
    /// No tab was closed that could be opened again.
    #[error("no tab of this session was closed")]
    NothingClosed,
    /// A command to the browser had no answer in time.
    #[error("{what} did not end within {after:?}")]
    Timeout {
        /// What was waited for.
        what: String,
        /// The deadline.
        after: Duration,
    },
    /// Chromium refused a command.
    #[error("{what}: {reason}")]
    Refused {
        /// The command.
        what: String,
        /// Chromium's words.
        reason: String,
    },
    /// Chromium's answer has a shape that this program does not know.
    #[error("answer not understood: {0}")]
    Answer(String),
}

impl From<CdpError> for Error {
    fn from(error: CdpError) -> Self {
        match error {
            CdpError::Refused { method, message } => Self::Refused {
                what: method,
                reason: message,
            },
            CdpError::Deadline { method, after } => Self::Timeout { what: method, after },
            CdpError::Crashed => Self::Crashed {
                reason: "the page's renderer died".into(),
            },
            CdpError::Gone => Self::Crashed {
                reason: "the browser process died".into(),
            },
            CdpError::Detached => Self::Closed,
            CdpError::Answer { method, message } => Self::Answer(format!("{method}: {message}")),
        }
    }
}

// === impl Error ===

impl Error {
    /// The code of the table.
    fn error_type(&self) -> ErrorType {
        match self {
            Self::NoBrowser { .. } | Self::Download { .. } | Self::NoDownloads => ErrorType::Unsupported,
            Self::Status { status: 429, .. } => ErrorType::RateLimited,
            Self::Status { status: 500.., .. } => ErrorType::NetworkError,
            Self::Status { .. } | Self::BrokenDownload { .. } | Self::NothingClosed => ErrorType::ActionFailed,
            Self::Launch { .. } | Self::Crashed { .. } => ErrorType::BrowserCrashed,
            Self::Busy { .. } => ErrorType::Busy,
            Self::NoTab { .. } => ErrorType::InvalidParams,
            Self::Closed | Self::NoHistory { .. } | Self::TooManyTabs { .. } | Self::Refused { .. } => {
                ErrorType::ActionFailed
            }
            Self::Denied(_) => ErrorType::DomainBlocked,
            Self::Network { .. } => ErrorType::NetworkError,
            Self::NavigationTimeout { .. } => ErrorType::NavigationTimeout,
            Self::Timeout { .. } => ErrorType::Timeout,
            Self::Answer(_) => ErrorType::Internal,
        }
    }

    /// What the caller can do about it.
    fn advice(&self) -> &'static str {
        match self {
            Self::NoBrowser { .. } => "install chromium-headless-shell or chromium, or set browser.executable",
            Self::Launch { .. } => "try again, or run `perilune doctor`",
            Self::Busy { .. } => "close a session or try again later",
            Self::Crashed { .. } => "start the session again",
            Self::Closed | Self::NoTab { .. } => "look at the open tabs",
            Self::TooManyTabs { .. } => "close one first",
            Self::NoHistory { .. } => "the history of this tab ends here",
            Self::Denied(_) => "stay within the session's domain rules",
            Self::Network { .. } => "check the address and that the server runs",
            Self::NavigationTimeout { .. } => "the tab can still be used and shows what has arrived",
            Self::Download { .. } => "fetch it with download_file",
            Self::Status { .. } => "check the address",
            Self::BrokenDownload { .. } => "try again, or another address",
            Self::NoDownloads => "set browser.downloads to keep or asked",
            Self::NothingClosed => "open a new one with new_tab",
            Self::Timeout { .. } => "the page may be busy, try again",
            Self::Refused { .. } => "the browser refused that on this page",
            Self::Answer(_) => "this Chromium may be too new or too old",
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let failure = Self::new(error.error_type(), format!("{error}; {}", error.advice()));
        match error {
            Error::NoTab { count, .. } => failure.with("tabs", count),
            Error::Denied(denied) => failure.with("domain", denied.domain),
            Error::Network { url, code, .. } => failure.with("url", url).with("code", code),
            Error::NavigationTimeout { url, .. } | Error::Download { url } | Error::BrokenDownload { url, .. } => {
                failure.with("url", url)
            }
            Error::Status { url, status } => failure.with("url", url).with("status", status),
            _ => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_happened_and_what_to_do() {
        let failure = Failure::from(Error::NoTab { index: 7, count: 2 });
        assert_eq!(failure.message, "there is no tab 7, only 0 to 1; look at the open tabs");
        assert_eq!(failure.details["tabs"], 2);
        assert!(Failure::from(Error::from(CdpError::Gone)).retryable);
    }
}
