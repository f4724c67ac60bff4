//! `ctx.state` and `ctx.shared`: values that outlast a call.

use std::sync::Arc;

use mlua::{Lua, Value};

use super::{noun, raise};
use crate::actions::store::Store;
use crate::script::{from_lua, to_lua};

/// What one plugin keeps, in its session or on the host.
pub(super) struct Keep {
    pub(super) store: Store,
    pub(super) space: Arc<str>,
}

noun! { Keep, STORE, "perilune.Store", "Values that outlast a call, each plugin's own; all scripts outside plugins share one.";
    read "get" get "fun(self, key: string): any" "What is kept under the key; nil when there is nothing.";
    read "set" set "fun(self, key: string, value: any)" "Keeps a value that has a form in JSON; nil deletes.";
    read "incr" incr "fun(self, key: string, by?: number): number" "Adds to a number, by 1 when not said, and gives the sum; what is not there counts as 0.";
    read "cas" cas "fun(self, key: string, old: any, new: any): boolean" "Keeps new only if old is what is kept now, and tells whether it did; nil stands for nothing.";
    read "keys" keys "fun(self): string[]" "All keys in order.";
}

fn get(lua: &Lua, keep: &Keep, key: String) -> mlua::Result<Value> {
    match keep.store.get(&keep.space, &key) {
        Some(value) => to_lua(lua, &value),
        None => Ok(Value::Nil),
    }
}

fn set(lua: &Lua, keep: &Keep, (key, value): (String, Value)) -> mlua::Result<()> {
    let value = from_lua(lua, value)?;
    keep.store.set(&keep.space, &key, value).map_err(raise)
}

fn incr(_: &Lua, keep: &Keep, (key, by): (String, Option<f64>)) -> mlua::Result<f64> {
    let sum = keep.store.incr(&keep.space, &key, by.unwrap_or(1.0)).map_err(raise)?;
    Ok(sum.as_f64().unwrap_or_default())
}

fn cas(lua: &Lua, keep: &Keep, (key, old, new): (String, Value, Value)) -> mlua::Result<bool> {
    let (old, new) = (from_lua(lua, old)?, from_lua(lua, new)?);
    keep.store.cas(&keep.space, &key, &old, new).map_err(raise)
}

fn keys(_: &Lua, keep: &Keep, (): ()) -> mlua::Result<Vec<String>> {
    Ok(keep.store.keys(&keep.space))
}
