//! scripts/ and plugins/ to texts: what lies where, which file overrides which, and what is refused unread.
//!
//! ```text
//! actions/NAME.lua  policies/NAME.lua  lib/NAME.lua          in the program, or in the folder of script.scripts
//! middleware/NAME.lua  events/NAME.lua  timers/NAME.lua
//! plugins/PLUGIN/actions/... policies/... lib/... ...        and plugin.toml, config.toml
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};

use super::generation::{Kind, Origin};
use super::manifest::Plugin;

/// File names that are scripts.
pub(super) const SUFFIXES: [&str; 2] = ["lua", "luau"];
/// The longest script.
const MAX_BYTES: u64 = 1 << 20;

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/scripts");

/// Whether a file's stem can name a script: what stands on the wire and in `require`.
pub fn is_name(name: &str) -> bool {
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
    /// The plugin that it belongs to.
    pub(super) plugin: Option<Arc<Plugin>>,
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

    /// The same, in that line.
    pub(super) fn at(self, line: Option<u32>) -> Self {
        Self { line, ..self }
    }
}

/// Everything that lies in the roots at one moment.
#[derive(Default)]
pub(super) struct Scan {
    /// By file.
    pub(super) sources: BTreeMap<String, Source>,
    pub(super) problems: Vec<Problem>,
    /// Plugins whose plugin.toml or config.toml is broken: what is in use of them stays.
    pub(super) kept: BTreeSet<String>,
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
            hash.update(format!("{:?}", source.plugin));
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
            Some(folder) => self.folder(folder, None, "", &mut scan),
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
            match Plugin::read(&path, &name) {
                Ok(plugin) => self.folder(&path, Some(Arc::new(plugin)), &prefix, &mut scan),
                Err(problem) => {
                    scan.problems.push(problem);
                    scan.kept.insert(name);
                }
            }
        }
        scan
    }

    fn folder(&self, folder: &Path, plugin: Option<Arc<Plugin>>, prefix: &str, scan: &mut Scan) {
        let origin = match &plugin {
            Some(plugin) => Origin::Plugin(plugin.name.clone()),
            None => Origin::Folder,
        };
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
                    Ok(text) => {
                        let source = Source {
                            file: display,
                            kind,
                            origin: origin.clone(),
                            plugin: plugin.clone(),
                            text: text.into(),
                        };
                        add(scan, &file, source);
                    }
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
            let source = Source {
                file: format!("{}/{name}", kind.folder()),
                kind,
                origin: Origin::Shipped,
                plugin: None,
                text: String::from_utf8_lossy(file.contents()).into(),
            };
            add(scan, &name, source);
        }
    }
}

fn add(scan: &mut Scan, file: &str, source: Source) {
    let Some((name, suffix)) = split(file) else { return };
    let display = source.file.clone();
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
    scan.has_empty |= source.text.is_empty();
    scan.sources.insert(display, source);
}

/// A script's name and suffix; none for other files: hidden ones, back-ups of editors, tests.
fn split(file: &str) -> Option<(&str, &str)> {
    let (name, suffix) = file.rsplit_once('.')?;
    let is_script = SUFFIXES.contains(&suffix) && !file.starts_with('.') && !name.ends_with("_test");
    is_script.then_some((name, suffix))
}

/// A folder's entries by name, links followed; nothing where there is no folder.
pub(super) fn entries(folder: &Path) -> Vec<(String, PathBuf)> {
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
            "p/x/odd/log.lua",
            "p/old/actions/gone.lua",
        ] {
            write(root.path(), file, "return {}");
        }
        write(root.path(), "p/x/plugin.toml", "name = 'x'\napi = 1\n");
        write(root.path(), "p/old/plugin.toml", "api = 2\n");
        write(root.path(), "p/torn/plugin.toml", "name = 'torn'\nversion = \n");
        let roots = Roots {
            scripts: Some(root.path().join("s")),
            plugins: root.path().join("p"),
        };
        let scan = roots.scan();
        let files: Vec<_> = scan.sources.keys().cloned().collect();
        assert_eq!(
            files,
            [
                "actions/a.lua",
                "lib/b.luau",
                "plugins/x/actions/echo.lua",
                "plugins/x/events/log.lua"
            ]
        );
        assert_eq!(scan.kept, BTreeSet::from(["old".to_owned(), "torn".to_owned()]));
        let problems: Vec<_> = scan.problems.iter().map(|p| (p.file.as_str(), p.line)).collect();
        assert_eq!(
            problems,
            [
                ("actions/bad name.lua", None),
                ("plugins/old/plugin.toml", Some(1)),
                ("plugins/torn/plugin.toml", Some(2)),
                ("plugins/x/actions/echo.luau", None),
                ("plugins/x/odd/log.lua", None),
            ]
        );
    }
}
