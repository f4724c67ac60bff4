//! Runs `*_test.lua` files: each in a machine of its own, each test within a deadline, on a clock that stands still.
//!
//! The words of a test are Lua (`testing/*.lua`); modules above add theirs to `test` ([`TestLibrary`]). A test's
//! environment has these words, the scripts that it loads have only what they have in a host.

mod report;

use std::fs;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use mlua::chunk::{ChunkMode, Compiler};
use mlua::{Function, IntoLuaMulti, Lua, MultiValue, Table, Value as LuaValue};
use serde_json::Value;

use super::error::{Fault, Place};
use super::generation::{Generation, Kind, Origin, Version};
use super::library::raise;
use super::limits::{Busy, here};
use super::loader::SUFFIXES;
use super::manifest::Plugin;
use super::offline::{Offline, TestFile};
use super::schema::nearest;
use super::values::{from_lua, to_lua};
use super::vm::{Modules, Raise, Vm};
use crate::protocol::{ErrorType, Failure};
pub use report::{FileReport, TestReport, Verdict};
use report::{Mismatch, Skip};

/// The globals of a test beside those of a script.
pub(super) const WORDS: [&str; 6] = ["describe", "it", "before_each", "after_each", "expect", "test"];
/// How long one test may take, and the top level of its file.
const DEADLINE: Duration = Duration::from_secs(5);

/// The words in Lua, in the order in which they build on each other.
const PARTS: [(&str, &str); 5] = [
    ("show", include_str!("testing/show.lua")),
    ("expect", include_str!("testing/expect.lua")),
    ("clock", include_str!("testing/clock.lua")),
    ("scripts", include_str!("testing/scripts.lua")),
    ("driver", include_str!("testing/driver.lua")),
];

/// What a module above adds to the tests' words.
pub trait TestLibrary {
    /// Adds to `test`, usually by running Lua that gets the kit.
    fn install(&self, kit: &Kit<'_>) -> mlua::Result<()>;
    /// How long one test may take; waiting for something outside takes longer than computing.
    fn deadline(&self) -> Duration {
        DEADLINE
    }
}

/// What a test's words are made of.
pub struct Kit<'a> {
    /// The machine of the test's file.
    pub lua: &'a Lua,
    /// `test`, `words`, `resets`, `load`, `mismatch`, `show`, `nearest`, ... as `testing/*.lua` use them.
    pub table: &'a Table,
    /// The test's file.
    pub file: &'a TestFile,
}

impl Kit<'_> {
    /// Runs a part of the words, which gets the kit as its only argument.
    pub fn run(&self, name: &str, code: &str) -> mlua::Result<LuaValue> {
        // A name without suffix: places in it are no places of a script.
        self.lua.load(code).set_name(format!("=test {name}")).call(self.table)
    }
}

impl Offline {
    /// Runs the tests of a file.
    pub async fn test(&self, file: &TestFile, library: &dyn TestLibrary) -> FileReport {
        let began = Instant::now();
        let mut report = FileReport::new(&file.file);
        match self.bench(file, library) {
            Ok(bench) => bench.run(self, &mut report).await,
            Err(fault) => report.broken = Some(self.diagnose(&fault.problem(&file.file))),
        }
        report.took = began.elapsed();
        report
    }

    /// The plugin of that origin, as its plugin.toml and config.toml say.
    fn plugin(&self, origin: &Origin) -> Option<Arc<Plugin>> {
        let mut versions = self.generation.versions.values();
        versions.find(|version| version.origin == *origin)?.plugin.clone()
    }

    /// A machine with the file's tests in it.
    fn bench(&self, file: &TestFile, library: &dyn TestLibrary) -> Result<Bench, Fault> {
        let read = |error: mlua::Error| Fault::read(&error, &file.file);
        let said = |message: String| Fault { place: None, message };
        let text = fs::read_to_string(&file.path).map_err(|error| said(error.to_string()))?;
        let code = Compiler::new()
            .set_optimization_level(1)
            .set_debug_level(1)
            .compile(text.as_bytes());
        let code = code.map_err(read)?;
        let vm = Vm::new(&self.libraries, self.memory, Arc::<Busy>::default()).map_err(read)?;
        vm.modules.check(Arc::clone(&self.generation));
        let version = Arc::new(Version {
            id: u64::MAX,
            file: file.file.clone(),
            origin: file.origin.clone(),
            plugin: self.plugin(&file.origin),
            kind: Kind::Lib,
            source: text.into(),
            bytecode: code.into(),
            linked: OnceLock::new(),
        });
        let loaded = Rc::new(Loaded {
            modules: Rc::clone(&vm.modules),
            generation: Arc::clone(&self.generation),
            test: Arc::clone(&version),
            broken: self
                .problems
                .iter()
                .map(|problem| (problem.file.clone(), problem.error.clone()))
                .collect(),
        });
        let mut bench = Bench {
            vm,
            file: file.file.clone(),
            deadline: library.deadline(),
            driver: None,
        };
        bench.vm.limits.set_deadline(Some(Instant::now() + DEADLINE));
        let opened = bench.open(&loaded, file, library);
        bench.vm.limits.set_deadline(None);
        opened.map_err(read)?;
        Ok(bench)
    }
}

