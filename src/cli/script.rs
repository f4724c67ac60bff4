//! `perilune script`: the scripts of a running host, and what scripts can call.

use std::process::ExitCode;

use serde_json::Value;

use super::client::Client;
use super::table::{plain, table};
use crate::actions::annotations;

pub(super) async fn list(client: &Client, json: bool) -> anyhow::Result<ExitCode> {
    let answer = client.get(&["api", "scripts"]).await?;
    if json {
        println!("{:#}", answer["scripts"]);
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = table(&["Kind", "Name", "From", "File", "What it does"]);
    for script in answer["scripts"].as_array().into_iter().flatten() {
        rows.add_row(
            ["kind", "name", "origin", "file", "description"].map(|key| match &script[key] {
                Value::String(text) => plain(text),
                other => other.to_string(),
            }),
        );
    }
    println!("{rows}");
    println!("Generation {}", answer["generation"]);
    Ok(ExitCode::SUCCESS)
}

/// What editors need to know, ready for `scripts/types/perilune.lua`.
pub(super) fn types() -> ExitCode {
    print!("{}", annotations());
    ExitCode::SUCCESS
}
