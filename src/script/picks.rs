//! What each file will be in the next generation: its new text, or what it is now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use mlua::chunk::Compiler;

use super::error::Fault;
use super::generation::{Generation, Kind, Origin, Version, name_of};
use super::loader::{Problem, Source};
use super::manifest::Plugin;
use super::order::{Order, order};
use super::requires::culprits;
use crate::protocol::{ErrorType, Failure};

/// How messages name a text that was typed.
const TYPED: &str = "typed.lua";

/// What a file will be in the next generation.
#[derive(Clone)]
pub(super) enum Pick {
    /// What it is now.
    Keep(Arc<Version>),
    /// A new text.
    Fresh(Source, Arc<[u8]>),
}

impl Pick {
    pub(super) fn origin(&self) -> &Origin {
        match self {
            Self::Keep(version) => &version.origin,
            Self::Fresh(source, _) => &source.origin,
        }
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Keep(version) => version.kind,
            Self::Fresh(source, _) => source.kind,
        }
    }

    pub(super) fn plugin(&self) -> Option<&Arc<Plugin>> {
        match self {
            Self::Keep(version) => version.plugin.as_ref(),
            Self::Fresh(source, _) => source.plugin.as_ref(),
        }
    }

    pub(super) fn is_fresh(&self) -> bool {
        matches!(self, Self::Fresh(..))
    }
}

/// By file.
pub(super) type Picks = BTreeMap<String, Pick>;

/// Compiles what has changed; what does not compile stays as it was.
pub(super) fn compile(
    previous: &Generation,
    sources: impl Iterator<Item = Source>,
    problems: &mut Vec<Problem>,
) -> Picks {
    let compiler = Compiler::new().set_optimization_level(1).set_debug_level(1);
    let mut picks = Picks::new();
    for source in sources {
        let file = source.file.clone();
        let old = previous.versions.get(&file);
        if let Some(old) = old.filter(|old| old.source == source.text && old.plugin == source.plugin) {
            picks.insert(file, Pick::Keep(Arc::clone(old)));
            continue;
        }
        match compiler.compile(source.text.as_bytes()) {
            Ok(code) => {
                picks.insert(file, Pick::Fresh(source, code.into()));
            }
            Err(error) => {
                problems.push(problem(&file, &Fault::read(&error, &file)));
                if let Some(old) = old {
                    picks.insert(file, Pick::Keep(Arc::clone(old)));
                }
            }
        }
    }
    picks
}

/// A text that an operator has typed, as a script of its own.
pub(super) fn typed(code: &str) -> Result<Arc<Version>, Failure> {
    // Counted from the other end than the versions of files.
    static LAST: AtomicU64 = AtomicU64::new(u64::MAX);
    let compiler = Compiler::new().set_optimization_level(1).set_debug_level(1);
    let wrapped = |code: &str| format!("return {{ run = function(ctx) {code}\nend }}");
    let expression = compiler.compile(wrapped(&format!("return {code}")));
    let bytecode = expression
        .or_else(|_| compiler.compile(wrapped(code)))
        .map_err(|error| {
            let fault = Fault::read(&error, TYPED);
            Failure::new(ErrorType::InvalidParams, fault.sentence(""))
        })?;
    Ok(Arc::new(Version {
        id: LAST.fetch_sub(1, Ordering::Relaxed),
        file: TYPED.to_owned(),
        origin: Origin::Folder,
        plugin: None,
        kind: Kind::Action,
        source: code.into(),
        bytecode: bytecode.into(),
        linked: OnceLock::new(),
    }))
}

fn problem(file: &str, fault: &Fault) -> Problem {
    let line = fault
        .place
        .as_ref()
        .filter(|place| place.file == file)
        .map(|place| place.line);
    Problem {
        file: file.to_owned(),
        line,
        error: fault.sentence(file),
    }
}

/// Plugins whose manifest is broken stay as they are.
pub(super) fn keep(previous: &Generation, plugins: &BTreeSet<String>, picks: &mut Picks) {
    for (file, version) in &previous.versions {
        if matches!(&version.origin, Origin::Plugin(name) if plugins.contains(name)) {
            picks.insert(file.clone(), Pick::Keep(Arc::clone(version)));
        }
    }
}

/// The plugins' order; those that want to be before and after each other are told.
pub(super) fn plugin_order(picks: &Picks, problems: &mut Vec<Problem>) -> Vec<String> {
    let Order { plugins, circle } = order(picks.values().filter_map(|pick| pick.plugin().map(AsRef::as_ref)));
    for name in &circle {
        let error = format!(
            "`before` and `after` of {} go round in a circle; they come last, by priority and name",
            circle.join(", ")
        );
        problems.push(Problem::new(format!("plugins/{name}/plugin.toml"), error));
    }
    plugins
}

/// Two plugins may not claim one name: whoever had it keeps it, else neither gets it.
pub(super) fn refuse_rivals(previous: &Generation, picks: &mut Picks, problems: &mut Vec<Problem>) {
    let mut claims: BTreeMap<(Kind, String), Vec<String>> = BTreeMap::new();
    for (file, pick) in picks.iter() {
        if matches!(pick.origin(), Origin::Plugin(_)) && pick.kind().is_called_by_name() {
            claims
                .entry((pick.kind(), name_of(file).to_owned()))
                .or_default()
                .push(file.clone());
        }
    }
    for ((kind, name), files) in claims.into_iter().filter(|(_, files)| files.len() > 1) {
        let holder = previous
            .get(kind, &name)
            .map(|script| script.file.clone())
            .filter(|file| files.contains(file));
        for file in files.iter().filter(|file| Some(*file) != holder.as_ref()) {
            let rivals: Vec<_> = files
                .iter()
                .filter(|other| *other != file)
                .map(String::as_str)
                .collect();
            let stays = if holder.is_some() {
                "which keeps it"
            } else {
                "so neither is loaded"
            };
            let error = format!(
                "the {kind} `{name}` is also claimed by {}, {stays}",
                rivals.join(" and ")
            );
            problems.push(Problem::new(file.clone(), error));
            picks.remove(file);
        }
    }
}

/// Takes back what caused a fault: the file's own new text, or else the changes that it cannot live with.
pub(super) fn back_out(
    previous: &Generation,
    tried: &Picks,
    picks: &mut Picks,
    file: &str,
    fault: &Fault,
    problems: &mut Vec<Problem>,
) {
    if tried.get(file).is_some_and(Pick::is_fresh) {
        problems.push(problem(file, fault));
        restore(previous, picks, file);
        return;
    }
    let culprits = culprits(previous, tried, file);
    for culprit in &culprits {
        let what = if tried.contains_key(culprit) {
            "this change"
        } else {
            "its removal"
        };
        let line = fault
            .place
            .as_ref()
            .filter(|place| place.file == *culprit)
            .map(|place| place.line);
        if picks.get(culprit).is_none_or(Pick::is_fresh) {
            let error = format!("{what} breaks {file}: {}", fault.sentence(file));
            problems.push(Problem {
                file: culprit.clone(),
                line,
                error,
            });
            restore(previous, picks, culprit);
        }
    }
    if culprits.is_empty() {
        problems.push(problem(file, fault));
        picks.remove(file);
    }
}

fn restore(previous: &Generation, picks: &mut Picks, file: &str) {
    match previous.versions.get(file) {
        Some(old) => picks.insert(file.to_owned(), Pick::Keep(Arc::clone(old))),
        None => picks.remove(file),
    };
}
