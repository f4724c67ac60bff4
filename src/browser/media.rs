//! Videos and sounds of a page: which one is meant, what is done with it, and the state that came of it.
//!
//! What is done counts as a gesture of a person, so that pages which may not begin to sound by themselves play when asked.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::element::{Element, Origin};
use super::page_error::PageError;
use super::world::patience;
use super::{FrameRef, Tab};

/// How long a medium may take to do what it is told.
const DONE: Duration = Duration::from_secs(8);
/// What the call may take longer than the wait it contains.
const SPARE: Duration = Duration::from_secs(4);

/// What can be done with a video or a sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MediaDeed {
    /// Only look.
    State,
    /// Begin, or go on.
    Play,
    /// Stand still.
    Pause,
    /// Go to this second.
    Seek(f64),
    /// 0 to 1.
    Volume(f64),
    /// Without a sound, with it, or the other of both.
    Mute(Option<bool>),
    /// On the whole screen, not, or the other of both. Any element can have it.
    Fullscreen(Option<bool>),
}

/// What a video or a sound is doing; of another element, only whether it fills the screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MediaState {
    /// `video` or `audio`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether it stands still.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
    /// Whether it came to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<bool>,
    /// Where it is, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_time: Option<f64>,
    /// How long it is, in seconds; none while unknown, and for what is live.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<f64>,
    /// 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<f64>,
    /// Whether its sound is off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub muted: Option<bool>,
    /// 1 is normal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub playback_rate: Option<f64>,
    /// Whether it fills the screen.
    pub fullscreen: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    Gone {
        #[serde(rename = "gone")]
        _gone: bool,
    },
    NoMedia {
        #[serde(rename = "none")]
        _none: bool,
    },
    Refused {
        why: String,
    },
    State(MediaState),
}

// === impl MediaDeed ===

impl MediaDeed {
    /// Its name and its value in our JavaScript.
    fn wire(self) -> (&'static str, serde_json::Value) {
        match self {
            Self::State => ("state", serde_json::Value::Null),
            Self::Play => ("play", serde_json::Value::Null),
            Self::Pause => ("pause", serde_json::Value::Null),
            Self::Seek(time) => ("seek", time.into()),
            Self::Volume(volume) => ("volume", volume.into()),
            Self::Mute(on) => ("mute", on.into()),
            Self::Fullscreen(on) => ("fullscreen", on.into()),
        }
    }
}

impl Element {
    /// Does it with this video or sound, or the first one in this element, and gives its new state. An error when the
    /// state did not become what was asked for.
    pub async fn media(&self, deed: MediaDeed) -> Result<MediaState, PageError> {
        let told = self.tab.media_call(&self.frame, Some(self.number), deed).await?;
        match told {
            Told::State(state) => Ok(state),
            Told::Gone { .. } => Err(self.gone()),
            Told::NoMedia { .. } => Err(PageError::NotFound {
                what: format!("video or sound in {}", self.describe()),
            }),
            Told::Refused { why } => Err(PageError::Unchanged {
                what: self.describe().to_owned(),
                why,
            }),
        }
    }
}

impl Tab {
    /// The page's main video or sound: the largest that shows in any frame, else the first.
    pub async fn main_media(&self) -> Result<Option<Element>, PageError> {
        #[derive(Deserialize)]
        struct Main {
            number: u64,
            what: String,
            area: f64,
        }
        let mut best: Option<(Main, FrameRef)> = None;
        for frame in self.frames() {
            let asked = self.world_call::<Option<Main>>(&frame, "mainMedia", &[(); 0], patience(&frame));
            match asked.await {
                Ok(Some(main)) if best.as_ref().is_none_or(|(best, _)| main.area > best.area) => {
                    best = Some((main, frame));
                }
                Ok(_) => {}
                // A frame that goes away, or hangs, cannot hold what is meant.
                Err(_) if frame.parent.is_some() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(best.map(|(main, frame)| Element {
            tab: self.clone(),
            frame: Arc::new(frame),
            number: main.number,
            what: main.what.into(),
            origin: Origin::Other,
        }))
    }

    /// Puts the whole page on the screen, or takes it back.
    pub async fn page_fullscreen(&self, on: Option<bool>) -> Result<MediaState, PageError> {
        let gone = || PageError::Gone {
            what: "the page".to_owned(),
        };
        let frame = self.frames().into_iter().next().ok_or_else(gone)?;
        match self.media_call(&frame, None, MediaDeed::Fullscreen(on)).await? {
            Told::State(state) => Ok(state),
            Told::Refused { why } => Err(PageError::Unchanged {
                what: "the page".to_owned(),
                why,
            }),
            Told::Gone { .. } | Told::NoMedia { .. } => Err(gone()),
        }
    }

    async fn media_call(&self, frame: &FrameRef, number: Option<u64>, deed: MediaDeed) -> Result<Told, PageError> {
        let (name, value) = deed.wire();
        let args = (number, name, value, DONE.as_millis() as u64);
        self.world_gesture(frame, "media", &args, DONE + SPARE).await
    }
}
