//! One Chromium process: started, watched and ended, with its profile folder.
//!
//! It leads a process group of its own and hangs on two pipes: when the host dies, even by SIGKILL, the pipes end and
//! Chromium exits by itself.
//! **Invariant:** when [`Process::ended`] resolves, every process of the group has been killed, and no folder is left.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chromiumoxide_cdp::cdp::browser_protocol::browser::GetVersionParams;
use chromiumoxide_cdp::cdp::browser_protocol::target::{FilterEntry, SetAutoAttachParams, TargetFilter};
use chromiumoxide_cdp::cdp::js_protocol::runtime::RunIfWaitingForDebuggerParams;
use command_fds::{CommandFdExt, FdMapping};
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::unix::pipe;
use tokio::process::{Child, ChildStderr, Command};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::cdp::{CdpError, CdpEvent, Connection};
use super::profile::Profile;
use super::{Binary, Error};
use crate::config;

/// How long a Chromium may take to leave after its pipe ended and SIGTERM; it takes 70 to 170 ms.
const GRACE: Duration = Duration::from_secs(2);
/// A picture of a full page goes through in few wake-ups with a pipe of this size.
const PIPE: i32 = 1 << 20;
/// Below this much shared memory (containers have 64 MiB) pages crash, and Chromium has to use files instead.
const SHARED_MEMORY: u64 = 512 << 20;

/// What a browser context hears about its targets.
#[derive(Debug)]
pub(super) enum News {
    /// A page of the context was attached; it waits for `Runtime.runIfWaitingForDebugger`.
    Attached {
        /// Its flattened session.
        session: String,
        /// The page.
        info: TargetInfo,
    },
    /// A page is gone.
    Ended {
        /// Its target id.
        target: String,
    },
}

/// The facts about a target that are used here.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TargetInfo {
    pub(super) target_id: String,
    #[serde(default)]
    pub(super) url: String,
    pub(super) opener_id: Option<String>,
    pub(super) browser_context_id: Option<String>,
}

/// Handle of a running Chromium; the process is ended when the last one is dropped.
#[derive(Clone)]
pub(super) struct Process {
    shared: Arc<Shared>,
}

struct Shared {
    connection: Connection,
    pid: u32,
    version: String,
    user_agent: String,
    contexts: Arc<Contexts>,
    stop: CancellationToken,
    state: Arc<State>,
}

#[derive(Default)]
struct Contexts(Mutex<HashMap<String, mpsc::Sender<News>>>);

#[derive(Default)]
struct State {
    reason: Mutex<String>,
    gone: CancellationToken,
    ended: CancellationToken,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

// === impl Process ===

impl Process {
    /// Starts a Chromium and waits until it answers.
    pub(super) async fn launch(binary: &Binary, config: &config::Browser, profiles: &Path) -> Result<Self, Error> {
        let failed = |error: std::io::Error| Error::Launch {
            reason: error.to_string(),
        };
        let profile = Profile::create(profiles).map_err(failed)?;
        let (mut child, read, write) = spawn(command(binary, config, &profile)).map_err(failed)?;
        let pid = child.id().unwrap_or_default();
        let said = Arc::new(Mutex::new(String::new()));
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(listen(stderr, said.clone()));
        }
        let connection = Connection::start(read, write, config.command_timeout);
        let (contexts, state) = (Arc::<Contexts>::default(), Arc::<State>::default());
        let stop = CancellationToken::new();
        tokio::spawn(watch(child, profile, connection.clone(), stop.clone(), state.clone()));
        tokio::spawn(dispatch(
            connection.clone(),
            connection.root().events(),
            contexts.clone(),
        ));
        // From here on the token ends the process if anything below fails.
        let guard = stop.clone().drop_guard();
        let version = hello(&connection, config.launch_timeout)
            .await
            .map_err(|error| Error::Launch {
                reason: match lock(&said).trim() {
                    "" => error.to_string(),
                    said => format!("{error}; it said: {said}"),
                },
            })?;
        guard.disarm();
        tracing::info!(pid, version = version.0, path = %binary.path.display(), "Chromium started");
        let (version, user_agent) = version;
        Ok(Self {
            shared: Arc::new(Shared {
                connection,
                pid,
                version,
                user_agent,
                contexts,
                stop,
                state,
            }),
        })
    }