/// The machine of one file.
struct Bench {
    vm: Vm,
    file: String,
    deadline: Duration,
    driver: Option<Table>,
}

impl Bench {
    /// Makes the words and runs the file's top level.
    fn open(&mut self, loaded: &Rc<Loaded>, file: &TestFile, library: &dyn TestLibrary) -> mlua::Result<()> {
        let lua = &self.vm.lua;
        let table = loaded.kit(lua)?;
        let config = loaded.test.plugin.as_ref().map(|plugin| &plugin.config);
        if let Some(config) = config {
            table.set("config", to_lua(lua, config)?)?;
        }
        let kit = Kit {
            lua,
            table: &table,
            file,
        };
        for (name, code) in PARTS {
            if let LuaValue::Table(driver) = kit.run(name, code)? {
                self.driver = Some(driver);
            }
        }
        library.install(&kit)?;
        let words: Table = table.get("words")?;
        words.raw_set("test", table.get::<Table>("test")?)?;
        words.raw_set("require", loaded.require(lua)?)?;
        let meta = lua.create_table()?;
        meta.raw_set("__index", lua.globals())?;
        meta.raw_set("__metatable", false)?;
        words.set_metatable(Some(meta))?;
        let chunk = lua.load(&*loaded.test.bytecode).set_mode(ChunkMode::Binary);
        chunk
            .set_name(format!("@{}", file.file))
            .set_environment(words)
            .call(())
    }

    async fn run(&self, offline: &Offline, report: &mut FileReport) {
        let names = match self.call("names", ()).await {
            Ok(names) => names
                .into_iter()
                .next()
                .and_then(|names| from_lua(&self.vm.lua, names).ok()),
            Err(_) => None,
        };
        let names = names
            .and_then(|names| serde_json::from_value::<Vec<String>>(names).ok())
            .unwrap_or_default();
        for (at, name) in names.into_iter().enumerate() {
            let began = Instant::now();
            let ran = self.call("run", at + 1).await;
            let finished = self.call("finish", at + 1).await;
            let verdict = ran
                .and(finished)
                .map_or_else(|ended| ended.verdict(offline, &self.file), |_| Verdict::Passed);
            report.tests.push(TestReport {
                name,
                took: began.elapsed(),
                verdict,
            });
        }
    }

    /// Calls a function of the driver within the deadline.
    async fn call(&self, function: &str, args: impl IntoLuaMulti) -> Result<MultiValue, report::Ended> {
        let broken = |error: mlua::Error| report::Ended::new(&self.vm, Raise::Error(error));
        let driver = self
            .driver
            .as_ref()
            .ok_or_else(|| broken(mlua::Error::runtime("no driver")))?;
        let function: Function = driver.get(function).map_err(broken)?;
        let mut args = args.into_lua_multi(&self.vm.lua).map_err(broken)?;
        args.push_front(LuaValue::Function(function));
        self.vm.limits.set_deadline(Some(Instant::now() + self.deadline));
        let called = tokio::time::timeout(self.deadline, self.vm.trampoline.call_async::<MultiValue>(args)).await;
        self.vm.limits.set_deadline(None);
        let Ok(called) = called else {
            return Err(report::Ended::late(self.deadline));
        };
        let mut answer = called.map_err(broken)?;
        match answer.pop_front() {
            Some(LuaValue::Boolean(true)) => Ok(answer),
            _ => Err(report::Ended::new(
                &self.vm,
                Raise::Value(answer.pop_front().unwrap_or(LuaValue::Nil)),
            )),
        }
    }
}

/// How tests reach scripts.
struct Loaded {
    modules: Rc<Modules>,
    generation: Arc<Generation>,
    /// The test's own file, for `require`.
    test: Arc<Version>,
    /// Files that are not loaded, and why.
    broken: Vec<(String, String)>,
}

