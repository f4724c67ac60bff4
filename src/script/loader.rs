//! scripts/ and plugins/ to texts: what lies where, which file overrides which, and what is refused unread.
//!
//! ```text
//! actions/NAME.lua  policies/NAME.lua  lib/NAME.lua          in the program, or in the folder of script.scripts
//! plugins/PLUGIN/actions/... policies/... lib/...            and plugin.toml (name, version, api = 1)
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use include_dir::{Dir, include_dir};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::generation::{Kind, Origin};

/// File names that are scripts.
pub(super) const SUFFIXES: [&str; 2] = ["lua", "luau"];
/// The longest script.
const MAX_BYTES: u64 = 1 << 20;
/// The version of the contract between host and plugins.
const API: i64 = 1;

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/scripts");

/// Whether a file's stem can name a script: what stands on the wire and in `require`.
pub(super) fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// The text of one script.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) file: String,
    pub(super) kind: Kind,
    pub(super) origin: Origin,
    pub(super) text: Arc<str>,
}

/// Something that is wrong before any script runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Problem {
    pub(super) file: String,
    pub(super) line: Option<u32>,
    pub(super) error: String,
}

impl Problem {
    pub(super) fn new(file: impl Into<String>, error: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: None,
            error: error.into(),
        }
    }
}

/// Everything that lies in the roots at one moment.
#[derive(Default)]
pub(super) struct Scan {
    /// By file.
    pub(super) sources: BTreeMap<String, Source>,
    pub(super) problems: Vec<Problem>,
    /// Whether a script is empty, as it is for a moment while some editors save.
    pub(super) has_empty: bool,
}

impl Scan {
    /// A number that is the same when nothing has changed.
    pub(super) fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for source in self.sources.values() {
            hash.update(source.file.as_bytes());
            hash.update([0]);
            hash.update(Sha256::digest(source.text.as_bytes()));
        }
        for problem in &self.problems {
            hash.update(problem.file.as_bytes());
            hash.update(problem.error.as_bytes());
        }
        hash.finalize().into()
    }
}

/// Each file with its inode, its size and its time.
pub(super) type Fingerprint = Vec<(PathBuf, u64, u64, Option<SystemTime>)>;

/// Where scripts come from.
#[derive(Clone)]
pub(super) struct Roots {
    /// Instead of the scripts in the program.
    pub(super) scripts: Option<PathBuf>,
    pub(super) plugins: PathBuf,
}

impl Roots {
    /// Reads all scripts. What cannot be read is a problem, not an end.
    pub(super) fn scan(&self) -> Scan {
        let mut scan = Scan::default();
        match &self.scripts {
            None => shipped(&mut scan),
            Some(folder) => self.folder(folder, &Origin::Folder, "", &mut scan),
        }
        for (name, path) in entries(&self.plugins) {
            if !path.is_dir() {
                continue;
            }
            let prefix = format!("plugins/{name}/");
            if !is_name(&name) {
                scan.problems.push(Problem::new(
                    prefix,
                    "a plugin's folder is named with letters, digits, _ and - only",
                ));
                continue;
            }
            if manifest(
                &path.join("plugin.toml"),
                &format!("{prefix}plugin.toml"),
                &mut scan.problems,
            ) {
                self.folder(&path, &Origin::Plugin(name), &prefix, &mut scan);
            }
        }
        scan
    }

    fn folder(&self, folder: &Path, origin: &Origin, prefix: &str, scan: &mut Scan) {
        for (name, path) in entries(folder) {
            if !path.is_dir() || name == "types" {
                continue; // types/ is for editors
            }
            let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.folder() == name) else {
                for (file, _) in entries(&path).into_iter().filter(|(file, _)| split(file).is_some()) {
                    let error = format!("this version of the host knows no {name}/ folder; the file is not loaded");
                    scan.problems
                        .push(Problem::new(format!("{prefix}{name}/{file}"), error));
                }
                continue;
            };
            for (file, path) in entries(&path) {
                let display = format!("{prefix}{}/{file}", kind.folder());
                match read(&path) {
                    Ok(text) => add(scan, kind, origin, &file, display, text),
                    // Gone between the listing and the reading: as if it had never been there.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) if split(&file).is_some() => {
                        scan.problems.push(Problem::new(display, error.to_string()))
                    }
                    Err(_) => {}
                }
            }
        }
    }

    /// What the file system says about every file, without reading any; differs when something was saved.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        let mut seen = Vec::new();
        let mut folders: Vec<PathBuf> = self.scripts.iter().chain([&self.plugins]).cloned().collect();
        let mut depth = 0;
        while !folders.is_empty() && depth < 4 {
            let mut deeper = Vec::new();
            for path in folders.iter().flat_map(|folder| entries(folder)).map(|(_, path)| path) {
                let Ok(meta) = fs::metadata(&path) else { continue };
                if meta.is_dir() {
                    deeper.push(path);
                } else {
                    seen.push((path, meta.ino(), meta.len(), meta.modified().ok()));
                }
            }
            folders = deeper;
            depth += 1;
        }
        seen
    }
}

fn shipped(scan: &mut Scan) {
    for kind in Kind::ALL {
        for file in SHIPPED.get_dir(kind.folder()).iter().flat_map(|folder| folder.files()) {
            let name = file
                .path()
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default()
                .to_owned();
            let text = String::from_utf8_lossy(file.contents()).into_owned();
            add(
                scan,
                kind,
                &Origin::Shipped,
                &name,
                format!("{}/{name}", kind.folder()),
                text,
            );
        }
    }
}

