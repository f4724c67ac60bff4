//! What the scripts of one call share: their generation, a `ctx` for each plugin, and the tasks that they have started.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::future::{AbortHandle, Abortable};
use mlua::{Function, Lua, MultiValue, Table, Value as LuaValue};
use tokio::sync::Notify;

use super::generation::{Kind, Version};
use super::library::{Caller, MakeContext, raise};
use super::limits::{Guarded, Limits, Running};
use super::values::{from_lua, to_lua};
use super::vm::Modules;
use crate::protocol::{ErrorType, Failure, Object};

/// Where a machine keeps what stands in every `ctx`.
const RUN: &str = "perilune.run";
const SPAWN: &str = "perilune.spawn";
/// Tasks that one call may have at a time.
const TASKS: usize = 32;

/// Walks through the middleware to the action. `prepare` gives the functions with their `ctx`, outermost first, and the
/// checked parameters; `check` checks those that a middleware has changed.
const PRELUDE: &str = r#"
local prepare, check, start, join = ...
local function walk(name, steps, at, params)
  local run, ctx = steps[at], steps[at + 1]
  if steps[at + 2] == nil then return run(ctx, params) end
  return run(ctx, params, function(changed)
    local given = params
    if changed ~= nil then given = check(name, changed) end
    return walk(name, steps, at + 2, given)
  end)
end
local function run(name, params)
  local steps, checked = prepare(name, params)
  return walk(name, steps, 1, checked)
end
local function settle(ok, ...)
  if ok then return ... end
  error((...), 0)
end
local function wait(task) return settle(join(task.id)) end
local function spawn(fn, ...)
  if type(fn) ~= "function" then error("ctx.spawn needs a function", 2) end
  return { id = start(fn, ...), wait = wait }
end
return walk, run, spawn
"#;

/// What a call's scripts share.
pub(super) struct Scope {
    make: MakeContext,
    /// The `ctx` of each plugin's scripts, and of all others.
    made: RefCell<Vec<(Option<String>, Table)>>,
    tasks: RefCell<Vec<Rc<Task>>>,
    started: Cell<usize>,
}

/// A function that runs beside the one that started it.
struct Task {
    id: usize,
    abort: AbortHandle,
    result: RefCell<Option<Result<MultiValue, mlua::Error>>>,
    ended: Notify,
}

impl Scope {
    pub(super) fn new(make: MakeContext) -> Rc<Self> {
        Rc::new(Self {
            make,
            made: RefCell::default(),
            tasks: RefCell::default(),
            started: Cell::new(0),
        })
    }

    /// Ends the tasks and lets go of what the call holds.
    pub(super) fn end(&self) {
        for task in self.tasks.take() {
            task.abort.abort();
            if let Some(Err(error)) = task.result.take() {
                tracing::warn!(%error, "a task of a script failed and nobody waited for it");
            }
        }
        self.made.take();
    }
}

/// Makes `ctx.run` and `ctx.spawn` of a machine, and gives the function that walks through middleware. `call` runs a
/// function as calls are run.
pub(super) fn install(
    lua: &Lua,
    modules: &Rc<Modules>,
    limits: &Rc<Limits>,
    call: &Function,
) -> mlua::Result<Function> {
    let running = {
        let limits = Rc::clone(limits);
        move || {
            limits
                .current()
                .ok_or_else(|| mlua::Error::runtime("ctx works only while its call runs"))
        }
    };
    let (modules, now) = (Rc::downgrade(modules), running.clone());
    let prepare = lua.create_function(move |lua, (name, params): (LuaValue, LuaValue)| {
        let modules = modules
            .upgrade()
            .ok_or_else(|| mlua::Error::runtime("the machine is gone"))?;
        let (running, name) = (now()?, name.to_string()?);
        let steps = steps(lua, &modules, &running, &name)?;
        Ok((steps, checked(lua, &running, &name, params)?))
    })?;
    let now = running.clone();
    let check =
        lua.create_function(move |lua, (name, params): (String, LuaValue)| checked(lua, &*now()?, &name, params))?;
    let (now, call, limits) = (running.clone(), call.clone(), Rc::clone(limits));
    let start = lua.create_function(move |_, (function, args): (Function, MultiValue)| {
        start(&now()?, &limits, &call, function, args)
    })?;
    let join = lua.create_async_function(move |_, id: usize| {
        let running = running();
        async move { join(&*running?, id).await }
    })?;
    let prelude = lua.load(PRELUDE).set_name("=host");
    let (walk, run, spawn): (Function, Function, Function) = prelude.call((prepare, check, start, join))?;
    lua.set_named_registry_value(RUN, run)?;
    lua.set_named_registry_value(SPAWN, spawn)?;
    Ok(walk)
}

