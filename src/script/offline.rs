//! Scripts without a host: loaded once from the same folders, to be checked and tested.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mlua::{Lua, Table, Value as LuaValue};

use super::bytecode::{Use, globals};
use super::diagnosis::{Diagnosis, Severity, word};
use super::error::Error;
use super::generation::{Generation, Origin};
use super::library::Library;
use super::loader::{Problem, Roots, SUFFIXES, entries, is_name};
use super::sandbox;
use super::schema::nearest;
use super::stage::Stage;
use super::testing::WORDS;
use crate::config;

/// The scripts of some folders, as a host would load them now.
pub struct Offline {
    pub(super) generation: Arc<Generation>,
    pub(super) problems: Vec<Problem>,
    pub(super) libraries: Vec<Arc<dyn Library>>,
    pub(super) memory: usize,
    roots: Roots,
    /// Every script's text by file, broken ones included.
    texts: BTreeMap<String, Arc<str>>,
}

/// A file of tests.
#[derive(Clone, Debug)]
pub struct TestFile {
    /// As messages name it: `plugins/x/actions/echo_test.lua`.
    pub file: String,
    /// Where it lies.
    pub path: PathBuf,
    pub(super) origin: Origin,
}

impl Offline {
    /// Loads what a host with these settings would load; what is broken is a problem, not an end.
    pub fn load(config: &config::Script, base: &Path, libraries: Vec<Arc<dyn Library>>) -> Result<Self, Error> {
        let scripts = (!config.scripts.is_empty()).then(|| base.join(&config.scripts));
        if let Some(path) = &scripts {
            fs::read_dir(path).map_err(|source| Error::Folder {
                path: path.clone(),
                source,
            })?;
        }
        let roots = Roots {
            scripts,
            plugins: base.join(&config.plugins),
        };
        let scan = roots.scan();
        let texts = scan
            .sources
            .iter()
            .map(|(file, source)| (file.clone(), Arc::clone(&source.text)));
        let texts = texts.collect();
        let mut stage = Stage {
            libraries: libraries.clone(),
            memory: config.memory,
            versions: 0,
        };
        let built = stage
            .build(&Generation::empty(), scan)
            .map_err(|error| Error::Lua(error.to_string()))?;
        Ok(Self {
            generation: Arc::new(built.generation),
            problems: built.problems,
            libraries,
            memory: config.memory,
            roots,
            texts,
        })
    }

    /// The scripts that are good.
    pub fn generation(&self) -> &Arc<Generation> {
        &self.generation
    }

    /// Everything that is wrong, by file and line: what keeps a script from being loaded, and names that are nowhere.
    ///
    /// `given` says what `ctx` has: `("ctx", its fields)`, `("ctx.page", that noun's methods)`, ...
    pub fn check(&self, given: &[(String, Vec<String>)]) -> Result<Vec<Diagnosis>, Error> {
        let mut found: BTreeSet<Diagnosis> = self.problems.iter().map(|problem| self.diagnose(problem)).collect();
        let sandbox = sandbox::open(&self.libraries).map_err(|error| Error::Lua(error.to_string()))?;
        let on_disk = |file: &&String| self.path(file).is_some();
        for (file, text) in self.texts.iter().filter(|(file, _)| on_disk(file)) {
            found.extend(names(&sandbox.lua, file, text, &[]));
            found.extend(fields(file, text, given));
        }
        for test in self.tests() {
            match fs::read_to_string(&test.path) {
                Ok(text) => found.extend(names(&sandbox.lua, &test.file, &text, &WORDS)),
                Err(error) => drop(found.insert(Diagnosis::new(&test.file, None, error.to_string()))),
            }
        }
        // A name that is nowhere explains why calling or indexing it failed.
        let explained = |one: &Diagnosis| {
            let other =
                |other: &&Diagnosis| (&other.file, other.line) == (&one.file, one.line) && other.column.is_some();
            one.error.starts_with("attempt to ") && found.iter().any(|all| other(&all))
        };
        Ok(found.iter().filter(|one| !explained(one)).cloned().collect())
    }

