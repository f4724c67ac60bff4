//! A real LiveKit server of a test's own.

use std::process::Stdio;
use std::time::Duration;

use livekit_token::{AccessToken, VideoGrants};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

pub(crate) const KEY: &str = "devkey";
pub(crate) const SECRET: &str = "a-secret-of-the-tests-that-is-long-enough";

/// An access token for a participant of a room.
pub(crate) fn token(room: &str, identity: &str, grants: VideoGrants) -> String {
    let grants = VideoGrants {
        room_join: true,
        room: room.to_owned(),
        ..grants
    };
    signed(identity, grants)
}

fn signed(identity: &str, grants: VideoGrants) -> String {
    AccessToken::with_api_key(KEY, SECRET)
        .with_identity(identity)
        .with_grants(grants)
        .to_jwt()
        .expect("a token")
}

/// A running LiveKit server; killed when dropped.
pub(crate) struct LiveKit {
    pub(crate) port: u16,
    config: String,
    _folder: TempDir,
    child: Child,
}

impl LiveKit {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (port, tcp, udp) = (super::free_port(), super::free_port(), super::free_port());
        let config = format!(
            "port: {port}\nbind_addresses: [127.0.0.1]\nkeys:\n  {KEY}: {SECRET}\nlogging: {{ level: warn }}\n\
             rtc:\n  tcp_port: {tcp}\n  udp_port: {udp}\n  node_ip: 127.0.0.1\n  use_external_ip: false\n  enable_loopback_candidate: true\n\
             room:\n  empty_timeout: 300\n  departure_timeout: 20\n"
        );
        let child = spawn(&config);
        let server = Self {
            port,
            config,
            _folder: folder,
            child,
        };
        server.answers().await;
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    /// kill -9.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("the LiveKit server runs");
    }

    pub(crate) async fn restart(&mut self) {
        self.child = spawn(&self.config);
        self.answers().await;
    }

    /// The settings of a host that publishes here.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("livekit.url", self.url()),
            ("livekit.api_key", KEY.to_owned()),
            ("livekit.api_secret", SECRET.to_owned()),
        ]
    }

    /// A call of its room service about a room.
    pub(crate) async fn call(&self, room: &str, method: &str, body: &Value) -> Value {
        let grants = VideoGrants {
            room_admin: true,
            room_create: true,
            room: room.to_owned(),
            ..VideoGrants::default()
        };
        let url = format!("http://127.0.0.1:{}/twirp/livekit.RoomService/{method}", self.port);
        let request = reqwest::Client::new().post(url).bearer_auth(signed("tests", grants));
        let answer = request.json(body).send().await.expect("an answer");
        let answer = answer.error_for_status().expect("the room service agrees");
        answer.json().await.expect("JSON")
    }

    async fn answers(&self) {
        let url = format!("http://127.0.0.1:{}/", self.port);
        super::eventually("the LiveKit server answers", Duration::from_secs(20), || async {
            reqwest::get(&url).await.ok()
        })
        .await;
    }
}

fn spawn(config: &str) -> Child {
    let program = super::tool("livekit-server");
    Command::new(&program)
        .arg("--config-body")
        .arg(config)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| {
            panic!(
                "the LiveKit server is missing at {}: run tools/setup.sh test ({error})",
                program.display()
            )
        })
}
