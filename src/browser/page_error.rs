//! What can go wrong on a page: with a target, its state, a script, or the way to Chromium.

use std::time::Duration;

use super::cdp::CdpError;
use crate::protocol::{ErrorType, Failure};

/// Why something on a page was not done.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The index belongs to a snapshot that is no longer true.
    #[error("index {index} is out of date: the page has changed since its snapshot was taken")]
    StaleIndex {
        /// The index.
        index: u32,
        /// The revision it was given for; 0: none was given and none is known.
        revision: u64,
        /// The revision of the latest snapshot.
        current: u64,
    },
    /// Nothing fits the target.
    #[error("there is no {what}")]
    NotFound {
        /// What was looked for.
        what: String,
    },
    /// The element has left the page after it was found.
    #[error("{what} is no longer on the page")]
    Gone {
        /// The element.
        what: String,
    },
    /// The selector is not CSS.
    #[error("'{selector}' is not a CSS selector: {message}")]
    InvalidSelector {
        /// The selector.
        selector: String,
        /// Chromium's words.
        message: String,
    },
    /// The element is there, but cannot be acted on.
    #[error("{what} cannot be acted on: {why}")]
    NotInteractable {
        /// The element.
        what: String,
        /// The reason.
        why: String,
    },
    /// The element was told something and did not become what was asked for.
    #[error("{what} did not do what it was told: {why}")]
    Unchanged {
        /// The element.
        what: String,
        /// The reason.
        why: String,
    },
    /// The list has no such choice.
    #[error("{what} has no option '{choice}'; it has: {known}")]
    NoOption {
        /// The element.
        what: String,
        /// What was asked for.
        choice: String,
        /// What there is, as a list for people.
        known: String,
    },
    /// Not a colour.
    #[error("'{colour}' is no colour")]
    InvalidColour {
        /// What was given.
        colour: String,
    },
    /// What was waited for did not come.
    #[error("{what} within {after:?}: {seen}")]
    NeverCame {
        /// What did not happen, as a sentence without its end.
        what: String,
        /// How it stands instead.
        seen: String,
        /// The deadline.
        after: Duration,
    },
    /// The script raised an error.
    #[error("the script failed: {message}")]
    Script {
        /// Its message.
        message: String,
        /// The line, from 1.
        line: Option<u32>,
    },
    /// The result or the text is larger than allowed.
    #[error("{what} has {bytes} bytes, more than the {limit} allowed")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size, or where counting stopped.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Not done in time.
    #[error("{what} did not end within {after:?}")]
    Timeout {
        /// What was waited for.
        what: &'static str,
        /// The deadline.
        after: Duration,
    },
    /// Not the name of a key.
    #[error("'{keys}' names no key")]
    InvalidKeys {
        /// What was given.
        keys: String,
    },
    /// What was dragged was not taken where it was let go.
    #[error("what was dragged was not taken where it was let go")]
    NotDropped,
    /// The file is in none of the folders that files may be taken from.
    #[error("{path} is not in a folder that files may be taken from")]
    FileDenied {
        /// As it was given.
        path: String,
    },
    /// There is no such file.
    #[error("there is no file {path} in the folders that files may be taken from")]
    NoFile {
        /// As it was given.
        path: String,
    },
    /// Chromium did not answer as it should.
    #[error(transparent)]
    Cdp(#[from] CdpError),
}

impl From<PageError> for Failure {
    fn from(error: PageError) -> Self {
        let kind = error.error_type();
        let failure = Failure::new(kind, sentence(&error));
        match error {
            PageError::StaleIndex {
                index,
                revision,
                current,
            } => failure
                .with("index", index)
                .with("revision", revision)
                .with("current_revision", current),
            PageError::NotInteractable { what, why } | PageError::Unchanged { what, why } => {
                failure.with("element", what).with("reason", why)
            }
            // The caller has said how long; a second wait would be as long again.
            PageError::NeverCame { seen, .. } => Failure {
                retryable: false,
                ..failure.with("seen", seen)
            },
            PageError::Script { line: Some(line), .. } => failure.with("line", line),
            PageError::TooLarge { bytes, limit, .. } => failure.with("bytes", bytes).with("limit", limit),
            // The input or the script may have had its effect: a second try would be a second effect.
            PageError::Timeout { .. } => Failure {
                retryable: false,
                ..failure
            },
            _ => failure,
        }
    }
}

impl PageError {
    /// The code of the table.
    pub fn error_type(&self) -> ErrorType {
        match self {
            Self::StaleIndex { .. } => ErrorType::StaleIndex,
            Self::NotFound { .. } | Self::Gone { .. } | Self::NoOption { .. } => ErrorType::ElementNotFound,
            Self::InvalidColour { .. }
            | Self::InvalidSelector { .. }
            | Self::InvalidKeys { .. }
            | Self::NoFile { .. }
            | Self::TooLarge { what: "the text", .. } => ErrorType::InvalidParams,
            Self::FileDenied { .. } => ErrorType::PermissionDenied,
            Self::NotInteractable { .. } => ErrorType::NotInteractable,
            Self::NotDropped | Self::Script { .. } | Self::TooLarge { .. } | Self::Unchanged { .. } => {
                ErrorType::ActionFailed
            }
            Self::Timeout { .. } | Self::NeverCame { .. } | Self::Cdp(CdpError::Deadline { .. }) => ErrorType::Timeout,
            Self::Cdp(CdpError::Crashed | CdpError::Gone) => ErrorType::BrowserCrashed,
            Self::Cdp(CdpError::Detached | CdpError::Refused { .. } | CdpError::Answer { .. }) => {
                ErrorType::ActionFailed
            }
        }
    }
}

/// What happened and what to do next.
fn sentence(error: &PageError) -> String {
    let next = match error {
        PageError::StaleIndex { .. } => "Take a new snapshot (get_screen_content) and use its indexes.",
        PageError::NotFound { .. } | PageError::Gone { .. } => "Look at the page again (get_screen_content).",
        PageError::NotInteractable { .. } => "Wait, scroll or close what is in the way, then try again.",
        PageError::InvalidColour { .. } => "Use a CSS name such as yellow, or #rrggbb.",
        PageError::NeverCame { .. } => "Look at the page (get_screen_content), or wait longer.",
        PageError::InvalidKeys { .. } => "Use names such as Enter, ArrowDown, Control+A or a single character.",
        PageError::NotDropped => "Look where the page takes it (get_screen_content) and drag it there.",
        PageError::FileDenied { .. } => "Put it into such a folder, or add its folder to browser.upload_folders.",
        PageError::NoFile { .. } => "Put it there first, or correct the name.",
        PageError::TooLarge { .. } => "Use less of it at a time.",
        PageError::Cdp(CdpError::Crashed | CdpError::Gone) => "Start the session again.",
        _ => return format!("{}.", capital(&error.to_string()).trim_end_matches('.')),
    };
    format!("{}. {next}", capital(&error.to_string()))
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_say_what_to_do() {
        let failure = Failure::from(PageError::StaleIndex {
            index: 3,
            revision: 1,
            current: 2,
        });
        assert_eq!(failure.error_type, ErrorType::StaleIndex);
        assert_eq!(failure.details["current_revision"], 2);
        assert!(failure.message.starts_with("Index 3 is out of date") && failure.message.ends_with("indexes."));
        let failure = Failure::from(PageError::Timeout {
            what: "the script",
            after: Duration::from_secs(1),
        });
        assert!(!failure.retryable);
    }
}
