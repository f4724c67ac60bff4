//! A Redis server of a test's own.

use std::process::Stdio;
use std::time::Duration;

use perilune::config::units::Secret;
use perilune::events::RedisHandle;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// A running redis-server; killed when dropped.
pub(crate) struct Redis {
    pub(crate) port: u16,
    folder: TempDir,
    child: Child,
}

impl Redis {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = super::free_port();
        let child = spawn(port, &folder);
        let redis = Self { port, folder, child };
        redis.answers().await;
        redis
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// kill -9.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("redis-server runs");
    }

    /// The same data on the same port.
    pub(crate) async fn restart(&mut self) {
        self.child = spawn(self.port, &self.folder);
        self.answers().await;
    }

    pub(crate) async fn connection(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.url()).expect("an address");
        client
            .get_multiplexed_async_connection()
            .await
            .expect("redis-server answers")
    }

    /// The connection of a host's part.
    pub(crate) async fn handle(&self) -> RedisHandle {
        RedisHandle::connect(&Secret::new(self.url()), Duration::from_secs(10))
            .await
            .expect("redis-server answers")
    }

    /// The answer to one command.
    pub(crate) async fn query<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let mut command = redis::cmd(words[0]);
        words[1..].iter().for_each(|word| {
            command.arg(*word);
        });
        let mut connection = self.connection().await;
        command.query_async(&mut connection).await.expect("an answer")
    }

    async fn answers(&self) {
        super::eventually("redis-server answers", Duration::from_secs(10), || async {
            let client = redis::Client::open(self.url()).ok()?;
            let mut connection = client.get_multiplexed_async_connection().await.ok()?;
            redis::cmd("PING").query_async::<String>(&mut connection).await.ok()
        })
        .await;
    }
}

fn spawn(port: u16, folder: &TempDir) -> Child {
    Command::new("redis-server")
        .args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "yes",
        ])
        .args(["--maxmemory-policy", "noeviction", "--dir"])
        .arg(folder.path())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("redis-server is missing: run tools/setup.sh test, or apt-get install redis-server")
}
