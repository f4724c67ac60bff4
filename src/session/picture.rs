//! A session's picture: the encoder's stream, and its publisher where there is a LiveKit room.

use tokio::sync::mpsc;

use super::LivekitView;
use crate::config;
use crate::config::units::Secret;
use crate::media::Stream;
use crate::media::livekit::{Access, Publisher, StreamEvent, TokenSource, Video};
use crate::protocol::{ErrorType, Failure, Room, StartParams};

/// One session's picture; it outlives a crash of the browser.
pub(super) struct Picture {
    pub(super) stream: Stream,
    publisher: Option<Publisher>,
    events: Option<mpsc::Receiver<StreamEvent>>,
    pub(super) livekit: LivekitView,
}

impl Picture {
    /// Makes the stream, and begins to join the LiveKit room if one is configured or asked for.
    pub(super) fn open(
        room: &Room,
        params: &StartParams,
        stream: &config::Stream,
        livekit: &config::Livekit,
        (width, height): (u32, u32),
    ) -> Result<Self, Failure> {
        let access = access(room, params, livekit)?;
        let settings = config::Stream {
            max_fps: params.fps.unwrap_or(stream.max_fps).clamp(1, 60),
            ..stream.clone()
        };
        let stream = Stream::start(&settings);
        let video = Video {
            width,
            height,
            bitrate: settings.bitrate,
            max_bitrate: settings.max_bitrate,
        };
        let (publisher, events) = match access {
            Some(access) => {
                let (publisher, events) = Publisher::start(access, video, stream.fanout(), livekit);
                (Some(publisher), Some(events))
            }
            None => (None, None),
        };
        let livekit = LivekitView {
            configured: publisher.is_some(),
            state: if publisher.is_some() { "connecting" } else { "off" },
        };
        Ok(Self {
            stream,
            publisher,
            events,
            livekit,
        })
    }

    /// What happens in the LiveKit room; waits for ever where there is none.
    pub(super) async fn next_event(&mut self) -> StreamEvent {
        if let Some(events) = &mut self.events {
            if let Some(event) = events.recv().await {
                return event;
            }
            self.events = None;
        }
        std::future::pending().await
    }

    /// Takes the track out of the room; viewers by WHEP see nothing new either.
    pub(super) async fn pause(&self) -> Result<(), Failure> {
        self.stream.pause();
        match &self.publisher {
            Some(publisher) => publisher.pause().await.map_err(Failure::from),
            None => Ok(()),
        }
    }

    /// Publishes again.
    pub(super) async fn resume(&self) -> Result<(), Failure> {
        self.stream.resume();
        match &self.publisher {
            Some(publisher) => publisher.resume().await.map_err(Failure::from),
            None => Ok(()),
        }
    }

    /// Unpublishes and leaves the room: the first half of a close.
    pub(super) async fn leave(&mut self) {
        if let Some(publisher) = self.publisher.take() {
            publisher.stop().await;
        }
        self.events = None;
        self.livekit.state = "off";
    }

    /// Ends the encoder.
    pub(super) async fn close(mut self) {
        self.leave().await;
        self.stream.stop().await;
    }
}

/// Where to publish and with which token; `None` without LiveKit.
fn access(room: &Room, params: &StartParams, config: &config::Livekit) -> Result<Option<Access>, Failure> {
    let url = params.livekit_url.clone().unwrap_or_else(|| config.url.clone());
    if url.is_empty() {
        return Ok(None);
    }
    if !(url.starts_with("ws://") || url.starts_with("wss://")) {
        let sentence = "livekit_url has to start with ws:// or wss://";
        return Err(Failure::new(ErrorType::InvalidParams, sentence));
    }
    let token = match (
        &params.livekit_token,
        &params.livekit_api_key,
        &params.livekit_api_secret,
    ) {
        (Some(token), ..) => TokenSource::Given(Secret::new(token)),
        (None, Some(key), Some(secret)) => made(room, params, config, key.clone(), Secret::new(secret)),
        (None, None, None) if !config.api_key.is_empty() && !config.api_secret.is_empty() => {
            made(room, params, config, config.api_key.clone(), config.api_secret.clone())
        }
        _ => {
            let sentence = "publishing to LiveKit needs livekit_token, or livekit_api_key with livekit_api_secret, \
                            as parameters or in [livekit] of the configuration";
            return Err(Failure::new(ErrorType::InvalidParams, sentence));
        }
    };
    Ok(Some(Access { url, token }))
}

fn made(room: &Room, params: &StartParams, config: &config::Livekit, key: String, secret: Secret) -> TokenSource {
    TokenSource::Made {
        key,
        secret,
        room: room.to_string(),
        identity: params
            .participant_identity
            .clone()
            .unwrap_or_else(|| config.identity.clone()),
        name: params
            .participant_name
            .clone()
            .unwrap_or_else(|| config.participant_name.clone()),
    }
}
