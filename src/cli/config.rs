//! `perilune config`: the merged settings and where each comes from.

use std::process::ExitCode;

use serde_json::json;

use super::args::{ConfigVerb, Settings};
use super::serve::load;
use super::table::{plain, table};

pub(super) fn run(verb: &ConfigVerb, settings: &Settings, json: bool) -> anyhow::Result<ExitCode> {
    let loaded = load(settings)?;
    match verb {
        ConfigVerb::Check if json => println!("{}", json!({ "ok": true })),
        ConfigVerb::Check => println!("the configuration is right"),
        ConfigVerb::Print if json => {
            let all: serde_json::Map<_, _> = loaded
                .print()
                .into_iter()
                .map(|row| (row.key, json!({ "value": row.value, "origin": row.origin })))
                .collect();
            println!("{:#}", serde_json::Value::from(all));
        }
        ConfigVerb::Print => {
            let mut rows = table(&["Setting", "Value", "From"]);
            for row in loaded.print() {
                rows.add_row([row.key, plain(&row.value), row.origin]);
            }
            println!("{rows}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
