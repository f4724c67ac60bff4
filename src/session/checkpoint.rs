//! What is kept of a session for the time after its host's death: address, cookies, start parameters.
//!
//! One Redis key per room, written when the page changed, deleted when the session is closed. A checkpoint belongs to
//! the host that wrote it as long as that host renews its sign of life, or, on the same machine, as its process runs.

use std::sync::Arc;
use std::time::Duration;

use redis::AsyncCommands;
use serde::{Deserialize, Serialize};
use tokio_util::task::AbortOnDropHandle;

use crate::events::RedisHandle;
use crate::protocol::{Room, StartParams};

/// How long a checkpoint is worth restoring.
const KEEP_S: u64 = 24 * 3600;
const PREFIX: &str = "perilune:session:";
const ALIVE: &str = "perilune:host:";
const ALIVE_MS: u64 = 10_000;
const RENEW: Duration = Duration::from_secs(3);

/// The keeper of checkpoints; cheap to clone.
#[derive(Clone)]
pub struct Checkpoints {
    redis: RedisHandle,
    host: Arc<str>,
    /// Ends with the last clone.
    _alive: Arc<AbortOnDropHandle<()>>,
}

/// One session as it can be brought back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    pub(super) room: Room,
    pub(super) host: Arc<str>,
    pub(super) url: String,
    pub(super) params: StartParams,
    pub(super) cookies: Vec<serde_json::Value>,
}

// === impl Checkpoints ===

impl Checkpoints {
    /// Keeps checkpoints in this Redis for the host of this name, and gives the host's sign of life.
    pub async fn start(redis: RedisHandle, host: &str) -> Self {
        let host: Arc<str> = host.into();
        say_alive(&redis, &host).await;
        let (connection, name) = (redis.clone(), host.clone());
        let alive = tokio::spawn(async move {
            let mut tick = tokio::time::interval(RENEW);
            loop {
                tick.tick().await;
                say_alive(&connection, &name).await;
            }
        });
        Self {
            redis,
            host,
            _alive: Arc::new(AbortOnDropHandle::new(alive)),
        }
    }

    /// The name that this host's checkpoints carry.
    pub(super) fn host(&self) -> Arc<str> {
        self.host.clone()
    }

    /// Writes a room's checkpoint; a failure costs only the restore.
    pub(super) async fn save(&self, checkpoint: &Checkpoint) {
        let Ok(json) = serde_json::to_string(checkpoint) else {
            return;
        };
        let key = format!("{PREFIX}{}", checkpoint.room);
        let saved: redis::RedisResult<()> = self.redis.connection().set_ex(key, json, KEEP_S).await;
        if let Err(error) = saved {
            tracing::debug!(%error, room = %checkpoint.room, "checkpoint not written");
        }
    }

    /// Forgets a room that was closed.
    pub(super) async fn forget(&self, room: &Room) {
        let key = format!("{PREFIX}{room}");
        let mut connection = self.redis.connection();
        let deleted = tokio::time::timeout(Duration::from_secs(2), connection.del::<_, ()>(key)).await;
        if !matches!(deleted, Ok(Ok(()))) {
            tracing::warn!(%room, "the checkpoint of a closed session could not be deleted");
        }
    }

    /// The checkpoints that no living host stands for.
    pub(super) async fn orphans(&self) -> Vec<Checkpoint> {
        let found = tokio::time::timeout(Duration::from_secs(5), self.read_all()).await;
        match found {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => {
                tracing::warn!(%error, "sessions of a dead host could not be read");
                Vec::new()
            }
            Err(_) => Vec::new(),
        }
    }

    async fn read_all(&self) -> redis::RedisResult<Vec<Checkpoint>> {
        let mut connection = self.redis.connection();
        let mut keys: Vec<String> = Vec::new();
        let mut cursor = 0u64;
        loop {
            let (next, some): (u64, Vec<String>) = redis::cmd("SCAN")
                .arg(cursor)
                .arg("MATCH")
                .arg(format!("{PREFIX}*"))
                .arg("COUNT")
                .arg(1000)
                .query_async(&mut connection)
                .await?;
            keys.extend(some);
            cursor = next;
            if cursor == 0 {
                break;
            }
        }
        let mut found = Vec::new();
        for key in keys {
            let json: Option<String> = connection.get(&key).await?;
            match json.as_deref().map(serde_json::from_str::<Checkpoint>) {
                Some(Ok(checkpoint)) if self.is_orphan(&checkpoint).await? => found.push(checkpoint),
                Some(Ok(_)) => {}
                Some(Err(error)) => tracing::warn!(key, %error, "a checkpoint is not understood"),
                None => {}
            }
        }
        Ok(found)
    }

    async fn is_orphan(&self, checkpoint: &Checkpoint) -> redis::RedisResult<bool> {
        if checkpoint.host == self.host {
            return Ok(false);
        }
        let alive: bool = self
            .redis
            .connection()
            .exists(format!("{ALIVE}{}", checkpoint.host))
            .await?;
        Ok(!alive || died_here(&checkpoint.host, &self.host))
    }
}

async fn say_alive(redis: &RedisHandle, host: &str) {
    let key = format!("{ALIVE}{host}");
    let said: redis::RedisResult<()> = redis.connection().pset_ex(key, 1, ALIVE_MS).await;
    if let Err(error) = said {
        tracing::debug!(%error, "the host's sign of life was not written");
    }
}

/// Whether a host of this machine, named `machine:pid`, has no process any more; then nobody has to wait for its sign of
/// life to fade.
fn died_here(host: &str, ours: &str) -> bool {
    let (Some((machine, pid)), Some((our_machine, _))) = (host.rsplit_once(':'), ours.rsplit_once(':')) else {
        return false;
    };
    let Ok(pid) = pid.parse::<i32>() else { return false };
    machine == our_machine
        && nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), None) == Err(nix::errno::Errno::ESRCH)
}
