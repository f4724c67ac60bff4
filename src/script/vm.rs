//! One virtual machine: loads versions of scripts, each in an environment of its own, and runs calls in them.
//!
//! **Invariant:** never leaves the thread that made it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, Weak};
use std::time::Duration;

use mlua::chunk::ChunkMode;
use mlua::{Function, IntoLuaMulti, Lua, MultiValue, Table, Thread, Value as LuaValue};
use serde_json::Value;

use super::error::{Fault, Place, first_place, raised};
use super::generation::{Generation, Kind, Version};
use super::host;
use super::library::{Library, MakeContext};
use super::limits::{Busy, Control, Guarded, Limits, Running, Stopped};
use super::sandbox::{self, Sandbox};
use super::scope::{self, Scope};
use super::values::{from_lua, to_lua};
use crate::protocol::{ErrorType, Failure};

/// Keeps errors as the values that were raised; `note` tells Rust which coroutine the call is.
const TRAMPOLINE: &str = "local note, pcall = ...
local running = coroutine.running
return function(run, ...)
  note(running())
  return pcall(run, ...)
end";

/// A machine and what is loaded in it.
pub(super) struct Vm {
    pub(super) lua: Lua,
    pub(super) limits: Rc<Limits>,
    pub(super) modules: Rc<Modules>,
    pub(super) trampoline: Function,
    walk: Function,
    trace: Function,
    memory: usize,
}

/// What a call is made of, once it is on its thread.
pub(super) struct Work {
    pub(super) entry: Entry,
    /// Makes `ctx`; a policy has none.
    pub(super) context: Option<MakeContext>,
    pub(super) timeout: Duration,
}

/// Where a call begins.
pub(super) enum Entry {
    /// A policy's function.
    Decide {
        version: Arc<Version>,
        function: String,
        args: Vec<Value>,
    },
    /// An action with checked parameters, and the middleware around it.
    Act { name: String, params: Value },
    /// A handler's function for that type of event.
    Handle {
        version: Arc<Version>,
        kind: String,
        event: Value,
    },
    /// The function `run` of a timer, or of a text that an operator has typed.
    Run { version: Arc<Version> },
}

impl Vm {
    /// A machine with the libraries in `host`.
    pub(super) fn new(libraries: &[Arc<dyn Library>], memory: usize, busy: Arc<Busy>) -> mlua::Result<Self> {
        let Sandbox { lua, trace, pcall } = sandbox::open(libraries)?;
        let limits = Limits::install(&lua, busy);
        let globals = lua.globals();
        let noted = Rc::clone(&limits);
        let note = lua.create_function(move |lua, thread: Thread| {
            if let Some(running) = noted.current() {
                running.note(lua, thread);
            }
            Ok(())
        })?;
        let trampoline: Function = lua.load(TRAMPOLINE).set_name("=host").call((note, pcall))?;
        let modules = Rc::new(Modules {
            globals,
            limits: Rc::clone(&limits),
            loaded: RefCell::default(),
            failed: RefCell::default(),
            loading: RefCell::default(),
            required: RefCell::default(),
            checking: RefCell::default(),
        });
        let walk = scope::install(&lua, &modules, &limits, &trampoline)?;
        lua.set_memory_limit(memory)?;
        Ok(Self {
            lua,
            limits,
            modules,
            trampoline,
            walk,
            trace,
            memory,
        })
    }

    /// Runs one call to its end, its deadline, or its caller's going.
    pub(super) async fn run(self: Rc<Self>, control: Arc<Control>, work: Work) -> Result<Value, Failure> {
        let file = control.file.clone();
        let Work {
            entry,
            context,
            timeout,
        } = work;
        let scope = context.map(Scope::new);
        let running = Running::new(Arc::clone(&control), scope.clone());
        let (vm, mine) = (Rc::clone(&self), Rc::clone(&running));
        let call = Guarded::new(Rc::clone(&self.limits), Rc::clone(&running), async move {
            vm.perform(&mine, entry).await.map_err(|raise| vm.failure(raise))
        });
        let mut call = Box::pin(call);
        let result = tokio::select! {
            biased;
            () = control.token.cancelled() => Err((Fault { place: self.place(&running), message: String::new() }, None)),
            result = &mut call => result,
        };
        if let Some(scope) = scope {
            scope.end();
        }
        if control.is_stopped() {
            drop((call, running)); // lets go of what the script holds
            self.make_room();
        }
        result.map_err(|(fault, failure)| {
            if control.is_stopped() {
                return stopped(fault.place.as_ref(), &file, timeout);
            }
            failure.unwrap_or_else(|| fault.failure(ErrorType::HandlerError, &file))
        })
    }

    async fn perform(&self, running: &Running, entry: Entry) -> Result<Value, Raise> {
        let args = self.arguments(running, entry)?;
        let mut answer: MultiValue = self.trampoline.call_async(args).await?;
        let went_well = answer.pop_front();
        let value = answer.pop_front().unwrap_or(LuaValue::Nil);
        if matches!(went_well, Some(LuaValue::Boolean(true))) {
            return Ok(from_lua(&self.lua, value)?);
        }
        Err(Raise::Value(value))
    }

