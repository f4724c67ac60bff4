//! A session's browser: opening it up to the first picture, feeding the stream, taking it down.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use super::directory::Parts;
use crate::browser::{BrowserEvent, Capture, Context, ContextSpec};
use crate::media::{Frame, Stream};
use crate::policy::Rules;
use crate::protocol::{ErrorType, Failure, StartParams};

/// Well inside the 30 s that callers of the tools wait.
const FIRST_LOAD: Duration = Duration::from_secs(15);
const FIRST_FRAME: Duration = Duration::from_secs(5);

/// One session's browser; gone after a crash.
pub(super) struct Browsing {
    pub(super) context: Context,
    events: mpsc::Receiver<BrowserEvent>,
    /// Ends with the session.
    _pump: AbortOnDropHandle<()>,
}

/// What to open.
pub(super) struct Opening<'a> {
    pub(super) params: &'a StartParams,
    pub(super) url: Option<&'a str>,
    pub(super) cookies: &'a [serde_json::Value],
    pub(super) stream: &'a Stream,
}

impl Browsing {
    /// Opens a context, shows the first page and waits for its first frame.
    pub(super) async fn open(parts: &Parts, opening: Opening<'_>) -> Result<Self, Failure> {
        let rules = rules(&parts.rules, opening.params)?;
        let url = opening.url.map(|text| first_url(text, &rules)).transpose()?;
        let (width, height) = viewport(parts, opening.params)?;
        let spec = ContextSpec {
            rules,
            width,
            height,
            locale: parts.browser.locale.clone(),
        };
        let (context, events) = parts.pool.open(spec).await.map_err(Failure::from)?;
        if let Err(failure) = show(
            &context,
            url.as_ref(),
            &opening,
            (width, height),
            parts.stream.jpeg_quality,
        )
        .await
        {
            context.close().await;
            return Err(failure);
        }
        let pump = pump(
            context.capture(),
            opening.stream.clone(),
            (width, height),
            parts.stream.jpeg_quality,
        );
        Ok(Self {
            context,
            events,
            _pump: AbortOnDropHandle::new(tokio::spawn(pump)),
        })
    }

    /// What has happened while it was opened; the empty page that every tab begins with is no news.
    pub(super) fn early_events(&mut self) -> Vec<BrowserEvent> {
        let is_empty = |url: &str| url == "about:blank";
        std::iter::from_fn(|| self.events.try_recv().ok())
            .filter(|event| match event {
                BrowserEvent::Navigated { url, .. } | BrowserEvent::Loaded { url, .. } => !is_empty(url),
                _ => true,
            })
            .collect()
    }

    /// What happens in the browser.
    pub(super) async fn next_event(&mut self) -> BrowserEvent {
        match self.events.recv().await {
            Some(event) => event,
            None => BrowserEvent::Crashed {
                reason: "the browser's events ended".to_owned(),
                whole_process: false,
            },
        }
    }
}

/// The size of the page that a start asks for.
pub(super) fn viewport(parts: &Parts, params: &StartParams) -> Result<(u32, u32), Failure> {
    let width = params.viewport_width.unwrap_or(parts.browser.viewport_width);
    let height = params.viewport_height.unwrap_or(parts.browser.viewport_height);
    if !(16..=4096).contains(&width) || !(16..=4096).contains(&height) {
        let sentence = format!("a page of {width}x{height} is not possible; width and height go from 16 to 4096");
        return Err(Failure::new(ErrorType::InvalidParams, sentence));
    }
    Ok((width, height))
}

fn rules(configured: &Rules, params: &StartParams) -> Result<Rules, Failure> {
    let prohibited = params.prohibited_domains.as_deref().unwrap_or_default();
    configured
        .tightened(params.allowed_domains.as_deref(), prohibited, params.private_addresses)
        .map_err(|error| Failure::new(ErrorType::InvalidParams, error.to_string()))
}

fn first_url(text: &str, rules: &Rules) -> Result<Url, Failure> {
    let url = Url::parse(text).map_err(|error| {
        let sentence = format!("initial_url `{text}` is no address ({error}); write it with http:// or https://");
        Failure::new(ErrorType::InvalidParams, sentence)
    })?;
    rules.check_url(&url).map_err(Failure::from)?;
    Ok(url)
}

async fn show(
    context: &Context,
    url: Option<&Url>,
    opening: &Opening<'_>,
    (width, height): (u32, u32),
    quality: u32,
) -> Result<(), Failure> {
    if !opening.cookies.is_empty() {
        context
            .set_cookies(opening.cookies.to_vec())
            .await
            .map_err(Failure::from)?;
    }
    let tab = context.active().map_err(Failure::from)?;
    if let Some(url) = url
        && let Err(error) = tab.navigate(url, FIRST_LOAD).await
    {
        let failure = Failure::from(error);
        // A page that is there and only never ends to load is a page to work with.
        if failure.error_type != ErrorType::NavigationTimeout || tab.url() == "about:blank" {
            return Err(failure);
        }
    }
    let capture = context.capture();
    capture.start(width, height, quality).await.map_err(Failure::from)?;
    match tokio::time::timeout(FIRST_FRAME, capture.next()).await {
        Ok(Some(frame)) => opening.stream.push(Frame {
            jpeg: frame.jpeg,
            at: frame.at,
        }),
        Ok(None) => {
            return Err(Failure::new(
                ErrorType::BrowserCrashed,
                "the browser died while it showed the first page",
            ));
        }
        Err(_) => tracing::warn!("the first page drew nothing within 5 s"),
    }
    capture.stop().await;
    Ok(())
}

/// Captures while somebody watches; each frame is taken when the encoder wants one, so nothing piles up.
async fn pump(capture: Capture, stream: Stream, (width, height): (u32, u32), quality: u32) {
    let mut watchers = stream.watchers();
    loop {
        if watchers.wait_for(|n| *n > 0).await.is_err() {
            return;
        }
        if let Err(error) = capture.start(width, height, quality).await {
            // The session's loop hears of a crash by itself; this one waits for the next browser.
            tracing::debug!(%error, "the screen cannot be captured");
            return;
        }
        loop {
            tokio::select! {
                gone = watchers.wait_for(|n| *n == 0) => {
                    if gone.is_err() {
                        return;
                    }
                    break;
                }
                frame = async { stream.wanted().await; capture.next().await } => match frame {
                    Some(frame) => stream.push(Frame { jpeg: frame.jpeg, at: frame.at }),
                    None => return,
                },
            }
        }
        capture.stop().await;
    }
}
