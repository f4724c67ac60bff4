//! Events by WebSocket.

use std::time::Duration;

use axum::Json;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::error::CallError;
use super::sessions::room_of;
use crate::events::Subscription;
use crate::protocol::Published;

/// A listener that takes no message for this long is let go.
const SEND: Duration = Duration::from_secs(10);
/// How often a silent connection is asked whether it is still there.
const PING: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
pub(super) struct Since {
    since: Option<u64>,
}

pub(super) async fn events(
    State(app): State<App>,
    Path(room): Path<String>,
    Query(Since { since }): Query<Since>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, CallError> {
    let room = (room != Published::HOST).then(|| room_of(&room)).transpose()?;
    let subscription = app.bus.room(room.as_ref()).await.subscribe(since);
    Ok(upgrade.on_upgrade(move |socket| feed(socket, subscription)))
}

pub(super) async fn connections(State(app): State<App>, Path(room): Path<String>) -> Result<Json<Value>, CallError> {
    let room = room_of(&room)?;
    let listeners = app.bus.room(Some(&room)).await.listeners();
    let viewers = app.whep.viewers(room.as_str());
    Ok(Json(json!({
        "room_name": room,
        "connection_count": listeners + viewers,
        "connections": { "events": listeners, "whep": viewers },
    })))
}

async fn feed(mut socket: WebSocket, mut subscription: Subscription) {
    let mut ping = tokio::time::interval(PING);
    loop {
        let message = tokio::select! {
            message = subscription.next() => Message::Text(message.json.as_ref().into()),
            _ = ping.tick() => Message::Ping(axum::body::Bytes::new()),
            received = socket.recv() => match received {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                // Nothing is expected from a listener; pongs are answered below this layer.
                Some(Ok(_)) => continue,
            },
        };
        if !matches!(tokio::time::timeout(SEND, socket.send(message)).await, Ok(Ok(()))) {
            return;
        }
    }
}
