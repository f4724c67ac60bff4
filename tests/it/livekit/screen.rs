//! A screen that is published, and the stock Python SDK that looks at it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use livekit_token::VideoGrants;
use perilune::config::units::Secret;
use perilune::config::{Config, EMBEDDED};
use perilune::media::livekit::{Access, LivekitState, Publisher, StreamEvent, TokenSource, Video};
use perilune::media::{Frame, Stream};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::support::livekit::{KEY, SECRET, token};
use crate::support::{LiveKit, Python, eventually};

pub(super) const ROOM: &str = "shop";
pub(super) const ME: &str = "browser-automation";
pub(super) const RED: [u8; 3] = [220, 30, 30];
pub(super) const GREEN: [u8; 3] = [30, 180, 40];
pub(super) const BLUE: [u8; 3] = [30, 40, 210];

/// How long anything may take that works, also on a busy machine.
pub(super) const SOON: Duration = Duration::from_secs(30);

pub(super) async fn within_time<T>(what: &str, work: impl Future<Output = T>) -> T {
    let done = timeout(SOON, work).await;
    done.unwrap_or_else(|_| panic!("not within {SOON:?}: {what}"))
}

fn config() -> Config {
    toml::from_str(EMBEDDED).expect("the embedded settings")
}

/// A moving picture: left half in the colour, right half grey, a bar that moves below.
pub(super) struct Screen {
    pub(super) stream: Stream,
    colour: watch::Sender<[u8; 3]>,
    pump: JoinHandle<()>,
}

impl Screen {
    pub(super) fn start() -> Self {
        let stream = Stream::start(&config().stream);
        let (colour, colours) = watch::channel(RED);
        let source = stream.clone();
        let pump = tokio::spawn(async move {
            for number in 0_usize.. {
                source.wanted().await;
                let colour = *colours.borrow();
                let paint = move |x: usize, y: usize| match (x, y) {
                    (x, y) if y > 320 && x / 16 == number % 40 => [255, 255, 255],
                    (x, _) if x < 320 => colour,
                    _ => [128, 128, 128],
                };
                let jpeg = vp8::proof::jpeg(640, 360, 80, paint).into();
                let at = Instant::now();
                source.push(Frame { jpeg, at });
                // The pace of a page's animation.
                sleep(Duration::from_millis(66)).await;
            }
        });
        Self { stream, colour, pump }
    }

    pub(super) fn show(&self, colour: [u8; 3]) {
        self.colour.send_replace(colour);
    }

    pub(super) async fn end(self) {
        self.pump.abort();
        self.stream.stop().await;
    }
}

/// A token that the publisher makes itself.
pub(super) fn made() -> TokenSource {
    made_with(KEY)
}

pub(super) fn made_with(key: &str) -> TokenSource {
    TokenSource::Made {
        key: key.to_owned(),
        secret: Secret::new(SECRET),
        room: ROOM.to_owned(),
        identity: ME.to_owned(),
        name: "Browser".to_owned(),
    }
}

/// A token that the caller made.
pub(super) fn given(identity: &str, grants: VideoGrants) -> TokenSource {
    TokenSource::Given(Secret::new(token(ROOM, identity, grants)))
}

/// A publisher, and what it told the session.
pub(super) struct Published {
    pub(super) publisher: Publisher,
    events: Arc<Mutex<Vec<StreamEvent>>>,
}

impl Published {
    /// Begins to publish the screen.
    pub(super) fn start(url: String, token: TokenSource, screen: &Screen) -> Self {
        let video = Video {
            width: 640,
            height: 360,
            bitrate: 1_500_000,
            max_bitrate: 4_000_000,
        };
        let fanout = screen.stream.fanout();
        let (publisher, mut told) = Publisher::start(Access { url, token }, video, fanout, &config().livekit);
        let events = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&events);
        tokio::spawn(async move {
            while let Some(event) = told.recv().await {
                list.lock().expect("no panic").push(event);
            }
        });
        Self { publisher, events }
    }

    /// Publishes the screen.
    pub(super) async fn new(url: String, token: TokenSource, screen: &Screen) -> Self {
        let published = Self::start(url, token, screen);
        published.publisher.published(SOON).await.expect("published");
        published
    }

    pub(super) fn forget(&self) {
        self.events.lock().expect("no panic").clear();
    }

    /// Waits for an event since the start or the last `forget`.
    pub(super) async fn event(&self, what: &str, is: impl Fn(&StreamEvent) -> bool) {
        eventually(what, SOON, || {
            let known = self.events.lock().expect("no panic").iter().any(&is);
            std::future::ready(known.then_some(()))
        })
        .await;
    }

    pub(super) async fn reaches(&self, wanted: LivekitState) {
        let is = |e: &StreamEvent| matches!(e, StreamEvent::State { state, .. } if *state == wanted);
        self.event(wanted.as_str(), is).await;
    }
}

/// The stock subscriber; looks at one spot of each half.
pub(super) struct Viewer {
    client: Python,
}

impl Viewer {
    /// It tells of a frame at most every so many milliseconds.
    pub(super) fn join(server: &LiveKit, every_ms: u32) -> Self {
        let only_looks = VideoGrants {
            can_publish: Some(false),
            ..VideoGrants::default()
        };
        let (url, token) = (server.url(), token(ROOM, "viewer", only_looks));
        let (spots, every) = ("160,180;480,180", every_ms.to_string());
        let arguments = [&url, &token, "--seconds", "300", "--spots", spots, "--every", &every];
        let client = Python::start("livekit_subscriber.py", &arguments);
        Self { client }
    }

    pub(super) async fn until(&mut self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        self.client.until(what, SOON, is).await
    }

    /// The next fact of that name.
    pub(super) async fn fact(&mut self, name: &str) -> Value {
        self.until(name, |fact| fact["fact"] == name).await
    }

    /// A frame whose left half has that colour, and whose right half is grey.
    pub(super) async fn shows(&mut self, colour: [u8; 3]) -> Value {
        self.until(&format!("a frame in {colour:?}"), |fact| is_frame_in(fact, colour))
            .await
    }
}

pub(super) fn is_frame_in(fact: &Value, colour: [u8; 3]) -> bool {
    let near = |spot: &Value, want: [u8; 3]| {
        (0..3).all(|i| {
            let part = spot[i].as_f64();
            part.is_some_and(|part| (part - f64::from(want[i])).abs() < 24.0)
        })
    };
    fact["fact"] == "frame" && near(&fact["spots"][0], colour) && near(&fact["spots"][1], [128, 128, 128])
}
