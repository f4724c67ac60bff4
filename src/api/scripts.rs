//! The scripts of the host: which are in use, what has changed, going back, and Lua typed at a session.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::error::CallError;
use super::sessions::room_of;
use super::tools::command;
use crate::ops::scripts::{ListedGeneration, Listing};
use crate::protocol::{ErrorType, Failure, Object, Verb};

pub(super) async fn list(State(app): State<App>) -> Json<Listing> {
    Json(app.scripts.list())
}

pub(super) async fn history(State(app): State<App>) -> Json<Vec<ListedGeneration>> {
    Json(app.scripts.history())
}

/// Which generations to compare.
#[derive(Deserialize)]
pub(super) struct Sides {
    from: Option<u64>,
    to: Option<u64>,
}

pub(super) async fn difference(State(app): State<App>, Query(sides): Query<Sides>) -> Result<Json<Value>, CallError> {
    let text = app.scripts.difference(sides.from, sides.to).await?;
    Ok(Json(json!({ "difference": text })))
}

pub(super) async fn reload(State(app): State<App>) -> Result<Json<Value>, CallError> {
    let generation = app.scripts.reload().await?;
    Ok(Json(json!({ "generation": generation })))
}

/// Where to go back to.
#[derive(Deserialize)]
pub(super) struct Target {
    generation: u64,
}

pub(super) async fn go_back(State(app): State<App>, Json(to): Json<Target>) -> Result<Json<Value>, CallError> {
    let generation = app.scripts.go_back(to.generation).await?;
    Ok(Json(json!({ "generation": generation })))
}

/// Lua that somebody has typed.
#[derive(Deserialize)]
pub(super) struct Typed {
    room_name: String,
    code: String,
}

pub(super) async fn evaluate(State(app): State<App>, Json(typed): Json<Typed>) -> Result<Json<Value>, CallError> {
    if !app.repl {
        let sentence = "typing Lua at sessions is switched off; set script.repl = true to allow it";
        return Err(Failure::new(ErrorType::PermissionDenied, sentence).into());
    }
    let params = Object::from_iter([("code".to_owned(), Value::String(typed.code))]);
    let outcome = app
        .directory
        .run(command(room_of(&typed.room_name)?, Verb::Lua, params))
        .await;
    Ok(Json(serde_json::to_value(&outcome).expect("an outcome is JSON")))
}
