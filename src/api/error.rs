//! Failures of a call to HTTP, in one place.

use axum::Json;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::protocol::{ErrorType, Failure};

/// A call that failed as a call: `{"error", "error_type"}` with the status of the table.
pub(super) struct CallError {
    status: StatusCode,
    failure: Box<Failure>,
}

impl CallError {
    /// A failure with a status other than the table's.
    pub(super) fn with_status(status: StatusCode, error_type: ErrorType, message: impl Into<String>) -> Self {
        Self {
            status,
            failure: Box::new(Failure::new(error_type, message)),
        }
    }
}

impl From<Failure> for CallError {
    fn from(failure: Failure) -> Self {
        let status =
            StatusCode::from_u16(failure.error_type.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self {
            status,
            failure: Box::new(failure),
        }
    }
}

impl IntoResponse for CallError {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.failure.message, "error_type": self.failure.error_type });
        (self.status, Json(body)).into_response()
    }
}

pub(super) async fn no_route(uri: Uri) -> CallError {
    let sentence = format!("there is nothing at {}; GET /mcp/tools lists the tools", uri.path());
    CallError::with_status(StatusCode::NOT_FOUND, ErrorType::InvalidCommand, sentence)
}

pub(super) async fn no_method(method: Method, uri: Uri) -> CallError {
    let sentence = format!("{} does not take {method}", uri.path());
    CallError::with_status(StatusCode::METHOD_NOT_ALLOWED, ErrorType::InvalidCommand, sentence)
}
