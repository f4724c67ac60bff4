//! The globals that exist, and no others.
//!
//! Functions that could compute for long inside C, where nothing can stop them, are replaced: `find` and `split` search
//! in linear time, `sort` of a long list compares in Lua. `pcall` and its kin show failures of the host as values with
//! fields. Afterwards everything is read-only.

use std::sync::Arc;

use mlua::{Function, Lua, LuaOptions, LuaString, MultiValue, StdLib, Table, Value as LuaValue};

use super::error::{Fault, raised};
use super::host;
use super::library::Library;

/// What Luau brings and a script has no use for: ways around the sandbox, and the file system.
const REMOVED: [&str; 8] = [
    "loadstring",
    "getfenv",
    "setfenv",
    "collectgarbage",
    "gcinfo",
    "newproxy",
    "debug",
    "require",
];

/// Guarded forms of library functions that need Lua themselves; `...` is what Rust gives.
const PRELUDE: &str = r#"
local explain, find, split = ...
local raw_pcall, raw_xpcall, raw_resume, raw_sort = pcall, xpcall, coroutine.resume, table.sort
local raw_find, raw_move, typeof, type = string.find, table.move, typeof, type

local function value(e)
  if typeof(e) == "error" then return explain(e) end
  return e
end
local function settle(ok, ...)
  if ok then return true, ... end
  return false, value((...))
end

function pcall(...) return settle(raw_pcall(...)) end
function xpcall(f, handler, ...)
  if type(handler) ~= "function" then error("xpcall needs a function as its second argument", 2) end
  return raw_xpcall(f, function(e) return handler(value(e)) end, ...)
end
function coroutine.resume(...) return settle(raw_resume(...)) end

local function less(a, b) return a < b end
function table.sort(list, compare)
  if compare == nil and type(list) == "table" and #list > 50000 then compare = less end
  return raw_sort(list, compare)
end

-- More cannot be in a table, but moving nothing takes its time too.
function table.move(from, first, last, ...)
  if type(first) == "number" and type(last) == "number" and last - first > 4e6 then
    error("table.move: too many elements", 2)
  end
  return raw_move(from, first, last, ...)
end

function string.find(text, pattern, init, plain)
  if type(text) == "string" and type(pattern) == "string" and #text > 1000 and #pattern > 16 then
    local known, from, to = find(text, pattern, init, plain)
    if known then return from, to end
  end
  return raw_find(text, pattern, init, plain)
end
string.split = split
"#;

/// A machine with nothing but the safe globals, and two functions that only the host may use.
pub(super) struct Sandbox {
    pub(super) lua: Lua,
    /// Tells where a coroutine is.
    pub(super) trace: Function,
    /// Lua's own `pcall`, which gives errors as they were raised.
    pub(super) pcall: Function,
}

/// Opens a sandbox with the libraries in `host`.
pub(super) fn open(libraries: &[Arc<dyn Library>]) -> mlua::Result<Sandbox> {
    let libs = StdLib::COROUTINE
        | StdLib::TABLE
        | StdLib::STRING
        | StdLib::UTF8
        | StdLib::BIT
        | StdLib::MATH
        | StdLib::BUFFER
        | StdLib::OS // in Luau: clock, date, difftime, time
        | StdLib::DEBUG;
    let lua = Lua::new_with(libs, LuaOptions::default())?;
    let globals = lua.globals();
    let trace: Function = globals.get::<Table>("debug")?.get("traceback")?;
    let pcall: Function = globals.get("pcall")?;
    for name in REMOVED {
        globals.raw_set(name, LuaValue::Nil)?;
    }
    let explain = lua.create_function(|lua, error: LuaValue| explain(lua, &error))?;
    let prelude = lua.load(PRELUDE).set_name("=host");
    prelude.call::<()>((explain, lua.create_function(find)?, lua.create_function(split)?))?;
    globals.raw_set("print", lua.create_function(host::print)?)?;

    let host = lua.create_table()?;
    host::install(&lua, &host)?;
    for library in libraries {
        library.install(&lua, &host)?;
    }
    freeze(&host)?;
    globals.raw_set("host", host)?;
    lua.sandbox(true)?;
    Ok(Sandbox { lua, trace, pcall })
}

