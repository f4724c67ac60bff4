//! File changes, settled, to a new generation; the last good one stays.
//!
//! One thread owns the files: it waits for the file system, for [`Ask::Reload`] and for a slow look of its own (links
//! that were swapped, lost notifications), reads everything, and publishes what is good. Folders are watched, not files:
//! editors replace files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use arc_swap::ArcSwap;
use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecursiveMode, Watcher};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::ScriptEvent;
use super::diagnosis::Diagnosis;
use super::error::Error;
use super::generation::Generation;
use super::history::{Held, History, Past};
use super::loader::{Fingerprint, Problem, Roots, SUFFIXES};
use super::stage::Stage;
use crate::protocol::{ErrorType, Failure};

/// The longest time that changes may follow each other before they are taken as they are.
const SETTLE_AT_MOST: Duration = Duration::from_millis(200);
/// How often the thread looks by itself.
const LOOK: Duration = Duration::from_secs(5);

/// What the thread is asked.
pub(super) enum Ask {
    /// Something in the folders has changed.
    Changed,
    /// Look now.
    Reload(oneshot::Sender<Result<u64, Failure>>),
    /// Use the scripts of that generation again.
    GoBack(u64, oneshot::Sender<Result<u64, Failure>>),
    /// The texts that lie in the folders.
    Read(oneshot::Sender<BTreeMap<String, String>>),
    /// End.
    Stop,
}

/// What the thread needs.
pub(super) struct Keep {
    pub(super) roots: Roots,
    pub(super) stage: Stage,
    pub(super) current: Arc<ArcSwap<Generation>>,
    pub(super) published: watch::Sender<u64>,
    pub(super) history: History,
    pub(super) events: mpsc::Sender<ScriptEvent>,
    pub(super) settle: Duration,
    /// Whether the file system is watched.
    pub(super) watches: bool,
    /// Cancelled when the engine is gone.
    pub(super) ended: CancellationToken,
}

/// The files' texts, for what is said about their lines.
type Texts = BTreeMap<String, Arc<str>>;

/// Owns the files.
pub(super) struct Keeper {
    keep: Keep,
    eyes: Eyes,
    asks: SyncSender<Ask>,
    asked: Receiver<Ask>,
    /// What was announced as broken, and how.
    announced: BTreeSet<Problem>,
    hash: Option<[u8; 32]>,
    held: Held,
    fingerprint: Fingerprint,
}

impl Keeper {
    /// Watches from now on, so that nothing is missed between the first load and the thread's start.
    pub(super) fn new(keep: Keep) -> Self {
        let (asks, asked) = sync_channel(64);
        let mut eyes = Eyes::new(&keep.roots, keep.watches, &asks);
        eyes.open();
        Self {
            keep,
            eyes,
            asks,
            asked,
            announced: BTreeSet::new(),
            hash: None,
            held: Held::default(),
            fingerprint: Fingerprint::new(),
        }
    }

    /// Starts the thread. The first load must have happened.
    pub(super) fn start(self) -> Result<(SyncSender<Ask>, JoinHandle<()>), Error> {
        let asks = self.asks.clone();
        let thread = std::thread::Builder::new()
            .name("script-files".to_owned())
            .spawn(move || self.run())?;
        Ok((asks, thread))
    }

