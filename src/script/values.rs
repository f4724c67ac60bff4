//! JSON and Lua values, both ways.
//!
//! JSON's null is nil inside objects (so that `if params.x` reads as people expect) and `host.json.null` inside lists
//! (so that the others keep their places). A Lua list is a table with the array metatable or with keys 1..n.

use mlua::{Lua, LuaSerdeExt, Table, Value as LuaValue};
use serde_json::{Map, Number, Value};

/// How deep tables may nest; deeper ones are refused, in both directions.
const MAX_DEPTH: usize = 100;
/// How many values one conversion may make; a table that refers to itself many times grows without end.
const MAX_VALUES: usize = 250_000;
/// How many bytes of text one conversion may copy.
const MAX_BYTES: usize = 64 << 20;
/// Largest whole number that Lua's numbers hold exactly.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// A JSON value as Lua sees it.
pub fn to_lua(lua: &Lua, value: &Value) -> mlua::Result<LuaValue> {
    to_lua_at(lua, value, 0)
}

fn to_lua_at(lua: &Lua, value: &Value, depth: usize) -> mlua::Result<LuaValue> {
    if depth > MAX_DEPTH {
        return Err(mlua::Error::runtime(format!(
            "JSON nests deeper than {MAX_DEPTH} levels"
        )));
    }
    Ok(match value {
        Value::Null => LuaValue::Nil,
        Value::Bool(yes) => LuaValue::Boolean(*yes),
        Value::Number(number) => LuaValue::Number(number.as_f64().unwrap_or(f64::NAN)),
        Value::String(text) => LuaValue::String(lua.create_string(text)?),
        Value::Array(items) => {
            let list = array(lua, items.len())?;
            for (index, item) in items.iter().enumerate() {
                let item = if item.is_null() {
                    LuaValue::NULL
                } else {
                    to_lua_at(lua, item, depth + 1)?
                };
                list.raw_set(index + 1, item)?;
            }
            LuaValue::Table(list)
        }
        Value::Object(fields) => {
            let table = lua.create_table_with_capacity(0, fields.len())?;
            for (key, field) in fields.iter().filter(|(_, field)| !field.is_null()) {
                table.raw_set(key.as_str(), to_lua_at(lua, field, depth + 1)?)?;
            }
            LuaValue::Table(table)
        }
    })
}

/// An empty list that stays a list in JSON.
pub(super) fn array(lua: &Lua, capacity: usize) -> mlua::Result<Table> {
    let list = lua.create_table_with_capacity(capacity, 0)?;
    list.set_metatable(Some(lua.array_metatable()))?;
    Ok(list)
}

/// A Lua value as JSON; keys of objects are sorted, since Lua's tables have no order.
pub fn from_lua(lua: &Lua, value: LuaValue) -> mlua::Result<Value> {
    Reader {
        lua,
        array: lua.array_metatable(),
        values: 0,
        bytes: 0,
        path: Vec::new(),
    }
    .read(value)
}

struct Reader<'a> {
    lua: &'a Lua,
    array: Table,
    values: usize,
    bytes: usize,
    path: Vec<String>,
}

