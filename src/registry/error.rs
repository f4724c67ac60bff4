//! Why the registry could not be read.

use std::path::PathBuf;

use crate::protocol::{ErrorType, Failure};

/// What is wrong with the registry's file. None of these repeats what stands in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is there and cannot be read.
    #[error("the credential registry {} cannot be read ({source}); make it readable for the host's user", .file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is no JSON.
    #[error("the credential registry {} is no JSON (line {line}); correct it, or move it away to begin a new one", .file.display())]
    Parse {
        /// The file.
        file: PathBuf,
        /// Where the fault is.
        line: usize,
    },
    /// The file is JSON of another kind.
    #[error("{} is no credential registry; set registry.file to the right one", .0.display())]
    Shape(PathBuf),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let kind = match error {
            Error::Read { .. } | Error::Parse { .. } | Error::Shape(_) => ErrorType::CredentialError,
        };
        Self::new(kind, error.to_string())
    }
}
