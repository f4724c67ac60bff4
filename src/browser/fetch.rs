//! Downloads that an action asks for: of an address, or of what an element leads to.
//!
//! An address is fetched by a page of its own that nobody sees, as if it had been typed into the address bar, and its
//! answer is declared to be a file: so cookies, domain rules and redirects are those of any navigation, and the page that
//! is shown stays as it is.

use std::time::Duration;

use chromiumoxide_cdp::cdp::browser_protocol::fetch::{
    ContinueRequestParams, ContinueResponseParams, EnableParams, FailRequestParams, HeaderEntry, RequestPattern,
    RequestStage,
};
use chromiumoxide_cdp::cdp::browser_protocol::network::{ErrorReason, SetUserAgentOverrideParams};
use chromiumoxide_cdp::cdp::browser_protocol::page::NavigateParams;
use chromiumoxide_cdp::cdp::browser_protocol::target::CloseTargetParams;
use chromiumoxide_cdp::cdp::js_protocol::runtime::RunIfWaitingForDebuggerParams;
use serde::Deserialize;
use tokio::sync::mpsc;
use url::Url;

use super::cdp::{CdpError, CdpEvent, Target};
use super::context::Shared;
use super::downloads::{Download, DownloadState};
use super::element::Element;
use super::interact::Click;
use super::{Context, Error, Modifiers, PageError, network};
use crate::protocol::Failure;

/// How long after a click a download may take to begin.
const BEGINNING: Duration = Duration::from_secs(5);
/// How long after a server's answer.
const ANSWERED: Duration = Duration::from_secs(10);

/// A page that nobody sees; closed when dropped.
struct Unseen {
    root: Target,
    target: Target,
    id: String,
}

impl Drop for Unseen {
    fn drop(&mut self) {
        drop(self.root.post(CloseTargetParams::new(self.id.clone())));
    }
}

/// `Fetch.requestPaused`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paused {
    request_id: String,
    request: Asked,
    response_status_code: Option<i64>,
    #[serde(default)]
    response_headers: Vec<Header>,
}

#[derive(Deserialize)]
struct Asked {
    url: String,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    value: String,
}

/// What an element leads to.
#[derive(Deserialize)]
struct Source {
    url: Option<String>,
    /// `link`: a link to another address; `file`: a picture, video or sound; `other`: only a click can tell.
    kind: String,
}

impl Context {
    /// Downloads an address and waits until the file is whole.
    pub async fn download(&self, url: &Url) -> Result<Download, Failure> {
        self.check_downloads()?;
        self.shared.spec.rules.check_url(url).map_err(Error::Denied)?;
        let within = self.shared.downloads.time();
        let (_asked, _) = self.shared.downloads.ask();
        let (page, events) = self.shared.unseen().await?;
        let fetching = fetch(&self.shared, &page, events, url);
        match tokio::time::timeout(within, fetching).await {
            Ok(fetched) => fetched?,
            Err(_) => return Err(late(url.as_str(), within)),
        }
        let begun = self.shared.downloads.wait(|d| d.frame == page.id, ANSWERED).await;
        match begun {
            Some(download) => self.whole(download).await,
            None => Err(late(url.as_str(), ANSWERED)),
        }
    }

    /// Downloads what an element leads to: a link's address, a picture's file, or what a click on it begins.
    pub async fn download_from(&self, element: &Element) -> Result<Download, Failure> {
        self.check_downloads()?;
        let source: Source = element.ask("source", &(element.number,), super::world::CALL).await?;
        let url = source.url.as_deref().and_then(|url| Url::parse(url).ok());
        if let (Some(url), "file") = (&url, source.kind.as_str()) {
            return self.download(url).await;
        }
        let (_asked, next) = self.shared.downloads.ask();
        let click = Click {
            // With Alt a browser saves what a link leads to instead of going there.
            modifiers: Modifiers {
                alt: source.kind == "link",
                ..Modifiers::default()
            },
            ..Click::default()
        };
        element.click(click).await?;
        match (self.shared.downloads.wait(|d| d.number >= next, BEGINNING).await, url) {
            (Some(download), _) => self.whole(download).await,
            (None, Some(url)) if source.kind == "link" => self.download(&url).await,
            (None, _) => Err(PageError::Unchanged {
                what: element.describe().to_owned(),
                why: format!("no download began within {BEGINNING:?} after the click"),
            }
            .into()),
        }
    }

    fn check_downloads(&self) -> Result<(), Failure> {
        match self.shared.downloads.is_on() {
            true => Ok(()),
            false => Err(Error::NoDownloads.into()),
        }
    }

    /// Waits until the file is whole, or has failed.
    async fn whole(&self, download: Download) -> Result<Download, Failure> {
        // The task that reads the events watches the deadline; this one only has to be later.
        let within = self.shared.downloads.time() + ANSWERED;
        let ended = |d: &Download| d.id == download.id && d.state != DownloadState::Running;
        match self.shared.downloads.wait(ended, within).await {
            Some(done) if done.state == DownloadState::Completed => Ok(done),
            Some(done) => Err(Error::BrokenDownload {
                url: done.url,
                why: done.error.unwrap_or_default(),
            }
            .into()),
            None => Err(late(&download.url, within)),
        }
    }
}

