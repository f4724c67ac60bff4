//! Lua threads, one virtual machine each; calls go to whichever is free, wait there together, and compute in turns.
//!
//! Each thread has its own single-threaded runtime, so host functions may use timers and sockets, and nothing of Lua
//! ever crosses a thread. A thread that hangs in a C function after its call's deadline is given up and replaced: it
//! cannot be ended from outside, so it leaks until it returns by itself.

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::LocalSet;
use tokio_util::sync::CancellationToken;

use super::ScriptEvent;
use super::error::Error;
use super::library::Library;
use super::limits::{Busy, Control};
use super::vm::{Vm, Work};
use super::watch::script_of;
use crate::protocol::{ErrorType, Failure};

/// How long a stopped call may take to come back before its thread is given up.
const GIVE_UP: Duration = Duration::from_secs(2);
/// How often a call that waits for a thread looks whether one hangs.
const LOOK: Duration = Duration::from_millis(250);
/// Calls waiting for a thread; more are refused as busy.
const MAX_WAITING: usize = 10_000;
/// How long the threads may take to end.
const END: Duration = Duration::from_secs(2);

/// A few Lua threads.
pub(super) struct Pool {
    shared: Arc<Shared>,
    workers: Mutex<Vec<Worker>>,
    next: AtomicUsize,
    given_up: AtomicU64,
    spec: Spec,
}

/// How a thread's machine is made.
#[derive(Clone)]
pub(super) struct Spec {
    pub(super) name: &'static str,
    pub(super) workers: usize,
    pub(super) memory: usize,
    pub(super) libraries: Vec<Arc<dyn Library>>,
    pub(super) events: mpsc::Sender<ScriptEvent>,
}

/// What the pool and its threads share.
#[derive(Default)]
struct Shared {
    waiting: Mutex<VecDeque<Job>>,
    stop: CancellationToken,
}

struct Worker {
    seen: Arc<Seen>,
    thread: JoinHandle<()>,
    /// Disconnects when the thread has ended.
    ended: Receiver<()>,
}

/// What others see of a thread.
#[derive(Default)]
struct Seen {
    busy: Arc<Busy>,
    ready: Notify,
    gone: CancellationToken,
}

struct Job {
    control: Arc<Control>,
    work: Work,
    began: oneshot::Sender<Arc<Seen>>,
    reply: oneshot::Sender<Result<Value, Failure>>,
}

