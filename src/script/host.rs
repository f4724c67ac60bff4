//! The global `host` without libraries: `fail`, `json`, `backoff`, and where `print` goes.

use mlua::{
    FromLua, Lua, LuaString, MetaMethod, Table, UserData, UserDataFields, UserDataMethods, Value as LuaValue, Variadic,
};
use serde_json::Value;

use super::library::raise;
use super::values::{self, from_lua, to_lua};
use crate::protocol::{ErrorType, Failure};

/// The longest line that `print` writes.
const MAX_PRINT: usize = 4096;

/// Adds the parts that every script has.
pub(super) fn install(lua: &Lua, host: &Table) -> mlua::Result<()> {
    host.set("fail", lua.create_function(fail)?)?;

    let json = lua.create_table()?;
    json.set("null", LuaValue::NULL)?;
    json.set("array", lua.create_function(array)?)?;
    json.set("encode", lua.create_function(encode)?)?;
    json.set("decode", lua.create_function(decode)?)?;
    host.set("json", json)?;

    let backoff = lua.create_table()?;
    backoff.set(
        "exponential",
        lua.create_function(|_, (attempt, base, max)| Ok(exponential(attempt, base, max)))?,
    )?;
    backoff.set(
        "full_jitter",
        lua.create_function(|_, (attempt, base, max)| {
            Ok((exponential(attempt, base, max) * rand::random::<f64>()).round())
        })?,
    )?;
    host.set("backoff", backoff)
}

/// `base` for the first attempt, doubled for each further one, at most `max`; in the unit of `base`.
fn exponential(attempt: f64, base: f64, max: f64) -> f64 {
    let doubled = base * (attempt - 1.0).clamp(0.0, 60.0).exp2();
    doubled.min(max).max(0.0).round()
}

/// `host.fail(code, sentence, details)`: ends the call with a code of the closed list.
fn fail(lua: &Lua, (code, sentence, details): (LuaValue, Option<LuaValue>, Option<Table>)) -> mlua::Result<()> {
    let code = code.to_string()?;
    let sentence = match sentence {
        Some(sentence) => sentence.to_string()?,
        None => code
            .parse::<ErrorType>()
            .map(|kind| kind.meaning().to_owned())
            .unwrap_or_default(),
    };
    let Ok(error_type) = code.parse::<ErrorType>() else {
        return Err(mlua::Error::runtime(format!(
            "host.fail: there is no error type `{code}` (the sentence was: {sentence})"
        )));
    };
    let mut failure = Failure::new(error_type, sentence);
    if let Some(details) = details
        && let Value::Object(details) = from_lua(lua, LuaValue::Table(details))?
    {
        failure.retry_after = details
            .get("retry_after_ms")
            .and_then(Value::as_f64)
            .and_then(milliseconds);
        if let Some(retryable) = details.get("retryable").and_then(Value::as_bool) {
            failure.retryable = retryable;
        }
        failure.details = details;
    }
    Err(raise(failure))
}

fn milliseconds(number: f64) -> Option<std::time::Duration> {
    std::time::Duration::try_from_secs_f64(number / 1000.0).ok()
}

/// `host.json.array(t)`: marks `t`, or a new table, as a list even when it is empty.
fn array(lua: &Lua, table: Option<Table>) -> mlua::Result<Table> {
    let marked = values::array(lua, 0)?;
    if let Some(table) = table {
        for item in table.sequence_values::<LuaValue>() {
            marked.raw_push(item?)?;
        }
    }
    Ok(marked)
}

fn encode(lua: &Lua, value: LuaValue) -> mlua::Result<LuaString> {
    lua.create_string(from_lua(lua, value)?.to_string())
}

fn decode(lua: &Lua, text: LuaString) -> mlua::Result<LuaValue> {
    let value: Value = serde_json::from_slice(&text.as_bytes())
        .map_err(|error| mlua::Error::runtime(format!("host.json.decode: {error}")))?;
    to_lua(lua, &value)
}

/// `print` goes to the log, with the place that called it.
pub(super) fn print(lua: &Lua, values: Variadic<LuaValue>) -> mlua::Result<()> {
    let mut line = String::new();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            line.push('\t');
        }
        line.push_str(&value.to_string()?);
        if line.len() > MAX_PRINT {
            line = line.chars().take(MAX_PRINT / 4).chain("…".chars()).collect();
            break;
        }
    }
    let place = lua.inspect_stack(1, |frame| {
        let line = frame.current_line().unwrap_or_default();
        format!("{}:{line}", frame.source().short_src.as_deref().unwrap_or("?"))
    });
    tracing::info!(script = place.unwrap_or_default(), "{line}");
    Ok(())
}

/// A failure as a script sees it in `pcall`: a value with fields, which `error` raises again unchanged.
pub(super) struct Raised(pub(super) Failure);

impl UserData for Raised {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_field_method_get("code", |_, this| Ok(this.0.error_type.code()));
        fields.add_field_method_get("error_type", |_, this| Ok(this.0.error_type.code()));
        fields.add_field_method_get("message", |_, this| Ok(this.0.message.clone()));
        fields.add_field_method_get("retryable", |_, this| Ok(this.0.retryable));
        fields.add_field_method_get("retry_after_ms", |_, this| {
            Ok(this.0.retry_after.map(|wait| wait.as_secs_f64() * 1000.0))
        });
        fields.add_field_method_get("details", |lua, this| {
            to_lua(lua, &Value::Object(this.0.details.clone()))
        });
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_meta_method(MetaMethod::ToString, |_, this, ()| Ok(this.0.to_string()));
    }
}

/// The failure that a raised value stands for: a host failure, or a table with a known `code` and a `message`.
pub(super) fn failure_of(lua: &Lua, value: &LuaValue) -> Option<Failure> {
    match value {
        LuaValue::UserData(data) => data.borrow::<Raised>().ok().map(|raised| raised.0.clone()),
        LuaValue::Table(table) => {
            let code = String::from_lua(table.raw_get("code").ok()?, lua).ok()?;
            let message = String::from_lua(table.raw_get("message").ok()?, lua).ok()?;
            Some(Failure::new(code.parse().ok()?, message))
        }
        _ => None,
    }
}
