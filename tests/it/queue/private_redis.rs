//! The Redis that a host runs for itself when there is none.

use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use perilune::events::RedisHandle;
use perilune::host::RedisServer;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use super::jobs::LONG;
use crate::support::{Redis, eventually, free_port};

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

async fn open(port: u16, data: &Path) -> RedisServer {
    RedisServer::open_at(port, "redis-server", data)
        .await
        .expect("a server")
}

/// The sentence with which a port or a program is refused.
async fn refusal(port: u16, program: &str) -> String {
    let error = RedisServer::open_at(port, program, folder().path()).await.err();
    error.expect("refused").to_string()
}

async fn ask<T: redis::FromRedisValue>(redis: &RedisHandle, words: &[&str]) -> T {
    let mut command = redis::cmd(words[0]);
    words[1..].iter().for_each(|word| {
        command.arg(*word);
    });
    command.query_async(&mut redis.connection()).await.expect("an answer")
}

async fn answers(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_keeps_its_data_and_is_started_again_when_it_dies() {
    let (port, data) = (free_port(), folder());
    let server = open(port, data.path()).await;
    let words = server.describe();
    assert!(
        server.is_private() && words.starts_with("started a private Redis on 127.0.0.1:"),
        "{words}"
    );
    let redis = RedisHandle::connect(server.url(), Duration::from_secs(10))
        .await
        .expect("Redis answers");
    ask::<()>(&redis, &["SET", "k", "v"]).await;

    let second = open(port, data.path()).await;
    let words = second.describe();
    assert!(
        !second.is_private() && words.starts_with("using the Redis that answers on"),
        "{words}"
    );
    second.stop().await;

    let pid = server.pid().expect("it runs");
    let mut connected = redis.connected();
    kill(Pid::from_raw(pid.cast_signed()), Signal::SIGKILL).expect("it runs");
    let noticed = timeout(LONG, connected.wait_for(|up| !*up)).await;
    noticed.expect("noticed").expect("the connection is watched");
    assert!(redis.wait_connected(LONG).await, "it was not started again");
    assert_ne!(server.pid(), Some(pid));
    assert_eq!(ask::<String>(&redis, &["GET", "k"]).await, "v");
    let policy: HashMap<String, String> = ask(&redis, &["CONFIG", "GET", "maxmemory-policy"]).await;
    assert_eq!(policy["maxmemory-policy"], "noeviction");
    server.stop().await;
    assert!(!answers(port).await);
}

/// In the process that is to be killed: the port of the server it runs.
const PORT: &str = "PERILUNE_TEST_PRIVATE_REDIS";

/// This test again, as a process of its own that runs a server.
fn doomed(port: u16, data: &Path) -> Child {
    let own_name = concat!(module_path!(), "::it_dies_with_a_killed_host");
    let own_name = own_name.split_once("::").expect("the crate's name goes before").1;
    Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", own_name])
        .env(PORT, port.to_string())
        .current_dir(data)
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("this program can be started")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_dies_with_a_killed_host() {
    if let Some(port) = std::env::var_os(PORT) {
        let port = port.to_string_lossy().parse().expect("a port");
        let _server = open(port, Path::new(".")).await;
        sleep(LONG).await;
        return;
    }
    let (port, data) = (free_port(), folder());
    let mut host = doomed(port, data.path());
    let until = async |wanted: bool, what: &str| {
        eventually(what, Duration::from_secs(30), || async {
            (answers(port).await == wanted).then_some(())
        })
        .await;
    };
    until(true, "it answers").await;
    // Longer than an idle thread of the runtime lives: the server must not hang on one of those.
    sleep(Duration::from_secs(12)).await;
    assert!(answers(port).await, "it died with a thread");
    host.kill().await.expect("the host runs");
    until(false, "it dies").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_or_program_that_cannot_be_used_is_explained() {
    let other = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let port = other.local_addr().expect("bound").port();
    let speaker = tokio::spawn(async move {
        while let Ok((mut stream, _)) = other.accept().await {
            // Whoever asks may be gone already.
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let sentence = refusal(port, "redis-server").await;
    assert!(
        sentence.contains("is taken by something that is no Redis"),
        "{sentence}"
    );
    speaker.abort();

    let sentence = refusal(free_port(), "no-such-redis").await;
    assert!(sentence.contains("install redis-server"), "{sentence}");

    let redis = Redis::start().await;
    redis.query::<()>(&["CONFIG", "SET", "requirepass", "x"]).await;
    let sentence = refusal(redis.port, "redis-server").await;
    assert!(sentence.contains("a Redis that wants a password"), "{sentence}");
}
