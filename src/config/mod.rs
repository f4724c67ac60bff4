//! Settings: plain data, one file per section of `config.toml`.
//!
//! `config.toml` at the root of the repository is embedded and holds every key with its default, so the structs have no
//! `Default` and refuse unknown keys.
//! **Invariant:** nothing here does I/O except [`load`].

pub mod load;
pub mod units;

mod sections;

pub use sections::{
    Api, Browser, DownloadMode, Host, Livekit, Policy, PrivateAddresses, Queue, Record, Redis, Registry, Reload,
    Sandbox, Script, Stream, Telemetry,
};

use serde::Deserialize;

/// The embedded `config.toml`: every setting with its default and what it does.
pub const EMBEDDED: &str = include_str!("../../config.toml");

/// The whole configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The process.
    pub host: Host,
    /// HTTP.
    pub api: Api,
    /// Redis.
    pub redis: Redis,
    /// BullMQ.
    pub queue: Queue,
    /// Chromium.
    pub browser: Browser,
    /// The picture.
    pub stream: Stream,
    /// LiveKit.
    pub livekit: Livekit,
    /// Lua.
    pub script: Script,
    /// AWI credentials.
    pub registry: Registry,
    /// What is allowed.
    pub policy: Policy,
    /// Logs.
    pub telemetry: Telemetry,
}