/// The functions around an action and its own, each with its `ctx`: `{ run, ctx, run, ctx, ... }`.
pub(super) fn steps(lua: &Lua, modules: &Rc<Modules>, running: &Running, name: &str) -> mlua::Result<Table> {
    let generation = &running.control.generation;
    let script = generation
        .get(Kind::Action, name)
        .ok_or_else(|| raise(super::unknown(Kind::Action, name)))?;
    let steps = lua.create_table()?;
    for version in generation.chain(name).iter().chain([&script.version]) {
        steps.raw_push(function(modules.load(lua, version)?, &["run"])?)?;
        steps.raw_push(context(lua, running, version)?)?;
    }
    Ok(steps)
}

/// The `ctx` for a script of the call.
pub(super) fn context(lua: &Lua, running: &Running, version: &Version) -> mlua::Result<Table> {
    let scope = running.scope()?;
    let plugin = version.plugin.as_ref().map(|plugin| plugin.name.clone());
    if let Some((_, made)) = scope.made.borrow().iter().find(|(of, _)| *of == plugin) {
        return Ok(made.clone());
    }
    let caller = Caller {
        origin: version.origin.clone(),
        plugin: version.plugin.clone(),
    };
    let ctx = (scope.make)(lua, &caller)?;
    ctx.raw_set("run", lua.named_registry_value::<LuaValue>(RUN)?)?;
    ctx.raw_set("spawn", lua.named_registry_value::<LuaValue>(SPAWN)?)?;
    scope.made.borrow_mut().push((plugin, ctx.clone()));
    Ok(ctx)
}

/// The function at a path of a loaded script.
pub(super) fn function(script: LuaValue, path: &[&str]) -> mlua::Result<Function> {
    let mut value = script;
    for name in path {
        let LuaValue::Table(table) = value else {
            return Err(mlua::Error::runtime("the script returned no table"));
        };
        value = table.raw_get(*name)?;
    }
    match value {
        LuaValue::Function(function) => Ok(function),
        _ => Err(mlua::Error::runtime(format!(
            "there is no function `{}`",
            path.join(".")
        ))),
    }
}

fn checked(lua: &Lua, running: &Running, name: &str, params: LuaValue) -> mlua::Result<LuaValue> {
    let params = match from_lua(lua, params)? {
        serde_json::Value::Object(params) => params,
        serde_json::Value::Null => Object::new(),
        serde_json::Value::Array(list) if list.is_empty() => Object::new(),
        _ => {
            let sentence = format!("The parameters of `{name}` must be a table with named fields.");
            return Err(raise(Failure::new(ErrorType::InvalidParams, sentence)));
        }
    };
    let checked = running.control.generation.check_params(name, &params).map_err(raise)?;
    to_lua(lua, &serde_json::Value::Object(checked))
}

fn start(
    running: &Rc<Running>,
    limits: &Rc<Limits>,
    call: &Function,
    function: Function,
    args: MultiValue,
) -> mlua::Result<usize> {
    let scope = running.scope()?;
    let open = scope
        .tasks
        .borrow()
        .iter()
        .filter(|task| task.result.borrow().is_none())
        .count();
    if open >= TASKS {
        let sentence = format!("A call may have {TASKS} tasks at a time; wait for one with task:wait().");
        return Err(raise(Failure::new(ErrorType::Busy, sentence)));
    }
    let (abort, registration) = AbortHandle::new_pair();
    let id = scope.started.get();
    scope.started.set(id + 1);
    let task = Rc::new(Task {
        id,
        abort,
        result: RefCell::default(),
        ended: Notify::new(),
    });
    scope.tasks.borrow_mut().push(Rc::clone(&task));
    let all: MultiValue = [LuaValue::Function(function)].into_iter().chain(args).collect();
    let child = Running::beside(running);
    let guarded = Guarded::new(Rc::clone(limits), child, call.call_async::<MultiValue>(all));
    tokio::task::spawn_local(async move {
        if let Ok(result) = Abortable::new(guarded, registration).await {
            *task.result.borrow_mut() = Some(result);
            task.ended.notify_waiters();
        }
    });
    Ok(id)
}

/// What a task came to: whether it ended well, and what it returned or raised.
async fn join(running: &Running, id: usize) -> mlua::Result<MultiValue> {
    let tasks = &running.scope()?.tasks;
    let task = tasks.borrow().iter().find(|task| task.id == id).cloned();
    let task = task.ok_or_else(|| mlua::Error::runtime("this task was waited for before"))?;
    loop {
        let ended = task.ended.notified();
        if let Some(result) = task.result.take() {
            tasks.borrow_mut().retain(|other| other.id != id);
            return result;
        }
        ended.await;
    }
}
