//! Whether the host lives and is ready.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::App;

/// Looks at one part: `Ok`, or why it is not ready.
pub type Look = Box<dyn Fn() -> Result<(), String> + Send + Sync>;

/// What the readiness answers are made of; each closure looks at one part.
pub struct Readiness {
    /// Name and state of each part: `Ok` or why not.
    pub parts: Vec<(&'static str, Look)>,
}

pub(super) async fn health() -> Json<Value> {
    Json(json!({ "status": "ok", "service": "perilune", "version": env!("CARGO_PKG_VERSION") }))
}

pub(super) async fn live() -> &'static str {
    "ok"
}

pub(super) async fn ready(State(app): State<App>) -> (StatusCode, Json<Value>) {
    let mut parts = serde_json::Map::new();
    let mut ready = true;
    for (name, look) in &app.readiness.parts {
        let state = match look() {
            Ok(()) => "ok".to_owned(),
            Err(reason) => {
                ready = false;
                reason
            }
        };
        parts.insert((*name).to_owned(), state.into());
    }
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(json!({ "ready": ready, "parts": parts })))
}
