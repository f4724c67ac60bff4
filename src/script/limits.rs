//! How one call is kept within its bounds: time slices, a deadline that cannot be caught, and a place to say where it was.
//!
//! The ladder: (1) a call that waits, or gives back its slice, is simply dropped at its deadline; (2) one that computes
//! where it cannot be left (in a comparator, in its own coroutine) meets a flag that raises at the next call or loop edge,
//! again and again, whatever catches it; (3) one that is inside a C function does not see the flag either, and its thread
//! is given up by the pool.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::future::Future;
use std::pin::Pin;
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use mlua::{Lua, Thread, VmState};
use tokio_util::sync::CancellationToken;

use super::error::Place;
use super::generation::Generation;
use super::scope::Scope;
use super::statistics::Cost;

/// How long a script computes before its neighbours on the same thread get a turn.
const SLICE: Duration = Duration::from_millis(2);
/// How many ticks (calls, loop edges, steps of a pattern; about 45 ns each) pass between two looks at the clock, at most;
/// fewer while a tick takes long because of what a script calls.
const TICKS: u32 = 1024;
/// Between two looks at the clock there should be about this time.
const LOOK: Duration = Duration::from_micros(200);

/// What both sides of a call hold: the caller stops it, the Lua thread obeys.
pub(super) struct Control {
    /// The script's file.
    pub(super) file: String,
    pub(super) generation: Arc<Generation>,
    stopped: AtomicBool,
    stopped_at: OnceLock<Instant>,
    /// Nanoseconds that it has computed, and how often it gave its thread to others.
    computed: AtomicU64,
    slices: AtomicU64,
    /// Wakes a call that waits.
    pub(super) token: CancellationToken,
}

impl Control {
    pub(super) fn new(file: String, generation: Arc<Generation>) -> Arc<Self> {
        Arc::new(Self {
            file,
            generation,
            stopped: AtomicBool::new(false),
            stopped_at: OnceLock::new(),
            computed: AtomicU64::new(0),
            slices: AtomicU64::new(0),
            token: CancellationToken::new(),
        })
    }

    /// Stops the call; there is no way back.
    pub(super) fn stop(&self) {
        self.stopped_at.get_or_init(Instant::now);
        self.stopped.store(true, Ordering::Release);
        self.token.cancel();
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// What it has cost so far.
    pub(super) fn cost(&self) -> Cost {
        Cost {
            computed: Duration::from_nanos(self.computed.load(Ordering::Relaxed)),
            slices: self.slices.load(Ordering::Relaxed),
        }
    }

    /// How long ago it was told to stop.
    pub(super) fn stopped_for(&self) -> Option<Duration> {
        self.stopped_at.get().map(Instant::elapsed)
    }
}

/// The call that a thread computes for at this moment; read from other threads to find one that hangs.
#[derive(Default)]
pub(super) struct Busy(Mutex<Option<Arc<Control>>>);

impl Busy {
    fn set(&self, control: Option<Arc<Control>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = control;
    }

    pub(super) fn get(&self) -> Option<Arc<Control>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A call on its Lua thread.
pub(super) struct Running {
    pub(super) control: Arc<Control>,
    /// What the call's scripts share; a policy's call has nothing.
    scope: Option<Rc<Scope>>,
    /// The call's own coroutine; only there may a slice end.
    thread: RefCell<Option<Thread>>,
    root: Cell<*const c_void>,
    /// Where it met its deadline, once it has.
    place: RefCell<Option<Option<Place>>>,
}

impl Running {
    pub(super) fn new(control: Arc<Control>, scope: Option<Rc<Scope>>) -> Rc<Self> {
        Rc::new(Self {
            control,
            scope,
            thread: RefCell::new(None),
            root: Cell::new(ptr::null()),
            place: RefCell::default(),
        })
    }

    /// A task of the same call, which computes in a coroutine of its own.
    pub(super) fn beside(other: &Self) -> Rc<Self> {
        Self::new(Arc::clone(&other.control), other.scope.clone())
    }

    pub(super) fn scope(&self) -> mlua::Result<&Rc<Scope>> {
        self.scope
            .as_ref()
            .ok_or_else(|| mlua::Error::runtime("a policy has no ctx: it decides by what it is given"))
    }

    /// Notes the coroutine in which the call runs.
    pub(super) fn note(&self, lua: &Lua, thread: Thread) {
        // For a coroutine that mlua has made for a call, this is another one, but the same at every tick.
        self.root.set(lua.current_thread().to_pointer());
        *self.thread.borrow_mut() = Some(thread);
    }

