//! The scripts in use, as an operator sees them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::UNIX_EPOCH;

use serde::Serialize;
use similar::TextDiff;

use crate::protocol::{ErrorType, Failure};
use crate::script::{Engine, Generation, Past, Script, Statistics};

/// Looks at a host's scripts; cheap to clone.
#[derive(Clone)]
pub struct Scripts(Engine);

/// Every script of the generation in use.
#[derive(Clone, Debug, Serialize)]
pub struct Listing {
    /// The generation's number.
    pub generation: u64,
    /// By kind and name.
    pub scripts: Vec<Listed>,
}

/// One script.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// `action`, `lib` or `policy`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Whose it is: the program's, a folder's or a plugin's.
    pub origin: String,
    /// Whose script of this name it replaces.
    pub overrides: Option<String>,
    /// Its file, relative to its folder.
    pub file: String,
    /// What it does.
    pub description: String,
    /// The version of its plugin, where it says one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin_version: Option<String>,
    /// What its calls came to since the host started.
    pub statistics: Statistics,
}

/// A generation that was in use, or is.
#[derive(Clone, Debug, Serialize)]
pub struct ListedGeneration {
    /// Its number.
    pub generation: u64,
    /// Seconds since 1970.
    pub since: f64,
    /// Files that it changed or removed.
    pub changed: Vec<String>,
}

impl Scripts {
    /// The scripts of this engine.
    pub fn new(engine: Engine) -> Self {
        Self(engine)
    }

    /// What is in use now.
    pub fn list(&self) -> Listing {
        let generation = self.0.generation();
        let statistics = self.0.statistics();
        Listing {
            generation: generation.id(),
            scripts: generation.scripts().map(|script| listed(script, &statistics)).collect(),
        }
    }

    /// The last generations, oldest first; the newest is in use.
    pub fn history(&self) -> Vec<ListedGeneration> {
        let listed = |past: &Past| ListedGeneration {
            generation: past.generation.id(),
            since: past
                .at
                .duration_since(UNIX_EPOCH)
                .map_or(0.0, |since| since.as_secs_f64()),
            changed: past.changed.clone(),
        };
        self.0.history().iter().map(listed).collect()
    }

    /// What differs between two generations, as `diff -u` shows it. Without `from` it is the one in use, without `to` what
    /// lies in the folders.
    pub async fn difference(&self, from: Option<u64>, to: Option<u64>) -> Result<String, Failure> {
        let old = match from {
            Some(id) => self.texts(id)?,
            None => sources(&self.0.generation()),
        };
        let new = match to {
            Some(id) => self.texts(id)?,
            None => self.0.files().await?,
        };
        let name = |id: Option<u64>, otherwise: &str| id.map_or(otherwise.to_owned(), |id| format!("generation {id}"));
        let (left, right) = (name(from, "in use"), name(to, "on disk"));
        let files: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let text = |side: &BTreeMap<String, String>, file: &String| side.get(file).cloned().unwrap_or_default();
        Ok(files
            .into_iter()
            .map(|file| (file, text(&old, file), text(&new, file)))
            .filter(|(_, a, b)| a != b)
            .map(|(file, a, b)| {
                let header = (format!("{file} ({left})"), format!("{file} ({right})"));
                TextDiff::from_lines(&a, &b)
                    .unified_diff()
                    .header(&header.0, &header.1)
                    .to_string()
            })
            .collect())
    }

    fn texts(&self, id: u64) -> Result<BTreeMap<String, String>, Failure> {
        let history = self.0.history();
        let past = history.iter().find(|past| past.generation.id() == id);
        past.map(|past| sources(&past.generation)).ok_or_else(|| {
            let sentence = format!("Generation {id} is not kept; `perilune script history` lists those that are.");
            Failure::new(ErrorType::InvalidParams, sentence)
        })
    }

    /// Looks at the files now.
    pub async fn reload(&self) -> Result<u64, Failure> {
        self.0.reload().await
    }

    /// Uses an earlier generation's scripts again.
    pub async fn go_back(&self, generation: u64) -> Result<u64, Failure> {
        self.0.go_back(generation).await
    }
}

fn sources(generation: &Generation) -> BTreeMap<String, String> {
    generation
        .sources()
        .map(|(file, text)| (file.to_owned(), text.to_owned()))
        .collect()
}

fn listed(script: &Script, statistics: &BTreeMap<String, Statistics>) -> Listed {
    Listed {
        kind: script.kind.to_string(),
        name: script.name.clone(),
        origin: script.origin.to_string(),
        overrides: script.overrides.as_ref().map(ToString::to_string),
        file: script.file.clone(),
        description: script.description.clone(),
        plugin_version: script
            .plugin
            .as_ref()
            .map(|plugin| plugin.version.clone())
            .filter(|v| !v.is_empty()),
        statistics: statistics.get(&script.file).cloned().unwrap_or_default(),
    }
}