    /// A problem with its line's text and a hint.
    pub(super) fn diagnose(&self, problem: &Problem) -> Diagnosis {
        let text = self.texts.get(&problem.file).map(|text| text.to_string());
        let text = text.or_else(|| fs::read_to_string(self.path(&problem.file)?).ok());
        let mut diagnosis = Diagnosis::of(problem, text.as_deref());
        if diagnosis.hint.is_none() {
            diagnosis.hint = self.nearest_lib(&problem.error);
        }
        diagnosis
    }

    fn nearest_lib(&self, error: &str) -> Option<String> {
        let wanted = error.split("there is no lib/").nth(1)?.split(".lua").next()?;
        let name = |file: &str| Some(file.rsplit_once("lib/")?.1.rsplit_once('.')?.0.to_owned());
        let known: Vec<String> = self.texts.keys().filter_map(|file| name(file)).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        nearest(wanted, &known).map(|near| format!("did you mean require(\"lib.{near}\")?"))
    }

    /// Where a file lies that messages name; none for what is part of the program.
    pub fn path(&self, file: &str) -> Option<PathBuf> {
        match file.strip_prefix("plugins/") {
            Some(rest) => Some(self.roots.plugins.join(rest)),
            None => Some(self.roots.scripts.as_ref()?.join(file)),
        }
    }

    /// The folders that were read, as far as they are there.
    pub fn folders(&self) -> Vec<PathBuf> {
        let folders = self.roots.scripts.iter().chain([&self.roots.plugins]);
        folders.filter(|folder| folder.is_dir()).cloned().collect()
    }

    /// Every `*_test.lua` of the scripts folder and of the plugins.
    pub fn tests(&self) -> Vec<TestFile> {
        let mut found = Vec::new();
        if let Some(scripts) = &self.roots.scripts {
            tests(scripts, "", &Origin::Folder, &mut found);
        }
        for (name, path) in entries(&self.roots.plugins) {
            if path.is_dir() && is_name(&name) {
                tests(&path, &format!("plugins/{name}/"), &Origin::Plugin(name), &mut found);
            }
        }
        found
    }
}

/// The tests in a folder and in the folders in it.
fn tests(folder: &Path, prefix: &str, origin: &Origin, found: &mut Vec<TestFile>) {
    for (name, path) in entries(folder) {
        let inner = entries(&path)
            .into_iter()
            .map(|(file, path)| (format!("{name}/{file}"), path));
        for (file, path) in inner.chain([(name.clone(), path.clone())]) {
            let is_test = SUFFIXES.iter().any(|suffix| file.ends_with(&format!("_test.{suffix}")));
            if is_test && path.is_file() {
                found.push(TestFile {
                    file: format!("{prefix}{file}"),
                    path,
                    origin: origin.clone(),
                });
            }
        }
    }
}

/// Names in a text that stand for nothing.
fn names(lua: &Lua, file: &str, text: &str, more: &[&str]) -> Vec<Diagnosis> {
    let mut uses = globals(text).unwrap_or_default();
    uses.retain(|one| !one.is_given);
    let own: BTreeSet<&str> = uses
        .iter()
        .filter(|one| one.is_set)
        .map(|one| one.path[0].as_str())
        .collect();
    let all: Table = match lua.globals().get("_G") {
        Ok(all) => all,
        Err(_) => return Vec::new(), // the sandbox has it always
    };
    let mut found = Vec::new();
    let mut told = BTreeSet::new();
    for one in &uses {
        let first = one.path[0].as_str();
        if one.is_set {
            if told.insert(one.path.clone()) {
                let mut warning =
                    Diagnosis::new(file, Some(one.line), format!("`{first}` is assigned without `local`"));
                warning.severity = Severity::Warning;
                warning.hint = Some(format!(
                    "write `local {first}`; it is kept for all later calls otherwise"
                ));
                found.push(marked(warning, text, first));
            }
            continue;
        }
        if own.contains(first) || first == "require" || more.contains(&first) {
            continue;
        }
        found.extend(missing(&all, file, one, &own, more).map(|(diagnosis, name)| marked(diagnosis, text, &name)));
    }
    found
}

