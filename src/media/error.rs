//! What can go wrong between a page's picture and its viewers.

use std::net::SocketAddr;

use crate::protocol::{ErrorType, Failure};

/// Why the picture does not reach somebody.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The offer of a viewer cannot be answered.
    #[error("the offer cannot be answered: {0}; send the SDP of a browser that wants to receive VP8 video")]
    Offer(String),
    /// One viewer more than the setting allows.
    #[error("the room has its {0} viewers already; raise stream.max_viewers or let one leave")]
    TooManyViewers(usize),
    /// The stream has come to its end.
    #[error("the session's stream has ended")]
    Ended,
    /// The UDP socket of the viewers.
    #[error("UDP {address} cannot be used for viewers")]
    Socket {
        /// Where.
        address: SocketAddr,
        /// The system's words.
        #[source]
        source: std::io::Error,
    },
    /// The setting `stream.public_address` is no address.
    #[error("stream.public_address is `{0}`, which is no IP address and no name of one")]
    PublicAddress(String),
    /// LiveKit's side.
    #[error("LiveKit: {0}")]
    Livekit(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::Offer(_) => ErrorType::InvalidParams,
            Error::TooManyViewers(_) => ErrorType::Busy,
            Error::Ended => ErrorType::SessionNotFound,
            Error::Socket { .. } | Error::PublicAddress(_) | Error::Livekit(_) => ErrorType::StreamError,
        };
        Failure::new(kind, error.to_string())
    }
}
