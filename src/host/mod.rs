//! The process: what runs in it, started in layer order and stopped in reverse.
//!
//! [`Host::start`] is the composition root: each part is built once and given exactly what it needs.

mod data;
mod redis_process;
mod redis_server;
mod start;
mod stop;

pub use data::DataFolder;
pub use redis_server::{RedisServer, ServerError};

use std::net::SocketAddr;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::browser::Pool;
use crate::config;
use crate::events::{Bus, RedisHandle};
use crate::media::Whep;
use crate::protocol::Room;
use crate::queue::Intake;
use crate::script::Engine;
use crate::session::Directory;

/// A running host.
pub struct Host {
    /// Where HTTP listens.
    pub address: SocketAddr,
    /// Which Redis is used, in words; none when there is none.
    pub redis_notice: Option<String>,
    /// Its address, for an agent in this process.
    pub redis_url: Option<config::units::Secret>,
    /// Rooms that were restored from a host that died.
    pub restored: Vec<Room>,
    directory: Directory,
    bus: Bus,
    pool: Pool,
    engine: Engine,
    whep: Whep,
    intake: Option<Intake>,
    redis: Option<RedisHandle>,
    redis_server: Option<RedisServer>,
    api: JoinHandle<std::io::Result<()>>,
    api_stop: CancellationToken,
    shutdown_timeout: std::time::Duration,
    data: DataFolder,
    /// Tasks that only forward; they end with the host.
    forwarding: Vec<AbortOnDropHandle<()>>,
}

impl Host {
    /// The sessions, for callers in this process.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Loads changed scripts now; what SIGHUP does.
    pub async fn reload(&self) {
        match self.engine.reload().await {
            Ok(generation) => tracing::info!(generation, "scripts loaded"),
            Err(failure) => tracing::error!(%failure, "scripts not loaded"),
        }
    }

    /// Ends when HTTP ends by itself, which is a fault.
    pub async fn failed(&mut self) -> anyhow::Error {
        match (&mut self.api).await {
            Ok(Ok(())) => anyhow::anyhow!("HTTP ended"),
            Ok(Err(error)) => error.into(),
            Err(error) => error.into(),
        }
    }
}
