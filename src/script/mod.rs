//! Lua: scripts that can be edited while the host runs, called by kind and name.
//!
//! The engine knows no domain word. Modules above give it functions ([`Library`]) and, for each call, the `ctx` that the
//! script gets ([`MakeContext`]); what a script is and where it lies is in [`Script`].
//! **Invariant:** no script blocks another session's for longer than its own deadline, reaches the file system or the
//! network except through a library, or survives its deadline.
//!
//! A call takes one [`Generation`] and stays with it; a saved file makes a new generation for the next call.

mod bytecode;
mod diagnosis;
mod error;
mod generation;
mod history;
mod host;
mod library;
mod limits;
mod loader;
mod manifest;
mod offline;
mod order;
mod picks;
mod pool;
mod requires;
mod sandbox;
mod schema;
mod scope;
mod shape;
mod stage;
mod statistics;
mod testing;
mod values;
mod vm;
mod watch;

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use arc_swap::ArcSwap;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch as watch_channel};
use tokio_util::sync::CancellationToken;

pub use diagnosis::{Diagnosis, Severity};
pub use error::Error;
pub use generation::{Generation, Hook, Kind, Origin, Script};
pub use history::Past;
pub use library::{Caller, Library, MakeContext, raise};
pub use loader::is_name;
pub use manifest::{Grants, Plugin};
pub use offline::{Offline, TestFile};
pub use schema::nearest;
pub use statistics::Statistics;
pub use testing::{FileReport, Kit, TestLibrary, TestReport, Verdict};
pub use values::{from_lua, to_lua};

use crate::config;
use crate::protocol::{ErrorType, Failure};
use history::History;
use limits::Control;
use loader::Roots;
use pool::{Pool, Spec};
use stage::Stage;
use statistics::Book;
use vm::Work;
pub use watch::script_of;
use watch::{Ask, Keep, Keeper};

/// Script events that may wait for the host to take them.
const EVENTS: usize = 1024;

/// Runs scripts; all clones are the same engine.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    current: Arc<ArcSwap<Generation>>,
    published: watch_channel::Sender<u64>,
    history: History,
    book: Book,
    actions: Pool,
    policies: Pool,
    policy_timeout: Duration,
    reload: config::Reload,
    asks: SyncSender<Ask>,
    ended: CancellationToken,
    files: Mutex<Option<JoinHandle<()>>>,
}

/// One call of a script.
pub struct Call {
    /// The set of scripts to use; take it from [`Engine::generation`] once a command.
    pub generation: Arc<Generation>,
    /// What is called.
    pub entry: Entry,
    /// Builds the first argument.
    pub context: MakeContext,
    /// After this the script is stopped with `handler_timeout`; it counts from when the script begins.
    pub timeout: Duration,
}

/// What a call calls.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// An action by its name, with the middleware around it.
    Action {
        /// Its name.
        name: String,
        /// Its parameters, already checked.
        params: Value,
    },
    /// An event handler by its file.
    Handler {
        /// Its file.
        file: String,
        /// The event as subscribers see it; its `type` says which function.
        event: Value,
    },
    /// A timer by its file.
    Timer {
        /// Its file.
        file: String,
    },
    /// A text that an operator has typed: an expression, or statements that may return something. It may use everything.
    Text {
        /// The text.
        code: String,
    },
}

/// What happened to the files.
#[derive(Clone, Debug, PartialEq)]
pub enum ScriptEvent {
    /// A changed script is in use, or a removed one no longer.
    Reloaded {
        /// Kind's folder and name: `actions/click`.
        script: String,
        /// Its file.
        file: String,
        /// The generation that has it.
        generation: u64,
    },
    /// A file is broken; the last good version stays in use, where there is one.
    Failed {
        /// Kind's folder and name: `actions/click`.
        script: String,
        /// The file with the fault.
        file: String,
        /// The line, where known.
        line: Option<u32>,
        /// What is wrong.
        error: String,
        /// The line's text.
        text: Option<String>,
        /// What to do about it.
        hint: Option<String>,
        /// The generation that stays in use.
        generation: u64,
    },
}

