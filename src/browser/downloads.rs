//! Files that a context's pages download: begun by an action or by the page itself, kept within limits.
//!
//! Chromium writes each file under a name of its own; when it is whole it gets one that is safe. One task reads the
//! events of a browser session that only hears of this context.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chromiumoxide_cdp::cdp::browser_protocol::browser::{
    BrowserContextId, CancelDownloadParams, SetDownloadBehaviorBehavior, SetDownloadBehaviorParams,
};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};

use super::cdp::CdpEvent;
use super::context::Shared;
use super::download_folder::DownloadFolder;
use super::{BrowserEvent, Context};
use crate::config::{self, DownloadMode};

/// Downloads that are remembered, and those that run at once.
const REMEMBERED: usize = 100;
const AT_ONCE: usize = 8;
/// How often running downloads are looked at for their deadline.
const LOOK: Duration = Duration::from_millis(500);
/// Addresses may hold a whole file (`data:`); this much of them is kept.
const ADDRESS: usize = 2000;

/// One download.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Download {
    /// Chromium's name for it.
    pub id: String,
    /// Where it came from.
    pub url: String,
    /// The name that the server or the page proposed.
    pub suggested_name: String,
    /// Whether it is under way, whole or broken off.
    pub state: DownloadState,
    /// The name it has in the folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// The whole path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// What has arrived.
    pub bytes: u64,
    /// Why it was broken off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The frame that began it.
    #[serde(skip)]
    pub(super) frame: String,
    #[serde(skip)]
    pub(super) number: u64,
    #[serde(skip)]
    until: Option<Instant>,
}

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DownloadState {
    /// Under way.
    Running,
    /// The file is whole.
    Completed,
    /// It came to nothing.
    Failed,
}

/// A context's downloads.
pub(super) struct Downloads {
    folder: Option<DownloadFolder>,
    limits: Limits,
    /// Actions that wait for a download to begin.
    asked: AtomicUsize,
    state: Mutex<State>,
    /// Rises with every change.
    changes: watch::Sender<u64>,
}

#[derive(Clone, Copy)]
struct Limits {
    mode: DownloadMode,
    file: u64,
    session: u64,
    time: Duration,
}

#[derive(Default)]
struct State {
    total: u64,
    kept: u64,
    list: VecDeque<Download>,
}

/// While it lives, a download that begins was asked for.
pub(super) struct Asked(Arc<Downloads>);

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.asked.fetch_sub(1, Ordering::AcqRel);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Begin {
    guid: String,
    #[serde(default)]
    frame_id: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    suggested_filename: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    guid: String,
    #[serde(default)]
    total_bytes: f64,
    #[serde(default)]
    received_bytes: f64,
    #[serde(default)]
    state: String,
}

impl Context {
    /// The latest downloads, the oldest first.
    pub fn downloads(&self) -> Vec<Download> {
        self.shared.downloads.lock().list.iter().cloned().collect()
    }
}

// === impl Downloads ===

impl Downloads {
    /// Downloads into a folder of their own below this one; without one, or when they are switched off, none.
    pub(super) fn new(all: Option<PathBuf>, config: &config::Browser) -> Self {
        let wanted = all.filter(|_| config.downloads != DownloadMode::Off);
        let folder = wanted.and_then(|all| {
            let made = DownloadFolder::create(&all, config.download_retention);
            made.inspect_err(|error| tracing::warn!(%error, folder = %all.display(), "no downloads: no folder"))
                .ok()
        });
        let limits = Limits {
            mode: config.downloads,
            file: config.max_download as u64,
            session: config.max_downloads as u64,
            time: config.download_timeout,
        };
        Self {
            folder,
            limits,
            asked: AtomicUsize::new(0),
            state: Mutex::default(),
            changes: watch::Sender::new(0),
        }
    }

    /// The command that tells Chromium what to do with files.
    pub(super) fn behaviour(&self, context: &BrowserContextId) -> SetDownloadBehaviorParams {
        let mut params = match &self.folder {
            None => SetDownloadBehaviorParams::new(SetDownloadBehaviorBehavior::Deny),
            Some(folder) => SetDownloadBehaviorParams {
                download_path: Some(folder.path().display().to_string()),
                events_enabled: Some(true),
                ..SetDownloadBehaviorParams::new(SetDownloadBehaviorBehavior::AllowAndName)
            },
        };
        params.browser_context_id = Some(context.clone());
        params
    }

    /// Whether there are any.
    pub(super) fn is_on(&self) -> bool {
        self.folder.is_some()
    }

    /// How long one may take.
    pub(super) fn time(&self) -> Duration {
        self.limits.time
    }

    /// From now on a download was asked for; with the number of the next one.
    pub(super) fn ask(self: &Arc<Self>) -> (Asked, u64) {
        self.asked.fetch_add(1, Ordering::AcqRel);
        (Asked(self.clone()), self.lock().total)
    }

