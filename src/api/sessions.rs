//! The sessions, for reading.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::App;
use super::error::CallError;
use crate::protocol::{ErrorType, Failure, Room, SessionInfo};
use crate::session::Session;

pub(super) async fn list(State(app): State<App>) -> Json<Value> {
    let sessions: Vec<_> = app.directory.list().iter().map(|session| info(&app, session)).collect();
    Json(json!({ "sessions": sessions }))
}

pub(super) async fn show(State(app): State<App>, Path(room): Path<String>) -> Result<Json<SessionInfo>, CallError> {
    let session = app.directory.find(&room_of(&room)?)?;
    Ok(Json(info(&app, &session)))
}

/// A room's name from a path or an argument.
pub(super) fn room_of(name: &str) -> Result<Room, Failure> {
    Room::new(name).map_err(|error| Failure::new(ErrorType::InvalidParams, error.to_string()))
}

fn info(app: &App, session: &Session) -> SessionInfo {
    let viewers = app.whep.viewers(session.room().as_str());
    session.info(viewers, app.directory.links())
}