impl Reader<'_> {
    fn read(&mut self, value: LuaValue) -> mlua::Result<Value> {
        self.values += 1;
        if self.values > MAX_VALUES || self.bytes > MAX_BYTES {
            return Err(mlua::Error::runtime("the result is too large for JSON"));
        }
        Ok(match value {
            LuaValue::Nil => Value::Null,
            value if value.is_null() => Value::Null,
            LuaValue::Boolean(yes) => Value::Bool(yes),
            LuaValue::Integer(number) => Value::from(number),
            LuaValue::Number(number) => Value::Number(self.number(number)?),
            LuaValue::String(text) => {
                self.bytes += text.as_bytes().len();
                Value::String(text.to_string_lossy())
            }
            LuaValue::Table(table) => self.table(&table)?,
            LuaValue::UserData(_) | LuaValue::Vector(_) => {
                let kind = value.type_name();
                self.lua.from_value(value).map_err(|_| self.refused(kind))?
            }
            other => return Err(self.refused(other.type_name())),
        })
    }

    fn number(&self, number: f64) -> mlua::Result<Number> {
        if number.fract() == 0.0 && number.abs() <= MAX_EXACT {
            return Ok(Number::from(number as i64));
        }
        Number::from_f64(number).ok_or_else(|| self.wrong(&format!("{number} is no number in JSON")))
    }

    fn table(&mut self, table: &Table) -> mlua::Result<Value> {
        if self.path.len() > MAX_DEPTH {
            return Err(self.wrong(&format!(
                "the table nests deeper than {MAX_DEPTH} levels, or holds itself"
            )));
        }
        let length = table.raw_len();
        let marked = table.metatable().is_some_and(|meta| meta == self.array);
        if !marked && length == 0 {
            return self.object(table);
        }
        let mut items = Vec::with_capacity(length.min(MAX_VALUES));
        for index in 1..=length {
            self.path.push(format!("[{index}]"));
            items.push(self.read(table.raw_get(index)?)?);
            self.path.pop();
        }
        if !marked && table.pairs::<LuaValue, LuaValue>().count() > length {
            return Err(self.wrong("a table with both list items and named fields has no form in JSON"));
        }
        Ok(Value::Array(items))
    }

    fn object(&mut self, table: &Table) -> mlua::Result<Value> {
        let mut fields = Vec::new();
        for pair in table.pairs::<LuaValue, LuaValue>() {
            let (key, field) = pair?;
            let LuaValue::String(key) = key else {
                return Err(self.wrong("a table whose keys are neither 1..n nor all text has no form in JSON"));
            };
            let key = key.to_string_lossy();
            self.bytes += key.len();
            self.path.push(format!(".{key}"));
            let field = self.read(field)?;
            self.path.pop();
            fields.push((key, field));
        }
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(Value::Object(fields.into_iter().collect::<Map<_, _>>()))
    }

    fn refused(&self, kind: &str) -> mlua::Error {
        self.wrong(&format!("a {kind} has no form in JSON"))
    }

    fn wrong(&self, what: &str) -> mlua::Error {
        let path = self.path.concat();
        let place = path.trim_start_matches('.');
        if place.is_empty() {
            return mlua::Error::runtime(what);
        }
        mlua::Error::runtime(format!("{what} (at {place})"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn eval(code: &str) -> mlua::Result<Value> {
        let lua = Lua::new();
        lua.globals().set("null", LuaValue::NULL)?;
        lua.globals().set("list", array(&lua, 0)?)?;
        let value = lua.load(code).eval()?;
        from_lua(&lua, value)
    }

    #[test]
    fn json_goes_through_lua_and_back() {
        let lua = Lua::new();
        let json =
            json!({"a": [1, 2.5, "x", null, {}], "e": [], "n": null, "t": true, "big": 9_007_199_254_740_991i64});
        let back = from_lua(&lua, to_lua(&lua, &json).expect("JSON to Lua")).expect("Lua to JSON");
        assert_eq!(
            back,
            json!({"a": [1, 2.5, "x", null, {}], "big": 9_007_199_254_740_991i64, "e": [], "t": true})
        );
    }

    #[test]
    fn lua_tables_become_lists_or_objects() {
        assert_eq!(eval("return {1, 2, 3}").expect("a list"), json!([1, 2, 3]));
        assert_eq!(
            eval("return {b = 1, a = null}").expect("an object"),
            json!({"a": null, "b": 1})
        );
        assert_eq!(
            eval("return {x = list, y = {}}").expect("an empty list"),
            json!({"x": [], "y": {}})
        );
    }

    #[test]
    fn what_json_cannot_hold_is_refused_with_its_place() {
        for (code, said) in [
            (
                "return {a = {function() end}}",
                "a function has no form in JSON (at a[1])",
            ),
            ("return {1, x = 2}", "both list items and named fields"),
            ("return {[true] = 2}", "neither 1..n nor all text"),
            ("return 0/0", "no number"),
            ("local t = {} t.t = t return t", "holds itself"),
            ("local t = {} for i = 1, 60 do t = {t, t} end return t", "too large"),
        ] {
            let error = eval(code).expect_err(code).to_string();
            assert!(error.contains(said), "{code}: {error}");
        }
    }
}