    pub(super) fn thread(&self) -> Option<Thread> {
        self.thread.borrow().clone()
    }
}

/// The limits of one virtual machine.
pub(super) struct Limits {
    current: RefCell<Option<Rc<Running>>>,
    entered: Cell<Instant>,
    slice_began: Cell<Instant>,
    /// Ticks until the next look at the clock, how many those are now, and when the last look was.
    left: Cell<u32>,
    interval: Cell<u32>,
    looked: Cell<Instant>,
    /// For code that runs without a call: files being checked.
    deadline: Cell<Option<Instant>>,
    overdue: Cell<bool>,
    /// Where code without a call met its deadline, once it has.
    met: RefCell<Option<Option<Place>>>,
    /// Whether the call that computes now has just given back its slice.
    sliced: Cell<bool>,
    busy: Arc<Busy>,
}

impl Limits {
    pub(super) fn install(lua: &Lua, busy: Arc<Busy>) -> Rc<Self> {
        let limits = Rc::new(Self {
            current: RefCell::new(None),
            entered: Cell::new(Instant::now()),
            slice_began: Cell::new(Instant::now()),
            left: Cell::new(1),
            interval: Cell::new(1),
            looked: Cell::new(Instant::now()),
            deadline: Cell::new(None),
            overdue: Cell::new(false),
            met: RefCell::default(),
            sliced: Cell::new(false),
            busy,
        });
        let seen = Rc::clone(&limits);
        lua.set_interrupt(move |lua| seen.tick(lua));
        limits
    }

    /// The call that computes now.
    pub(super) fn current(&self) -> Option<Rc<Running>> {
        self.current.borrow().clone()
    }

    /// Code without a call must end by then.
    pub(super) fn set_deadline(&self, deadline: Option<Instant>) {
        self.deadline.set(deadline);
        self.overdue.set(false);
        *self.met.borrow_mut() = None;
    }

    fn tick(&self, lua: &Lua) -> mlua::Result<VmState> {
        let current = self.current.borrow();
        if self.overdue.get() {
            return Err(self.stop(lua, current.as_deref()));
        }
        if current.as_ref().is_some_and(|running| running.control.is_stopped()) {
            // Between a host function's first step and its wait, an error would leave its future to the collector.
            // Without one it waits, and is dropped with the call; if it is done, the script's next tick raises.
            if in_host_function(lua) {
                return Ok(VmState::Continue);
            }
            return Err(self.stop(lua, current.as_deref()));
        }
        self.left.set(self.left.get() - 1);
        if self.left.get() > 0 {
            return Ok(VmState::Continue);
        }
        let now = self.look();
        if self.deadline.get().is_some_and(|deadline| now > deadline) {
            self.overdue.set(true);
            return Err(self.stop(lua, current.as_deref()));
        }
        let Some(running) = current.as_ref() else {
            return Ok(VmState::Continue);
        };
        if now - self.slice_began.get() < SLICE {
            return Ok(VmState::Continue);
        }
        self.slice_began.set(now);
        // A yield inside a coroutine of the script's own would look like one of its own.
        let own = lua.current_thread().to_pointer() == running.root.get();
        self.sliced.set(own);
        running.control.slices.fetch_add(u64::from(own), Ordering::Relaxed);
        Ok(if own { VmState::Yield } else { VmState::Continue })
    }

    /// The time now; sets how many ticks pass until the next look.
    fn look(&self) -> Instant {
        let now = Instant::now();
        let passed = now - self.looked.replace(now);
        let interval = self.interval.get();
        let next = if passed > LOOK { interval / 2 } else { interval * 2 };
        self.interval.set(if passed > SLICE { 1 } else { next.clamp(1, TICKS) });
        self.left.set(self.interval.get());
        now
    }

    /// The error that ends a script, with the first place where it was met.
    fn stop(&self, lua: &Lua, running: Option<&Running>) -> mlua::Error {
        let Some(running) = running else {
            let place = self.met.borrow_mut().get_or_insert_with(|| here(lua)).clone();
            return mlua::Error::external(Stopped(place));
        };
        let place = running.place.borrow_mut().get_or_insert_with(|| here(lua)).clone();
        mlua::Error::external(Stopped(place))
    }