impl Shared {
    /// Opens a page that is no tab.
    async fn unseen(&self) -> Result<(Unseen, mpsc::Receiver<CdpEvent>), Error> {
        let (sender, attached) = tokio::sync::oneshot::channel();
        *self.unseen.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(sender);
        let root = self.process.connection().root();
        root.call(self.empty_tab()).await?;
        let after = self.command_timeout;
        let late = || Error::Timeout {
            what: "opening a page".into(),
            after,
        };
        let attached = tokio::time::timeout(after, attached).await.map_err(|_| late())?;
        let (session, id) = attached.map_err(|_| late())?;
        let target = self.process.connection().target(&session);
        let events = target.events();
        Ok((Unseen { root, target, id }, events))
    }
}

/// Goes to the address and turns its answer into a file; returns when Chromium has taken it as one.
async fn fetch(shared: &Shared, page: &Unseen, mut events: mpsc::Receiver<CdpEvent>, url: &Url) -> Result<(), Error> {
    let mark = shared.refusals.mark();
    if let Some(user_agent) = &shared.look.user_agent {
        let mut languages = SetUserAgentOverrideParams::new(user_agent.clone());
        languages.accept_language = Some(shared.look.locale.clone());
        drop(page.target.post(languages));
    }
    drop(page.target.post(EnableParams {
        patterns: Some(vec![RequestPattern {
            url_pattern: Some("*".into()),
            resource_type: None,
            request_stage: Some(RequestStage::Response),
        }]),
        handle_auth_requests: None,
    }));
    drop(page.target.post(RunIfWaitingForDebuggerParams::default()));
    let within = shared.downloads.time();
    let mut going = page
        .target
        .post_within(within * 2, NavigateParams::new(url.to_string()));
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Some(event) if event.method == "Fetch.requestPaused" => {
                    if let Some(paused) = event.params() {
                        on_answer(shared, page, paused, mark)?;
                    }
                }
                Some(_) => {}
                None => return Err(Error::Closed),
            },
            answer = &mut going => {
                let answer = match answer {
                    Ok(answer) => answer,
                    Err(CdpError::Refused { message, .. }) => return Err(network::network(url.as_str(), &message)),
                    Err(error) => return Err(error.into()),
                };
                return match answer.error_text.filter(|_| answer.is_download != Some(true)) {
                    None => Ok(()),
                    Some(text) if text.ends_with("ERR_TUNNEL_CONNECTION_FAILED") => {
                        Err(shared.refusals.of_tunnel(mark, url).unwrap_or_else(|| network::network(url.as_str(), &text)))
                    }
                    // Chromium's word for a navigation that became a download.
                    Some(text) if text.ends_with("ERR_ABORTED") => Ok(()),
                    Some(text) => Err(network::network(url.as_str(), &text)),
                };
            }
        }
    }
}

/// A server's answer: redirects go on, errors end it, anything else is a file from now on.
fn on_answer(shared: &Shared, page: &Unseen, paused: Paused, mark: u64) -> Result<(), Error> {
    let status = paused.response_status_code.unwrap_or_default();
    match status {
        400.. => {
            drop(
                page.target
                    .post(FailRequestParams::new(paused.request_id, ErrorReason::Aborted)),
            );
            let refused = shared.refusals.of_document(mark, &paused.request.url);
            return Err(refused.unwrap_or(Error::Status {
                url: paused.request.url,
                status,
            }));
        }
        200..=299 => {
            let mut response = ContinueResponseParams::new(paused.request_id);
            response.response_code = Some(status);
            response.response_headers = Some(as_file(paused.response_headers));
            drop(page.target.post(response));
        }
        _ => drop(page.target.post(ContinueRequestParams::new(paused.request_id))),
    }
    Ok(())
}

/// The headers with the word that makes any answer a file; the server's name for it stays.
fn as_file(headers: Vec<Header>) -> Vec<HeaderEntry> {
    let is_disposition = |header: &Header| header.name.eq_ignore_ascii_case("content-disposition");
    let name = headers.iter().find(|header| is_disposition(header));
    let name = name.and_then(|header| header.value.split_once(';').map(|(_, rest)| rest.to_owned()));
    let disposition = match name {
        Some(rest) => format!("attachment;{rest}"),
        None => "attachment".to_owned(),
    };
    let mut all: Vec<_> = headers
        .into_iter()
        .filter(|header| !is_disposition(header))
        .map(|header| HeaderEntry::new(header.name, header.value))
        .collect();
    all.push(HeaderEntry::new("Content-Disposition", disposition));
    all
}

fn late(url: &str, after: Duration) -> Failure {
    Error::BrokenDownload {
        url: url.to_owned(),
        why: format!("it did not begin within {after:?}"),
    }
    .into()
}
