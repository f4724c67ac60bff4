//! What actions there are now: name, summary, parameters, origin.

use std::path::Path;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{Actions, Error};
use crate::config::Reload;
use crate::config::load::Loader;
use crate::script::{Engine, Generation, Kind, Origin, Script};

/// A folder without plugins.
const NOWHERE: &str = "/dev/null";

/// Names that differ from what was asked for by more than a third of its letters are no suggestion.
const SUGGESTIONS: usize = 3;

/// One action as listings show it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ActionInfo {
    /// Its name on the wire.
    pub name: String,
    /// What it does.
    pub description: String,
    /// JSON Schema of its parameters.
    pub params: Arc<Value>,
    /// Whose script it is: the program's, a folder's or a plugin's.
    #[serde(serialize_with = "as_text")]
    pub origin: Origin,
    /// Whether doing it twice is as good as once.
    pub idempotent: bool,
}

impl Actions {
    /// What ships with the program, whatever lies in the folders of this machine.
    pub fn shipped() -> anyhow::Result<Vec<ActionInfo>> {
        let mut config = Loader::new([]).load()?.config;
        config.script.reload = Reload::Off;
        let (engine, _) = Engine::start(&config.script, Path::new(NOWHERE), Self::libraries())?;
        Ok(Self::new(engine, &config).catalog())
    }

    /// Every action of the generation in use, by name.
    pub fn catalog(&self) -> Vec<ActionInfo> {
        let generation = self.engine.generation();
        let mut all: Vec<_> = generation
            .scripts()
            .filter(|s| s.kind == Kind::Action)
            .map(info)
            .collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// Whether doing the action twice is as good as once; an unknown one is not.
    pub fn is_idempotent(&self, name: &str) -> bool {
        self.engine
            .generation()
            .get(Kind::Action, name)
            .is_some_and(|s| s.idempotent)
    }
}

fn as_text<S: Serializer>(origin: &Origin, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(origin)
}

fn info(script: &Script) -> ActionInfo {
    ActionInfo {
        name: script.name.clone(),
        description: script.description.clone(),
        params: script.params.clone(),
        origin: script.origin.clone(),
        idempotent: script.idempotent,
    }
}

/// The script of an action, or a failure that names what is spelled much like it.
pub(super) fn find<'a>(generation: &'a Generation, name: &str) -> Result<&'a Script, Error> {
    generation.get(Kind::Action, name).ok_or_else(|| {
        let names = generation
            .scripts()
            .filter(|s| s.kind == Kind::Action)
            .map(|s| s.name.as_str());
        Error::Unknown {
            name: name.to_owned(),
            nearest: nearest(name, names),
        }
    })
}

/// The names closest to `wanted`, closest first.
fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let limit = (wanted.chars().count() / 3).max(2);
    let mut close: Vec<_> = names
        .filter_map(|name| {
            let shares_start = wanted.len() >= 3 && (name.starts_with(wanted) || wanted.starts_with(name));
            let distance = if shares_start { 1 } else { distance(wanted, name) };
            (distance <= limit).then_some((distance, name))
        })
        .collect();
    close.sort_unstable();
    close
        .into_iter()
        .take(SUGGESTIONS)
        .map(|(_, name)| name.to_owned())
        .collect()
}

/// How many letters must be added, removed or replaced.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_come_first_and_strangers_never() {
        let names = ["click", "hover", "take_screenshot", "type", "wait", "switch_tab"];
        let check = |wanted, expect: &[&str]| assert_eq!(nearest(wanted, names.into_iter()), expect, "{wanted}");
        check("clik", &["click"]);
        check("clicks", &["click"]);
        check("take_screen", &["take_screenshot"]);
        check("swich_tap", &["switch_tab"]);
        check("fly_to_the_moon", &[]);
    }

    #[test]
    fn distances_count_letters() {
        for (a, b, expect) in [
            ("", "abc", 3),
            ("abc", "abc", 0),
            ("kitten", "sitting", 3),
            ("abc", "", 3),
        ] {
            assert_eq!(distance(a, b), expect, "{a} {b}");
        }
    }
}
