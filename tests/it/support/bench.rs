//! Chromium as the library drives it: a pool of a test's own, and the rooms in it.

use std::path::Path;
use std::time::Duration;

use perilune::browser::{BrowserEvent, Context, ContextSpec, Navigation, Pool, Tab};
use perilune::config::{self, Config, EMBEDDED};
use perilune::policy::Rules;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::mpsc::Receiver;
use url::Url;

/// The small Chromium, without a window system.
pub(crate) const SHELL: &str = "chromium-headless-shell";
/// The whole one.
pub(crate) const BROWSER: &str = "chromium";
/// What a busy machine does in this time at the latest.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// A pool in a folder of its own.
pub(crate) struct Bench {
    pub(crate) pool: Pool,
    pub(crate) folder: TempDir,
}

impl Bench {
    pub(crate) fn new(executable: &str) -> Self {
        Self::with(executable, |_| {})
    }

    pub(crate) fn with(executable: &str, change: impl FnOnce(&mut config::Browser)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let pool = pool(executable, folder.path(), change);
        Self { pool, folder }
    }

    /// The same, with downloads in another folder.
    pub(crate) fn keeping(
        executable: &str,
        downloads: std::path::PathBuf,
        change: impl FnOnce(&mut config::Browser),
    ) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut config: Config = toml::from_str(EMBEDDED).expect("the embedded settings");
        config.browser.executable = executable.to_owned();
        change(&mut config.browser);
        let pool = Pool::with_downloads(config.browser, folder.path().to_owned(), Some(downloads));
        Self { pool, folder }
    }

    /// A room that may go anywhere.
    pub(crate) async fn open(&self) -> Room {
        self.open_with(spec(Rules::open())).await
    }

    pub(crate) async fn open_under(&self, rules: Rules) -> Room {
        self.open_with(spec(rules)).await
    }

    pub(crate) async fn open_with(&self, spec: ContextSpec) -> Room {
        let (context, events) = self.pool.open(spec).await.expect("Chromium opens a context");
        Room { context, events }
    }

    /// Ends the pool; nothing of it may be left: processes, sockets, folders.
    pub(crate) async fn finish(self) {
        let pids: Vec<u32> = self.pool.processes().iter().map(|(pid, _)| *pid).collect();
        self.pool.shutdown().await;
        assert_eq!(entries(self.folder.path()), Vec::<String>::new(), "files are left");
        // A large renderer that was killed takes a moment to die.
        until("no process of Chromium is left", || {
            processes_of(self.folder.path()).is_empty() && pids.iter().all(|pid| group(*pid).is_empty())
        })
        .await;
    }
}

pub(crate) fn pool(executable: &str, profiles: &Path, change: impl FnOnce(&mut config::Browser)) -> Pool {
    let mut config: Config = toml::from_str(EMBEDDED).expect("the embedded settings");
    config.browser.executable = executable.to_owned();
    change(&mut config.browser);
    Pool::new(config.browser, profiles.to_owned())
}

pub(crate) fn spec(rules: Rules) -> ContextSpec {
    ContextSpec {
        rules,
        width: 1280,
        height: 720,
        locale: "en-US".to_owned(),
    }
}

/// A context and what it tells.
pub(crate) struct Room {
    pub(crate) context: Context,
    events: Receiver<BrowserEvent>,
}

impl Room {
    pub(crate) fn tab(&self) -> Tab {
        self.context.active().expect("the room has a tab")
    }

    /// Loads a page in the active tab.
    pub(crate) async fn go(&self, url: &str) -> Navigation {
        let navigation = self.tab().navigate(&parsed(url), LONG).await;
        navigation.unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    /// Runs JavaScript in the active tab, as if a person had just pressed a key.
    pub(crate) async fn js(&self, code: &str) -> Value {
        let params = json!({ "expression": code, "awaitPromise": true, "returnByValue": true, "userGesture": true });
        let answer = self
            .tab()
            .target()
            .call_json::<Value>("Runtime.evaluate", &params)
            .await;
        let answer = answer.unwrap_or_else(|error| panic!("{code}: {error}"));
        assert!(answer.get("exceptionDetails").is_none(), "{code}: {answer}");
        answer["result"]["value"].clone()
    }

    /// The next event that `wanted` accepts; what was seen is printed when there is none in time.
    pub(crate) async fn event(&mut self, what: &str, wanted: impl Fn(&BrowserEvent) -> bool) -> BrowserEvent {
        let deadline = tokio::time::Instant::now() + LONG;
        let mut seen = Vec::new();
        loop {
            match tokio::time::timeout_at(deadline, self.events.recv()).await {
                Ok(Some(event)) if wanted(&event) => return event,
                Ok(Some(event)) => seen.push(event),
                _ => panic!("no event within {LONG:?}: {what}. Seen: {seen:#?}"),
            }
        }
    }

    /// What the pages' dialogs said since the last time.
    pub(crate) fn dialogs(&mut self) -> Vec<String> {
        let events = std::iter::from_fn(|| self.events.try_recv().ok());
        let said = |event| match event {
            BrowserEvent::Dialog(dialog) => Some(dialog.message),
            _ => None,
        };
        events.filter_map(said).collect()
    }
}

pub(crate) fn parsed(url: &str) -> Url {
    Url::parse(url).expect("a URL")
}

/// Waits until it holds.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    let holds = &holds;
    super::eventually(what, LONG, || async move { holds().then_some(()) }).await;
}

/// Command lines of living processes that name the folder.
pub(crate) fn processes_of(folder: &Path) -> Vec<String> {
    let folder = folder.to_string_lossy().into_owned();
    of_processes("cmdline")
        .filter(|line| line.contains(&folder))
        .map(|line| line.replace('\0', " "))
        .collect()
}

/// Living processes of a process group; zombies do not count.
fn group(pid: u32) -> Vec<String> {
    let of_group = |stat: &String| {
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        fields.first() != Some(&"Z") && fields.get(2) == Some(&pid.to_string().as_str())
    };
    of_processes("stat").filter(of_group).collect()
}

fn of_processes(file: &'static str) -> impl Iterator<Item = String> {
    let entries = std::fs::read_dir("/proc").expect("procfs").flatten();
    entries
        .filter_map(move |entry| std::fs::read(entry.path().join(file)).ok())
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// The names in a folder, in order.
pub(crate) fn entries(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder is readable").flatten();
    let mut names: Vec<_> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
