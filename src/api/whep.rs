//! Signalling for viewers: WHEP (draft-ietf-wish-whep): an offer in, an answer out, DELETE to leave.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::App;
use super::error::CallError;
use super::sessions::room_of;
use crate::protocol::{ErrorType, Failure};

pub(super) async fn offer(
    State(app): State<App>,
    Path(room): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, CallError> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    if !kind.starts_with("application/sdp") {
        let sentence = "WHEP takes an SDP offer with Content-Type: application/sdp";
        return Err(CallError::with_status(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorType::InvalidParams,
            sentence,
        ));
    }
    let sdp = std::str::from_utf8(&body)
        .map_err(|_| Failure::new(ErrorType::InvalidParams, "the SDP offer is not UTF-8 text"))?;
    let room = room_of(&room)?;
    let stream = app.directory.find(&room)?.stream()?;
    let viewer = app
        .whep
        .offer(stream.fanout(), sdp, room.as_str())
        .await
        .map_err(Failure::from)?;
    let mut location = String::from("/whep/");
    location.extend(url::form_urlencoded::byte_serialize(room.as_str().as_bytes()));
    let location = format!("{}/{}", location.replace('+', "%20"), viewer.id);
    let headers = [
        (header::CONTENT_TYPE, "application/sdp".to_owned()),
        (header::LOCATION, location),
    ];
    Ok((StatusCode::CREATED, headers, viewer.answer_sdp).into_response())
}

pub(super) async fn leave(
    State(app): State<App>,
    Path((_, viewer)): Path<(String, String)>,
) -> Result<StatusCode, CallError> {
    if app.whep.leave(&viewer).await {
        return Ok(StatusCode::OK);
    }
    Err(CallError::with_status(
        StatusCode::NOT_FOUND,
        ErrorType::InvalidParams,
        "there is no such viewer any more",
    ))
}