    /// The connection to it.
    pub(super) fn connection(&self) -> &Connection {
        &self.shared.connection
    }

    /// Its process id, which is that of its group too.
    pub(super) fn pid(&self) -> u32 {
        self.shared.pid
    }

    /// Product and version, as `HeadlessChrome/156.0.8078.79`.
    pub(super) fn version(&self) -> &str {
        &self.shared.version
    }

    /// What it calls itself at web servers.
    pub(super) fn user_agent(&self) -> &str {
        &self.shared.user_agent
    }

    /// Where the news of a browser context go from now on.
    pub(super) fn register(&self, context: &str, news: mpsc::Sender<News>) {
        self.shared.contexts.lock().insert(context.to_owned(), news);
    }

    /// No more news of that context.
    pub(super) fn forget(&self, context: &str) {
        self.shared.contexts.lock().remove(context);
    }

    /// Whether it can no longer be used.
    pub(super) fn is_gone(&self) -> bool {
        self.shared.state.gone.is_cancelled() || self.shared.connection.is_closed()
    }

    /// Resolves with the reason as soon as it can no longer be used.
    pub(super) fn gone(&self) -> impl Future<Output = String> + Send + use<> {
        // Holds no handle: waiting for the end must not keep the process.
        let state = self.shared.state.clone();
        async move {
            state.gone.cancelled().await;
            lock(&state.reason).clone()
        }
    }

    /// Asks it to end.
    pub(super) fn stop(&self) {
        self.shared.stop.cancel();
    }

    /// Resolves when nothing is left of it.
    pub(super) fn ended(&self) -> impl Future<Output = ()> + Send + use<> {
        self.shared.state.ended.clone().cancelled_owned()
    }
}

impl Contexts {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, mpsc::Sender<News>>> {
        lock(&self.0)
    }

