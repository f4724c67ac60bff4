//! Why a command never reached its action's script.

use crate::protocol::{ErrorType, Failure};

/// What is wrong with a command before its script runs, or with what the script gave back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The command is one that changes the session.
    #[error("{0} is no action; it changes the session itself")]
    NoAction(String),
    /// No script of that name.
    #[error("there is no action {name:?}{}", hint(.nearest))]
    Unknown {
        /// What was asked for.
        name: String,
        /// Actions that are spelled much like it.
        nearest: Vec<String>,
    },
    /// The script's `run` gave back something that is no table of named fields.
    #[error("the action {name} answered with {what}; its `run` must return a table with named fields, or nothing")]
    Answer {
        /// The action.
        name: String,
        /// What it returned.
        what: &'static str,
    },
    /// Whoever owns the command gave it up.
    #[error("the command was cancelled while it ran; what it had done until then stays done")]
    Cancelled,
}

fn hint(nearest: &[String]) -> String {
    if nearest.is_empty() {
        return "; `perilune script list` shows all".to_owned();
    }
    format!("; did you mean {}?", nearest.join(" or "))
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::NoAction(_) => ErrorType::InvalidCommand,
            Error::Unknown { .. } => ErrorType::UnknownAction,
            Error::Answer { .. } => ErrorType::HandlerError,
            Error::Cancelled => ErrorType::Cancelled,
        };
        let failure = Self::new(kind, error.to_string());
        match error {
            Error::Unknown { nearest, .. } => failure.with("nearest", nearest),
            _ => failure,
        }
    }
}
