//! The sections of `config.toml`, key by key in its order.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;

use super::units::{self, Secret};

/// The process.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Folder for everything the host keeps; auto: the user's data folder + /perilune.
    pub data: String,
    /// This host in leases and logs; auto: host name and process id.
    pub name: String,
    /// How long running commands may go on after SIGTERM.
    #[serde(deserialize_with = "units::duration")]
    pub shutdown_timeout: Duration,
}

/// HTTP.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// Address of HTTP; any other than loopback needs a token.
    pub bind: SocketAddr,
    /// Secret: bearer token that every call must carry.
    pub token: Secret,
    /// Further names that the Host header may have.
    pub allowed_hosts: Vec<String>,
    /// Web pages of these origins may call, beside the host's own.
    pub allowed_origins: Vec<String>,
    /// The largest request.
    #[serde(deserialize_with = "units::bytes")]
    pub max_body: usize,
}

/// Redis.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// Secret: auto: 127.0.0.1:6379 if it answers, else a private redis-server on that port.
    pub url: Secret,
    /// The program that auto starts.
    pub executable: String,
    /// After this a Redis command counts as failed.
    #[serde(deserialize_with = "units::duration")]
    pub command_timeout: Duration,
}

/// BullMQ.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Take commands from BullMQ.
    pub enabled: bool,
    /// The queue.
    pub name: String,
    /// BullMQ's key prefix.
    pub prefix: String,
    /// How long a job stays ours without a sign of life.
    #[serde(deserialize_with = "units::duration")]
    pub lock_duration: Duration,
    /// How long the queue stays ours without a sign of life.
    #[serde(deserialize_with = "units::duration")]
    pub lease_duration: Duration,
    /// Jobs fetched and not yet finished, all rooms together.
    pub max_active: usize,
    /// The longest wait between two attempts.
    #[serde(deserialize_with = "units::duration")]
    pub max_backoff: Duration,
    /// How long the outcome of a command is remembered.
    #[serde(deserialize_with = "units::duration")]
    pub journal_ttl: Duration,
}

/// Chromium.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Browser {
    /// Auto: chromium-headless-shell, else chromium.
    pub executable: String,
    /// Auto: Chromium's own sandbox unless the host runs as root; on, off.
    pub sandbox: Sandbox,
    /// Rooms that share one Chromium; 1: strict isolation.
    pub sessions_per_process: usize,
    /// Chromium processes kept ready.
    pub warm_processes: usize,
    /// Rooms at once; one more is busy.
    pub max_sessions: usize,
    /// CSS pixels.
    pub viewport_width: u32,
    /// CSS pixels.
    pub viewport_height: u32,
    /// Until a new Chromium answers.
    #[serde(deserialize_with = "units::duration")]
    pub launch_timeout: Duration,
    /// For one DevTools command.
    #[serde(deserialize_with = "units::duration")]
    pub command_timeout: Duration,
    /// Until a page has loaded.
    #[serde(deserialize_with = "units::duration")]
    pub navigation_timeout: Duration,
    /// Accept-Language and navigator.language.
    pub locale: String,
    /// Files that pages download: keep, asked, off.
    pub downloads: DownloadMode,
    /// The largest file.
    #[serde(deserialize_with = "units::bytes")]
    pub max_download: usize,
    /// All files of one session together.
    #[serde(deserialize_with = "units::bytes")]
    pub max_downloads: usize,
    /// Until a file is whole.
    #[serde(deserialize_with = "units::duration")]
    pub download_timeout: Duration,
    /// How long a file is kept.
    #[serde(deserialize_with = "units::duration")]
    pub download_retention: Duration,
    /// When console and requests are recorded.
    pub record: Record,
    /// Folders that upload_file may take files from; relative: in the data folder.
    pub upload_folders: Vec<String>,
    /// Further flags for Chromium.
    pub extra_args: Vec<String>,
}

/// The picture.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// Frames per second at most.
    pub max_fps: u32,
    /// Of the captured picture, before encoding.
    pub jpeg_quality: u32,
    /// Of the encoded picture.
    #[serde(deserialize_with = "units::rate")]
    pub bitrate: u32,
    /// When the network has room.
    #[serde(deserialize_with = "units::rate")]
    pub max_bitrate: u32,
    /// WHEP viewers of one room.
    pub max_viewers: usize,
    /// Address that WHEP viewers reach; auto: that of api.bind.
    pub public_address: String,
    /// Port of WHEP's media; 0: any free one.
    pub udp_port: u16,
}

/// LiveKit.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Livekit {
    /// Ws:// or wss:// of the server; empty: no LiveKit.
    pub url: String,
    /// Key for making access tokens.
    pub api_key: String,
    /// Secret: of that key.
    pub api_secret: Secret,
    /// Of the participant that publishes.
    pub identity: String,
    /// Its display name in the room.
    pub participant_name: String,
    /// A session whose room stays empty or ended this long is closed; 0s: never.
    #[serde(deserialize_with = "units::duration")]
    pub empty_room_grace: Duration,
    /// Give up on a lost server after this.
    #[serde(deserialize_with = "units::duration")]
    pub reconnect_timeout: Duration,
}

/// Lua.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Folder that replaces the shipped scripts/; empty: those in the program.
    pub scripts: String,
    /// Folder of plugins.
    pub plugins: String,
    /// Whether Lua may be typed at a session: `perilune script repl`.
    pub repl: bool,
    /// Auto: when a file is saved; manual: on SIGHUP; off.
    pub reload: Reload,
    /// Quiet time after the last change before a reload.
    #[serde(deserialize_with = "units::duration")]
    pub settle: Duration,
    /// Lua threads.
    pub workers: usize,
    /// Of one Lua thread.
    #[serde(deserialize_with = "units::bytes")]
    pub memory: usize,
    /// Of an action that names none.
    #[serde(deserialize_with = "units::duration")]
    pub timeout: Duration,
    /// Of a call into scripts/policies.
    #[serde(deserialize_with = "units::duration")]
    pub policy_timeout: Duration,
}

/// AWI credentials.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    /// Where agents' credentials are kept; auto: browseruse/config.json in the user's configuration folder.
    pub file: String,
}

/// What is allowed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Only these: example.com, *.example.com, http*://*.example.com; empty: all.
    pub allowed_domains: Vec<String>,
    /// Never these.
    pub prohibited_domains: Vec<String>,
    /// Loopback, private and link-local addresses; auto: allowed while api.bind is loopback; allow, deny.
    pub private_addresses: PrivateAddresses,
    /// Append-only record of every command and violation in the data folder.
    pub audit: bool,
}

/// Logs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telemetry {
    /// Error, warn, info, debug, trace, or tracing's filter syntax.
    pub log: String,
    /// Text on a terminal, json otherwise; text, json.
    pub format: String,
}

/// Whether Chromium's own sandbox is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sandbox {
    /// On unless the host runs as root.
    Auto,
    /// On.
    On,
    /// Off.
    Off,
}

/// Which downloads are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DownloadMode {
    /// Those that pages begin by themselves, too.
    Keep,
    /// Only those that an action asks for.
    Asked,
    /// None.
    Off,
}

/// When a tab's console and requests are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// From the first question about them.
    Asked,
    /// From the tab's beginning.
    Always,
}

/// When changed scripts are taken into use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reload {
    /// When a file is saved.
    Auto,
    /// On SIGHUP.
    Manual,
    /// Never.
    Off,
}

/// Whether pages may reach loopback, private and link-local addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrivateAddresses {
    /// While the host itself listens on loopback only.
    Auto,
    /// Yes.
    Allow,
    /// No.
    Deny,
}
