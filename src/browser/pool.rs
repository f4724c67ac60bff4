//! The shared Chromium processes, and the places for browser contexts in them.
//!
//! A process takes up to `sessions_per_process` contexts; the fullest one with a free place is filled first, so that others
//! become empty and can end. `warm_processes` with a free place are kept running, so that a session need not wait for one.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::context::{Context, ContextSpec};
use super::process::Process;
use super::{Binary, BrowserEvent, Error, binary, profile};
use crate::config;

/// Handle of all Chromium processes of the host; cheap to clone.
#[derive(Clone)]
pub struct Pool {
    inner: Arc<Inner>,
}

struct Inner {
    config: config::Browser,
    profiles: PathBuf,
    /// Where contexts keep their files; without it they take none.
    downloads: Option<PathBuf>,
    members: Mutex<Vec<Member>>,
    /// One start at a time: those who wait find a place in the process that comes up.
    starting: tokio::sync::Mutex<()>,
    /// Ends starts that are under way.
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

struct Member {
    process: Process,
    seats: usize,
}

/// A place in a process; free again when dropped.
pub(super) struct Seat {
    pool: Weak<Inner>,
    pid: u32,
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(inner) = self.pool.upgrade() {
            inner.leave(self.pid);
        }
    }
}

// === impl Pool ===

impl Pool {
    /// A pool that has started nothing yet. Profile folders stand in `profiles`; what dead hosts left there is removed.
    pub fn new(config: config::Browser, profiles: PathBuf) -> Self {
        Self::with_downloads(config, profiles, None)
    }

    /// The same; each context's downloads are kept in a folder of its own below this one.
    pub fn with_downloads(config: config::Browser, profiles: PathBuf, downloads: Option<PathBuf>) -> Self {
        let left = profile::sweep(&profiles);
        if left > 0 {
            tracing::info!(left, "removed what an earlier host left behind");
        }
        Self {
            inner: Arc::new(Inner {
                config,
                profiles,
                downloads,
                members: Mutex::default(),
                starting: tokio::sync::Mutex::default(),
                shutdown: CancellationToken::new(),
                tasks: TaskTracker::new(),
            }),
        }
    }

    /// Starts processes until as many as configured have a free place.
    pub async fn warm(&self) -> Result<(), Error> {
        self.inner.warm().await
    }

    /// Opens a browser context with one empty tab. Its events come through the receiver until it is closed.
    pub async fn open(&self, spec: ContextSpec) -> Result<(Context, mpsc::Receiver<BrowserEvent>), Error> {
        let (config, files) = (&self.inner.config, &self.inner.downloads);
        let (process, seat) = self.inner.seat().await?;
        let opened = Context::open(process.clone(), spec.clone(), seat, config, files.clone()).await;
        let opened = match opened {
            // The process died just now; there is no reason to let the caller pay for it.
            Err(_) if process.is_gone() && !self.inner.shutdown.is_cancelled() => {
                let (process, seat) = self.inner.seat().await?;
                Context::open(process, spec, seat, config, files.clone()).await
            }
            opened => opened,
        };
        self.inner.refill();
        opened
    }

    /// Ends all processes and removes their folders; bounded by some seconds.
    pub async fn shutdown(&self) {
        self.inner.shutdown.cancel();
        // A start that is under way ends first, so that its process is among the members or gone.
        drop(self.inner.starting.lock().await);
        let processes: Vec<Process> = self.inner.lock().drain(..).map(|member| member.process).collect();
        processes.iter().for_each(Process::stop);
        join_all(processes.iter().map(Process::ended)).await;
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }

    /// The program that is started.
    pub fn binary(&self) -> Result<Binary, Error> {
        binary::find(&self.inner.config.executable)
    }

    /// Product and version of the processes that run, as `HeadlessChrome/156.0.8078.79`; none while none runs.
    pub fn version(&self) -> Option<String> {
        self.inner
            .lock()
            .first()
            .map(|member| member.process.version().to_owned())
    }

