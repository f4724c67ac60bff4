//! `perilune script`: the scripts of a running host, files of scripts, and what scripts can call.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use serde_json::Value;

use super::args::{NewKind, ScriptVerb, Settings};
use super::client::Client;
use super::script_paths::shown;
use super::serve::load_config;
use super::table::{plain, table};
use super::{script_check, script_live, script_record, script_test};
use crate::actions::{Actions, annotations, definitions};
use crate::ops::script_files::{self, Template};

pub(super) async fn run(verb: &ScriptVerb, settings: &Settings, json: bool) -> anyhow::Result<ExitCode> {
    match verb {
        ScriptVerb::List => list(&Client::from_env()?, json).await,
        ScriptVerb::Check { paths } => script_check::run(&load_config(settings)?, paths, json),
        ScriptVerb::Test { paths, browser } => {
            let browser = *browser;
            let options = script_test::Options { paths, browser, json };
            script_test::run(&load_config(settings)?, &options).await
        }
        ScriptVerb::New { kind, name, plugin } => create(*kind, name, plugin, settings),
        ScriptVerb::Eject { name, plugin } => eject(name, plugin, settings),
        ScriptVerb::Types { luau, write } => types(*luau, write.as_deref()),
        ScriptVerb::Diff { from, to } => script_live::diff(&Client::from_env()?, *from, *to, json).await,
        ScriptVerb::History => script_live::history(&Client::from_env()?, json).await,
        ScriptVerb::Reload => script_live::reload(&Client::from_env()?, json).await,
        ScriptVerb::Rollback { generation } => script_live::rollback(&Client::from_env()?, *generation, json).await,
        ScriptVerb::Record { room, output } => script_record::run(&Client::from_env()?, room, output).await,
        ScriptVerb::Repl { session } => script_live::repl(&Client::from_env()?, session.as_deref()).await,
    }
}

async fn list(client: &Client, json: bool) -> anyhow::Result<ExitCode> {
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

/// Writes a new script and says what to do next.
fn create(kind: NewKind, name: &str, plugin: &str, settings: &Settings) -> anyhow::Result<ExitCode> {
    let files = script_files::create(&load_config(settings)?, template(kind), name, plugin)?;
    for file in &files {
        println!("{}", shown(Some(file.clone()), ""));
    }
    let use_it = match kind {
        NewKind::Action | NewKind::Plugin => format!("`perilune action ROOM {name}` runs it"),
        NewKind::Policy => format!("an action that says retry = \"{name}\" is retried as it decides"),
        NewKind::Lib => format!("require(\"lib.{name}\") gives it to the plugin's scripts"),
        NewKind::Event | NewKind::Middleware | NewKind::Timer => "it runs by itself".to_owned(),
    };
    eprintln!(
        "Next: edit it, then `perilune script check` and `perilune script test`. \
         A running host takes it over when it is saved; {use_it}."
    );
    Ok(ExitCode::SUCCESS)
}

fn template(kind: NewKind) -> Template {
    use crate::ops::script_files::Kind;
    match kind {
        NewKind::Action => Template::Script(Kind::Action),
        NewKind::Policy => Template::Script(Kind::Policy),
        NewKind::Event => Template::Script(Kind::Event),
        NewKind::Middleware => Template::Script(Kind::Middleware),
        NewKind::Timer => Template::Script(Kind::Timer),
        NewKind::Lib => Template::Script(Kind::Lib),
        NewKind::Plugin => Template::Plugin,
    }
}

/// Copies a shipped script into a plugin.
fn eject(name: &str, plugin: &str, settings: &Settings) -> anyhow::Result<ExitCode> {
    let file = script_files::eject(&load_config(settings)?, Actions::libraries(), name, plugin)?;
    println!("{}", shown(Some(file), ""));
    eprintln!(
        "Next: edit it; a running host uses it instead of the shipped one as soon as it is saved. Remove it to go back."
    );
    Ok(ExitCode::SUCCESS)
}

/// What editors need to know: printed, or written into a folder.
fn types(luau: bool, folder: Option<&Path>) -> anyhow::Result<ExitCode> {
    let Some(folder) = folder else {
        print!("{}", if luau { definitions() } else { annotations() });
        return Ok(ExitCode::SUCCESS);
    };
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    for (name, text) in [("perilune.lua", annotations()), ("perilune.d.luau", definitions())] {
        let file = folder.join(name);
        fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))?;
        println!("{}", file.display());
    }
    Ok(ExitCode::SUCCESS)
}