impl Engine {
    /// Loads all scripts and starts the Lua threads; broken scripts are left out and announced as events.
    ///
    /// A relative `script.plugins` lies in `plugins_base`, and so does a relative `script.scripts`.
    pub fn start(
        config: &config::Script,
        plugins_base: &Path,
        libraries: Vec<Arc<dyn Library>>,
    ) -> Result<(Self, mpsc::Receiver<ScriptEvent>), Error> {
        let scripts = (!config.scripts.is_empty()).then(|| plugins_base.join(&config.scripts));
        if let Some(path) = &scripts {
            std::fs::read_dir(path).map_err(|source| Error::Folder {
                path: path.clone(),
                source,
            })?;
        }
        let roots = Roots {
            scripts,
            plugins: plugins_base.join(&config.plugins),
        };
        let (events, receiver) = mpsc::channel(EVENTS);
        let current = Arc::new(ArcSwap::from_pointee(Generation::empty()));
        let published = watch_channel::Sender::new(0);
        let history = History::default();
        let stage = Stage {
            libraries: libraries.clone(),
            memory: config.memory,
            versions: 0,
        };
        let watches = config.reload == config::Reload::Auto;
        let ended = CancellationToken::new();
        let keep = Keep {
            roots,
            stage,
            current: Arc::clone(&current),
            published: published.clone(),
            history: history.clone(),
            events: events.clone(),
            settle: config.settle,
            watches,
            ended: ended.clone(),
        };
        let mut keeper = Keeper::new(keep);
        if let Err(failure) = keeper.look() {
            if failure.error_type == ErrorType::Internal {
                return Err(Error::Lua(failure.message));
            }
            tracing::debug!(%failure, "a script is broken from the start");
        }
        let spec = Spec {
            name: "lua",
            workers: config.workers.max(1),
            memory: config.memory,
            libraries,
            events: events.clone(),
        };
        let actions = Pool::start(spec)?;
        let spec = Spec {
            name: "lua-policy",
            workers: 1,
            memory: config.memory,
            libraries: Vec::new(),
            events: events.clone(),
        };
        let policies = Pool::start(spec)?;
        let (asks, files) = keeper.start()?;
        let inner = Inner {
            current,
            published,
            history,
            book: Book::default(),
            actions,
            policies,
            policy_timeout: config.policy_timeout,
            reload: config.reload,
            asks,
            ended,
            files: Mutex::new(Some(files)),
        };
        Ok((Self { inner: Arc::new(inner) }, receiver))
    }

    /// The set of scripts in use now.
    pub fn generation(&self) -> Arc<Generation> {
        self.inner.current.load_full()
    }

    /// Tells each new generation's number.
    pub fn generations(&self) -> watch_channel::Receiver<u64> {
        self.inner.published.subscribe()
    }

    /// Calls a script. Dropping the future stops it.
    pub async fn call(&self, call: Call) -> Result<Value, Failure> {
        let generation = call.generation;
        let by_file = |file: &str| {
            let script = generation.by_file(file).map(|script| Arc::clone(&script.version));
            script.ok_or_else(|| Failure::new(ErrorType::Internal, format!("{file} is not in use any more.")))
        };
        let (version, entry) = match call.entry {
            Entry::Action { name, params } => {
                let script = generation.get(Kind::Action, &name);
                let version = Arc::clone(&script.ok_or_else(|| unknown(Kind::Action, &name))?.version);
                (version, vm::Entry::Act { name, params })
            }
            Entry::Handler { file, event } => {
                let version = by_file(&file)?;
                let kind = event.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
                (Arc::clone(&version), vm::Entry::Handle { version, kind, event })
            }
            Entry::Timer { file } => {
                let version = by_file(&file)?;
                (Arc::clone(&version), vm::Entry::Run { version })
            }
            Entry::Text { code } => {
                let version = picks::typed(&code)?;
                (Arc::clone(&version), vm::Entry::Run { version })
            }
        };
        let most = version.plugin.as_ref().and_then(|plugin| plugin.timeout);
        let work = Work {
            entry,
            context: Some(call.context),
            timeout: most.map_or(call.timeout, |most| most.min(call.timeout)),
        };
        let control = Control::new(version.file.clone(), Arc::clone(&generation));
        let result = self.inner.actions.run(Arc::clone(&control), work).await;
        self.inner
            .book
            .note(&control.file, result.as_ref().err(), control.cost());
        result
    }