    /// Process ids of the Chromiums, with the number of contexts in each.
    pub fn processes(&self) -> Vec<(u32, usize)> {
        self.inner
            .lock()
            .iter()
            .map(|member| (member.process.pid(), member.seats))
            .collect()
    }
}

// === impl Inner ===

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Vec<Member>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place in a process; starts one if all are full.
    async fn seat(self: &Arc<Self>) -> Result<(Process, Seat), Error> {
        if let Some(seat) = self.free_seat()? {
            return Ok(seat);
        }
        let _starting = self.starting.lock().await;
        // Whoever started before us may have left a place.
        if let Some(seat) = self.free_seat()? {
            return Ok(seat);
        }
        self.start().await?;
        self.free_seat()?.ok_or_else(|| Error::Launch {
            reason: "it ended at once".into(),
        })
    }

    fn free_seat(self: &Arc<Self>) -> Result<Option<(Process, Seat)>, Error> {
        let mut members = self.lock();
        let limit = self.config.max_sessions;
        if members.iter().map(|member| member.seats).sum::<usize>() >= limit {
            return Err(Error::Busy { limit });
        }
        let free = |member: &&mut Member| self.has_place(member);
        let fullest = members.iter_mut().filter(free).max_by_key(|member| member.seats);
        Ok(fullest.map(|member| {
            member.seats += 1;
            (
                member.process.clone(),
                Seat {
                    pool: Arc::downgrade(self),
                    pid: member.process.pid(),
                },
            )
        }))
    }

    fn has_place(&self, member: &Member) -> bool {
        member.seats < self.config.sessions_per_process.max(1) && !member.process.is_gone()
    }

    /// Starts a process and adds it; the caller holds the right to start.
    async fn start(self: &Arc<Self>) -> Result<(), Error> {
        let binary = binary::find(&self.config.executable)?;
        let process = tokio::select! {
            process = Process::launch(&binary, &self.config, &self.profiles) => process?,
            () = self.shutdown.cancelled() => return Err(Error::Launch { reason: "the host is shutting down".into() }),
        };
        let (gone, ended, pid) = (process.gone(), process.ended(), process.pid());
        self.lock().push(Member { process, seats: 0 });
        let pool = Arc::downgrade(self);
        self.tasks.spawn(async move {
            gone.await;
            if let Some(pool) = pool.upgrade() {
                pool.lock().retain(|member| member.process.pid() != pid);
                pool.refill();
            }
            ended.await;
        });
        Ok(())
    }

    async fn warm(self: &Arc<Self>) -> Result<(), Error> {
        let _starting = self.starting.lock().await;
        while !self.shutdown.is_cancelled() && self.is_cold() {
            self.start().await?;
        }
        Ok(())
    }

    fn is_cold(&self) -> bool {
        self.lock().iter().filter(|member| self.has_place(member)).count() < self.config.warm_processes
    }

    /// Brings the warm processes up again in the background.
    fn refill(self: &Arc<Self>) {
        if self.shutdown.is_cancelled() || !self.is_cold() {
            return;
        }
        let inner = self.clone();
        self.tasks.spawn(async move {
            if let Err(error) = inner.warm().await {
                tracing::warn!(%error, "no warm Chromium");
            }
        });
    }

    /// A context left its process; an empty one beyond the warm ones is ended.
    fn leave(&self, pid: u32) {
        let mut members = self.lock();
        let Some(at) = members.iter().position(|member| member.process.pid() == pid) else {
            return;
        };
        members[at].seats = members[at].seats.saturating_sub(1);
        let others = members
            .iter()
            .enumerate()
            .filter(|(other, member)| *other != at && self.has_place(member))
            .count();
        if members[at].seats == 0 && others >= self.config.warm_processes {
            members.remove(at).process.stop();
        }
    }
}
