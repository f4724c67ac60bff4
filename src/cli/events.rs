//! `perilune events ROOM`: follows a room's events until Ctrl-C.

use std::process::ExitCode;

use anyhow::Context;
use futures_util::StreamExt;
use serde_json::Value;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

use super::client::Client;
use super::table::plain;

pub(super) async fn run(room: &str, since: Option<u64>, client: &Client, json: bool) -> anyhow::Result<ExitCode> {
    let mut url = client.url(&["mcp", "events", room]);
    let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
    url.set_scheme(scheme)
        .map_err(|()| anyhow::anyhow!("PERILUNE_URL has to be http or https"))?;
    if let Some(since) = since {
        url.query_pairs_mut().append_pair("since", &since.to_string());
    }
    let mut request = url.as_str().into_client_request()?;
    if let Some(token) = client.token() {
        request.headers_mut().insert(
            "authorization",
            format!("Bearer {token}").parse().context("PERILUNE_TOKEN")?,
        );
    }
    let (mut socket, _) = tokio_tungstenite::connect_async(request)
        .await
        .with_context(|| format!("no host answers at {url}; start one with `perilune serve` or set PERILUNE_URL"))?;
    eprintln!("events of {room}; Ctrl-C ends");
    loop {
        let message = tokio::select! {
            message = socket.next() => message,
            _ = tokio::signal::ctrl_c() => return Ok(ExitCode::SUCCESS),
        };
        match message {
            Some(Ok(Message::Text(text))) => print(&text, json),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error).context("the host ended the connection"),
            None => anyhow::bail!("the host ended the connection"),
        }
    }
}

fn print(text: &str, json: bool) {
    let event: Value = serde_json::from_str(text).unwrap_or_default();
    if json || !event.is_object() {
        println!("{text}");
    } else {
        println!("{}", line(&event));
    }
}

/// One event as one line: time, number, type, what it is about.
pub(super) fn line(event: &Value) -> String {
    let seconds = event["timestamp"].as_f64().unwrap_or_default();
    let time = chrono::DateTime::from_timestamp_micros((seconds * 1e6) as i64)
        .unwrap_or_default()
        .with_timezone(&chrono::Local);
    let about = [
        &event["action"]["action_type"],
        &event["error"],
        &event["url"],
        &event["phase"],
        &event["state"],
        &event["script"],
    ]
    .into_iter()
    .filter_map(Value::as_str)
    .collect::<Vec<_>>()
    .join("  ");
    let kind = event["type"].as_str().unwrap_or("?");
    format!(
        "{}  #{:<4} {kind:<20} {}",
        time.format("%H:%M:%S%.3f"),
        event["seq"],
        plain(&about)
    )
}
