//! Texts to a generation: compiled and tried out in a throw-away machine before anybody calls them.
//!
//! A file that fails keeps its last good version. A file that is good by itself but breaks one that has not changed is
//! refused too, so no save can break what worked. What is left goes out together.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use mlua::{Lua, Table, Value as LuaValue};

use super::error::Fault;
use super::generation::{Generation, Kind, Linked, Meta, Origin, Version};
use super::library::Library;
use super::limits::Busy;
use super::loader::{Problem, Scan};
use super::picks::{Pick, Picks, back_out, compile, refuse_rivals};
use super::requires::{affected, deps, shared};
use super::schema::Params;
use super::values::from_lua;
use super::vm::{Vm, is_stop};

/// How long the top level of one file may take.
const LOAD: Duration = Duration::from_millis(500);

/// Makes generations.
pub(super) struct Stage {
    pub(super) libraries: Vec<Arc<dyn Library>>,
    pub(super) memory: usize,
    /// The last id given to a version.
    pub(super) versions: u64,
}

/// What became of a scan.
pub(super) struct Built {
    pub(super) generation: Generation,
    /// Files whose new text, or whose removal, is in the generation.
    pub(super) changed: Vec<String>,
    pub(super) problems: Vec<Problem>,
}

type Faults = BTreeMap<String, Fault>;

impl Stage {
    /// The next generation after `previous`, as far as the files are good.
    pub(super) fn build(&mut self, previous: &Generation, scan: Scan) -> mlua::Result<Built> {
        let mut problems = scan.problems;
        let mut picks = compile(previous, scan.sources.into_values(), &mut problems);
        refuse_rivals(previous, &mut picks, &mut problems);
        let versions = loop {
            let (candidate, faults) = self.attempt(&picks)?;
            if faults.is_empty() {
                break candidate;
            }
            let tried = picks.clone();
            for (file, fault) in faults {
                back_out(previous, &tried, &mut picks, &file, &fault, &mut problems);
            }
        };
        let before = |file: &String| previous.versions.contains_key(file);
        let fresh = picks
            .iter()
            .filter(|(_, pick)| pick.is_fresh())
            .map(|(file, _)| file.clone());
        let gone = previous
            .versions
            .keys()
            .filter(|file| before(file) && !picks.contains_key(*file))
            .cloned();
        let changed = fresh.chain(gone).collect();
        Ok(Built {
            generation: versions.published(previous.id + 1),
            changed,
            problems,
        })
    }

    /// Loads everything that is new or requires something new; the faults are those that explain the others.
    fn attempt(&mut self, picks: &Picks) -> mlua::Result<(Generation, Faults)> {
        let affected = affected(picks);
        let mut candidate = Generation::empty();
        for (file, pick) in picks {
            let version = match pick {
                Pick::Keep(version) if !affected.contains(file) => Arc::clone(version),
                Pick::Keep(old) => self.version(file, old.kind, &old.origin, &old.source, &old.bytecode),
                Pick::Fresh(new, code) => self.version(file, new.kind, &new.origin, &new.text, code),
            };
            candidate.versions.insert(file.clone(), version);
        }
        let shared = shared(picks);
        candidate.libs = shared
            .iter()
            .map(|(name, file)| (name.clone(), Arc::clone(&candidate.versions[file])))
            .collect();
        let candidate = Arc::new(candidate);
        let mut faults = Faults::new();
        for policies in [false, true] {
            let mine: Vec<_> = affected
                .iter()
                .map(|file| &candidate.versions[file])
                .filter(|version| (version.kind == Kind::Policy) == policies)
                .collect();
            if !mine.is_empty() {
                // Policies run without libraries, so they are tried out without.
                let libraries: &[_] = if policies { &[] } else { &self.libraries };
                self.try_out(&candidate, &mine, libraries, &mut faults)?;
            }
        }
        let candidate = Arc::into_inner(candidate).expect("the machines that tried it out are gone");
        Ok((candidate, faults))
    }

