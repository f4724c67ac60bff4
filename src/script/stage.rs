//! Texts to a generation: compiled and tried out in a throw-away machine before anybody calls them.
//!
//! A file that fails keeps its last good version. A file that is good by itself but breaks one that has not changed is
//! refused too, so no save can break what worked. What is left goes out together.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::error::Fault;
use super::generation::{Generation, Kind, Linked, Version};
use super::library::Library;
use super::limits::Busy;
use super::loader::{Problem, Scan, Source};
use super::picks::{Pick, Picks, back_out, compile, keep, plugin_order, refuse_rivals};
use super::requires::{affected, deps, shared};
use super::shape::describe;
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
        keep(previous, &scan.kept, &mut picks);
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
        let plugins = plugin_order(&picks, &mut problems);
        Ok(Built {
            generation: versions.published(previous.id + 1, &plugins),
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
                // The same text, linked to other versions.
                Pick::Keep(old) => self.version(old.as_source(), &old.bytecode),
                Pick::Fresh(new, code) => self.version(new.clone(), code),
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

    fn version(&mut self, source: Source, code: &Arc<[u8]>) -> Arc<Version> {
        self.versions += 1;
        Arc::new(Version {
            id: self.versions,
            file: source.file,
            origin: source.origin,
            plugin: source.plugin,
            kind: source.kind,
            source: source.text,
            bytecode: Arc::clone(code),
            linked: OnceLock::new(),
        })
    }
}

#[cfg(test)]
mod tests;
