//! Stock clients, and waiting.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::Redis;

/// A program or folder that tools/setup.sh keeps.
pub(crate) fn tool(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools").join(name)
}

/// Where the Node clients are.
pub(crate) fn node_modules() -> PathBuf {
    tool("node/node_modules")
}

/// Asks again until there is an answer; fails with the words after the deadline.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    within: Duration,
    ask: impl Fn() -> F,
) -> T {
    let began = Instant::now();
    let mut pace = tokio::time::interval(Duration::from_millis(25));
    loop {
        pace.tick().await;
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(began.elapsed() < within, "not within {within:?}: {what}");
    }
}

/// A Python client of tests/peers that prints one JSON object a line; killed when dropped.
pub(crate) struct Python {
    name: String,
    lines: Lines<BufReader<ChildStdout>>,
    seen: Vec<String>,
    child: Child,
}

impl Python {
    pub(crate) fn start(script: &str, arguments: &[&str]) -> Self {
        let python = tool("venv/bin/python");
        Self::spawn(script, Command::new(&python).arg("-u"), arguments)
    }

    pub(crate) fn node(script: &str, arguments: &[&str]) -> Self {
        Self::spawn(script, Command::new("node").env("NODE_PATH", node_modules()), arguments)
    }

    fn spawn(script: &str, command: &mut Command, arguments: &[&str]) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(script);
        let mut child = command
            .arg(path)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the stock clients are missing: run tools/setup.sh test");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        Self {
            name: script.to_owned(),
            lines,
            seen: Vec::new(),
            child,
        }
    }

    /// The next object that `wanted` accepts; what was seen is printed when there is none in time.
    pub(crate) async fn until(&mut self, what: &str, within: Duration, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = tokio::time::Instant::now() + within;
        loop {
            let line = tokio::time::timeout_at(deadline, self.lines.next_line()).await;
            match line {
                Ok(Ok(Some(line))) => {
                    let value: Value = serde_json::from_str(&line).unwrap_or_default();
                    self.seen.push(line);
                    if wanted(&value) {
                        return value;
                    }
                }
                other => {
                    let ended = if matches!(other, Ok(Ok(None))) {
                        "it ended"
                    } else {
                        "too late"
                    };
                    let tail = self.seen[self.seen.len().saturating_sub(30)..].join("\n");
                    panic!("{}: never said: {what} ({ended}). It said:\n{tail}", self.name);
                }
            }
        }
    }

    /// Every object until it ends, which must be a success.
    pub(crate) async fn rest(mut self, within: Duration) -> Vec<Value> {
        let mut objects: Vec<Value> = Vec::new();
        let reading = async {
            while let Some(line) = self.lines.next_line().await.expect("text") {
                objects.push(serde_json::from_str(&line).unwrap_or_else(|_| panic!("{}: no JSON: {line}", self.name)));
            }
            let status = self.child.wait().await.expect("an end");
            assert!(status.success(), "{} ended with {status}", self.name);
        };
        if tokio::time::timeout(within, reading).await.is_err() {
            panic!(
                "{} did not end within {within:?}. Its last word: {:?}",
                self.name,
                objects.last()
            );
        }
        objects
    }
}

/// Adds jobs with the stock Node client; gives their ids.
pub(crate) async fn produce(redis: &Redis, queue: &str, jobs: &[Value]) -> Vec<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/queue_producer.js");
    let mut child = Command::new("node")
        .arg(script)
        .args([&redis.port.to_string(), queue])
        .env("NODE_PATH", node_modules())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the stock clients are missing: run tools/setup.sh test");
    let text = serde_json::to_vec(jobs).expect("JSON");
    let mut input = child.stdin.take().expect("piped");
    input.write_all(&text).await.expect("the producer reads");
    drop(input);
    let output = tokio::time::timeout(Duration::from_secs(30), child.wait_with_output())
        .await
        .expect("in time");
    let output = output.expect("an end");
    assert!(output.status.success(), "the producer failed");
    serde_json::from_slice(&output.stdout).expect("a list of ids")
}