    fn try_out(
        &self,
        candidate: &Arc<Generation>,
        versions: &[&Arc<Version>],
        libraries: &[Arc<dyn Library>],
        faults: &mut Faults,
    ) -> mlua::Result<()> {
        let vm = Vm::new(libraries, self.memory, Arc::<Busy>::default())?;
        vm.modules.check(Arc::clone(candidate));
        let mut mine = Faults::new();
        for version in versions {
            vm.limits.set_deadline(Some(Instant::now() + LOAD));
            let loaded = catch_unwind(AssertUnwindSafe(|| vm.modules.load(&vm.lua, version)))
                .unwrap_or_else(|_| Err(mlua::Error::runtime("a function of the host panicked")));
            vm.limits.set_deadline(None);
            match loaded.and_then(|value| describe(&vm.lua, version.kind, value)) {
                Ok(meta) => {
                    let deps = deps(candidate, version, &vm.modules.required());
                    let _ = version.linked.set(Linked { deps, meta }); // a policy's helpers were linked before
                }
                Err(error) => {
                    let mut fault = Fault::read(&error, &version.file);
                    if is_stop(&error) {
                        fault.message = format!("did not end within {LOAD:?} while it was loaded");
                    }
                    mine.insert(version.file.clone(), fault);
                }
            }
        }
        let required = vm.modules.required();
        let derived = |file: &String| {
            required
                .iter()
                .any(|(from, _, to)| from == file && to != file && mine.contains_key(to))
        };
        let own: Faults = mine
            .iter()
            .filter(|(file, _)| !derived(file))
            .map(|(f, e)| (f.clone(), e.clone()))
            .collect();
        faults.extend(if own.is_empty() { mine } else { own });
        Ok(())
    }

    fn version(
        &mut self,
        file: &str,
        kind: Kind,
        origin: &Origin,
        source: &Arc<str>,
        code: &Arc<[u8]>,
    ) -> Arc<Version> {
        self.versions += 1;
        Arc::new(Version {
            id: self.versions,
            file: file.to_owned(),
            origin: origin.clone(),
            kind,
            source: Arc::clone(source),
            bytecode: Arc::clone(code),
            linked: OnceLock::new(),
        })
    }
}

/// What a loaded script says about itself, if it has the shape of its kind.
fn describe(lua: &Lua, kind: Kind, value: LuaValue) -> mlua::Result<Meta> {
    let wrong = |what: String| Err(mlua::Error::runtime(what));
    let none = Params::new(None).map_err(mlua::Error::runtime)?;
    let mut meta = Meta {
        description: String::new(),
        schema: Arc::new(none.schema().clone()),
        params: Arc::new(none),
        timeout: None,
        idempotent: false,
        retry: None,
    };
    let table = match (kind, value) {
        (Kind::Lib, _) => return Ok(meta),
        (_, LuaValue::Table(table)) => table,
        (_, other) => {
            return wrong(format!(
                "a script of kind {kind} must return a table, not a {}",
                other.type_name()
            ));
        }
    };
    meta.description = field(&table, "description", "text")?.unwrap_or_default();
    if kind == Kind::Policy {
        let has_function = table
            .pairs::<LuaValue, LuaValue>()
            .flatten()
            .any(|(_, value)| value.is_function());
        return if has_function {
            Ok(meta)
        } else {
            wrong("a policy must return a table with a function in it".to_owned())
        };
    }
    if !table.raw_get::<LuaValue>("run")?.is_function() {
        return wrong("an action must return a table with a function `run`".to_owned());
    }
    let params: LuaValue = table.raw_get("params")?;
    let schema = if params.is_nil() {
        None
    } else {
        Some(from_lua(lua, params)?)
    };
    meta.params = Arc::new(Params::new(schema).map_err(mlua::Error::runtime)?);
    meta.schema = Arc::new(meta.params.schema().clone());
    meta.idempotent = field(&table, "idempotent", "true or false")?.unwrap_or(false);
    meta.retry = field(&table, "retry", "the name of a policy")?;
    if let Some(ms) = field::<f64>(&table, "timeout_ms", "a number")? {
        let timeout = Duration::try_from_secs_f64(ms / 1000.0)
            .ok()
            .filter(|timeout| !timeout.is_zero());
        meta.timeout = Some(timeout.ok_or_else(|| mlua::Error::runtime("`timeout_ms` must be more than 0"))?);
    }
    Ok(meta)
}

fn field<T: mlua::FromLua>(table: &Table, name: &str, wanted: &str) -> mlua::Result<Option<T>> {
    table
        .raw_get(name)
        .map_err(|_| mlua::Error::runtime(format!("`{name}` must be {wanted}")))
}

#[cfg(test)]
mod tests;
