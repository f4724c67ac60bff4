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
mod script_check;
mod script_live;
mod script_paths;
mod script_record;
mod script_test;
mod serve;
mod session;
mod table;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, BenchOf, Verb};

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
        Verb::Script { verb, settings } => script::run(&verb, &settings, json).await,
        Verb::Bench { what: BenchOf::Lua } => bench::lua(json).await,
        Verb::Docs { folder } => docs::run(&folder),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("perilune: {error:#}");
    ExitCode::from(1)
}
