//! Who requires what: which file a name means, what a change touches, and what a fault goes back to.

use std::collections::{BTreeMap, BTreeSet};

use super::generation::{Generation, Kind, Origin, Version, name_of};
use super::loader::{SUFFIXES, is_name};
use super::picks::{Pick, Picks};

/// A file, the name that it requires, and the file which that meant.
pub(super) type Required = (String, String, String);

/// What names mean to all scripts: the shipped file, or the one of the only plugin that replaces it.
pub(super) type Shared = BTreeMap<String, String>;

/// What `require` means by each name for all.
pub(super) fn shared(picks: &Picks) -> Shared {
    let libs = || picks.iter().filter(|(_, pick)| pick.kind() == Kind::Lib);
    let is_plugin = |pick: &Pick| matches!(pick.origin(), Origin::Plugin(_));
    let mut shared = Shared::new();
    for (file, _) in libs().filter(|(_, pick)| !is_plugin(pick)) {
        let name = name_of(file);
        let mut replacing = libs().filter(|(other, pick)| is_plugin(pick) && name_of(other) == name);
        let only = replacing.next().filter(|_| replacing.next().is_none());
        shared.insert(name.to_owned(), only.map_or(file, |(other, _)| other).clone());
    }
    shared
}

/// The file that `require` means by a name in a script of that origin: the plugin's own, then what all share.
fn resolve(picks: &Picks, shared: &Shared, origin: &Origin, name: &str) -> Option<String> {
    let own = |plugin: &String| {
        let mut files = SUFFIXES
            .iter()
            .map(|suffix| format!("plugins/{plugin}/lib/{name}.{suffix}"));
        files.find(|file| picks.contains_key(file))
    };
    let own = if let Origin::Plugin(plugin) = origin {
        own(plugin)
    } else {
        None
    };
    own.or_else(|| shared.get(name).cloned())
}

/// Files that are new, or require one that is, directly or not, or whose requires mean another file now.
pub(super) fn affected(picks: &Picks) -> BTreeSet<String> {
    let shared = shared(picks);
    let fresh = picks.iter().filter(|(_, pick)| pick.is_fresh());
    let mut affected: BTreeSet<String> = fresh.map(|(file, _)| file.clone()).collect();
    loop {
        let touched = |pick: &Pick| {
            let Pick::Keep(version) = pick else { return false };
            let moved =
                |name: &str, file: &String| resolve(picks, &shared, &version.origin, name).as_ref() != Some(file);
            version
                .deps()
                .iter()
                .any(|(name, file)| affected.contains(file) || moved(name, file))
        };
        let rest = picks.iter().filter(|(file, _)| !affected.contains(*file));
        let more: Vec<_> = rest
            .filter(|(_, pick)| touched(pick))
            .map(|(file, _)| file.clone())
            .collect();
        if more.is_empty() {
            return affected;
        }
        affected.extend(more);
    }
}

/// What has changed among the files that an unchanged one requires, directly or not.
pub(super) fn culprits(previous: &Generation, tried: &Picks, file: &str) -> BTreeSet<String> {
    let shared = shared(tried);
    let mut culprits = BTreeSet::new();
    let mut seen = BTreeSet::from([file.to_owned()]);
    let mut next = vec![file.to_owned()];
    while let Some(version) = next.pop().and_then(|file| previous.versions.get(&file)) {
        for (name, before) in version.deps() {
            let now = resolve(tried, &shared, &version.origin, name);
            for dep in now.into_iter().chain([before.clone()]) {
                if !seen.insert(dep.clone()) {
                    continue;
                }
                if tried.get(&dep).is_none_or(Pick::is_fresh) {
                    culprits.insert(dep.clone());
                }
                if previous.versions.contains_key(&dep) {
                    next.push(dep);
                }
            }
        }
    }
    culprits
}

/// What a version requires: as it was loaded, and as its text says for later.
pub(super) fn deps(candidate: &Generation, version: &Version, required: &[Required]) -> Vec<(String, String)> {
    let loaded = required
        .iter()
        .filter(|(from, ..)| *from == version.file)
        .map(|(_, name, to)| (name.clone(), to.clone()));
    let written = version.source.match_indices("require").filter_map(|(at, word)| {
        let rest = version.source[at + word.len()..].trim_start_matches([' ', '(']);
        let name = rest.strip_prefix(['"', '\''])?.strip_prefix("lib.")?;
        let name = &name[..name.find(['"', '\''])?];
        let to = candidate.resolve(&version.origin, name).filter(|_| is_name(name))?;
        Some((name.to_owned(), to.file.clone()))
    });
    loaded.chain(written).collect::<BTreeSet<_>>().into_iter().collect()
}
