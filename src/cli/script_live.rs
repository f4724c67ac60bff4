//! `perilune script diff, history, reload, rollback, repl`: what only a running host can answer.

use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;

use chrono::{DateTime, Local};
use serde_json::{Value, json};

use super::client::Client;
use super::table::{plain, table};

/// What differs between two generations; without numbers, between what is in use and what lies on the disk.
pub(super) async fn diff(client: &Client, from: Option<u64>, to: Option<u64>, json: bool) -> anyhow::Result<ExitCode> {
    let query: Vec<_> = [("from", from), ("to", to)]
        .into_iter()
        .filter_map(|(key, id)| Some((key, id?)))
        .collect();
    let answer = client.get_with(&["api", "scripts", "difference"], &query).await?;
    if json {
        println!("{answer:#}");
    } else {
        print!("{}", answer["difference"].as_str().unwrap_or_default());
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn history(client: &Client, json: bool) -> anyhow::Result<ExitCode> {
    let answer = client.get(&["api", "scripts", "history"]).await?;
    if json {
        println!("{answer:#}");
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = table(&["Generation", "In use since", "Changed"]);
    for past in answer.as_array().into_iter().flatten() {
        let since = past["since"]
            .as_f64()
            .and_then(|since| DateTime::from_timestamp(since as i64, 0));
        let since = since.map(|since| since.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S").to_string());
        let changed: Vec<_> = past["changed"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let changed = match changed.as_slice() {
            few if few.len() <= 4 => few.iter().map(|file| plain(file)).collect::<Vec<_>>().join("\n"),
            many => format!("{} files", many.len()),
        };
        rows.add_row([past["generation"].to_string(), since.unwrap_or_default(), changed]);
    }
    println!("{rows}");
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn reload(client: &Client, json: bool) -> anyhow::Result<ExitCode> {
    in_use(&client.post(&["api", "scripts", "reload"], &json!({})).await?, json)
}

pub(super) async fn rollback(client: &Client, generation: u64, json: bool) -> anyhow::Result<ExitCode> {
    let body = json!({ "generation": generation });
    in_use(&client.post(&["api", "scripts", "rollback"], &body).await?, json)
}

fn in_use(answer: &Value, json: bool) -> anyhow::Result<ExitCode> {
    match json {
        true => println!("{answer:#}"),
        false => println!("Generation {} is in use.", answer["generation"]),
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads Lua line by line and runs it at a session's page, in the room's order. Without a room it is the only session.
pub(super) async fn repl(client: &Client, room: Option<&str>) -> anyhow::Result<ExitCode> {
    let room = match room {
        Some(room) => room.to_owned(),
        None => only_session(client).await?,
    };
    let room = room.as_str();
    if !std::io::stdin().is_terminal() {
        for line in std::io::stdin().lock().lines() {
            type_in(client, room, &line?).await?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("Lua at the session `{room}`; ctx is that of an action. An empty Ctrl-D ends it.");
    let mut editor = rustyline::DefaultEditor::new()?;
    loop {
        match editor.readline("> ") {
            Ok(line) => {
                editor.add_history_entry(&line)?;
                type_in(client, room, &line).await?;
            }
            Err(rustyline::error::ReadlineError::Interrupted) => {}
            Err(rustyline::error::ReadlineError::Eof) => return Ok(ExitCode::SUCCESS),
            Err(error) => return Err(error.into()),
        }
    }
}

async fn only_session(client: &Client) -> anyhow::Result<String> {
    let answer = client.get(&["api", "sessions"]).await?;
    let sessions = answer["sessions"].as_array().cloned().unwrap_or_default();
    let rooms: Vec<_> = sessions
        .iter()
        .filter_map(|session| session["room_name"].as_str())
        .collect();
    match rooms.as_slice() {
        [only] => Ok((*only).to_owned()),
        [] => anyhow::bail!("no session runs; start one with `perilune session start ROOM`"),
        many => anyhow::bail!("which session? give --session with one of: {}", many.join(", ")),
    }
}

async fn type_in(client: &Client, room: &str, line: &str) -> anyhow::Result<()> {
    if line.trim().is_empty() {
        return Ok(());
    }
    let body = json!({ "room_name": room, "code": line });
    let outcome = client.post(&["api", "scripts", "lua"], &body).await?;
    match &outcome["data"]["result"] {
        _ if outcome["success"] == false => {
            let text = |key: &str| plain(outcome[key].as_str().unwrap_or_default());
            eprintln!("{}: {}", text("error_type"), text("error"));
        }
        Value::Null => {}
        Value::String(text) => println!("{}", plain(text)),
        other => format!("{other:#}")
            .lines()
            .for_each(|line| println!("{}", plain(line))),
    }
    std::io::stdout().flush()?;
    Ok(())
}
