//! What can go wrong between the queue and Redis.

use crate::protocol::{ErrorType, Failure};

/// Why the queue could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Redis refused a command or could not be reached.
    #[error("redis: {0}")]
    Redis(#[from] redis::RedisError),
    /// A script answered in a shape that it never has.
    #[error("the script {0} gave an answer that cannot be read")]
    Answer(&'static str),
    /// The job is not active any more.
    #[error("job {0} is not active")]
    NotActive(String),
}

impl Error {
    /// Whether the same call may succeed later: the connection failed, or Redis cannot work just now. After such an error
    /// nobody knows whether the call had its effect.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Redis(error) => {
                error.is_io_error()
                    || error.is_unrecoverable_error()
                    || matches!(
                        error.code(),
                        Some("LOADING" | "BUSY" | "MASTERDOWN" | "READONLY" | "TRYAGAIN" | "OOM" | "MISCONF")
                    )
            }
            Self::Answer(_) | Self::NotActive(_) => false,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let kind = if error.is_passing() {
            ErrorType::Busy
        } else {
            ErrorType::Internal
        };
        Self::new(kind, error.to_string())
    }
}
