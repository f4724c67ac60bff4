//! Scripts as files: new ones from templates, shipped ones taken out to be changed, and which of them somebody means.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::Config;
use crate::script::{self, Library, Offline, is_name, nearest};
pub use crate::script::{FileReport, Kind};

/// Why a file was not written or not found.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name cannot name a script.
    #[error("`{0}` is no name for a script: use letters, digits, _ and -, at most 64")]
    Name(String),
    /// There is a file already.
    #[error("{} is there already; nothing was written", .0.display())]
    Exists(PathBuf),
    /// No shipped script has that name.
    #[error("no shipped script is called `{name}`{}", hint(.near))]
    Unknown {
        /// What was asked for.
        name: String,
        /// What may have been meant.
        near: Vec<String>,
    },
    /// A path that lies in no folder of scripts.
    #[error("{} lies in none of the folders {}; name them with --scripts and --plugins", .path.display(), shown(.folders))]
    Outside {
        /// The path.
        path: PathBuf,
        /// The folders.
        folders: Vec<PathBuf>,
    },
    /// The file system said no.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The scripts cannot be loaded.
    #[error(transparent)]
    Script(#[from] script::Error),
}

fn hint(near: &[String]) -> String {
    match near {
        [] => "; `perilune script list` shows all".to_owned(),
        near => format!("; did you mean {}?", near.join(" or ")),
    }
}

fn shown(folders: &[PathBuf]) -> String {
    match folders {
        [] => "(there is none)".to_owned(),
        all => all
            .iter()
            .map(|one| one.display().to_string())
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// What `script new` makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// A script of a kind.
    Script(Kind),
    /// A plugin with an action and its test.
    Plugin,
}

const ACTION_TEST: &str = include_str!("templates/action_test.lua");
const PLUGIN: &str = include_str!("templates/plugin.toml");

fn template(kind: Kind) -> &'static str {
    match kind {
        Kind::Action => include_str!("templates/action.lua"),
        Kind::Policy => include_str!("templates/policy.lua"),
        Kind::Lib => include_str!("templates/lib.lua"),
        Kind::Middleware => include_str!("templates/middleware.lua"),
        Kind::Event => include_str!("templates/event.lua"),
        Kind::Timer => include_str!("templates/timer.lua"),
    }
}

/// Writes a new script (or plugin) into a plugin; gives the files.
pub fn create(config: &Config, what: Template, name: &str, plugin: &str) -> Result<Vec<PathBuf>, Error> {
    let plugin = if what == Template::Plugin { name } else { plugin };
    for name in [name, plugin] {
        if !is_name(name) || name.ends_with("_test") {
            return Err(Error::Name(name.to_owned()));
        }
    }
    let folder = plugins(config).join(plugin);
    let (kind, mut files) = match what {
        Template::Script(kind) => (kind, Vec::new()),
        Template::Plugin => (Kind::Action, vec![(folder.join("plugin.toml"), PLUGIN)]),
    };
    let scripts = folder.join(kind.folder());
    files.push((scripts.join(format!("{name}.lua")), template(kind)));
    if kind == Kind::Action {
        files.push((scripts.join(format!("{name}_test.lua")), ACTION_TEST));
    }
    if let Some((there, _)) = files.iter().find(|(file, _)| file.exists()) {
        return Err(Error::Exists(there.clone()));
    }
    for (file, text) in &files {
        write(file, &text.replace("{name}", name))?;
    }
    Ok(files.into_iter().map(|(file, _)| file).collect())
}

/// Writes a shipped script into a plugin, where it takes the place of the shipped one; gives the file.
pub fn eject(config: &Config, libraries: Vec<Arc<dyn Library>>, name: &str, plugin: &str) -> Result<PathBuf, Error> {
    if !is_name(plugin) {
        return Err(Error::Name(plugin.to_owned()));
    }
    let mut shipped = config.script.clone();
    shipped.scripts = String::new();
    shipped.plugins = "/dev/null".to_owned(); // a folder without plugins
    let offline = Offline::load(&shipped, Path::new("/"), libraries)?;
    let generation = offline.generation();
    // `policies/retry`, `policy/retry` or `retry`.
    let (kind, bare) = name
        .split_once('/')
        .map_or((None, name), |(kind, bare)| (Some(kind), bare));
    let is_kind = |of: Kind| kind.is_none_or(|kind| kind == of.folder() || kind == of.to_string());
    let bare = bare.trim_end_matches(".lua");
    let found: Vec<_> = generation
        .scripts()
        .filter(|s| s.name == bare && is_kind(s.kind))
        .collect();
    let [script] = found.as_slice() else {
        let path = |kind: Kind, name: &str| format!("{}/{name}", kind.folder());
        let near = match found.as_slice() {
            [] => {
                let known: Vec<&str> = generation.scripts().map(|script| script.name.as_str()).collect();
                let near = nearest(bare, &known);
                let alike = generation.scripts().filter(|script| Some(script.name.as_str()) == near);
                alike.map(|script| path(script.kind, &script.name)).collect()
            }
            many => many.iter().map(|script| path(script.kind, &script.name)).collect(),
        };
        return Err(Error::Unknown {
            name: name.to_owned(),
            near,
        });
    };
    let file = plugins(config).join(plugin).join(&script.file);
    if file.exists() {
        return Err(Error::Exists(file));
    }
    write(&file, generation.source(&script.file).unwrap_or_default())?;
    Ok(file)
}