    fn enter(&self, running: &Rc<Running>) {
        let now = Instant::now();
        self.entered.set(now);
        self.slice_began.set(now);
        self.looked.set(now);
        self.sliced.set(false);
        self.busy.set(Some(Arc::clone(&running.control)));
        *self.current.borrow_mut() = Some(Rc::clone(running));
    }

    fn leave(&self) {
        if let Some(running) = self.current.borrow_mut().take() {
            let computed = u64::try_from(self.entered.get().elapsed().as_nanos()).unwrap_or(u64::MAX);
            running.control.computed.fetch_add(computed, Ordering::Relaxed);
        }
        self.busy.set(None);
    }
}

/// Whether what runs now is mlua's own Lua around an asynchronous host function, which loops only to wait.
fn in_host_function(lua: &Lua) -> bool {
    lua.inspect_stack(0, |frame| {
        frame.source().source.as_deref() == Some("=__mlua_async_poll")
    })
    .unwrap_or(false)
}

/// The innermost line of a script that runs now.
pub(super) fn here(lua: &Lua) -> Option<Place> {
    (0..16).find_map(|level| {
        lua.inspect_stack(level, |frame| {
            let line = frame.current_line().and_then(|line| u32::try_from(line).ok())?;
            let file = frame.source().short_src?.into_owned();
            file.contains('.').then_some(Place { file, line }) // our own Lua has names without a suffix
        })?
    })
}

/// Raised at every safe point of a script that is over its deadline.
#[derive(Debug, thiserror::Error)]
#[error("stopped at its deadline")]
pub(super) struct Stopped(pub(super) Option<Place>);

/// A call's future: whenever it is polled, the machine's limits are those of this call.
///
/// A call that gives back its slice wakes itself at once, and the runtime would run it dozens of times more before it
/// looks at timers and sockets; so it waits until the runtime has looked.
/// **Invariant:** dropped outside the limits, because dropping resumes the coroutine once to end what it waits for, and
/// the flag must not raise there.
pub(super) struct Guarded<F> {
    limits: Rc<Limits>,
    running: Rc<Running>,
    future: Pin<Box<F>>,
    waker: Option<(Arc<Later>, Waker)>,
    turn: Option<Pin<Box<dyn Future<Output = ()>>>>,
}

impl<F: Future> Guarded<F> {
    pub(super) fn new(limits: Rc<Limits>, running: Rc<Running>, future: F) -> Self {
        Self {
            limits,
            running,
            future: Box::pin(future),
            waker: None,
            turn: None,
        }
    }

    /// A waker for the call that passes on to the task's, and is the same as long as the task's is.
    fn waker(&mut self, task: &Waker) -> &(Arc<Later>, Waker) {
        let known = self.waker.take().filter(|(later, _)| later.task.will_wake(task));
        self.waker.insert(known.unwrap_or_else(|| {
            let later = Arc::new(Later {
                task: task.clone(),
                polling: AtomicBool::new(false),
                woken: AtomicBool::new(false),
            });
            (Arc::clone(&later), Waker::from(later))
        }))
    }
}

impl<F: Future> Future for Guarded<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        struct Leave(Rc<Limits>);
        impl Drop for Leave {
            fn drop(&mut self) {
                self.0.leave();
            }
        }
        if let Some(turn) = &mut self.turn {
            std::task::ready!(turn.as_mut().poll(context));
            self.turn = None;
        }
        let (later, waker) = self.waker(context.waker()).clone();
        later.polling.store(true, Ordering::Release);
        let result = {
            self.limits.enter(&self.running);
            let _leave = Leave(Rc::clone(&self.limits)); // also when a host function panics
            self.future.as_mut().poll(&mut Context::from_waker(&waker))
        };
        later.polling.store(false, Ordering::Release);
        let woken = later.woken.swap(false, Ordering::AcqRel);
        if result.is_pending() && self.limits.sliced.replace(false) {
            let mut turn = Box::pin(tokio::task::yield_now());
            if turn.as_mut().poll(context).is_pending() {
                self.turn = Some(turn);
                return Poll::Pending;
            }
        }
        if woken {
            context.waker().wake_by_ref();
        }
        result
    }
}

/// Keeps wake-ups that come while the call is polled until the poll is over.
struct Later {
    task: Waker,
    polling: AtomicBool,
    woken: AtomicBool,
}

impl Wake for Later {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        if !self.polling.load(Ordering::Acquire) {
            self.woken.store(false, Ordering::Release);
            self.task.wake_by_ref();
        }
    }
}