fn add(scan: &mut Scan, kind: Kind, origin: &Origin, file: &str, display: String, text: String) {
    let Some((name, suffix)) = split(file) else { return };
    if !is_name(name) {
        scan.problems.push(Problem::new(
            display,
            "a script's name has letters, digits, _ and - only, at most 64",
        ));
        return;
    }
    if suffix == "luau" && scan.sources.contains_key(&display[..display.len() - 1]) {
        scan.problems.push(Problem::new(
            display,
            format!("{name}.lua has the same name; the file is not loaded"),
        ));
        return;
    }
    scan.has_empty |= text.is_empty();
    let source = Source {
        file: display.clone(),
        kind,
        origin: origin.clone(),
        text: text.into(),
    };
    scan.sources.insert(display, source);
}

/// A script's name and suffix; none for other files: hidden ones, back-ups of editors, tests.
fn split(file: &str) -> Option<(&str, &str)> {
    let (name, suffix) = file.rsplit_once('.')?;
    let is_script = SUFFIXES.contains(&suffix) && !file.starts_with('.') && !name.ends_with("_test");
    is_script.then_some((name, suffix))
}

/// A folder's entries by name, links followed; nothing where there is no folder.
fn entries(folder: &Path) -> Vec<(String, PathBuf)> {
    let Ok(listing) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut entries: Vec<_> = listing
        .flatten()
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
        .filter(|(name, _)| !name.starts_with('.'))
        .collect();
    entries.sort();
    entries
}

fn read(path: &Path) -> io::Result<String> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if split(name).is_none() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a script"));
    }
    if fs::metadata(path)?.len() > MAX_BYTES {
        return Err(io::Error::other("a script has at most 1 MiB; the file is not loaded"));
    }
    fs::read_to_string(path)
}

/// What a plugin.toml may hold in this version.
#[derive(Deserialize)]
struct Manifest {
    #[serde(default = "current_api")]
    api: i64,
    #[serde(flatten)]
    rest: BTreeMap<String, toml::Value>,
}

fn current_api() -> i64 {
    API
}

/// Reads a plugin's manifest, if it has one; false when the plugin must not be loaded at all.
fn manifest(path: &Path, display: &str, problems: &mut Vec<Problem>) -> bool {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return true,
        Err(error) => {
            problems.push(Problem::new(display, error.to_string()));
            return true;
        }
    };
    let manifest: Manifest = match toml::from_str(&text) {
        Ok(manifest) => manifest,
        Err(error) => {
            let line = error
                .span()
                .map(|span| 1 + text[..span.start].matches('\n').count() as u32);
            problems.push(Problem {
                file: display.to_owned(),
                line,
                error: error.message().to_owned(),
            });
            return true;
        }
    };
    if manifest.api != API {
        let error = format!(
            "the plugin wants api = {}, this host has api = {API}; the plugin is not loaded",
            manifest.api
        );
        problems.push(Problem::new(display, error));
        return false;
    }
    for key in manifest
        .rest
        .keys()
        .filter(|key| !["name", "version", "description"].contains(&key.as_str()))
    {
        let line = text
            .lines()
            .position(|line| line.trim_start_matches(['[', ' ']).starts_with(key.as_str()));
        let error =
            format!("this version of the host knows no `{key}` in plugin.toml; the plugin is loaded without it");
        problems.push(Problem {
            file: display.to_owned(),
            line: line.map(|at| at as u32 + 1),
            error,
        });
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, file: &str, text: &str) {
        let path = root.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("a file");
    }

    #[test]
    fn scripts_are_found_and_the_rest_is_explained() {
        let root = tempfile::tempdir().expect("a folder");
        for file in [
            "s/actions/a.lua",
            "s/lib/b.luau",
            "s/actions/.a.lua.swp",
            "s/actions/a.lua~",
            "s/actions/4913",
            "s/actions/a_test.lua",
            "s/actions/bad name.lua",
            "p/x/actions/echo.lua",
            "p/x/actions/echo.luau",
            "p/x/events/log.lua",
            "p/old/actions/gone.lua",
        ] {
            write(root.path(), file, "return {}");
        }
        write(
            root.path(),
            "p/x/plugin.toml",
            "name = 'x'\napi = 1\n[permissions]\nhttp = true\n",
        );
        write(root.path(), "p/old/plugin.toml", "api = 2\n");
        write(root.path(), "p/torn/plugin.toml", "name = 'x'\nversion = \n");
        let roots = Roots {
            scripts: Some(root.path().join("s")),
            plugins: root.path().join("p"),
        };
        let scan = roots.scan();
        let files: Vec<_> = scan.sources.keys().cloned().collect();
        assert_eq!(files, ["actions/a.lua", "lib/b.luau", "plugins/x/actions/echo.lua"]);
        let problems: Vec<_> = scan.problems.iter().map(|p| (p.file.as_str(), p.line)).collect();
        assert_eq!(
            problems,
            [
                ("actions/bad name.lua", None),
                ("plugins/old/plugin.toml", None),
                ("plugins/torn/plugin.toml", Some(2)),
                ("plugins/x/plugin.toml", Some(3)),
                ("plugins/x/actions/echo.luau", None),
                ("plugins/x/events/log.lua", None),
            ]
        );
    }
}