    fn run(mut self) {
        while !self.keep.ended.is_cancelled() {
            self.eyes.open();
            let ask = if self.keep.watches {
                self.asked.recv_timeout(LOOK)
            } else {
                self.asked.recv().map_err(Into::into)
            };
            match ask {
                Ok(Ask::Changed) => {
                    if !self.settle() {
                        return;
                    }
                }
                Ok(Ask::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(ask) => self.answer(ask),
                Err(RecvTimeoutError::Timeout) if self.keep.roots.fingerprint() != self.fingerprint => {
                    self.announce_failure();
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Waits until changes have stopped coming, then looks; false at the end.
    fn settle(&mut self) -> bool {
        let at_most = Instant::now() + SETTLE_AT_MOST;
        loop {
            let wait = self.keep.settle.min(at_most.saturating_duration_since(Instant::now()));
            match self.asked.recv_timeout(wait) {
                Ok(Ask::Changed) if Instant::now() < at_most => {}
                Ok(Ask::Changed) => break,
                Ok(Ask::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
                Ok(ask) => {
                    self.answer(ask);
                    break;
                }
                Err(RecvTimeoutError::Timeout) => {
                    // An editor may have emptied the file and be about to write it.
                    if Instant::now() >= at_most || !self.keep.roots.scan().has_empty {
                        break;
                    }
                }
            }
        }
        self.announce_failure();
        true
    }

    /// Does what somebody waits for; whoever asked may have gone.
    fn answer(&mut self, ask: Ask) {
        match ask {
            Ask::Reload(answer) => drop(answer.send(self.look())),
            Ask::GoBack(id, answer) => drop(answer.send(self.go_back(id))),
            Ask::Read(answer) => {
                let sources = self.keep.roots.scan().sources.into_values();
                let texts = sources.map(|source| (source.file, source.text.to_string()));
                drop(answer.send(texts.collect()));
            }
            Ask::Changed | Ask::Stop => {}
        }
    }

    /// Takes all files back to what they were; the new generation's number.
    fn go_back(&mut self, id: u64) -> Result<u64, Failure> {
        let Some(to) = self.keep.history.get(id) else {
            let known: Vec<_> = self
                .keep
                .history
                .all()
                .iter()
                .map(|past| past.generation.id().to_string())
                .collect();
            let sentence = format!("Generation {id} is not kept; those that are: {}.", known.join(", "));
            return Err(Failure::new(ErrorType::InvalidParams, sentence));
        };
        self.held.go_back(&to, &self.keep.roots.scan());
        self.look()
    }

    fn announce_failure(&mut self) {
        if let Err(failure) = self.look() {
            tracing::debug!(%failure, "a script is broken");
        }
    }

    /// Reads all files and publishes what has changed; the generation in use afterwards, or the first thing wrong.
    pub(super) fn look(&mut self) -> Result<u64, Failure> {
        self.fingerprint = self.keep.roots.fingerprint();
        let mut scan = self.keep.roots.scan();
        self.held.apply(&mut scan);
        let hash = scan.hash();
        let current = self.keep.current.load_full();
        if self.hash != Some(hash) {
            let texts = scan
                .sources
                .iter()
                .map(|(file, source)| (file.clone(), Arc::clone(&source.text)));
            let texts: Texts = texts.collect();
            let first = self.hash.replace(hash).is_none();
            let built = self.keep.stage.build(&current, scan).map_err(|error| {
                self.hash = None;
                Failure::new(ErrorType::Internal, format!("Scripts could not be checked: {error}"))
            })?;
            let mut id = current.id();
            if first || !built.changed.is_empty() {
                id = built.generation.id();
                let generation = Arc::new(built.generation);
                self.keep.history.add(Past {
                    generation: Arc::clone(&generation),
                    at: SystemTime::now(),
                    changed: built.changed.clone(),
                });
                self.keep.current.store(generation);
                self.keep.published.send_replace(id);
            }
            self.announce(id, first, &built.changed, built.problems, &texts);
        }
        let id = self.keep.current.load().id();
        match self.announced.first() {
            None => Ok(id),
            Some(problem) => {
                let failure = Failure::new(ErrorType::HandlerError, problem.error.clone());
                Err(failure
                    .with("file", problem.file.as_str())
                    .with("line", problem.line)
                    .with("generation", id))
            }
        }
    }

    fn announce(&mut self, generation: u64, first: bool, changed: &[String], problems: Vec<Problem>, texts: &Texts) {
        for file in changed.iter().filter(|_| !first) {
            tracing::info!(file, generation, "script reloaded");
            self.send(ScriptEvent::Reloaded {
                script: script_of(file),
                file: file.clone(),
                generation,
            });
        }
        let problems: BTreeSet<Problem> = problems.into_iter().collect();
        for problem in problems.difference(&self.announced) {
            tracing::warn!(
                file = problem.file,
                line = problem.line,
                error = problem.error,
                "script refused"
            );
            let Diagnosis { text, hint, .. } = Diagnosis::of(problem, texts.get(&problem.file).map(|text| &**text));
            self.send(ScriptEvent::Failed {
                script: script_of(&problem.file),
                file: problem.file.clone(),
                line: problem.line,
                error: problem.error.clone(),
                text,
                hint,
                generation,
            });
        }
        self.announced = problems;
    }

    fn send(&self, event: ScriptEvent) {
        if let Err(error) = self.keep.events.try_send(event) {
            tracing::warn!(%error, "nobody takes script events");
        }
    }
}

/// `plugins/x/actions/echo.lua` to `actions/echo`, `plugins/x/plugin.toml` to `plugins/x`.
pub fn script_of(file: &str) -> String {
    for manifest in ["/plugin.toml", "/config.toml"] {
        if let Some(folder) = file.strip_suffix(manifest) {
            return folder.to_owned();
        }
    }
    let parts: Vec<&str> = file.trim_end_matches('/').split('/').collect();
    let last = parts.len().saturating_sub(2);
    let name = parts[last..].join("/");
    SUFFIXES
        .iter()
        .find_map(|suffix| name.strip_suffix(&format!(".{suffix}")))
        .unwrap_or(&name)
        .to_owned()
}

/// The watches on the folders; set anew when a folder comes, goes or is another one.
struct Eyes {
    watcher: Option<notify::RecommendedWatcher>,
    /// Each folder and what is watched for it: itself, or an ancestor until it is there.
    folders: Vec<(PathBuf, Option<(PathBuf, u64)>)>,
}

impl Eyes {
    fn new(roots: &Roots, watches: bool, changed: &SyncSender<Ask>) -> Self {
        if !watches {
            return Self {
                watcher: None,
                folders: Vec::new(),
            };
        }
        let changed = changed.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.as_ref().map_or(true, concerns) {
                let _ = changed.try_send(Ask::Changed); // full: a look is coming anyway
            }
        });
        let watcher = watcher
            .inspect_err(
                |error| tracing::warn!(%error, "files cannot be watched; scripts are looked at every {LOOK:?}"),
            )
            .ok();
        let folders = roots
            .scripts
            .iter()
            .chain([&roots.plugins])
            .map(|folder| (folder.clone(), None))
            .collect();
        Self { watcher, folders }
    }

    /// Watches what is there now.
    fn open(&mut self) {
        let Some(watcher) = &mut self.watcher else { return };
        for (folder, watched) in &mut self.folders {
            let there = folder
                .ancestors()
                .find_map(|path| Some((path.to_owned(), identity(path)?)));
            if there == *watched {
                continue;
            }
            if let Some((old, _)) = watched.take() {
                let _ = watcher.unwatch(&old); // it may be gone
            }
            let Some((path, identity)) = there else { continue };
            let mode = if path == *folder {
                RecursiveMode::Recursive
            } else {
                RecursiveMode::NonRecursive
            };
            match watcher.watch(&path, mode) {
                Ok(()) => *watched = Some((path, identity)),
                Err(error) => tracing::warn!(%error, folder = %path.display(), "a folder cannot be watched"),
            }
        }
    }
}

/// Which folder a path is now; none where there is none.
fn identity(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    std::fs::metadata(path)
        .ok()
        .filter(std::fs::Metadata::is_dir)
        .map(|meta| meta.ino())
}

/// Whether an event may mean a changed script: not our own reading, not other kinds of files.
fn concerns(event: &notify::Event) -> bool {
    if event.need_rescan() {
        return true;
    }
    match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => {}
        EventKind::Access(_) => return false,
        _ => {}
    }
    let may_be = |path: &PathBuf| match path.extension() {
        None => true, // a folder or a link
        Some(suffix) if SUFFIXES.iter().any(|known| suffix == *known) => true,
        Some(suffix) => {
            suffix == "toml"
                || path
                    .file_name()
                    .is_some_and(|name| name.as_encoded_bytes().starts_with(b".."))
        }
    };
    event.paths.is_empty() || event.paths.iter().any(may_be)
}
