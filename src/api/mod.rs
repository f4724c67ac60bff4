//! Commands and questions by HTTP: routes and middleware.
//!
//! Each resource has its file; what an outcome looks like on the wire is decided in `error.rs` and `tools.rs` only.
//! **Invariant:** no handler changes a session except by a command through the directory.

mod auth;
mod error;
mod health;
mod scripts;
mod sessions;
mod tools;
mod view;
mod whep;
mod ws;

pub use health::{Look, Readiness};

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::routing::{any, delete, get, post};
use axum::{Router, middleware};
use tokio::net::TcpListener;

use crate::config;
use crate::events::Bus;
use crate::media::Whep;
use crate::ops::scripts::Scripts;
use crate::session::Directory;

/// What the handlers need; given by the host.
pub struct Parts {
    /// The sessions.
    pub directory: Directory,
    /// Events.
    pub bus: Bus,
    /// The scripts.
    pub scripts: Scripts,
    /// Whether Lua may be typed at sessions.
    pub repl: bool,
    /// Viewers without LiveKit.
    pub whep: Whep,
    /// `[api]`.
    pub config: config::Api,
    /// The address that is bound.
    pub address: SocketAddr,
    /// What the readiness answers are made of.
    pub readiness: Readiness,
}

type App = Arc<Parts>;

/// Serves until `stop` ends, then lets running calls end.
pub async fn serve(
    listener: TcpListener,
    parts: Parts,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(Arc::new(parts)))
        .with_graceful_shutdown(stop)
        .await
}

fn router(app: App) -> Router {
    Router::new()
        .route("/mcp/tools", get(tools::list))
        .route("/mcp/tools/call", post(tools::call))
        .route("/mcp/events/{room}", any(ws::events))
        .route("/rooms/{room}/connections", get(ws::connections))
        .route("/api/sessions", get(sessions::list))
        .route("/api/sessions/{room}", get(sessions::show))
        .route("/api/scripts", get(scripts::list))
        .route("/api/scripts/history", get(scripts::history))
        .route("/api/scripts/difference", get(scripts::difference))
        .route("/api/scripts/reload", post(scripts::reload))
        .route("/api/scripts/rollback", post(scripts::go_back))
        .route("/api/scripts/lua", post(scripts::evaluate))
        .route("/whep/{room}", post(whep::offer))
        .route("/whep/{room}/{viewer}", delete(whep::leave))
        .route_layer(middleware::from_fn_with_state(app.clone(), auth::token))
        // Without a token: what monitors and a browser's address bar ask. The page asks for the token itself.
        .route("/health", get(health::health))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/view/{room}", get(view::page))
        .fallback(error::no_route)
        .method_not_allowed_fallback(error::no_method)
        .layer(DefaultBodyLimit::max(app.config.max_body))
        .layer(middleware::from_fn_with_state(app.clone(), auth::origin))
        .with_state(app)
}