/// Fields of `ctx`, and methods of what is in it, that are not there.
fn fields(file: &str, text: &str, given: &[(String, Vec<String>)]) -> Vec<Diagnosis> {
    if file.contains("policies/") {
        return Vec::new(); // a policy's ctx is another one
    }
    let mut uses = globals(text).unwrap_or_default();
    uses.retain(|one| one.is_given);
    let own: BTreeSet<String> = uses
        .iter()
        .filter(|one| one.is_set)
        .map(|one| one.path[1].clone())
        .collect();
    let wrong = |one: &Use| {
        for depth in 1..one.path.len() {
            let (before, name) = (one.path[..depth].join("."), &one.path[depth]);
            let (_, known) = given.iter().find(|(path, _)| *path == before)?;
            if known.contains(name) || own.contains(name) {
                continue;
            }
            let mut diagnosis = Diagnosis::new(file, Some(one.line), format!("`{before}` has no `{name}`"));
            if depth == 1 {
                diagnosis.severity = Severity::Warning; // a middleware may have put it there
            }
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            diagnosis.hint = nearest(name, &known).map(|near| format!("did you mean `{near}`?"));
            return Some(marked(diagnosis, text, name));
        }
        None
    };
    uses.iter().filter(|one| !one.is_set).filter_map(wrong).collect()
}

/// The first part of a path that is not there, if any.
fn missing(all: &Table, file: &str, one: &Use, own: &BTreeSet<&str>, more: &[&str]) -> Option<(Diagnosis, String)> {
    let mut table = all.clone();
    for (depth, name) in one.path.iter().enumerate() {
        match table.get(name.as_str()).ok()? {
            LuaValue::Table(inner) => table = inner,
            LuaValue::Nil => {
                let keys: Vec<String> = table
                    .pairs::<String, LuaValue>()
                    .flatten()
                    .map(|(key, _)| key)
                    .collect();
                let mut known: Vec<&str> = keys.iter().map(String::as_str).collect();
                let (error, before) = if depth == 0 {
                    known.extend(own.iter().chain(more).chain(&["require"]));
                    (
                        format!("there is no `{name}`: it is neither a local nor a global"),
                        String::new(),
                    )
                } else {
                    let before = one.path[..depth].join(".");
                    (format!("`{before}` has no `{name}`"), before + ".")
                };
                let mut diagnosis = Diagnosis::new(file, Some(one.line), error);
                let near = nearest(name, &known).map(|near| format!("did you mean `{before}{near}`?"));
                diagnosis.hint = near.or_else(|| instead(name));
                return Some((diagnosis, name.clone()));
            }
            _ => return None,
        }
    }
    None
}

/// What scripts use instead of what the sandbox does not have.
fn instead(name: &str) -> Option<String> {
    let hint = match name {
        "io" | "dofile" | "loadfile" | "package" => "scripts reach no files; a plugin's settings are in ctx.config",
        "debug" | "load" | "loadstring" | "getfenv" | "setfenv" | "execute" | "getenv" | "collectgarbage" => {
            "the sandbox does not have it"
        }
        "console" => "write to the host's log with ctx.log.info(...), or print(...)",
        "ctx" => "ctx is the first argument of run: run = function(ctx, params)",
        "params" => "params is the second argument of run: run = function(ctx, params)",
        "null" | "None" | "undefined" => "Lua says nil; JSON's null is host.json.null",
        _ => return None,
    };
    Some(hint.to_owned())
}

fn marked(mut diagnosis: Diagnosis, text: &str, name: &str) -> Diagnosis {
    let line = diagnosis
        .line
        .and_then(|line| text.lines().nth(line.checked_sub(1)? as usize));
    diagnosis.column = line
        .and_then(|line| word(line, name))
        .and_then(|at| u32::try_from(at + 1).ok());
    diagnosis.explained(Some(text))
}

#[cfg(test)]
mod tests;
