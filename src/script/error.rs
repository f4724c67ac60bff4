//! Errors of this module, and what a Lua error says as a failure: file, line and a sentence.

use std::path::PathBuf;

use super::limits::Stopped;
use super::loader::Problem;
use crate::protocol::{ErrorType, Failure};

/// Why the engine could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder of `script.scripts` is not there.
    #[error("the scripts folder {} cannot be read", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A thread could not be started.
    #[error("a Lua thread could not be started")]
    Thread(#[from] std::io::Error),
    /// The virtual machine could not be set up.
    #[error("Lua could not be set up: {0}")]
    Lua(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(ErrorType::Internal, error.to_string())
    }
}

/// A place in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: u32,
}

/// What a Lua error says: where, and in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) place: Option<Place>,
    pub(super) message: String,
}

impl Fault {
    /// Reads an error; `file` is the script it is about, for errors that name only a line.
    pub(super) fn read(error: &mlua::Error, file: &str) -> Self {
        match error {
            mlua::Error::CallbackError { traceback, cause } => {
                let inner = Self::read(cause, file);
                Self {
                    place: inner.place.or_else(|| first_place(traceback)),
                    message: inner.message,
                }
            }
            mlua::Error::WithContext { context, cause } => {
                let inner = Self::read(cause, file);
                Self {
                    place: inner.place,
                    message: format!("{context}: {}", inner.message),
                }
            }
            mlua::Error::RuntimeError(text) => Self::parse(text, file),
            // The compiler knows no file: `LINE: text`.
            mlua::Error::SyntaxError { message, .. } => {
                Self::parse(&format!(":{}", message.trim_start_matches(':')), file)
            }
            mlua::Error::MemoryError(_) => Self {
                place: None,
                message: "not enough memory: the setting script.memory is the limit".to_owned(),
            },
            mlua::Error::ExternalError(error) => Self {
                place: error.downcast_ref::<Stopped>().and_then(|stopped| stopped.0.clone()),
                message: error.to_string(),
            },
            other => Self {
                place: None,
                message: other.to_string(),
            },
        }
    }

    /// Reads Lua's own message: `FILE:LINE: text`, or `:LINE: text` from the compiler, then perhaps a trace.
    pub(super) fn parse(text: &str, file: &str) -> Self {
        let (head, trace) = text.split_once("\nstack traceback:").unwrap_or((text, ""));
        let head = head.trim_end();
        if let Some((place, rest)) = leading_place(head, file) {
            return Self {
                place: Some(place),
                message: rest.trim_start().to_owned(),
            };
        }
        Self {
            place: first_place(trace),
            message: head.to_owned(),
        }
    }

    /// `FILE:LINE: message`, as far as known.
    pub(super) fn sentence(&self, file: &str) -> String {
        match &self.place {
            Some(place) => format!("{}:{}: {}", place.file, place.line, self.message),
            None => format!("{file}: {}", self.message),
        }
    }

    /// The problem of a file.
    pub(super) fn problem(&self, file: &str) -> Problem {
        let line = self
            .place
            .as_ref()
            .filter(|place| place.file == file)
            .map(|place| place.line);
        Problem {
            file: file.to_owned(),
            line,
            error: self.sentence(file),
        }
    }

    /// The failure of a call.
    pub(super) fn failure(&self, error_type: ErrorType, file: &str) -> Failure {
        let failure = Failure::new(error_type, self.sentence(file));
        match &self.place {
            Some(place) => failure.with("file", place.file.as_str()).with("line", place.line),
            None => failure.with("file", file),
        }
    }
}

/// The failure that a Rust function raised, if that is what this error is.
pub(super) fn raised(error: &mlua::Error) -> Option<&Failure> {
    match error {
        mlua::Error::CallbackError { cause, .. } | mlua::Error::WithContext { cause, .. } => raised(cause),
        mlua::Error::ExternalError(error) => error.downcast_ref::<Failure>(),
        _ => None,
    }
}

pub(super) fn leading_place<'a>(text: &'a str, file: &str) -> Option<(Place, &'a str)> {
    let first = text.split('\n').next().unwrap_or(text);
    if let Some((line, rest)) = first.strip_prefix(':').and_then(number) {
        return Some((
            Place {
                file: file.to_owned(),
                line,
            },
            rest,
        ));
    }
    let (end, after) = [".lua:", ".luau:"]
        .iter()
        .filter_map(|suffix| first.find(suffix).map(|at| (at + suffix.len() - 1, at + suffix.len())))
        .min()?;
    let (line, _) = number(&first[after..])?;
    let digits = first[after..].bytes().take_while(u8::is_ascii_digit).count();
    let rest = text[after + digits..]
        .strip_prefix(':')
        .unwrap_or(&text[after + digits..]);
    let name = &first[..end];
    (!name.contains(char::is_whitespace)).then(|| {
        (
            Place {
                file: name.to_owned(),
                line,
            },
            rest,
        )
    })
}

/// The innermost script in a trace; our own Lua has names without a suffix and is passed over.
pub(super) fn first_place(trace: &str) -> Option<Place> {
    trace
        .lines()
        .find_map(|line| leading_place(line.trim_start(), "").map(|(place, _)| place))
}

/// `12: rest` to its number and what follows the colon.
fn number(text: &str) -> Option<(u32, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let line = text[..digits].parse().ok()?;
    Some((line, text[digits..].strip_prefix(':').unwrap_or(&text[digits..])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_from_what_lua_says() {
        let place = |file: &str, line| {
            Some(Place {
                file: file.to_owned(),
                line,
            })
        };
        for (text, expected, message) in [
            (
                "actions/a.lua:3: attempt to index nil",
                place("actions/a.lua", 3),
                "attempt to index nil",
            ),
            (
                "plugins/x/lib/b.luau:12: no\nsecond line",
                place("plugins/x/lib/b.luau", 12),
                "no\nsecond line",
            ),
            (":4: Expected 'end'", place("here.lua", 4), "Expected 'end'"),
            (
                "plain\nstack traceback:\n[C] in ?\nlib/c.lua:7 in function f\n",
                place("lib/c.lua", 7),
                "plain",
            ),
            ("see actions/a.lua:3: for more", None, "see actions/a.lua:3: for more"),
            ("nothing known", None, "nothing known"),
        ] {
            assert_eq!(
                Fault::parse(text, "here.lua"),
                Fault {
                    place: expected,
                    message: message.to_owned()
                },
                "{text}"
            );
        }
    }

    #[test]
    fn a_failure_of_a_call_tells_file_and_line() {
        let fault = Fault::parse("lib/c.lua:7: no", "");
        let failure = fault.failure(ErrorType::HandlerError, "actions/a.lua");
        assert_eq!(failure.message, "lib/c.lua:7: no");
        assert_eq!(
            (failure.details["file"].as_str(), failure.details["line"].as_u64()),
            (Some("lib/c.lua"), Some(7))
        );
    }
}
