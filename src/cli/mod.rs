//! What a person types: data to standard output, talk to standard error.
//!
//! Exit codes: 0 done, 1 failed or not found, 2 wrong usage.
#![allow(clippy::print_stdout, reason = "the command line's data goes to standard output")]

mod action;
mod args;
mod bench;
mod client;
mod config;
mod demo;
mod demo_site;
pub mod docs;
mod doctor;
mod events;
mod script;
mod script_live;
mod serve;
mod session;
mod table;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, BenchOf, ScriptVerb, Verb};

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let args = Args::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    let done = runtime.block_on(dispatch(args));
    // Blocking work that is left over (a DNS look-up) does not hold the exit.
    runtime.shutdown_background();
    match done {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

async fn dispatch(args: Args) -> anyhow::Result<ExitCode> {
    let json = args.json;
    match args.verb {
        Verb::Serve(settings) => serve::run(&settings).await,
        Verb::Demo(options) => demo::run(&options).await,
        Verb::Doctor(settings) => doctor::run(&settings, json).await,
        Verb::Config { verb, settings } => config::run(&verb, &settings, json),
        Verb::Session { verb } => session::run(&verb, &client::Client::from_env()?, json).await,
        Verb::Action(options) => action::run(&options, &client::Client::from_env()?, json).await,
        Verb::Events { room, since } => events::run(&room, since, &client::Client::from_env()?, json).await,
        Verb::Script { verb } => scripts(verb, json).await,
        Verb::Bench { what: BenchOf::Lua } => bench::lua(json).await,
        Verb::Docs { folder } => docs::run(&folder),
    }
}

async fn scripts(verb: ScriptVerb, json: bool) -> anyhow::Result<ExitCode> {
    let client = client::Client::from_env();
    match verb {
        ScriptVerb::Types => Ok(script::types()),
        ScriptVerb::List => script::list(&client?, json).await,
        ScriptVerb::Diff { from, to } => script_live::diff(&client?, from, to, json).await,
        ScriptVerb::History => script_live::history(&client?, json).await,
        ScriptVerb::Reload => script_live::reload(&client?, json).await,
        ScriptVerb::Rollback { generation } => script_live::rollback(&client?, generation, json).await,
        ScriptVerb::Repl { session } => script_live::repl(&client?, session.as_deref()).await,
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("perilune: {error:#}");
    ExitCode::from(1)
}