    fn tell(&self, context: Option<&str>, news: News) -> bool {
        let Some(sender) = context.and_then(|context| self.lock().get(context).cloned()) else {
            return false;
        };
        if sender.try_send(news).is_err() {
            tracing::warn!(context, "news of a browser context are not read");
        }
        true
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn command(binary: &Binary, config: &config::Browser, profile: &Profile) -> Command {
    let mut command = Command::new(&binary.path);
    command
        .arg("--remote-debugging-pipe")
        .arg(format!("--user-data-dir={}", profile.folder().display()))
        .arg(format!(
            "--window-size={},{}",
            config.viewport_width, config.viewport_height
        ))
        .arg(format!("--lang={}", config.locale))
        .arg(format!("--accept-lang={}", config.locale))
        .args(FLAGS);
    let root = nix::unistd::geteuid().is_root();
    if config.sandbox == config::Sandbox::Off || (config.sandbox == config::Sandbox::Auto && root) {
        command.arg("--no-sandbox");
    }
    let shared = nix::sys::statvfs::statvfs("/dev/shm").map_or(0, |fs| fs.blocks_available() * fs.fragment_size());
    if shared < SHARED_MEMORY {
        command.arg("--disable-dev-shm-usage");
    }
    // The last of two equal flags counts, so the user's stand at the end.
    command.args(&config.extra_args);
    command
        .env("TMPDIR", profile.temporary())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    command
}

/// Starts the program with its ends of the two pipes as descriptors 3 and 4.
fn spawn(mut command: Command) -> std::io::Result<(Child, pipe::Receiver, pipe::Sender)> {
    let (their_read, our_write) = std::io::pipe()?;
    let (our_read, their_write) = std::io::pipe()?;
    // A smaller pipe works too, so a refusal (the user's pipe budget is spent) does not matter.
    let _ = fcntl(&our_read, FcntlArg::F_SETPIPE_SZ(PIPE));
    let mappings = vec![
        FdMapping {
            parent_fd: OwnedFd::from(their_read),
            child_fd: 3,
        },
        FdMapping {
            parent_fd: OwnedFd::from(their_write),
            child_fd: 4,
        },
    ];
    command.fd_mappings(mappings).expect("two different descriptors");
    let child = command.spawn()?;
    let read = pipe::Receiver::from_owned_fd(our_read.into())?;
    let write = pipe::Sender::from_owned_fd(our_write.into())?;
    // With `command` go the host's copies of the child's ends; while they are open, no end of the pipe is seen.
    Ok((child, read, write))
}

/// The flags of every Chromium.
const FLAGS: &[&str] = &[
    "--headless",
    "--disable-gpu",
    "--hide-scrollbars",
    "--mute-audio",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-startup-window",
    // No traffic of its own, and no helper processes that outlive it.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-extensions",
    "--disable-default-apps",
    "--password-store=basic",
    // Pages that nobody looks at go on running: to a site each of them is in front.
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    // Nothing goes around the filtering proxy.
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
];

/// Asks for the version and for every new page; returns product and user agent.
async fn hello(connection: &Connection, within: Duration) -> Result<(String, String), CdpError> {
    let root = connection.root();
    let page = |kind: &str| FilterEntry {
        exclude: None,
        r#type: Some(kind.to_owned()),
    };
    let attach = SetAutoAttachParams {
        auto_attach: true,
        // A popup must not run before its context has set it up.
        wait_for_debugger_on_start: true,
        flatten: Some(true),
        filter: Some(TargetFilter::new(vec![page("page")])),
    };
    let version = root.post_within(within, GetVersionParams::default());
    let attached = root.post_within(within, attach);
    let version = version.await?;
    attached.await?;
    Ok((version.product, version.user_agent))
}

/// Hands new pages to the contexts they belong to; ends with the pipe.
async fn dispatch(connection: Connection, mut events: mpsc::Receiver<CdpEvent>, contexts: Arc<Contexts>) {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Attached {
        session_id: String,
        target_info: TargetInfo,
    }
    while let Some(event) = events.recv().await {
        let attached = (event.method == "Target.attachedToTarget")
            .then(|| event.params())
            .flatten();
        let Some(Attached {
            session_id: session,
            target_info: info,
        }) = attached
        else {
            continue;
        };
        let context = info.browser_context_id.clone();
        if !contexts.tell(
            context.as_deref(),
            News::Attached {
                session: session.clone(),
                info,
            },
        ) {
            // A page of Chromium's own: it must not wait for us for ever.
            drop(
                connection
                    .target(&session)
                    .post(RunIfWaitingForDebuggerParams::default()),
            );
        }
    }
}

/// Owns the child: notices its death, ends it when asked to, and removes what it leaves.
async fn watch(mut child: Child, profile: Profile, connection: Connection, stop: CancellationToken, state: Arc<State>) {
    let group = Pid::from_raw(child.id().unwrap_or_default().cast_signed());
    let status = tokio::select! {
        status = child.wait() => status.ok(),
        () = connection.closed() => tokio::time::timeout(GRACE / 4, child.wait()).await.ok().and_then(Result::ok),
        () = stop.cancelled() => None,
    };
    let stopped = stop.is_cancelled();
    *lock(&state.reason) = match status {
        Some(status) => format!("the browser process ended ({status})"),
        None if stopped => "the browser was shut down".to_owned(),
        None => "the browser process closed its connection".to_owned(),
    };
    connection.close();
    state.gone.cancel();
    if !stopped {
        tracing::warn!(pid = group.as_raw(), reason = *lock(&state.reason), "Chromium died");
    }
    if status.is_none() {
        let _ = killpg(group, Signal::SIGTERM);
        let _ = tokio::time::timeout(GRACE, child.wait()).await;
    }
    // Helpers that did not notice, and a browser that did not obey.
    let _ = killpg(group, Signal::SIGKILL);
    let _ = tokio::time::timeout(GRACE, child.wait()).await;
    let removed = tokio::task::spawn_blocking(move || drop(profile)).await;
    if removed.is_err() {
        tracing::warn!(pid = group.as_raw(), "the profile folder was not removed");
    }
    state.ended.cancel();
}

/// Keeps the last words of Chromium's standard error; ends with the process.
async fn listen(stderr: ChildStderr, said: Arc<Mutex<String>>) {
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        tracing::trace!(line, "Chromium");
        *lock(&said) = line.chars().take(400).collect();
    }
}
