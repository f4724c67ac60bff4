//! The command line.

use std::path::PathBuf;

use clap::{Args as Arguments, Parser, Subcommand};

/// Runs headless Chromium sessions for agents.
///
/// Verbs that talk to a running host find it by PERILUNE_URL (default http://127.0.0.1:8000) and give it PERILUNE_TOKEN.
#[derive(Debug, Parser)]
#[command(name = "perilune", version, about, max_term_width = 120)]
pub(super) struct Args {
    /// Print data as JSON
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Run the host
    Serve(Settings),
    /// Start a host and a small site, and let a scripted agent use it while you watch
    Demo(Demo),
    /// Check what the host needs and say what to do about each fault
    Doctor(Settings),
    /// Look at the configuration
    Config {
        #[command(subcommand)]
        verb: ConfigVerb,
        #[command(flatten)]
        settings: Settings,
    },
    /// Start, look at and end sessions of a running host
    Session {
        #[command(subcommand)]
        verb: SessionVerb,
    },
    /// Run an action in a room of a running host
    Action(Action),
    /// Follow the events of a room (or of the host: _host)
    Events {
        /// The room
        room: String,
        /// Begin after this event number, as far as events are kept
        #[arg(long)]
        since: Option<u64>,
    },
    /// Write, check and test scripts, and look at those of a running host
    Script {
        #[command(subcommand)]
        verb: ScriptVerb,
        #[command(flatten)]
        settings: Settings,
    },
    /// Measure this build on this machine
    Bench {
        /// What to measure
        what: BenchOf,
    },
    /// Write the reference pages: actions, errors, events, settings
    Docs {
        /// Folder of the pages
        #[arg(default_value = "docs")]
        folder: PathBuf,
    },
}

/// What can be measured.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum BenchOf {
    /// Calls, saves, deadlines and memory of the Lua engine
    Lua,
}

/// Where settings come from; flags are stronger than the environment, that than the file.
#[derive(Clone, Debug, Default, Arguments)]
pub(super) struct Settings {
    /// File with settings that differ from the defaults
    #[arg(long, value_name = "FILE", env = "PERILUNE_CONFIG", global = true)]
    pub(super) config: Option<PathBuf>,
    /// Port of HTTP (api.bind)
    #[arg(long, value_name = "N", global = true)]
    pub(super) port: Option<u16>,
    /// Redis (redis.url)
    #[arg(long, value_name = "URL", global = true)]
    pub(super) redis: Option<String>,
    /// Folder of scripts (script.scripts)
    #[arg(long, value_name = "DIR", global = true)]
    pub(super) scripts: Option<String>,
    /// Folder of plugins (script.plugins)
    #[arg(long, value_name = "DIR", global = true)]
    pub(super) plugins: Option<String>,
    /// Data folder (host.data)
    #[arg(long, value_name = "DIR", global = true)]
    pub(super) data: Option<String>,
    /// Any setting, for instance --set stream.max_fps=30
    #[arg(long = "set", value_name = "SECTION.KEY=VALUE", global = true)]
    pub(super) set: Vec<String>,
}

#[derive(Debug, Arguments)]
pub(super) struct Demo {
    /// End after the agent's work instead of waiting for Ctrl-C
    #[arg(long)]
    pub(super) once: bool,
    #[command(flatten)]
    pub(super) settings: Settings,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigVerb {
    /// Say whether the configuration is right
    Check,
    /// Print every setting with its origin, secrets as stars
    Print,
}

#[derive(Debug, Subcommand)]
pub(super) enum SessionVerb {
    /// Start a session in a room
    Start {
        /// The room
        room: String,
        /// The first page
        #[arg(long, value_name = "U")]
        url: Option<String>,
    },
    /// List the sessions
    List,
    /// Show one session
    Show {
        /// The room
        room: String,
    },
    /// Take the picture out of the room
    Pause {
        /// The room
        room: String,
    },
    /// Publish the picture again
    Resume {
        /// The room
        room: String,
    },
    /// Close a session
    Close {
        /// The room
        room: String,
    },
    /// Bring a session back whose browser died
    Recover {
        /// The room
        room: String,
    },
    /// Print the address where a person sees the room
    View {
        /// The room
        room: String,
    },
}

#[derive(Debug, Arguments)]
pub(super) struct Action {
    /// The room
    pub(super) room: String,
    /// The action
    pub(super) name: String,
    /// Parameters: key=value pairs, or one JSON object
    pub(super) params: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum ScriptVerb {
    /// List the scripts in use and where each comes from
    List,
    /// Show what differs between two generations, or between what is in use and what lies on the disk
    Diff {
        /// Generation on the left; none: the one in use
        from: Option<u64>,
        /// Generation on the right; none: the files
        to: Option<u64>,
    },
    /// List the last generations
    History,
    /// Load changed files now (with script.reload = "manual")
    Reload,
    /// Use the scripts of an earlier generation again; a file stays so until it is saved again
    Rollback {
        /// The generation
        generation: u64,
    },
    /// Type Lua at the page of a running session (needs script.repl = true at the host)
    Repl {
        /// The session's room; none: the only session
        #[arg(long, value_name = "ROOM")]
        session: Option<String>,
    },
    /// Write the page of a running session to a file that tests read: test.page("FILE")
    Record {
        /// The session's room
        room: String,
        /// The file
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Say what is wrong with the scripts of the folders; needs no running host
    Check {
        /// Files or folders among them; all when none is named
        paths: Vec<PathBuf>,
    },
    /// Run the tests of scripts, *_test.lua; needs no running host
    Test {
        /// Files or folders among them; all when none is named
        paths: Vec<PathBuf>,
        /// Run the tests that need a real browser too
        #[arg(long)]
        browser: bool,
    },
    /// Write a new script, or a plugin, that works and says what is where
    New {
        /// What to write
        kind: NewKind,
        /// Its name
        name: String,
        /// The plugin that it becomes a part of
        #[arg(long, value_name = "P", default_value = "local")]
        plugin: String,
    },
    /// Copy a shipped script into a plugin, where it takes the shipped one's place
    Eject {
        /// Its name, or kind and name: click, policies/retry
        name: String,
        /// The plugin
        #[arg(long, value_name = "P", default_value = "local")]
        plugin: String,
    },
    /// Print what scripts can call, for editors
    Types {
        /// Definitions for Luau's language server instead of annotations for Lua's
        #[arg(long)]
        luau: bool,
        /// Write both into a folder instead
        #[arg(long, value_name = "DIR", conflicts_with = "luau")]
        write: Option<PathBuf>,
    },
}

/// What `script new` can write.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum NewKind {
    Action,
    Policy,
    Event,
    Middleware,
    Timer,
    Lib,
    Plugin,
}