    /// Waits for a download that fits.
    pub(super) async fn wait(&self, fits: impl Fn(&Download) -> bool, within: Duration) -> Option<Download> {
        let mut changes = self.changes.subscribe();
        let find = || self.lock().list.iter().find(|download| fits(download)).cloned();
        let waiting = async {
            loop {
                if let Some(download) = find() {
                    return Some(download);
                }
                changes.changed().await.ok()?;
            }
        };
        tokio::time::timeout(within, waiting).await.unwrap_or_else(|_| find())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Download)) -> Option<Download> {
        let mut state = self.lock();
        let download = state.list.iter_mut().find(|download| download.id == id)?;
        change(download);
        let changed = download.clone();
        drop(state);
        self.changes.send_modify(|n| *n += 1);
        Some(changed)
    }

    /// Takes a new one on, or says why not.
    fn begin(&self, begin: Begin) -> (Download, Option<String>) {
        let asked = self.asked.load(Ordering::Acquire) > 0;
        let mut state = self.lock();
        let running = state.list.iter().filter(|d| d.state == DownloadState::Running).count();
        let refusal = if self.limits.mode == DownloadMode::Asked && !asked {
            Some("this host keeps only files that download_file asks for".to_owned())
        } else {
            (running >= AT_ONCE).then(|| format!("{AT_ONCE} downloads are under way already"))
        };
        let download = Download {
            id: begin.guid,
            url: begin.url.chars().take(ADDRESS).collect(),
            suggested_name: begin.suggested_filename.chars().take(ADDRESS).collect(),
            state: DownloadState::Running,
            file_name: None,
            path: None,
            bytes: 0,
            error: refusal.clone(),
            frame: begin.frame_id,
            number: state.total,
            until: Some(Instant::now() + self.limits.time),
        };
        state.total += 1;
        if state.list.len() == REMEMBERED {
            state.list.pop_front();
        }
        state.list.push_back(download.clone());
        drop(state);
        self.changes.send_modify(|n| *n += 1);
        (download, refusal)
    }

    /// Why a running one must not go on.
    fn over(&self, progress: &Progress) -> Option<String> {
        let bytes = progress.received_bytes.max(progress.total_bytes) as u64;
        let state = self.lock();
        if bytes > self.limits.file {
            return Some(format!(
                "it is larger than the {} bytes allowed (browser.max_download)",
                self.limits.file
            ));
        }
        let limit = self.limits.session;
        (state.kept + bytes > limit).then(|| {
            format!("the session's downloads would be larger than the {limit} bytes allowed (browser.max_downloads)")
        })
    }

    fn late(&self) -> Vec<String> {
        let now = Instant::now();
        let state = self.lock();
        let late = |d: &&Download| d.state == DownloadState::Running && d.until.is_some_and(|until| until < now);
        state.list.iter().filter(late).map(|d| d.id.clone()).collect()
    }

    fn finish(&self, id: &str, bytes: u64) -> Option<Download> {
        let folder = self.folder.as_ref()?;
        let name = self.lock().list.iter().find(|d| d.id == id)?.suggested_name.clone();
        let placed = folder.place(id, &name);
        if placed.is_ok() {
            self.lock().kept += bytes;
        }
        self.change(id, |download| match placed {
            Ok(path) => {
                download.state = DownloadState::Completed;
                download.bytes = bytes;
                download.file_name = path.file_name().map(|name| name.to_string_lossy().into_owned());
                download.path = Some(path);
            }
            Err(error) => {
                download.state = DownloadState::Failed;
                download.error = Some(format!("the file could not be kept: {error}"));
            }
        })
    }

    fn fail(&self, id: &str) -> Option<Download> {
        if let Some(folder) = &self.folder {
            folder.discard(id);
        }
        self.change(id, |download| {
            download.state = DownloadState::Failed;
            let why = || "the server or the browser broke it off".to_owned();
            download.error.get_or_insert_with(why);
        })
    }
}

/// Reads the events until the context is closed.
pub(super) async fn run(shared: Arc<Shared>, mut events: mpsc::Receiver<CdpEvent>) {
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            () = shared.close.cancelled() => break,
            event = events.recv() => match event {
                Some(event) => on_event(&shared, &event),
                None => break,
            },
            _ = look.tick() => {
                for id in shared.downloads.late() {
                    let after = shared.downloads.time();
                    cancel(&shared, &id, format!("it was not whole within {after:?} (browser.download_timeout)"));
                }
            }
        }
    }
}

fn on_event(shared: &Shared, event: &CdpEvent) {
    let downloads = &shared.downloads;
    match event.method.as_str() {
        "Browser.downloadWillBegin" => {
            let Some(begin) = event.params() else { return };
            let (download, refusal) = downloads.begin(begin);
            shared.emit(BrowserEvent::DownloadStarted(download.clone()));
            if let Some(why) = refusal {
                cancel(shared, &download.id, why);
            }
        }
        "Browser.downloadProgress" => {
            let Some(progress) = event.params::<Progress>() else {
                return;
            };
            on_progress(shared, &progress);
        }
        _ => {}
    }
}

fn on_progress(shared: &Shared, progress: &Progress) {
    let downloads = &shared.downloads;
    let bytes = progress.received_bytes as u64;
    let over = downloads.over(progress);
    let ended = match (progress.state.as_str(), over) {
        ("canceled", _) => downloads.fail(&progress.guid),
        ("completed", None) => downloads.finish(&progress.guid, bytes),
        ("completed", Some(why)) => {
            downloads.change(&progress.guid, |download| download.error = Some(why));
            downloads.fail(&progress.guid)
        }
        (_, Some(why)) => return cancel(shared, &progress.guid, why),
        (_, None) => {
            downloads.change(&progress.guid, |download| download.bytes = bytes);
            return;
        }
    };
    if let Some(download) = ended {
        shared.emit(BrowserEvent::DownloadEnded(download));
    }
}

/// Breaks a download off; Chromium then tells that it was.
fn cancel(shared: &Shared, id: &str, why: String) {
    shared.downloads.change(id, |download| {
        download.error.get_or_insert(why);
        download.until = None;
    });
    let mut cancel = CancelDownloadParams::new(id.to_owned());
    cancel.browser_context_id = Some(shared.id.clone());
    drop(shared.browser.post(cancel));
}