impl Loaded {
    /// What Lua cannot do itself.
    fn kit(self: &Rc<Self>, lua: &Lua) -> mlua::Result<Table> {
        let kit = lua.create_table()?;
        for name in ["test", "words", "resets"] {
            kit.set(name, lua.create_table()?)?;
        }
        let this = Rc::clone(self);
        let load = move |lua: &Lua, (folder, name): (String, String)| this.load(lua, &folder, &name);
        kit.set("load", lua.create_function(load)?)?;
        kit.set("mismatch", lua.create_function(mismatch)?)?;
        kit.set(
            "skip",
            lua.create_function(|_, why: String| Err::<(), _>(mlua::Error::external(Skip(why))))?,
        )?;
        kit.set("answer", lua.create_function(answer)?)?;
        let near = |_: &Lua, (name, known): (String, Vec<String>)| {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            Ok(nearest(&name, &known).map(str::to_owned))
        };
        kit.set("nearest", lua.create_function(near)?)?;
        Ok(kit)
    }

    fn require(self: &Rc<Self>, lua: &Lua) -> mlua::Result<Function> {
        let this = Rc::clone(self);
        lua.create_function(move |lua, name: LuaValue| this.modules.require(lua, &this.test, &name))
    }

    /// What a script has returned, and the check of its parameters.
    fn load(self: &Rc<Self>, lua: &Lua, folder: &str, name: &str) -> mlua::Result<(LuaValue, Function)> {
        let kind = Kind::ALL.into_iter().find(|kind| kind.folder() == folder);
        let kind = kind.ok_or_else(|| mlua::Error::runtime(format!("this host knows no folder {folder}/")))?;
        let version = self.find(kind, name).ok_or_else(|| self.unknown(kind, name))?;
        let script = self.modules.load(lua, &version)?;
        let name = name.to_owned();
        let check = lua.create_function(move |lua, params: LuaValue| {
            let Value::Object(params) = from_lua(lua, params)? else {
                return Err(raise(Failure::new(
                    ErrorType::InvalidParams,
                    "parameters are a table with names",
                )));
            };
            match version.linked.get() {
                Some(linked) => to_lua(
                    lua,
                    &linked
                        .meta
                        .params
                        .check(&name, &params)
                        .map(Value::Object)
                        .map_err(raise)?,
                ),
                None => to_lua(lua, &Value::Object(params)),
            }
        })?;
        Ok((script, check))
    }

    /// The script of that name beside the test, else the one that answers to it in a host.
    fn find(&self, kind: Kind, name: &str) -> Option<Arc<Version>> {
        let prefix = match &self.test.origin {
            Origin::Plugin(plugin) => format!("plugins/{plugin}/"),
            _ => String::new(),
        };
        let beside = SUFFIXES.iter().find_map(|suffix| {
            let file = format!("{prefix}{}/{name}.{suffix}", kind.folder());
            self.generation.versions.get(&file)
        });
        let known = || {
            let mut scripts = self.generation.scripts();
            scripts
                .find(|script| script.kind == kind && script.name == name)
                .map(|script| &script.version)
        };
        beside.or_else(known).cloned()
    }

    fn unknown(&self, kind: Kind, name: &str) -> mlua::Error {
        let file = format!("{}/{name}.", kind.folder());
        if let Some((_, error)) = self.broken.iter().find(|(broken, _)| broken.contains(&file)) {
            return mlua::Error::runtime(format!("{} is not loaded: {error}", file.trim_end_matches('.')));
        }
        let known: Vec<&str> = self
            .generation
            .scripts()
            .filter(|s| s.kind == kind)
            .map(|s| s.name.as_str())
            .collect();
        let hint = nearest(name, &known).map(|near| format!("; did you mean \"{near}\"?"));
        mlua::Error::runtime(format!("there is no {kind} `{name}`{}", hint.unwrap_or_default()))
    }
}

/// Ends a test: what it expected, what it got, and the line of the script that said so.
fn mismatch(lua: &Lua, (expected, got): (String, String)) -> mlua::Result<()> {
    let place: Option<Place> = here(lua);
    Err(mlua::Error::external(Mismatch { place, expected, got }))
}

/// An action's answer as callers get it: plain data in a table.
fn answer(lua: &Lua, answer: LuaValue) -> mlua::Result<LuaValue> {
    match from_lua(lua, answer)? {
        Value::Null => Ok(LuaValue::Table(lua.create_table()?)),
        data @ Value::Object(_) => to_lua(lua, &data),
        Value::Array(list) if list.is_empty() => Ok(LuaValue::Table(lua.create_table()?)),
        other => Err(mlua::Error::runtime(format!(
            "an action answers with a table of named fields, not with {other}"
        ))),
    }
}

#[cfg(test)]
mod tests;
