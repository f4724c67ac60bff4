//! The rule behind `redis.url = "auto"`: use the Redis that answers on this machine, else run a private one.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use super::redis_process::{Keeper, last_line};
use crate::config;
use crate::config::units::Secret;

/// Redis' usual port.
const PORT: u16 = 6379;
/// How long a server may take to load its file before the start fails.
const READY: Duration = Duration::from_secs(60);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(3);

/// Why there is no Redis to use.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Something that is no Redis, or a Redis that wants a password, has the port.
    #[error("{address} is taken by {what}; set redis.url to the Redis that perilune is to use")]
    Taken {
        /// Where.
        address: SocketAddr,
        /// By what.
        what: &'static str,
    },
    /// The program cannot be started.
    #[error("{program} cannot be started ({source}); install redis-server, or set redis.url to a Redis that runs")]
    Start {
        /// Which.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// The folder for its file cannot be made or written.
    #[error("the folder {} for Redis' file cannot be used: {source}", folder.display())]
    Folder {
        /// Which.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It was started and does not answer.
    #[error("the private redis-server does not answer on {address}; the last line of {} is: {words}", log.display())]
    Silent {
        /// Where.
        address: SocketAddr,
        /// Its log.
        log: PathBuf,
        /// The log's last line.
        words: String,
    },
}

/// The Redis of this host, and the private server if there is one.
pub struct RedisServer {
    url: Secret,
    words: String,
    keeper: Option<Keeper>,
}

impl RedisServer {
    /// Follows `redis.url`; with `auto` the private server's files are in `data/redis`.
    pub async fn open(config: &config::Redis, data: &Path) -> Result<Self, ServerError> {
        if config.url.reveal() != "auto" {
            let words = "using the Redis that redis.url names".to_owned();
            return Ok(Self {
                url: config.url.clone(),
                words,
                keeper: None,
            });
        }
        Self::open_at(PORT, &config.executable, data).await
    }

    /// The `auto` rule on a port of one's choice.
    pub async fn open_at(port: u16, program: &str, data: &Path) -> Result<Self, ServerError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if process_at(address).await?.is_some() {
            return Ok(Self::found(address));
        }
        let mut keeper = Keeper::start(program, port, &data.join("redis"))?;
        let deadline = Instant::now() + READY;
        loop {
            if let Some(pid) = process_at(address).await? {
                if keeper.pid() == Some(pid) {
                    let words = format!(
                        "started a private Redis on {address}, its data in {}",
                        keeper.folder().display()
                    );
                    return Ok(Self {
                        url: url(address),
                        words,
                        keeper: Some(keeper),
                    });
                }
                // Another host was started at the same moment and was quicker.
                keeper.stop().await;
                return Ok(Self::found(address));
            }
            if keeper.has_failed() || Instant::now() > deadline {
                let log = keeper.log();
                keeper.stop().await;
                return match process_at(address).await? {
                    Some(_) => Ok(Self::found(address)),
                    None => Err(ServerError::Silent {
                        address,
                        words: last_line(&log),
                        log,
                    }),
                };
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    fn found(address: SocketAddr) -> Self {
        Self {
            url: url(address),
            words: format!("using the Redis that answers on {address}"),
            keeper: None,
        }
    }

    /// Where it is.
    pub fn url(&self) -> &Secret {
        &self.url
    }

    /// Whether it is a private server of this host.
    pub fn is_private(&self) -> bool {
        self.keeper.is_some()
    }

    /// Process id of the private server, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.keeper.as_ref().and_then(Keeper::pid)
    }

    /// Which Redis is used, for the start line.
    pub fn describe(&self) -> &str {
        &self.words
    }

    /// Ends the private server, its file complete; another server is left alone.
    pub async fn stop(mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            keeper.stop().await;
        }
    }
}

fn url(address: SocketAddr) -> Secret {
    Secret::new(format!("redis://{address}/"))
}

/// Process id of the Redis at the address; none when nothing listens there. One that is loading its file is waited for.
async fn process_at(address: SocketAddr) -> Result<Option<u32>, ServerError> {
    let deadline = Instant::now() + READY;
    loop {
        let Ok(Ok(stream)) = timeout(ANSWER, TcpStream::connect(address)).await else {
            return Ok(None);
        };
        let words = timeout(ANSWER, ask(stream))
            .await
            .map_or_else(|_| String::new(), Result::unwrap_or_default);
        let what = if words.starts_with("-NOAUTH") || words.starts_with("-NOPERM") {
            "a Redis that wants a password"
        } else if words.starts_with("-LOADING") {
            "a Redis that is still loading its file"
        } else if let Some(pid) = words
            .split("process_id:")
            .nth(1)
            .and_then(|rest| rest.lines().next()?.trim().parse().ok())
        {
            return Ok(Some(pid));
        } else if words.is_empty() && TcpStream::connect(address).await.is_err() {
            // It was on its way out while we asked.
            return Ok(None);
        } else {
            "something that is no Redis"
        };
        if !words.starts_with("-LOADING") || Instant::now() > deadline {
            return Err(ServerError::Taken { address, what });
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// Asks in the plain form that every Redis understands, so that nothing is assumed about who listens.
async fn ask(mut stream: TcpStream) -> io::Result<String> {
    stream.write_all(b"INFO server\r\n").await?;
    let mut words = Vec::new();
    let mut part = [0; 4096];
    loop {
        let count = stream.read(&mut part).await?;
        words.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&words);
        let is_complete = text.starts_with('-') && text.ends_with('\n')
            || text.split("process_id:").nth(1).is_some_and(|rest| rest.contains('\n'));
        if count == 0 || is_complete || words.len() > 64 * 1024 {
            return Ok(text.into_owned());
        }
    }
}