    /// The function with which a call begins, and what it is given.
    fn arguments(&self, running: &Running, entry: Entry) -> mlua::Result<MultiValue> {
        let lua = &self.lua;
        let function = |version, path: &[&str]| scope::function(self.modules.load(lua, version)?, path);
        let context = |version| scope::context(lua, running, version);
        match entry {
            Entry::Decide {
                version,
                function: name,
                args,
            } => {
                let function = LuaValue::Function(function(&version, &[&name])?);
                let args = args.iter().map(|arg| to_lua(lua, arg));
                [Ok(function)].into_iter().chain(args).collect()
            }
            Entry::Act { name, params } => {
                let steps = scope::steps(lua, &self.modules, running, &name)?;
                (&self.walk, name, steps, 1, to_lua(lua, &params)?).into_lua_multi(lua)
            }
            Entry::Handle { version, kind, event } => {
                let function = function(&version, &["on", &kind])?;
                (function, context(&version)?, to_lua(lua, &event)?).into_lua_multi(lua)
            }
            Entry::Run { version } => (function(&version, &["run"])?, context(&version)?).into_lua_multi(lua),
        }
    }

    /// What was raised: where and in words, and the failure that passes through unchanged, if it is one.
    pub(super) fn failure(&self, raise: Raise) -> (Fault, Option<Failure>) {
        let error = match raise {
            Raise::Error(error) => error,
            Raise::Value(LuaValue::Error(error)) => *error,
            Raise::Value(LuaValue::String(text)) => {
                let text = text.to_string_lossy();
                if text == "not enough memory" {
                    return (self.relieve(&mlua::Error::MemoryError(text)), None);
                }
                return (Fault::parse(&text, ""), None);
            }
            Raise::Value(value) => {
                let message = match from_lua(&self.lua, value.clone()) {
                    Ok(json) if value.is_table() => format!("raised {json}"),
                    _ => value
                        .to_string()
                        .unwrap_or_else(|_| format!("raised a {}", value.type_name())),
                };
                return (Fault { place: None, message }, host::failure_of(&self.lua, &value));
            }
        };
        let failure = raised(&error).cloned();
        (self.relieve(&error), failure)
    }

    /// Reads an error; after one for want of memory, makes room, also by forgetting what scripts keep in their locals.
    fn relieve(&self, error: &mlua::Error) -> Fault {
        let fault = Fault::read(error, "");
        if is_memory(error) {
            let collected = self.lua.gc_collect();
            if collected.is_err() || self.lua.used_memory() > self.memory / 4 * 3 {
                self.modules.loaded.borrow_mut().clear();
                // A finaliser's error leaves the rest to the next collection, so there is nothing to do about it.
                let _ = self.lua.gc_collect();
            }
        }
        fault
    }

    /// After a call that was stopped: the machine itself does not collect before an allocation fails, and the next
    /// call is not to pay for what this one has left.
    fn make_room(&self) {
        if self.lua.used_memory() > self.memory / 2 {
            let _ = self.lua.gc_collect(); // a finaliser's error leaves the rest to the next collection
        }
    }

    /// Where a call waits now.
    fn place(&self, running: &Running) -> Option<Place> {
        let trace: String = self.trace.call(running.thread()?).ok()?;
        first_place(&trace)
    }
}

fn is_memory(error: &mlua::Error) -> bool {
    match error {
        mlua::Error::CallbackError { cause, .. } | mlua::Error::WithContext { cause, .. } => is_memory(cause),
        mlua::Error::MemoryError(_) => true,
        mlua::Error::RuntimeError(text) => text.starts_with("not enough memory"),
        _ => false,
    }
}

fn stopped(place: Option<&Place>, file: &str, timeout: Duration) -> Failure {
    let at = place
        .map(|place| format!(" at {}:{}", place.file, place.line))
        .unwrap_or_default();
    let failure = Failure::new(
        ErrorType::HandlerTimeout,
        format!("{file} did not end within {timeout:?} and was stopped{at}."),
    );
    match place {
        Some(place) => failure.with("file", place.file.as_str()).with("line", place.line),
        None => failure.with("file", file),
    }
}

/// What ended a call: an error of the machine, or the very value that a script raised.
pub(super) enum Raise {
    Error(mlua::Error),
    Value(LuaValue),
}

impl From<mlua::Error> for Raise {
    fn from(error: mlua::Error) -> Self {
        Self::Error(error)
    }
}

/// The loaded versions of one machine.
pub(super) struct Modules {
    globals: Table,
    limits: Rc<Limits>,
    /// What each version returned, by its id, as long as some generation holds it.
    loaded: RefCell<HashMap<u64, (Weak<Version>, LuaValue)>>,
    /// Files that could not be loaded, with the reason; only filled while checking.
    failed: RefCell<HashMap<String, mlua::Error>>,
    loading: RefCell<Vec<Arc<Version>>>,
    /// Who required what: (file, name, file); only filled while checking.
    required: RefCell<Vec<(String, String, String)>>,
    /// The generation being checked, in the machine that checks.
    checking: RefCell<Option<Arc<Generation>>>,
}

