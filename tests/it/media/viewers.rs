//! A page that watches by WHEP in a real browser and reports every picture that it shows.

use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::{get, post};
use axum::{Json, Router};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use perilune::config;
use perilune::media::{Stream, Whep};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::painter::near;
use crate::support::{Site, eventually};

/// What the viewers are counted under.
pub(super) const ROOM: &str = "room";

const PAGE: &str = r#"<!doctype html><title>viewer</title><body><script>
const query = new URLSearchParams(location.search);
async function view(viewer) {
  const peer = new RTCPeerConnection();
  peer.addTransceiver('video', { direction: 'recvonly' });
  if (query.get('audio')) peer.addTransceiver('audio', { direction: 'recvonly' });
  const video = document.createElement('video');
  video.muted = video.autoplay = true;
  document.body.append(video);
  const canvas = new OffscreenCanvas(640, 384), ink = canvas.getContext('2d', { willReadFrequently: true });
  const read = async (now, meta) => {
    video.requestVideoFrameCallback(read);
    canvas.width = meta.width; canvas.height = meta.height;
    ink.drawImage(video, 0, 0);
    const at = (x, y) => [...ink.getImageData(x, y, 1, 1).data].slice(0, 3);
    let counter = 0;
    for (let bit = 0; bit < 16; bit++) counter |= (at(bit * 32 + 16, 16)[1] > 128) << bit;
    const body = JSON.stringify({ viewer, counter, colour: at(320, 200) });
    const answer = await fetch('/report', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    if (await answer.text() === 'close') peer.close();
  };
  video.requestVideoFrameCallback(read);
  peer.ontrack = event => { if (event.track.kind === 'video') video.srcObject = new MediaStream([event.track]); };
  await peer.setLocalDescription();
  const answer = await fetch('/whep', { method: 'POST', body: peer.localDescription.sdp });
  if (answer.status === 201) await peer.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
}
for (let viewer = 0; viewer < (query.get('viewers') || 1); viewer++) view(viewer + +(query.get('first') || 0));
</script>"#;

/// A stream, the page that shows it, and what its viewers reported.
#[derive(Clone)]
pub(super) struct Gallery {
    pub(super) stream: Stream,
    pub(super) whep: Whep,
    port: u16,
    notes: Arc<Mutex<Notes>>,
}

#[derive(Default)]
struct Notes {
    seen: Vec<Value>,
    ids: Vec<String>,
    refused: usize,
    is_closing: bool,
}

impl Gallery {
    pub(super) async fn open(max_viewers: usize) -> Self {
        let settings = config::Stream {
            max_fps: 15,
            jpeg_quality: 80,
            bitrate: 1_500_000,
            max_bitrate: 4_000_000,
            max_viewers,
            public_address: "auto".to_owned(),
            udp_port: 0,
        };
        let whep = Whep::start(&settings, [127, 0, 0, 1].into()).await.expect("a port");
        let mut gallery = Self {
            stream: Stream::start(&settings),
            whep,
            port: 0,
            notes: Arc::default(),
        };
        let routes = Router::new()
            .route("/", get(async || Html(PAGE)))
            .route("/whep", post(offer))
            .route("/report", post(report))
            .with_state(gallery.clone());
        gallery.port = Site::with_routes(&[], routes).await.port;
        gallery
    }

    pub(super) fn url(&self, query: &str) -> String {
        format!("http://127.0.0.1:{}/{query}", self.port)
    }

    /// What was reported, in order.
    pub(super) fn seen(&self) -> Vec<Value> {
        self.notes().seen.clone()
    }

    pub(super) fn last(&self, viewer: usize) -> Option<Value> {
        let notes = self.notes();
        notes.seen.iter().rev().find(|seen| seen["viewer"] == viewer).cloned()
    }

    /// The numbers of the pictures that a viewer saw.
    pub(super) fn counters(&self, viewer: usize) -> Vec<u64> {
        let notes = self.notes();
        let own = notes.seen.iter().filter(|seen| seen["viewer"] == viewer);
        own.filter_map(|seen| seen["counter"].as_u64()).collect()
    }

    pub(super) fn forget(&self) {
        self.notes().seen.clear();
    }

    /// Ids of the viewers that were let in.
    pub(super) fn ids(&self) -> Vec<String> {
        self.notes().ids.clone()
    }

    pub(super) fn refused(&self) -> usize {
        self.notes().refused
    }

    pub(super) fn watchers(&self) -> usize {
        *self.stream.watchers().borrow()
    }

    /// From now on viewers close their connection after their next picture.
    pub(super) fn dismiss(&self) {
        self.notes().is_closing = true;
    }

    pub(super) async fn until(&self, what: &str, check: impl Fn(&Self) -> bool) {
        eventually(what, Duration::from_secs(60), || {
            std::future::ready(check(self).then_some(()))
        })
        .await;
    }

    /// Waits until the newest picture of a viewer has that colour.
    pub(super) async fn shows(&self, viewer: usize, colour: [u8; 3]) {
        self.until(&format!("viewer {viewer} sees {colour:?}"), |gallery| {
            gallery.last(viewer).is_some_and(|seen| near(&seen["colour"], colour))
        })
        .await;
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().expect("no panic")
    }
}

async fn offer(State(gallery): State<Gallery>, sdp: String) -> (StatusCode, String) {
    let answer = gallery.whep.offer(gallery.stream.fanout(), &sdp, ROOM).await;
    let mut notes = gallery.notes();
    match answer {
        Ok(viewer) => {
            notes.ids.push(viewer.id);
            (StatusCode::CREATED, viewer.answer_sdp)
        }
        Err(error) => {
            notes.refused += 1;
            (StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
        }
    }
}

async fn report(State(gallery): State<Gallery>, Json(seen): Json<Value>) -> &'static str {
    let mut notes = gallery.notes();
    notes.seen.push(seen);
    if notes.is_closing { "close" } else { "" }
}

/// A browser in its own process group, ended with it: the distribution's command is a wrapper that does not pass signals on.
pub(super) struct Browser {
    child: Child,
    _profile: TempDir,
}

impl Browser {
    pub(super) fn open(url: &str) -> Self {
        let profile = tempfile::tempdir().expect("a temporary folder");
        let flags = [
            "--no-sandbox",
            "--disable-gpu",
            "--mute-audio",
            "--remote-debugging-port=0",
            "--allow-loopback-in-peer-connection",
            "--autoplay-policy=no-user-gesture-required",
        ];
        let child = Command::new("chromium-headless-shell")
            .args(flags)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("chromium-headless-shell is missing: run tools/setup.sh test");
        Self {
            child,
            _profile: profile,
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(id) = self.child.id() {
            // Fails when all of it has ended already.
            let _ = killpg(Pid::from_raw(id.cast_signed()), Signal::SIGKILL);
        }
    }
}