/// The folder of plugins, seen from where the command was given.
pub fn plugins(config: &Config) -> PathBuf {
    PathBuf::from(&config.script.plugins)
}

/// The scripts of the configured folders, without a host.
pub fn load(config: &Config, libraries: Vec<Arc<dyn Library>>) -> Result<Offline, Error> {
    let here = std::env::current_dir().map_err(|source| Error::File {
        path: PathBuf::from("."),
        source,
    })?;
    Ok(Offline::load(&config.script, &here, libraries)?)
}

/// Which files somebody means; all where nothing is said.
pub struct Chosen(Vec<PathBuf>);

impl Chosen {
    /// Files and folders; each must lie in a folder of scripts.
    pub fn new(offline: &Offline, paths: &[PathBuf]) -> Result<Self, Error> {
        let folders: Vec<PathBuf> = offline.folders().iter().flat_map(fs::canonicalize).collect();
        let mut chosen = Vec::new();
        for path in paths {
            let whole = fs::canonicalize(path).map_err(|source| Error::File {
                path: path.clone(),
                source,
            })?;
            if !folders
                .iter()
                .any(|folder| whole.starts_with(folder) || folder.starts_with(&whole))
            {
                return Err(Error::Outside {
                    path: path.clone(),
                    folders: offline.folders(),
                });
            }
            chosen.push(whole);
        }
        Ok(Self(chosen))
    }

    /// Whether a file is among them.
    pub fn has(&self, path: Option<&Path>) -> bool {
        let whole = path.and_then(|path| fs::canonicalize(path).ok());
        self.0.is_empty() || whole.is_some_and(|whole| self.0.iter().any(|chosen| whole.starts_with(chosen)))
    }
}

/// Writes a file that was not there a moment ago, with the folders it lies in.
fn write(file: &Path, text: &str) -> Result<(), Error> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => Error::Exists(file.to_owned()),
        _ => Error::File {
            path: file.to_owned(),
            source,
        },
    };
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut opened = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file)
        .map_err(failed)?;
    opened.write_all(text.as_bytes()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::EMBEDDED;

    fn config(root: &Path) -> Config {
        let mut config: Config = toml::from_str(EMBEDDED).expect("the embedded settings");
        config.script.plugins = root.join("plugins").display().to_string();
        config
    }

    #[test]
    fn every_template_is_a_script_without_fault() {
        let root = tempfile::tempdir().expect("a folder");
        let config = config(root.path());
        for kind in Kind::ALL {
            create(&config, Template::Script(kind), "first-one", "mine").expect("files");
        }
        create(&config, Template::Plugin, "whole", "unused").expect("files");
        let offline = load(&config, Vec::new()).expect("scripts");
        assert_eq!(offline.check(&[]).expect("a check"), []);
        let own = offline
            .generation()
            .scripts()
            .filter(|script| script.file.starts_with("plugins/"));
        assert_eq!(own.count(), Kind::ALL.len() + 1);
        assert_eq!(offline.tests().len(), 2);
    }

    #[test]
    fn nothing_is_written_over() {
        let root = tempfile::tempdir().expect("a folder");
        let config = config(root.path());
        let files = create(&config, Template::Script(Kind::Action), "echo", "mine").expect("files");
        fs::write(&files[0], "mine").expect("a file");
        let again = create(&config, Template::Script(Kind::Action), "echo", "mine");
        assert!(matches!(again, Err(Error::Exists(_))), "{again:?}");
        assert_eq!(fs::read_to_string(&files[0]).expect("the file"), "mine");
        for name in ["../out", "", "a b", "x_test"] {
            let refused = create(&config, Template::Script(Kind::Lib), name, "mine");
            assert!(matches!(refused, Err(Error::Name(_))), "{name}: {refused:?}");
        }
    }

    #[test]
    fn shipped_scripts_are_taken_out_by_name() {
        let root = tempfile::tempdir().expect("a folder");
        let config = config(root.path());
        let file = eject(&config, Vec::new(), "policy/retry", "local").expect("a file");
        assert!(file.ends_with("plugins/local/policies/retry.lua"), "{file:?}");
        assert!(
            fs::read_to_string(&file)
                .expect("the file")
                .contains("decide = function")
        );
        let again = eject(&config, Vec::new(), "retry", "local");
        assert!(matches!(again, Err(Error::Exists(_))), "{again:?}");
        let unknown = eject(&config, Vec::new(), "clik", "local").expect_err("no such script");
        assert!(unknown.to_string().contains("actions/click"), "{unknown}");
    }
}