impl Modules {
    /// Makes this the machine that checks a generation before it is published.
    pub(super) fn check(&self, generation: Arc<Generation>) {
        *self.checking.borrow_mut() = Some(generation);
    }

    /// Who required what so far.
    pub(super) fn required(&self) -> Vec<(String, String, String)> {
        self.required.borrow().clone()
    }

    /// What the script returned; run once per version.
    pub(super) fn load(self: &Rc<Self>, lua: &Lua, version: &Arc<Version>) -> mlua::Result<LuaValue> {
        if let Some((_, value)) = self.loaded.borrow().get(&version.id) {
            return Ok(value.clone());
        }
        if let Some(error) = self.failed.borrow().get(&version.file) {
            return Err(error.clone());
        }
        if self.loading.borrow().iter().any(|other| other.id == version.id) {
            let chain: Vec<_> = self.loading.borrow().iter().map(|other| other.file.clone()).collect();
            return Err(mlua::Error::runtime(format!(
                "{} requires itself ({})",
                version.file,
                chain.join(" -> ")
            )));
        }
        self.loading.borrow_mut().push(Arc::clone(version));
        let result = self.evaluate(lua, version);
        self.loading.borrow_mut().pop();
        match &result {
            Ok(value) => {
                self.forget_old();
                self.loaded
                    .borrow_mut()
                    .insert(version.id, (Arc::downgrade(version), value.clone()));
            }
            Err(error) if self.checking.borrow().is_some() => {
                self.failed.borrow_mut().insert(version.file.clone(), error.clone());
            }
            Err(_) => {}
        }
        result
    }

    fn evaluate(self: &Rc<Self>, lua: &Lua, version: &Arc<Version>) -> mlua::Result<LuaValue> {
        let environment = lua.create_table()?;
        let meta = lua.create_table()?;
        meta.raw_set("__index", &self.globals)?;
        meta.raw_set("__metatable", false)?;
        environment.set_metatable(Some(meta))?;
        let (modules, from) = (Rc::downgrade(self), Arc::downgrade(version));
        let require = lua.create_function(move |lua, name: LuaValue| {
            let (Some(modules), Some(from)) = (modules.upgrade(), from.upgrade()) else {
                return Err(mlua::Error::runtime("this version of the script is no longer in use"));
            };
            modules.require(lua, &from, &name)
        })?;
        environment.raw_set("require", require)?;
        let chunk = lua
            .load(&*version.bytecode)
            .set_mode(ChunkMode::Binary)
            .set_name(format!("@{}", version.file));
        let value: LuaValue = chunk.set_environment(environment).call(())?;
        match &value {
            LuaValue::Nil => Err(mlua::Error::runtime(
                "the script returns nothing; it must end with `return`",
            )),
            LuaValue::Table(table) if version.kind == Kind::Lib => {
                table.set_readonly(true); // shared by all scripts on this thread
                Ok(value)
            }
            _ => Ok(value),
        }
    }

    /// `require("lib.NAME")`, in the generation of the call that asks.
    pub(super) fn require(self: &Rc<Self>, lua: &Lua, from: &Arc<Version>, name: &LuaValue) -> mlua::Result<LuaValue> {
        let text = name.to_string()?;
        let lib = text.strip_prefix("lib.").filter(|lib| super::loader::is_name(lib));
        let Some(lib) = lib.filter(|_| name.is_string()) else {
            return Err(mlua::Error::runtime(format!(
                "require takes \"lib.NAME\", a file of a lib folder, not \"{text}\""
            )));
        };
        let checking = self.checking.borrow().clone();
        let generation = checking.or_else(|| {
            self.limits
                .current()
                .map(|running| Arc::clone(&running.control.generation))
        });
        let Some(generation) = generation else {
            return Err(mlua::Error::runtime("require works only while a script runs"));
        };
        let Some(version) = generation.resolve(&from.origin, lib) else {
            return Err(mlua::Error::runtime(format!(
                "there is no lib/{lib}.lua for require(\"{text}\")"
            )));
        };
        if self.checking.borrow().is_some() {
            self.required
                .borrow_mut()
                .push((from.file.clone(), lib.to_owned(), version.file.clone()));
        }
        self.load(lua, version)
    }

    /// Drops what no generation in use holds any more.
    fn forget_old(&self) {
        self.loaded
            .borrow_mut()
            .retain(|_, (version, _)| version.strong_count() > 0);
    }
}

/// Whether an error is the deadline's.
pub(super) fn is_stop(error: &mlua::Error) -> bool {
    match error {
        mlua::Error::CallbackError { cause, .. } | mlua::Error::WithContext { cause, .. } => is_stop(cause),
        mlua::Error::ExternalError(error) => error.is::<Stopped>(),
        _ => false,
    }
}
