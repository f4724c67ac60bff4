//! An engine over a temporary folder with `scripts/` and `plugins/`, and host functions that misbehave.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use perilune::config;
use perilune::protocol::{ErrorType, Failure};
use perilune::script::{Call, Caller, Engine, Entry, Library, MakeContext, ScriptEvent, raise, to_lua};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::support::eventually;

/// How long anything may take that should happen soon, also on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Bed {
    pub(crate) engine: Engine,
    pub(crate) events: mpsc::Receiver<ScriptEvent>,
    /// Hears of each `host.block()` that has begun.
    pub(crate) blocked: mpsc::Receiver<()>,
    root: TempDir,
    /// Ends all `host.block()` when dropped.
    _gate: SyncSender<()>,
}

impl Bed {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        Self::with(files, |_| {})
    }

    /// With other settings than the shipped ones.
    pub(crate) fn with(files: &[(&str, &str)], change: impl FnOnce(&mut config::Script)) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(root.path().join("scripts/actions")).expect("folders");
        for (file, text) in files {
            save(root.path(), file, text);
        }
        let config: config::Config = toml::from_str(config::EMBEDDED).expect("the embedded settings");
        let mut config = config.script;
        config.scripts = "scripts".to_owned();
        change(&mut config);
        let (gate, closed) = sync_channel(0);
        let (tell, blocked) = mpsc::channel(8);
        let library = Misbehaving {
            tell,
            closed: Arc::new(Mutex::new(closed)),
        };
        let (engine, events) = Engine::start(&config, root.path(), vec![Arc::new(library)]).expect("an engine");
        Self {
            engine,
            events,
            blocked,
            root,
            _gate: gate,
        }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.root.path().join(file)
    }

    /// Saves at one stroke, so that nobody sees half a file.
    pub(crate) fn save(&self, file: &str, text: &str) {
        save(self.root.path(), file, text);
    }

    pub(crate) async fn run(&self, name: &str) -> Result<Value, Failure> {
        run(&self.engine, name, PATIENCE).await
    }

    pub(crate) async fn event(&mut self) -> ScriptEvent {
        let event = tokio::time::timeout(PATIENCE, self.events.recv()).await;
        event.expect("an event in time").expect("the engine runs")
    }

    /// Waits until the action answers that.
    pub(crate) async fn until(&self, name: &str, expected: Value) {
        let what = format!("{name} answers {expected}");
        eventually(&what, PATIENCE, || async {
            (self.run(name).await == Ok(expected.clone())).then_some(())
        })
        .await;
    }

    /// Waits until there is no such action.
    pub(crate) async fn until_gone(&self, name: &str) {
        eventually(&format!("{name} is gone"), PATIENCE, || async {
            let failure = self.run(name).await.err()?;
            (failure.error_type == ErrorType::UnknownAction).then_some(())
        })
        .await;
    }
}

fn save(root: &Path, file: &str, text: &str) {
    let path = root.join(file);
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    let temporary = path.with_extension("tmp");
    fs::write(&temporary, text).expect("a file");
    fs::rename(&temporary, path).expect("a file");
}

/// An action that does this.
pub(crate) fn action(body: &str) -> String {
    format!("return {{ description = 'test', run = function(ctx, params)\n{body}\nend }}")
}

/// An action that answers this number.
pub(crate) fn answer(n: i64) -> String {
    action(&format!("return {{ n = {n} }}"))
}

/// Calls an action without parameters.
pub(crate) async fn run(engine: &Engine, name: &str, timeout: Duration) -> Result<Value, Failure> {
    run_in(engine, name, timeout, Box::new(context)).await
}

/// Calls an action that gets another `ctx`.
pub(crate) async fn run_in(
    engine: &Engine,
    name: &str,
    timeout: Duration,
    context: MakeContext,
) -> Result<Value, Failure> {
    let call = Call {
        generation: engine.generation(),
        entry: Entry::Action {
            name: name.to_owned(),
            params: json!({}),
        },
        context,
        timeout,
    };
    engine.call(call).await
}

/// The `ctx` of these tests: something that waits and something that answers.
fn context(lua: &mlua::Lua, caller: &Caller) -> mlua::Result<mlua::Table> {
    let ctx = lua.create_table()?;
    let sleep = |_, ms: u64| async move {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        Ok(())
    };
    ctx.set("sleep", lua.create_async_function(sleep)?)?;
    let plugin = caller.plugin.as_ref();
    ctx.set("plugin", plugin.map(|plugin| plugin.name.as_str()))?;
    ctx.set("config", plugin.map(|plugin| to_lua(lua, &plugin.config)).transpose()?)?;
    ctx.set("add", lua.create_function(|_, (a, b): (f64, f64)| Ok(a + b))?)?;
    Ok(ctx)
}

/// Host functions that refuse, panic and hang.
struct Misbehaving {
    tell: mpsc::Sender<()>,
    closed: Arc<Mutex<std::sync::mpsc::Receiver<()>>>,
}

impl Library for Misbehaving {
    fn install(&self, lua: &mlua::Lua, host: &mlua::Table) -> mlua::Result<()> {
        let refuse = lua.create_async_function(|_, ()| async {
            tokio::task::yield_now().await;
            let failure = Failure::new(ErrorType::DomainBlocked, "not there").with("domain", "x.test");
            Err::<(), _>(raise(failure))
        })?;
        host.set("refuse", refuse)?;
        let panic = lua.create_function(|_, ()| -> mlua::Result<()> { panic!("a host function that panics") })?;
        host.set("panic", panic)?;
        let (tell, closed) = (self.tell.clone(), self.closed.clone());
        let block = lua.create_function(move |_, ()| {
            let _ = tell.try_send(()); // not every test listens
            let _ = closed.lock().expect("no panic").recv(); // blocks its thread, as a hanging C function does
            Ok(())
        })?;
        host.set("block", block)
    }
}