    /// What the calls of each script came to, by file.
    pub fn statistics(&self) -> BTreeMap<String, Statistics> {
        self.inner.book.all()
    }

    /// The last generations, oldest first; the newest is in use.
    pub fn history(&self) -> Vec<Past> {
        self.inner.history.all()
    }

    /// Asks a policy, on its own thread, within `script.policy_timeout`.
    pub fn decide(
        &self,
        policy: &str,
        function: &str,
        args: Vec<Value>,
    ) -> impl Future<Output = Result<Value, Failure>> + Send + 'static {
        let generation = self.generation();
        let (policy, function) = (policy.to_owned(), function.to_owned());
        let inner = Arc::clone(&self.inner);
        async move {
            let (pool, timeout) = (&inner.policies, inner.policy_timeout);
            let script = generation
                .get(Kind::Policy, &policy)
                .ok_or_else(|| unknown(Kind::Policy, &policy))?;
            let entry = vm::Entry::Decide {
                version: Arc::clone(&script.version),
                function,
                args,
            };
            let work = Work {
                entry,
                context: None,
                timeout,
            };
            let control = Control::new(script.file.clone(), Arc::clone(&generation));
            let result = pool.run(Arc::clone(&control), work).await;
            inner.book.note(&control.file, result.as_ref().err(), control.cost());
            result
        }
    }

    /// Looks at the files now; the generation that is in use afterwards, or the first thing that is wrong.
    pub async fn reload(&self) -> Result<u64, Failure> {
        if self.inner.reload == config::Reload::Off {
            return Err(Failure::new(
                ErrorType::Unsupported,
                "Scripts are sealed: the setting script.reload is off.",
            ));
        }
        self.ask(Ask::Reload).await?
    }

    /// Uses the scripts of an earlier generation again; gives the new generation's number. A file that was taken back
    /// stays so until it is saved again.
    pub async fn go_back(&self, generation: u64) -> Result<u64, Failure> {
        self.ask(|answer| Ask::GoBack(generation, answer)).await?
    }

    /// The texts that lie in the folders now, by file.
    pub async fn files(&self) -> Result<BTreeMap<String, String>, Failure> {
        self.ask(Ask::Read).await
    }

    /// Asks the thread that owns the files.
    async fn ask<T>(&self, ask: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Result<T, Failure> {
        let (answer, answered) = oneshot::channel();
        let (asks, ask) = (self.inner.asks.clone(), ask(answer));
        let ending = || Failure::new(ErrorType::Cancelled, "The host is stopping.");
        let asked = tokio::task::spawn_blocking(move || asks.send(ask).is_ok());
        match asked.await {
            Ok(true) => answered.await.map_err(|_| ending()),
            _ => Err(ending()),
        }
    }

    /// How many Lua threads hung after their deadline and were given up.
    pub fn given_up(&self) -> u64 {
        self.inner.actions.given_up() + self.inner.policies.given_up()
    }

    /// Stops running scripts and ends the threads.
    pub async fn shutdown(&self) {
        self.inner.actions.shutdown().await;
        self.inner.policies.shutdown().await;
        let files = self.inner.files.lock().unwrap_or_else(PoisonError::into_inner).take();
        let asks = self.inner.asks.clone();
        let ended = tokio::task::spawn_blocking(move || {
            let asked = asks.send(Ask::Stop).is_ok();
            if let Some(files) = files.filter(|_| asked) {
                let _ = files.join(); // a panic of the thread was printed when it happened
            }
        });
        if ended.await.is_err() {
            tracing::error!("ending the scripts' thread failed");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.ended.cancel();
        let _ = self.asks.try_send(Ask::Stop); // full: the thread is awake and sees the token
    }
}

fn unknown(kind: Kind, name: &str) -> Failure {
    let error_type = if kind == Kind::Action {
        ErrorType::UnknownAction
    } else {
        ErrorType::Internal
    };
    Failure::new(error_type, format!("There is no {kind} `{name}`."))
}
