//! The picture of the active tab, as frames that Chromium sends when something on the page has changed.
//!
//! One frame at a time is under way, and the next is asked for when somebody wants it: a slow reader gets fewer frames,
//! each of them fresh, and a page that does not change costs nothing.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use chromiumoxide_cdp::cdp::browser_protocol::page::{
    CaptureScreenshotFormat, CaptureScreenshotParams, GetLayoutMetricsParams, ScreencastFrameAckParams,
    StopScreencastParams, Viewport,
};
use chromiumoxide_types::{Command, Method};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::cdp::{CdpEvent, Target};
use super::geometry::Rect;
use super::{Error, Tab};

/// Chromium cannot draw higher pictures in one piece.
const HIGHEST: f64 = 16_384.0;

/// One picture of the page.
#[derive(Clone, Debug)]
pub struct CapturedFrame {
    /// The picture.
    pub jpeg: Bytes,
    /// When it arrived.
    pub at: Instant,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
}

/// Handle of a context's picture; cheap to clone. It follows the active tab.
#[derive(Clone)]
pub struct Capture {
    inner: Arc<Inner>,
}

struct Inner {
    state: Mutex<State>,
    arrived: Notify,
    closed: CancellationToken,
}

#[derive(Default)]
struct State {
    /// Set while started.
    wanted: Option<StartScreencast>,
    /// The active tab.
    target: Option<Target>,
    /// The newest frame that nobody took.
    frame: Option<Arrived>,
    /// The frame that was taken and not yet acknowledged.
    taken: Option<(Target, i64)>,
}

struct Arrived {
    data: String,
    at: Instant,
    target: Target,
    number: i64,
}

/// `Page.startScreencast` with the valve that `chromiumoxide_cdp` does not know yet. A Chromium that does not know a field
/// ignores it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct StartScreencast {
    format: &'static str,
    quality: u32,
    max_width: u32,
    max_height: u32,
    max_frames_in_flight: u32,
    /// A change while the valve is shut comes when it opens; without this it is lost if the page then rests.
    send_last_frame: bool,
}

impl Method for StartScreencast {
    fn identifier(&self) -> Cow<'static, str> {
        "Page.startScreencast".into()
    }
}

impl Command for StartScreencast {
    type Response = serde::de::IgnoredAny;
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScreencastFrame {
    data: String,
    session_id: i64,
}

// === impl Capture ===

impl Capture {
    pub(super) fn new() -> Self {
        let closed = CancellationToken::new();
        Self {
            inner: Arc::new(Inner {
                state: Mutex::default(),
                arrived: Notify::new(),
                closed,
            }),
        }
    }

    /// Starts the picture: JPEG of at most this size. A first frame comes even if nothing changes.
    pub async fn start(&self, max_width: u32, max_height: u32, quality: u32) -> Result<(), Error> {
        let wanted = StartScreencast {
            format: "jpeg",
            quality,
            max_width,
            max_height,
            max_frames_in_flight: 1,
            send_last_frame: true,
        };
        let target = {
            let mut state = self.lock();
            state.wanted = Some(wanted.clone());
            (state.frame, state.taken) = (None, None);
            state.target.clone()
        };
        if let Some(target) = target {
            // A running one does not change its size.
            drop(target.post(StopScreencastParams::default()));
            target.call(wanted).await?;
        }
        Ok(())
    }

    /// Stops the picture; [`Capture::next`] then waits for the next start.
    pub async fn stop(&self) {
        let target = {
            let mut state = self.lock();
            state.wanted = None;
            (state.frame, state.taken) = (None, None);
            state.target.clone()
        };
        if let Some(target) = target {
            // A page that is gone has stopped too.
            let _ = target.call(StopScreencastParams::default()).await;
        }
    }

    /// The next frame; asking for it acknowledges the one before. None when the context is closed.
    pub async fn next(&self) -> Option<CapturedFrame> {
        let taken = self.lock().taken.take();
        if let Some((target, number)) = taken {
            drop(target.post(ScreencastFrameAckParams::new(number)));
        }
        loop {
            let arrived = self.inner.arrived.notified();
            if self.inner.closed.is_cancelled() {
                return None;
            }
            let frame = {
                let mut state = self.lock();
                let frame = state.frame.take();
                state.taken = frame.as_ref().map(|frame| (frame.target.clone(), frame.number));
                frame
            };
            match frame.map(Arrived::decode) {
                Some(Some(frame)) => return Some(frame),
                Some(None) => tracing::warn!("a frame of the screencast was not understood"),
                None => tokio::select! {
                    () = arrived => {}
                    () = self.inner.closed.cancelled() => {}
                },
            }
        }
    }