/// Stops a call whose caller has gone.
struct StopOnDrop(Arc<Control>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Pool {
    /// Starts the threads and waits until each has its machine.
    pub(super) fn start(spec: Spec) -> Result<Self, Error> {
        let pool = Self {
            shared: Arc::default(),
            workers: Mutex::default(),
            next: AtomicUsize::new(0),
            given_up: AtomicU64::new(0),
            spec,
        };
        let mut ready = Vec::new();
        for _ in 0..pool.spec.workers {
            let (worker, told) = pool.spawn()?;
            lock(&pool.workers).push(worker);
            ready.push(told);
        }
        for one in ready {
            let answer = one
                .recv()
                .map_err(|_| Error::Lua("the thread ended at once".to_owned()))?;
            answer.map_err(Error::Lua)?;
        }
        Ok(pool)
    }

    /// Runs one call; it is stopped at its deadline, which counts from when it began, or when the future is dropped.
    pub(super) async fn run(&self, control: Arc<Control>, work: Work) -> Result<Value, Failure> {
        let timeout = work.timeout;
        let file = control.file.clone();
        let _stop = StopOnDrop(Arc::clone(&control));
        let (began, begins) = oneshot::channel();
        let (reply, mut answer) = oneshot::channel();
        self.submit(Job {
            control: Arc::clone(&control),
            work,
            began,
            reply,
        })?;
        let seen = self.wait_for_thread(begins, timeout, &file).await?;
        let lost = || Failure::new(ErrorType::Internal, format!("The host stopped {file} before it ended."));
        tokio::select! {
            biased;
            result = &mut answer => return result.unwrap_or_else(|_| Err(lost())),
            () = seen.gone.cancelled() => return Err(given_up(&file, timeout)),
            () = tokio::time::sleep(timeout) => control.stop(),
        }
        tokio::select! {
            biased;
            result = &mut answer => result.unwrap_or_else(|_| Err(lost())),
            () = seen.gone.cancelled() => Err(given_up(&file, timeout)),
            () = tokio::time::sleep(GIVE_UP) => {
                self.replace_hanging();
                Err(given_up(&file, timeout))
            }
        }
    }

    async fn wait_for_thread(
        &self,
        mut begins: oneshot::Receiver<Arc<Seen>>,
        timeout: Duration,
        file: &str,
    ) -> Result<Arc<Seen>, Failure> {
        let give_up = Instant::now() + timeout.max(Duration::from_secs(10));
        loop {
            match tokio::time::timeout(LOOK, &mut begins).await {
                Ok(Ok(seen)) => return Ok(seen),
                Ok(Err(_)) => return Err(Failure::new(ErrorType::Cancelled, "The host is stopping.")),
                Err(_) if Instant::now() > give_up => {
                    return Err(Failure::new(
                        ErrorType::Busy,
                        format!("No Lua thread became free for {file}."),
                    ));
                }
                Err(_) => {
                    self.replace_hanging();
                    self.wake_all();
                }
            }
        }
    }

    fn submit(&self, job: Job) -> Result<(), Failure> {
        if self.shared.stop.is_cancelled() {
            return Err(Failure::new(ErrorType::Cancelled, "The host is stopping."));
        }
        {
            let mut waiting = lock(&self.shared.waiting);
            if waiting.len() >= MAX_WAITING {
                return Err(Failure::new(ErrorType::Busy, "Too many scripts wait for a Lua thread."));
            }
            waiting.push_back(job);
        }
        // In turn, but not to one that computes: it may do so until its deadline.
        let workers = lock(&self.workers);
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let free = (0..workers.len())
            .map(|n| &workers[(first + n) % workers.len()])
            .find(|one| one.seen.busy.get().is_none());
        match free {
            Some(worker) => worker.seen.ready.notify_one(),
            None => workers.iter().for_each(|worker| worker.seen.ready.notify_one()),
        }
        Ok(())
    }

    fn wake_all(&self) {
        lock(&self.workers)
            .iter()
            .for_each(|worker| worker.seen.ready.notify_one());
    }

    /// Gives up threads that still compute for a call long after it was told to stop, and starts others.
    fn replace_hanging(&self) {
        let mut workers = lock(&self.workers);
        let hangs = |worker: &Worker| {
            let control = worker.seen.busy.get()?;
            control
                .stopped_for()
                .is_some_and(|since| since >= GIVE_UP)
                .then_some(control)
        };
        let hanging: Vec<_> = (0..workers.len())
            .filter_map(|at| Some((at, hangs(&workers[at])?)))
            .collect();
        for (at, control) in hanging.into_iter().rev() {
            let worker = workers.swap_remove(at);
            worker.seen.gone.cancel();
            self.given_up.fetch_add(1, Ordering::Relaxed);
            self.tell_hanging(&control);
        }
        while workers.len() < self.spec.workers {
            match self.spawn() {
                Ok((worker, _)) => workers.push(worker),
                Err(error) => {
                    tracing::error!(%error, "no new Lua thread could be started");
                    break;
                }
            }
        }
    }

    fn tell_hanging(&self, control: &Control) {
        let error = "did not stop after its deadline; its Lua thread was given up and replaced".to_owned();
        tracing::error!(script = control.file, thread = self.spec.name, error);
        let (file, generation) = (control.file.clone(), control.generation.id());
        let event = ScriptEvent::Failed {
            script: script_of(&file),
            file,
            line: None,
            error,
            text: None,
            hint: None,
            generation,
        };
        if let Err(error) = self.spec.events.try_send(event) {
            tracing::warn!(%error, "nobody takes script events");
        }
    }

    /// How many threads were given up so far.
    pub(super) fn given_up(&self) -> u64 {
        self.given_up.load(Ordering::Relaxed)
    }

    fn spawn(&self) -> Result<(Worker, Receiver<Result<(), String>>), Error> {
        let (tell, told) = sync_channel(1);
        let (ends, ended) = sync_channel(1);
        let seen = Arc::<Seen>::default();
        let (spec, shared, mine) = (self.spec.clone(), Arc::clone(&self.shared), Arc::clone(&seen));
        let thread = std::thread::Builder::new().name(spec.name.to_owned()).spawn(move || {
            let _ends = ends;
            live(&spec, &shared, &mine, &tell);
        })?;
        Ok((Worker { seen, thread, ended }, told))
    }

    /// Stops all calls and ends the threads; one that hangs is left behind.
    pub(super) async fn shutdown(&self) {
        self.shared.stop.cancel();
        lock(&self.shared.waiting).clear();
        let workers = std::mem::take(&mut *lock(&self.workers));
        let name = self.spec.name;
        let joined = tokio::task::spawn_blocking(move || {
            let deadline = Instant::now() + END;
            for worker in workers {
                if worker.has_ended(deadline) {
                    let _ = worker.thread.join(); // a panic of the thread was printed when it happened
                } else {
                    tracing::error!(thread = name, "a Lua thread hangs and was left behind");
                }
            }
        });
        if joined.await.is_err() {
            tracing::error!(thread = name, "ending the Lua threads failed");
        }
    }
}

impl Worker {
    /// Waits until the thread has ended, and stops whatever it still computes.
    fn has_ended(&self, deadline: Instant) -> bool {
        loop {
            if let Some(control) = self.seen.busy.get() {
                control.stop();
            }
            match self
                .ended
                .recv_timeout(LOOK.min(deadline.saturating_duration_since(Instant::now())))
            {
                Err(RecvTimeoutError::Timeout) if Instant::now() < deadline => {}
                Err(RecvTimeoutError::Timeout) => return false,
                _ => return true,
            }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}

fn given_up(file: &str, timeout: Duration) -> Failure {
    Failure::new(
        ErrorType::HandlerTimeout,
        format!("{file} did not end within {timeout:?}, and its Lua thread does not answer; it was given up."),
    )
    .with("file", file)
}

/// A thread's life: a machine, and calls until the pool stops or gives it up.
fn live(spec: &Spec, shared: &Shared, seen: &Arc<Seen>, tell: &SyncSender<Result<(), String>>) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = tell.send(Err(error.to_string())); // whoever started the thread has gone
            return;
        }
    };
    let vm = match Vm::new(&spec.libraries, spec.memory, Arc::clone(&seen.busy)) {
        Ok(vm) => Rc::new(vm),
        Err(error) => {
            let _ = tell.send(Err(error.to_string())); // as above
            return;
        }
    };
    let _ = tell.send(Ok(())); // a replacement's start is not waited for
    let calls = LocalSet::new();
    calls.block_on(&runtime, async {
        loop {
            if shared.stop.is_cancelled() || seen.gone.is_cancelled() {
                break;
            }
            let job = lock(&shared.waiting).pop_front();
            if let Some(Job {
                control,
                work,
                began,
                reply,
            }) = job
            {
                if began.send(Arc::clone(seen)).is_ok() {
                    tokio::task::spawn_local(perform(Rc::clone(&vm), control, work, reply));
                    tokio::task::yield_now().await;
                }
                continue;
            }
            tokio::select! {
                () = seen.ready.notified() => {}
                () = shared.stop.cancelled() => break,
                () = seen.gone.cancelled() => break,
            }
        }
    });
    drop(calls); // calls that still wait end here, before their machine
}

/// One call on this thread; ends when the script does, or when its caller goes.
async fn perform(vm: Rc<Vm>, control: Arc<Control>, work: Work, reply: oneshot::Sender<Result<Value, Failure>>) {
    let result = vm.run(control, work).await;
    let _ = reply.send(result); // the caller may have gone
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
