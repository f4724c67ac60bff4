//! The host's connection to Redis: one for all commands that reconnects by itself, and further ones for calls that block.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Client, IntoConnectionInfo, ProtocolVersion, PushInfo, PushKind, RedisResult};
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use crate::config::units::Secret;

/// How often an idle connection is tried.
const PING_EVERY: Duration = Duration::from_secs(5);
/// The longest wait between two attempts to connect.
const MAX_RETRY: Duration = Duration::from_millis(500);

/// Redis, for everyone who needs it. Clones share one connection.
#[derive(Clone)]
pub struct RedisHandle(Arc<Inner>);

struct Inner {
    client: Client,
    manager: ConnectionManager,
    connected: watch::Receiver<bool>,
    command_timeout: Duration,
    watcher: AbortHandle,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

impl RedisHandle {
    /// Connects; an error when Redis cannot be reached now.
    ///
    /// Speaks RESP3, so that a lost connection is noticed at once and not only by the next command.
    pub async fn connect(url: &Secret, command_timeout: Duration) -> RedisResult<Self> {
        let info = url.reveal().into_connection_info()?;
        let tcp = info.tcp_settings().clone().set_nodelay(true);
        #[cfg(target_os = "linux")]
        let tcp = tcp.set_user_timeout(command_timeout);
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let client = Client::open(info.set_tcp_settings(tcp).set_redis_settings(settings))?;
        let lost = Arc::new(Notify::new());
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(command_timeout))
            .set_connection_timeout(Some(Duration::from_secs(2)))
            .set_max_delay(MAX_RETRY)
            .set_pipeline_buffer_size(512)
            .set_push_sender({
                let lost = Arc::clone(&lost);
                move |push: PushInfo| {
                    if push.kind == PushKind::Disconnection {
                        lost.notify_one();
                    }
                    Ok::<_, redis::aio::SendError>(())
                }
            });
        let manager = client.get_connection_manager_with_config(config).await?;
        let (state, connected) = watch::channel(true);
        let watcher = tokio::spawn(watch_over(manager.clone(), lost, state, command_timeout)).abort_handle();
        Ok(Self(Arc::new(Inner {
            client,
            manager,
            connected,
            command_timeout,
            watcher,
        })))
    }

    /// The shared connection for commands that answer at once; each fails after the command timeout.
    pub fn connection(&self) -> ConnectionManager {
        self.0.manager.clone()
    }

    /// A connection of one's own, for commands that block: it has no response timeout and does not reconnect, so its user
    /// puts a deadline on every wait and opens another one after an error. `name` is what `CLIENT LIST` shows.
    pub async fn blocking(&self, name: Option<&str>) -> RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(2)))
            .set_response_timeout(None);
        let mut connection = self
            .0
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        if let Some(name) = name {
            redis::cmd("CLIENT")
                .arg("SETNAME")
                .arg(name)
                .query_async::<()>(&mut connection)
                .await?;
        }
        Ok(connection)
    }

    /// The client behind it, for connections of another kind (pub/sub).
    pub fn client(&self) -> Client {
        self.0.client.clone()
    }

    /// How long a command may take.
    pub fn command_timeout(&self) -> Duration {
        self.0.command_timeout
    }

    /// Whether Redis answers now; changes wake whoever waits on it.
    pub fn connected(&self) -> watch::Receiver<bool> {
        self.0.connected.clone()
    }

    /// Waits until Redis answers, or until the time is over; says whether it does.
    pub async fn wait_connected(&self, within: Duration) -> bool {
        let mut connected = self.connected();
        timeout(within, connected.wait_for(|up| *up))
            .await
            .is_ok_and(|seen| seen.is_ok())
    }
}

/// Keeps `state` true while Redis answers: tries it when the connection was lost and every few seconds.
async fn watch_over(manager: ConnectionManager, lost: Arc<Notify>, state: watch::Sender<bool>, limit: Duration) {
    loop {
        let was_lost = tokio::select! {
            () = lost.notified() => true,
            () = sleep(PING_EVERY) => !answers(&manager, limit).await,
        };
        if !was_lost {
            continue;
        }
        state.send_replace(false);
        tracing::warn!("redis connection lost, trying again until it is back");
        let mut pause = Duration::from_millis(50);
        while !answers(&manager, limit).await {
            sleep(pause).await;
            pause = (pause * 2).min(MAX_RETRY);
        }
        state.send_replace(true);
        tracing::info!("redis connection is back");
    }
}

async fn answers(manager: &ConnectionManager, limit: Duration) -> bool {
    let mut manager = manager.clone();
    let ping = redis::cmd("PING");
    let answer = timeout(limit, ping.query_async::<String>(&mut manager)).await;
    matches!(answer, Ok(Ok(word)) if word == "PONG")
}