/// Makes a table and the tables in it read-only.
fn freeze(table: &Table) -> mlua::Result<()> {
    for pair in table.pairs::<LuaValue, LuaValue>() {
        if let (_, LuaValue::Table(inner)) = pair?
            && !inner.is_readonly()
        {
            inner.set_readonly(true);
            freeze(&inner)?;
        }
    }
    table.set_readonly(true);
    Ok(())
}

/// A host error as a script may look at it: a failure with fields, or the text that Lua would have given.
fn explain(lua: &Lua, error: &LuaValue) -> mlua::Result<LuaValue> {
    let LuaValue::Error(error) = error else {
        return Ok(error.clone());
    };
    match raised(error) {
        Some(failure) => lua
            .create_userdata(host::Raised(failure.clone()))
            .map(LuaValue::UserData),
        None => lua
            .create_string(Fault::read(error, "?").sentence("?"))
            .map(LuaValue::String),
    }
}

/// `string.find` for patterns that are plain text: whether it applies, from, to.
fn find(
    lua: &Lua,
    (text, pattern, init, plain): (LuaString, LuaString, Option<f64>, LuaValue),
) -> mlua::Result<MultiValue> {
    let (text, pattern) = (text.as_bytes(), pattern.as_bytes());
    let is_plain = !matches!(plain, LuaValue::Nil | LuaValue::Boolean(false));
    if !is_plain && pattern.iter().any(|byte| b"^$*+?.([%-".contains(byte)) {
        return lua.pack_multi(false);
    }
    let init = init.unwrap_or(1.0) as i64;
    let start = if init < 0 {
        (text.len() as i64 + init).max(0) as usize
    } else {
        (init - 1).max(0) as usize
    };
    let found = text.get(start..).and_then(|rest| Needle::new(&pattern).find(rest));
    match found {
        Some(at) => lua.pack_multi((true, start + at + 1, start + at + pattern.len())),
        None => lua.pack_multi((true, LuaValue::Nil)),
    }
}

/// `string.split`: pieces between separators; without a separator's text, single bytes.
fn split(lua: &Lua, (text, separator): (LuaString, Option<LuaString>)) -> mlua::Result<Table> {
    let text = text.as_bytes();
    let separator = separator
        .as_ref()
        .map(|separator| separator.as_bytes().to_vec())
        .unwrap_or_else(|| b",".to_vec());
    let pieces = lua.create_table()?;
    if separator.is_empty() {
        for byte in text.iter() {
            pieces.raw_push(lua.create_string([*byte])?)?;
        }
        return Ok(pieces);
    }
    let needle = Needle::new(&separator);
    let mut rest = &text[..];
    while let Some(at) = needle.find(rest) {
        pieces.raw_push(lua.create_string(&rest[..at])?)?;
        rest = &rest[at + separator.len()..];
    }
    pieces.raw_push(lua.create_string(rest)?)?;
    Ok(pieces)
}

/// A text to look for in linear time (Knuth, Morris, Pratt), whatever the two texts are.
struct Needle<'a> {
    bytes: &'a [u8],
    /// For each length of a partial match, the next shorter one to fall back to.
    shorter: Vec<usize>,
}

