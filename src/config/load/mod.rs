//! Embedded defaults < file < environment < flags; where each value came from.
//!
//! Every value is tried on its own as it is laid over the defaults, so a fault is reported with the file and line, the
//! variable or the flag that brought it, and all faults are reported at once.
//! **Invariant:** the process environment is never read here; the caller passes it.

mod check;
mod environment;
mod reference;
mod tree;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::{Config, EMBEDDED};
pub use reference::{Setting, settings};
use tree::Tree;

/// The variable that names the user's file when no flag does.
pub const CONFIG_VARIABLE: &str = "PERILUNE_CONFIG";

/// Gathers the sources of a configuration, then loads it.
#[derive(Clone, Debug, Default)]
pub struct Loader {
    file: Option<PathBuf>,
    environment: BTreeMap<String, String>,
    flags: Vec<(String, String)>,
    checks: Vec<Check>,
}

/// A check across keys that needs a module above this one, for instance whether domain patterns can be read.
pub type Check = fn(&Config) -> Result<(), Problem>;

/// A value that can be read and still cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key, such as `api.bind`.
    pub key: &'static str,
    /// What is wrong and what to do.
    pub sentence: String,
}

/// A configuration and where its values came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// The origin of each key, such as `api.bind`.
    pub origins: BTreeMap<String, Origin>,
    values: toml::Table,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The embedded `config.toml`.
    Default,
    /// A line of the user's file.
    File {
        /// The file as it was named.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A variable of the environment.
    Environment(String),
    /// A flag on the command line.
    Flag,
}

/// One line of `config print`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Shown {
    /// The key, such as `api.bind`.
    pub key: String,
    /// The value as it would be written in the file; stars for a secret.
    pub value: String,
    /// Where it came from.
    pub origin: String,
    /// What it does.
    pub comment: String,
}

/// Why a configuration cannot be used: one sentence for each fault, each with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// The sentences.
    pub problems: Vec<String>,
}

// === impl Loader ===

impl Loader {
    /// A loader that sees these variables.
    pub fn new(environment: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            environment: environment.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Lays this file over the defaults, in place of the one that `PERILUNE_CONFIG` names.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// Sets a key from the command line; `api.bind.ip` and `api.bind.port` set one half of the address.
    #[must_use]
    pub fn flag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.flags.push((key.into(), value.into()));
        self
    }

    /// Adds a check across keys.
    #[must_use]
    pub fn check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }

    /// Lays all sources over each other and checks the result.
    pub fn load(self) -> Result<Loaded, LoadError> {
        let mut tree = Tree::new();
        let named = self.environment.get(CONFIG_VARIABLE).filter(|path| !path.is_empty());
        if let Some(path) = self.file.as_deref().or(named.map(Path::new)) {
            tree.lay_file(path);
        }
        environment::lay(&mut tree, &self.environment);
        for (key, value) in &self.flags {
            tree.set_text(key, value, Origin::Flag);
        }
        let config = tree.config()?;
        let faults = check::problems(&config).into_iter();
        let faults = faults.chain(self.checks.iter().filter_map(|check| check(&config).err()));
        let problems: Vec<_> = faults
            .map(|p| format!("{}: {}: {}", tree.origin(p.key), p.key, p.sentence))
            .collect();
        if !problems.is_empty() {
            return Err(LoadError { problems });
        }
        let Tree { values, origins, .. } = tree;
        Ok(Loaded {
            config,
            origins,
            values,
        })
    }
}

// === impl Loaded ===

impl Loaded {
    /// Every key in the order of `config.toml`, with value, origin and comment; secrets as stars.
    pub fn print(&self) -> Vec<Shown> {
        let shown = |setting: Setting| {
            let key = setting.path();
            let value = &self.values[&setting.section][&setting.key];
            let hide = setting.secret && *value != setting.default;
            let value = if hide { "***".to_owned() } else { value.to_string() };
            let origin = self.origins.get(&key).unwrap_or(&Origin::Default).to_string();
            Shown {
                key,
                value,
                origin,
                comment: setting.comment,
            }
        };
        settings().into_iter().map(shown).collect()
    }
}

// === impl Problem, Origin, LoadError ===

impl Problem {
    /// A fault of that key.
    pub fn new(key: &'static str, sentence: impl Into<String>) -> Self {
        Self {
            key,
            sentence: sentence.into(),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Flag => f.write_str("flag"),
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("\n"))
    }
}

impl std::error::Error for LoadError {}

#[cfg(test)]
mod tests;
