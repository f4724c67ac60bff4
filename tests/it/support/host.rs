//! A host as users run it: the built binary, on free ports, with a Redis of its own.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite::Message};

use super::Redis;

/// What a test wants of its host beyond the defaults.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) settings: Vec<(&'static str, String)>,
    pub(crate) environment: Vec<(&'static str, String)>,
}

/// A running host; killed when dropped.
pub(crate) struct Host {
    pub(crate) base: String,
    pub(crate) redis: Redis,
    pub(crate) folder: TempDir,
    options: Options,
    port: u16,
    child: Child,
    http: reqwest::Client,
}

impl Host {
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with_settings(settings: Vec<(&'static str, String)>) -> Self {
        Self::with(Options {
            settings,
            ..Options::default()
        })
        .await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let redis = Redis::start().await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir_all(folder.path().join("plugins")).expect("a folder");
        let port = super::free_port();
        let child = spawn(port, &redis, folder.path(), &options);
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(60))
            .build()
            .expect("a client");
        let base = format!("http://127.0.0.1:{port}");
        let host = Self {
            base,
            redis,
            folder,
            options,
            port,
            child,
            http,
        };
        host.ready().await;
        host
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().expect("the host runs")
    }

    /// kill -9.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("the host runs");
    }

    /// The same host again: same port, Redis and data folder.
    pub(crate) async fn restart(&mut self) {
        self.child = spawn(self.port, &self.redis, self.folder.path(), &self.options);
        self.ready().await;
    }

    /// SIGTERM; waits for the end and says how long it took.
    pub(crate) async fn terminate(&mut self) -> Duration {
        let began = std::time::Instant::now();
        let pid = nix::unistd::Pid::from_raw(self.pid() as i32);
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).expect("the host runs");
        let ended = tokio::time::timeout(Duration::from_secs(20), self.child.wait()).await;
        assert!(
            ended
                .expect("the host ends within 20 s")
                .expect("it was started here")
                .success()
        );
        began.elapsed()
    }

    /// Gives something to a resource other than the tools.
    pub(crate) async fn post_to(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}{path}", self.base);
        let response = self.http.post(url).json(body).send().await.expect("the host answers");
        (response.status().as_u16(), response.json().await.expect("JSON"))
    }

    /// Runs an action by a job of a stock producer, which may be tried three times; gives its last event.
    pub(crate) async fn queued(&self, room: &str, action: &str, mut params: Value) -> Value {
        let mut events = self.events(room, None).await;
        params["room_name"] = room.into();
        let jobs = [json!({ "name": action, "data": params, "opts": { "attempts": 3 } })];
        super::produce(&self.redis, "browser_commands", &jobs).await;
        let is_last = |e: &Value| e["type"] == "action_completed" || e["type"] == "action_error";
        events
            .until("the job's end", |e| is_last(e) && !e["job_id"].is_null())
            .await
    }

    /// Writes a plugin's file and waits until the host uses it.
    pub(crate) async fn save_plugin(&self, file: &str, text: &str) {
        let mut own = self.events("_host", None).await;
        let path = self.folder.path().join("plugins").join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, text).expect("a file");
        let name = format!("plugins/{file}");
        own.until(file, |e| e["type"] == "script_reloaded" && e["file"] == name.as_str())
            .await;
    }

    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Value {
        self.post(&json!({ "tool": tool, "arguments": arguments })).await.1
    }

    pub(crate) async fn post(&self, body: &Value) -> (u16, Value) {
        let url = format!("{}/mcp/tools/call", self.base);
        let response = self.http.post(url).json(body).send().await.expect("the host answers");
        (response.status().as_u16(), response.json().await.expect("JSON"))
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let response = self
            .http
            .get(format!("{}{path}", self.base))
            .send()
            .await
            .expect("the host answers");
        let status = response.status().as_u16();
        (
            status,
            serde_json::from_str(&response.text().await.expect("text")).unwrap_or_default(),
        )
    }

    pub(crate) async fn open(&self, room: &str, url: &str) -> Value {
        let answer = self
            .call(
                "start_browser_session",
                json!({ "room_name": room, "initial_url": url }),
            )
            .await;
        assert_eq!(answer["success"], true, "{answer}");
        answer
    }

    pub(crate) async fn action(&self, room: &str, action: &str, params: Value) -> Value {
        self.call(
            "execute_action",
            json!({ "room_name": room, "action_type": action, "params": params }),
        )
        .await
    }

    /// Runs JavaScript in the page's main world and returns its value.
    pub(crate) async fn page(&self, room: &str, code: &str) -> Value {
        let answer = self.action(room, "execute_javascript", json!({ "code": code })).await;
        assert_eq!(answer["success"], true, "{code}: {answer}");
        answer["data"]["result"].clone()
    }

    /// The events of a room from now on, or after `since`.
    pub(crate) async fn events(&self, room: &str, since: Option<u64>) -> EventStream {
        let query = since.map(|since| format!("?since={since}")).unwrap_or_default();
        let url = format!("{}/mcp/events/{room}{query}", self.base.replace("http", "ws"));
        let (socket, _) = tokio_tungstenite::connect_async(url)
            .await
            .expect("the host takes listeners");
        EventStream {
            socket,
            seen: Vec::new(),
        }
    }

    async fn ready(&self) {
        super::eventually("the host is ready", Duration::from_secs(30), || async {
            let response = self.http.get(format!("{}/readyz", self.base)).send().await.ok()?;
            response.status().is_success().then_some(())
        })
        .await;
    }
}

fn spawn(port: u16, redis: &Redis, folder: &Path, options: &Options) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perilune"));
    command
        .args(["serve", "--port", &port.to_string(), "--redis", &redis.url(), "--data"])
        .arg(folder.join("data"));
    command.arg("--plugins").arg(folder.join("plugins"));
    for (key, value) in &options.settings {
        command.arg("--set").arg(format!("{key}={value}"));
    }
    command.envs(options.environment.iter().map(|(key, value)| (key, value)));
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("host.log"))
        .expect("a log file");
    command
        .stdout(Stdio::null())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .expect("the host was built")
}

/// A listener on a room.
pub(crate) struct EventStream {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) seen: Vec<Value>,
}

impl EventStream {
    /// The next event that `wanted` accepts; what was seen is printed when there is none in time.
    pub(crate) async fn until(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        self.within(Duration::from_secs(15), what, wanted).await
    }

    pub(crate) async fn within(&mut self, within: Duration, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = tokio::time::Instant::now() + within;
        loop {
            match tokio::time::timeout_at(deadline, self.socket.next()).await {
                Ok(Some(Ok(Message::Text(text)))) => {
                    let event: Value = serde_json::from_str(&text).expect("an event is JSON");
                    self.seen.push(event.clone());
                    if wanted(&event) {
                        return event;
                    }
                }
                Ok(Some(Ok(_))) => {}
                _ => {
                    let seen: Vec<_> = self.seen.iter().map(Value::to_string).collect();
                    panic!("no event within {within:?}: {what}. Seen:\n{}", seen.join("\n"));
                }
            }
        }
    }

    pub(crate) async fn of_type(&mut self, kind: &str) -> Value {
        self.until(kind, |event| event["type"] == kind).await
    }
}
