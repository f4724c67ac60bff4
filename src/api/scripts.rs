//! The scripts in use, for reading.

use axum::Json;
use axum::extract::State;

use super::App;
use crate::ops::scripts::Listing;

pub(super) async fn list(State(app): State<App>) -> Json<Listing> {
    Json(app.scripts.list())
}
