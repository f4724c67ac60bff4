//! Why a request got no answer.

use crate::policy::Denied;
use crate::protocol::{ErrorType, Failure};

/// What came between a request and its answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The domain rules forbid the place.
    #[error(transparent)]
    Denied(Denied),
    /// The caller's gate forbids the place.
    #[error(transparent)]
    Refused(Failure),
    /// An address that is none of HTTP.
    #[error("{0}: addresses cannot be asked; only http and https can")]
    Scheme(String),
    /// Nobody answers there.
    #[error("{host} cannot be reached: {why}")]
    Unreachable {
        /// Host and port.
        host: String,
        /// Why.
        why: String,
    },
    /// The site does not prove who it is.
    #[error("no encrypted connection to {host}: {why}")]
    Tls {
        /// Host and port.
        host: String,
        /// Why.
        why: String,
    },
    /// The connection ended too early, or what came was no HTTP.
    #[error("{host} ended the connection before its answer was complete, or answered in something else than HTTP/1.1")]
    Broken {
        /// Host and port.
        host: String,
        /// Whether the request can be sent again without harm.
        repeatable: bool,
    },
    /// The answer is larger than what is taken.
    #[error(
        "the answer of {host} is larger than {} bytes; ask for less at a time",
        super::MOST_BODY
    )]
    TooLarge {
        /// Host and port.
        host: String,
    },
    /// One redirect led to the next.
    #[error("more than {0} redirects followed each other; ask for the final address, or allow more with `redirects`")]
    Redirects(u32),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let sentence = error.to_string();
        let final_failure = |kind| Self {
            retryable: false,
            ..Self::new(kind, sentence.clone())
        };
        match error {
            Error::Denied(denied) => denied.into(),
            Error::Refused(failure) => failure,
            Error::Scheme(_) => Self::new(ErrorType::DomainBlocked, sentence),
            Error::Unreachable { .. } => Self::new(ErrorType::NetworkError, sentence),
            Error::Broken { repeatable: true, .. } => Self::new(ErrorType::NetworkError, sentence),
            Error::TooLarge { .. } => final_failure(ErrorType::NetworkError).with("limit", super::MOST_BODY),
            Error::Tls { .. } | Error::Broken { .. } | Error::Redirects(_) => final_failure(ErrorType::NetworkError),
        }
    }
}