impl<'a> Needle<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let mut shorter = vec![0; bytes.len()];
        let mut matched = 0;
        for at in 1..bytes.len() {
            while matched > 0 && bytes[at] != bytes[matched] {
                matched = shorter[matched - 1];
            }
            matched += usize::from(bytes[at] == bytes[matched]);
            shorter[at] = matched;
        }
        Self { bytes, shorter }
    }

    fn find(&self, text: &[u8]) -> Option<usize> {
        let Some(first) = self.bytes.first() else {
            return Some(0);
        };
        let mut matched = 0;
        let mut at = text.iter().position(|byte| byte == first)?;
        while at < text.len() {
            while matched > 0 && text[at] != self.bytes[matched] {
                matched = self.shorter[matched - 1];
            }
            matched += usize::from(text[at] == self.bytes[matched]);
            at += 1;
            if matched == self.bytes.len() {
                return Some(at - matched);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eval(code: &str) -> Result<String, String> {
        let Sandbox { lua, .. } = open(&[]).expect("a sandbox");
        let value: mlua::Result<LuaValue> = lua.load(code).eval();
        value
            .and_then(|value| value.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn only_safe_globals_exist_and_they_are_read_only() {
        for name in [
            "io",
            "package",
            "dofile",
            "load",
            "debug",
            "require",
            "loadstring",
            "getfenv",
            "newproxy",
        ] {
            assert_eq!(eval(&format!("return type({name})")), Ok("nil".to_owned()), "{name}");
        }
        for code in [
            "string.foo = 1",
            "math.pi = 3",
            "host.x = 1",
            "host.json.x = 1",
            "_G.x = 1",
            "rawset(string, 'a', 1)",
        ] {
            assert!(eval(code).expect_err(code).contains("readonly"), "{code}");
        }
        assert_eq!(
            eval("return tostring(os.execute) .. tostring(os.getenv)"),
            Ok("nilnil".to_owned())
        );
    }

    #[test]
    fn guarded_functions_answer_like_luas_own() {
        let long = "local t = string.rep('ab', 1000) .. 'needle in the hay' .. string.rep('c', 50) ";
        for (code, expected) in [
            ("return table.concat({string.find('hello world', 'o w')}, ' ')", "5 7"),
            ("return tostring(string.find('a.b', 'x'))", "nil"),
            (
                &format!("{long} return table.concat({{t:find('needle in the hay')}}, ' ')"),
                "2001 2017",
            ),
            (
                &format!("{long} return table.concat({{t:find('needle.in.the.hay')}}, ' ')"),
                "2001 2017",
            ),
            (
                &format!("{long} return tostring(t:find('needle.in.the.hay', 1, true))"),
                "nil",
            ),
            (
                &format!("{long} return tostring(t:find('needle in the hay', 2002, true))"),
                "nil",
            ),
            (
                &format!("{long} return table.concat({{t:find('needle in the hay', -67)}}, ' ')"),
                "2001 2017",
            ),
            ("return table.concat(string.split('a,b,,c'), '|')", "a|b||c"),
            ("return table.concat(string.split('a--b', '--'), '|')", "a|b"),
            ("return #string.split('abc', '')", "3"),
            (
                "local t = {} for i = 1, 60000 do t[i] = -i end table.sort(t) return t[1] .. ' ' .. t[60000]",
                "-60000 -1",
            ),
            (
                "local ok, e = pcall(error, {a = 1}) return tostring(ok) .. e.a",
                "false1",
            ),
            ("return select('#', pcall(function() return nil, nil end))", "3"),
            (
                "local ok, e = xpcall(error, function(e) return e .. '!' end, 'x', 0) return e",
                "x!",
            ),
        ] {
            assert_eq!(eval(code).as_deref(), Ok(expected), "{code}");
        }
    }

    #[test]
    fn failures_of_the_host_have_fields_in_pcall() {
        let code = "local ok, e = pcall(host.fail, 'busy', 'no room', {free = 0})
            return table.concat({tostring(ok), e.code, e.error_type, e.message, tostring(e.retryable),
                tostring(e.retry_after_ms), e.details.free, tostring(e)}, '|')";
        assert_eq!(
            eval(code).as_deref(),
            Ok("false|busy|busy|no room|true|nil|0|busy: no room")
        );
    }

    #[test]
    fn partial_matches_fall_back() {
        for (needle, text, at) in [
            ("aab", "aaab", Some(1)),
            ("abab", "abaabab", Some(3)),
            ("", "x", Some(0)),
            ("x", "", None),
        ] {
            assert_eq!(
                Needle::new(needle.as_bytes()).find(text.as_bytes()),
                at,
                "{needle} in {text}"
            );
        }
    }
}
