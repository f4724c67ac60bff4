//! `perilune session`: start, look at and end sessions of a running host.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::args::SessionVerb;
use super::client::Client;
use super::table::{plain, table};

pub(super) async fn run(verb: &SessionVerb, client: &Client, json: bool) -> anyhow::Result<ExitCode> {
    let (tool, arguments) = match verb {
        SessionVerb::List => return list(client, json).await,
        SessionVerb::Show { room } => return show(room, client, json).await,
        SessionVerb::View { room } => return view(room, client, json).await,
        SessionVerb::Start { room, url } => (
            "start_browser_session",
            json!({ "room_name": room, "initial_url": url }),
        ),
        SessionVerb::Pause { room } => ("pause_browser_session", json!({ "room_name": room })),
        SessionVerb::Resume { room } => ("resume_browser_session", json!({ "room_name": room })),
        SessionVerb::Close { room } => ("close_browser_session", json!({ "room_name": room })),
        SessionVerb::Recover { room } => ("recover_browser_session", json!({ "room_name": room })),
    };
    let answer = client.call(tool, arguments).await?;
    Ok(report(&answer, json))
}

/// Prints an answer of a tool; exit 1 if it is a failure.
pub(super) fn report(answer: &Value, json: bool) -> ExitCode {
    let success = answer["success"] == true;
    if json {
        println!("{answer:#}");
    } else if success {
        for (key, value) in answer
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(key, value)| *key != "success" && !value.is_null())
        {
            match value {
                Value::String(text) => println!("{key}: {}", plain(text)),
                other => println!("{key}: {other}"),
            }
        }
    } else {
        let (kind, sentence) = (&answer["error_type"], &answer["error"]);
        eprintln!(
            "{}: {}",
            kind.as_str().unwrap_or("error"),
            plain(sentence.as_str().unwrap_or("the command failed"))
        );
    }
    ExitCode::from(u8::from(!success))
}

async fn list(client: &Client, json: bool) -> anyhow::Result<ExitCode> {
    let answer = client.get(&["api", "sessions"]).await?;
    if json {
        println!("{:#}", answer["sessions"]);
        return Ok(ExitCode::SUCCESS);
    }
    let sessions = answer["sessions"].as_array().cloned().unwrap_or_default();
    let mut rows = table(&["Room", "Phase", "Address", "Tabs", "LiveKit", "Viewers", "Waiting"]);
    for session in &sessions {
        let text = |value: &Value| plain(value.as_str().unwrap_or_default());
        rows.add_row([
            text(&session["room_name"]),
            text(&session["phase"]),
            text(&session["url"]),
            session["tabs"].as_array().map_or(0, Vec::len).to_string(),
            text(&session["stream"]["livekit_state"]),
            session["stream"]["viewers"].to_string(),
            session["waiting"].to_string(),
        ]);
    }
    println!("{rows}");
    println!("Total: {} session(s)", sessions.len());
    Ok(ExitCode::SUCCESS)
}

async fn show(room: &str, client: &Client, json: bool) -> anyhow::Result<ExitCode> {
    let session = client.get(&["api", "sessions", room]).await?;
    if json {
        println!("{session:#}");
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = table(&["", ""]);
    for key in ["room_name", "session_id", "phase", "url", "title", "running", "waiting"] {
        let value = &session[key];
        let value = value.as_str().map_or_else(
            || {
                if value.is_null() {
                    "–".to_owned()
                } else {
                    value.to_string()
                }
            },
            plain,
        );
        rows.add_row([key.to_owned(), value]);
    }
    for tab in session["tabs"].as_array().into_iter().flatten() {
        let mark = if tab["active"] == true { " (shown)" } else { "" };
        rows.add_row([
            format!("tab {}{mark}", tab["index"]),
            plain(tab["url"].as_str().unwrap_or_default()),
        ]);
    }
    for (key, value) in session["stream"].as_object().into_iter().flatten() {
        rows.add_row([
            format!("stream.{key}"),
            value.as_str().map_or_else(|| value.to_string(), plain),
        ]);
    }
    println!("{rows}");
    Ok(ExitCode::SUCCESS)
}

async fn view(room: &str, client: &Client, json: bool) -> anyhow::Result<ExitCode> {
    // Asked first, so that a wrong room is said here and not on an empty page.
    client.get(&["api", "sessions", room]).await?;
    let url = client.url(&["view", room]);
    println!(
        "{}",
        if json {
            json!({ "view_url": url }).to_string()
        } else {
            url.to_string()
        }
    );
    Ok(ExitCode::SUCCESS)
}
