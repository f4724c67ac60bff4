//! What a loaded script says about itself, if it has the shape of its kind.

use std::sync::Arc;
use std::time::Duration;

use mlua::{Lua, Table, Value as LuaValue};

use super::generation::{Hook, Kind, Meta};
use super::schema::{Params, nearest};
use super::values::from_lua;
use crate::protocol::Event;

/// Timers that come more often would leave no time for commands.
const MOST_OFTEN: Duration = Duration::from_millis(100);

/// Reads what a script has returned.
pub(super) fn describe(lua: &Lua, kind: Kind, value: LuaValue) -> mlua::Result<Meta> {
    let none = Params::new(None).map_err(mlua::Error::runtime)?;
    let mut meta = Meta {
        description: String::new(),
        schema: Arc::new(none.schema().clone()),
        params: Arc::new(none),
        timeout: None,
        idempotent: false,
        retry: None,
        hook: Hook::None,
    };
    let table = match (kind, value) {
        (Kind::Lib, _) => return Ok(meta),
        (_, LuaValue::Table(table)) => table,
        (_, other) => {
            let got = other.type_name();
            return wrong(format!("a script of kind {kind} must return a table, not a {got}"));
        }
    };
    meta.description = field(&table, "description", "text")?.unwrap_or_default();
    meta.timeout = milliseconds(&table, "timeout_ms")?;
    match kind {
        Kind::Policy => {
            let mut values = table.pairs::<LuaValue, LuaValue>().flatten();
            if !values.any(|(_, value)| value.is_function()) {
                return wrong("a policy must return a table with a function in it".to_owned());
            }
        }
        Kind::Event => meta.hook = Hook::On(events(&table)?),
        Kind::Action => {
            has_run(&table, "an action")?;
            action(lua, &table, &mut meta)?;
        }
        Kind::Middleware => {
            has_run(&table, "a middleware")?;
            meta.hook = Hook::Wraps(wraps(lua, &table)?);
        }
        Kind::Timer => {
            has_run(&table, "a timer")?;
            let every = milliseconds(&table, "every_ms")?.filter(|every| *every >= MOST_OFTEN);
            let error = || mlua::Error::runtime("a timer must say `every_ms`, a number of at least 100");
            meta.hook = Hook::Every(every.ok_or_else(error)?);
        }
        Kind::Lib => {}
    }
    Ok(meta)
}

fn wrong<T>(what: String) -> mlua::Result<T> {
    Err(mlua::Error::runtime(what))
}

fn has_run(table: &Table, what: &str) -> mlua::Result<()> {
    match table.raw_get::<LuaValue>("run")?.is_function() {
        true => Ok(()),
        false => wrong(format!("{what} must return a table with a function `run`")),
    }
}

fn action(lua: &Lua, table: &Table, meta: &mut Meta) -> mlua::Result<()> {
    let params: LuaValue = table.raw_get("params")?;
    let schema = (!params.is_nil()).then(|| from_lua(lua, params)).transpose()?;
    meta.params = Arc::new(Params::new(schema).map_err(mlua::Error::runtime)?);
    meta.schema = Arc::new(meta.params.schema().clone());
    meta.idempotent = field(table, "idempotent", "true or false")?.unwrap_or(false);
    meta.retry = field(table, "retry", "the name of a policy")?;
    Ok(())
}

/// The events that a handler is for; a name that no event has would never run.
fn events(table: &Table) -> mlua::Result<Vec<String>> {
    let LuaValue::Table(on) = table.raw_get("on")? else {
        return wrong("an event handler must return a table with a table `on`: { on = { page_load_complete = function(ctx, event) ... } }".to_owned());
    };
    let mut types = Vec::new();
    for pair in on.pairs::<LuaValue, LuaValue>() {
        let (name, function) = pair?;
        let name = name.to_string()?;
        if !Event::NAMES.contains(&name.as_str()) {
            let hint = nearest(&name, Event::NAMES).map(|near| format!("; did you mean `{near}`?"));
            return wrong(format!("there is no event `{name}`{}", hint.unwrap_or_default()));
        }
        if !function.is_function() {
            return wrong(format!("`on.{name}` must be a function"));
        }
        types.push(name);
    }
    if types.is_empty() {
        return wrong("`on` names no event".to_owned());
    }
    types.sort();
    Ok(types)
}

fn wraps(lua: &Lua, table: &Table) -> mlua::Result<Vec<String>> {
    let names = from_lua(lua, table.raw_get("wraps")?)?;
    match serde_json::from_value::<Vec<String>>(names) {
        Ok(names) if !names.is_empty() => Ok(names),
        _ => wrong("a middleware must say what it `wraps`: a list of actions' names, or { \"*\" } for all".to_owned()),
    }
}

fn milliseconds(table: &Table, name: &str) -> mlua::Result<Option<Duration>> {
    let Some(ms) = field::<f64>(table, name, "a number")? else {
        return Ok(None);
    };
    let time = Duration::try_from_secs_f64(ms / 1000.0)
        .ok()
        .filter(|time| !time.is_zero());
    time.map(Some)
        .ok_or_else(|| mlua::Error::runtime(format!("`{name}` must be more than 0")))
}

fn field<T: mlua::FromLua>(table: &Table, name: &str, wanted: &str) -> mlua::Result<Option<T>> {
    table
        .raw_get(name)
        .map_err(|_| mlua::Error::runtime(format!("`{name}` must be {wanted}")))
}
