//! `perilune script record`: a live session's page as a described page for tests.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde_json::{Map, Value, json};

use super::client::Client;

/// What a description says of an element; the rest of a snapshot belongs to its moment.
const KEPT: [&str; 13] = [
    "tag",
    "text",
    "type",
    "role",
    "name",
    "id",
    "class",
    "placeholder",
    "href",
    "value",
    "options",
    "checked",
    "disabled",
];

/// Writes the page that a session shows to a file that `test.page("FILE")` reads. An existing file is left alone.
pub(super) async fn run(client: &Client, room: &str, file: &Path) -> anyhow::Result<ExitCode> {
    if file.exists() {
        bail!(
            "{} is there already; remove it first, or give another name",
            file.display()
        );
    }
    let answer = client.call("snapshot", json!({ "room_name": room })).await?;
    if answer["success"] == false {
        bail!("{}", answer["error"].as_str().unwrap_or("the page could not be read"));
    }
    let page = described(if answer["elements"].is_array() {
        &answer
    } else {
        &answer["data"]
    });
    std::fs::write(file, format!("{page:#}\n")).with_context(|| format!("{} cannot be written", file.display()))?;
    let count = page["elements"].as_array().map_or(0, Vec::len);
    println!(
        "{} describes {count} elements; read it with test.page({:?})",
        file.display(),
        file
    );
    Ok(ExitCode::SUCCESS)
}

fn described(snapshot: &Value) -> Value {
    let element = |one: &Value| {
        let field = |key: &&str| {
            one.get(*key)
                .filter(|value| !value.is_null())
                .map(|value| ((*key).to_owned(), value.clone()))
        };
        Value::Object(KEPT.iter().filter_map(field).collect::<Map<_, _>>())
    };
    let elements: Vec<_> = snapshot["elements"]
        .as_array()
        .into_iter()
        .flatten()
        .map(element)
        .collect();
    json!({ "url": snapshot["url"], "title": snapshot["title"], "elements": elements })
}
