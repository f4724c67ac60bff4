//! The private Redis: a child that listens on loopback only, keeps every write in an append-only file, and dies with the host
//! however the host ends.
//!
//! `setpriv` (util-linux) asks the kernel to kill the child when the thread that started it is gone. So one thread of its own
//! starts it, waits for it, and starts it again when it dies.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;
use tokio::time::timeout;

use super::redis_server::ServerError;

/// How long a server may take to end before it is killed.
const END: Duration = Duration::from_secs(5);
/// The longest wait before it is started again.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// The thread that owns the child.
pub(super) struct Keeper {
    state: Arc<State>,
    /// Dropped to end the wait before a restart.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct State {
    program: PathBuf,
    port: u16,
    folder: PathBuf,
    child: Mutex<Running>,
    deaths: AtomicU32,
}

#[derive(Default)]
struct Running {
    pid: Option<u32>,
    stopping: bool,
}

impl Keeper {
    /// Starts the server; it need not answer yet.
    pub(super) fn start(program: &str, port: u16, folder: &Path) -> Result<Self, ServerError> {
        let missing = |source| ServerError::Start {
            program: program.to_owned(),
            source,
        };
        let path = find(program).ok_or_else(|| missing(io::Error::from(io::ErrorKind::NotFound)))?;
        prepare(folder).map_err(|source| ServerError::Folder {
            folder: folder.to_owned(),
            source,
        })?;
        let state = Arc::new(State {
            program: path,
            port,
            folder: folder.to_owned(),
            child: Mutex::default(),
            deaths: AtomicU32::new(0),
        });
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new()
            .name("redis-server".to_owned())
            .spawn({
                let state = Arc::clone(&state);
                move || state.keep(&stopped)
            })
            .map_err(missing)?;
        Ok(Self {
            state,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.state.child().pid
    }

    pub(super) fn folder(&self) -> &Path {
        &self.state.folder
    }

    pub(super) fn log(&self) -> PathBuf {
        self.state.log()
    }

    /// Whether it ended more than once, so that a further start will not help.
    pub(super) fn has_failed(&self) -> bool {
        self.state.deaths.load(Ordering::Acquire) > 1
    }

    /// Ends the server and its thread.
    pub(super) async fn stop(&mut self) {
        self.end(Signal::SIGTERM);
        let Some(thread) = self.thread.take() else { return };
        let mut ended = tokio::task::spawn_blocking(move || thread.join());
        if timeout(END, &mut ended).await.is_err() {
            tracing::warn!("the private redis-server does not end; killing it");
            self.end(Signal::SIGKILL);
            let _ = timeout(END, ended).await;
        }
    }

    fn end(&mut self, signal: Signal) {
        self.stop = None;
        let mut child = self.state.child();
        child.stopping = true;
        if let Some(pid) = child.pid {
            // The child is reaped under the same lock, so the id is still its own.
            let _ = kill(as_pid(pid), signal);
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.end(Signal::SIGTERM);
    }
}

impl State {
    fn child(&self) -> MutexGuard<'_, Running> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self) -> PathBuf {
        self.folder.join("redis.log")
    }

    fn keep(&self, stopped: &Receiver<()>) {
        let mut pause = Duration::from_millis(50);
        loop {
            let began = Instant::now();
            match self.spawn() {
                Ok(Some(child)) => self.wait(child),
                Ok(None) => return,
                Err(error) => tracing::error!(%error, "redis-server cannot be started"),
            }
            if self.child().stopping {
                return;
            }
            self.deaths.fetch_add(1, Ordering::AcqRel);
            tracing::error!(log = %self.log().display(), "the private redis-server ended; starting it again");
            pause = if began.elapsed() > MAX_PAUSE {
                Duration::from_millis(50)
            } else {
                (pause * 2).min(MAX_PAUSE)
            };
            if stopped.recv_timeout(pause) == Err(RecvTimeoutError::Disconnected) {
                return;
            }
        }
    }

    /// None when it is to stop.
    fn spawn(&self) -> io::Result<Option<Child>> {
        let mut running = self.child();
        if running.stopping {
            return Ok(None);
        }
        let log = File::options().create(true).append(true).open(self.log())?;
        let mut guarded = Command::new("setpriv");
        guarded.args(["--pdeathsig", "KILL"]).arg(&self.program);
        let child = match self.options(&mut guarded, &log)?.spawn() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                tracing::warn!(
                    "setpriv (util-linux) is missing: a host that is killed leaves its redis-server running"
                );
                self.options(&mut Command::new(&self.program), &log)?.spawn()?
            }
            other => other?,
        };
        running.pid = Some(child.id());
        Ok(Some(child))
    }

    fn options<'c>(&self, command: &'c mut Command, log: &File) -> io::Result<&'c mut Command> {
        let port = self.port.to_string();
        let options = [
            ("--port", port.as_str()),
            ("--bind", "127.0.0.1"),
            ("--protected-mode", "yes"),
            ("--daemonize", "no"),
            ("--save", ""),
            ("--appendonly", "yes"),
            ("--appendfsync", "everysec"),
            ("--maxmemory-policy", "noeviction"),
        ];
        command
            .args(options.iter().flat_map(|(key, value)| [key, value]))
            .arg("--dir")
            .arg(&self.folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log.try_clone()?);
        Ok(command)
    }

    fn wait(&self, mut child: Child) {
        // Waits without reaping, so that nobody signals a process id that has been given to another.
        let _ = waitid(Id::Pid(as_pid(child.id())), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT);
        let mut running = self.child();
        running.pid = None;
        if let Err(error) = child.wait() {
            tracing::warn!(%error, "the end of redis-server could not be read");
        }
    }
}

fn as_pid(pid: u32) -> Pid {
    Pid::from_raw(i32::try_from(pid).unwrap_or(i32::MAX))
}

/// The data may hold what people typed into pages, so only the user may read it.
fn prepare(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

/// The program on the path; Valkey does as well as Redis.
fn find(program: &str) -> Option<PathBuf> {
    let names = if program == "redis-server" {
        vec![program, "valkey-server"]
    } else {
        vec![program]
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    names
        .iter()
        .flat_map(|name| {
            let here = name.contains('/').then(|| PathBuf::from(name));
            here.into_iter()
                .chain(std::env::split_paths(&path).map(move |folder| folder.join(name)))
        })
        .find(|candidate| candidate.is_file())
}

/// The last line of a log, for a message.
pub(super) fn last_line(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    String::from_utf8_lossy(&text)
        .lines()
        .last()
        .unwrap_or("(nothing)")
        .to_owned()
}
