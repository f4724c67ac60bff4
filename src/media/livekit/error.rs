//! What can go wrong on the way into a LiveKit room.

use crate::protocol::{ErrorType, Failure};

/// A failure of the LiveKit publisher.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No token can be made.
    #[error("no access token could be made: {0}")]
    Token(String),
    /// The server refused, or was lost for too long.
    #[error("{0}")]
    Over(String),
    /// It takes longer than the caller wants to wait; the publisher goes on.
    #[error("not {wanted} after {seconds} s; {state}")]
    Slow {
        /// What was waited for.
        wanted: &'static str,
        /// For how long.
        seconds: u64,
        /// What is known.
        state: String,
    },
    /// No socket, or a description that cannot be used.
    #[error("media connection: {0}")]
    Media(String),
}

impl Error {
    pub(super) fn media(error: impl std::fmt::Display) -> Self {
        Self::Media(error.to_string())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let advice = match &error {
            Error::Token(_) => "check livekit.api_key and livekit.api_secret",
            Error::Over(_) => "close the session and start it again, or watch it by WHEP",
            Error::Slow { .. } => "the host goes on trying; watch it by WHEP meanwhile",
            Error::Media(_) => "check that UDP between this host and the LiveKit server is open",
        };
        let retryable = matches!(error, Error::Slow { .. });
        let mut failure = Failure::new(
            ErrorType::StreamError,
            format!("The stream is not in the LiveKit room: {error}; {advice}."),
        );
        failure.retryable = retryable;
        failure
    }
}