    /// The active tab is another one, or has another renderer.
    pub(super) fn follow(&self, target: &Target) {
        let (before, wanted) = {
            let mut state = self.lock();
            let before = state.target.replace(target.clone());
            (
                before.filter(|before| before.session_id() != target.session_id()),
                state.wanted.clone(),
            )
        };
        let Some(wanted) = wanted else { return };
        if let Some(before) = before {
            drop(before.post(StopScreencastParams::default()));
        }
        drop(target.post(wanted));
    }

    /// `Page.screencastFrame`.
    pub(super) fn arrived(&self, target: &Target, event: &CdpEvent) {
        let Some(ScreencastFrame {
            data,
            session_id: number,
        }) = event.params()
        else {
            return;
        };
        let at = Instant::now();
        let mut state = self.lock();
        let active = state
            .target
            .as_ref()
            .is_some_and(|active| active.session_id() == target.session_id());
        if active && state.wanted.is_some() {
            state.frame = Some(Arrived {
                data,
                at,
                target: target.clone(),
                number,
            });
            drop(state);
            self.inner.arrived.notify_one();
        }
    }

    /// The context is gone.
    pub(super) fn close(&self) {
        self.inner.closed.cancel();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Arrived {
    fn decode(self) -> Option<CapturedFrame> {
        let jpeg = Bytes::from(BASE64_STANDARD.decode(self.data.as_bytes()).ok()?);
        let (width, height) = size(&jpeg)?;
        Some(CapturedFrame {
            jpeg,
            at: self.at,
            width,
            height,
        })
    }
}

/// Width and height in a JPEG's frame header.
fn size(jpeg: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        let [0xff, marker, high, low] = *jpeg.get(at..at + 4)?.first_chunk()? else {
            return None;
        };
        if matches!(marker, 0xc0..=0xc3) {
            let [_, h1, h0, w1, w0] = *jpeg.get(at + 4..at + 9)?.first_chunk()?;
            return Some((u16::from_be_bytes([w1, w0]).into(), u16::from_be_bytes([h1, h0]).into()));
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
    }
}

/// A still image that somebody asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Screenshot {
    /// The whole page instead of what is in view.
    pub full_page: bool,
    /// Only this part: of the whole page if that is asked for, else of what is in view.
    pub clip: Option<Rect>,
    /// PNG or JPEG.
    pub format: ImageFormat,
}

/// The format of a still image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ImageFormat {
    /// Without loss.
    #[default]
    Png,
    /// With a quality from 0 to 100.
    Jpeg(u32),
}

impl Tab {
    /// Takes a still image.
    pub async fn screenshot(&self, what: Screenshot) -> Result<Vec<u8>, Error> {
        let mut clip = what.clip;
        if what.full_page || clip.is_some() {
            let metrics = self.target().call(GetLayoutMetricsParams::default()).await?;
            let view = &metrics.css_visual_viewport;
            let (width, height) = (metrics.css_content_size.width, metrics.css_content_size.height);
            // Chromium counts from the page's corner.
            clip = Some(match clip {
                Some(part) if what.full_page => part,
                Some(part) => Rect {
                    x: part.x + view.page_x,
                    y: part.y + view.page_y,
                    ..part
                },
                None => Rect {
                    x: 0.0,
                    y: 0.0,
                    width: width.min(HIGHEST),
                    height: height.min(HIGHEST),
                },
            });
        }
        let (format, quality) = match what.format {
            ImageFormat::Png => (CaptureScreenshotFormat::Png, None),
            ImageFormat::Jpeg(quality) => (CaptureScreenshotFormat::Jpeg, Some(i64::from(quality.min(100)))),
        };
        let viewport = |r: Rect| Viewport {
            x: r.x,
            y: r.y,
            width: r.width,
            height: r.height,
            scale: 1.0,
        };
        let command = CaptureScreenshotParams {
            format: Some(format),
            quality,
            clip: clip.map(viewport),
            from_surface: None,
            capture_beyond_viewport: Some(what.full_page || clip.is_some()),
            // A third less time for a file a third larger.
            optimize_for_speed: Some(true),
        };
        let data = self.target().call(command).await?.data;
        let bytes: &[u8] = data.as_ref();
        BASE64_STANDARD
            .decode(bytes)
            .map_err(|error| Error::Answer(format!("Page.captureScreenshot: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn the_size_stands_in_the_frame_header() {
        let jpeg = [
            0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc0, 0, 17, 8, 0x02, 0xd0, 0x05, 0x00, 3,
        ];
        assert_eq!(size(&jpeg), Some((1280, 720)));
        assert_eq!(size(&jpeg[..9]), None);
        assert_eq!(size(b"not a picture"), None);
    }
}
