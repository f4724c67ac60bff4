//! The house rules that a machine can see: layers, sizes, names, first lines, specs and generated pages.
//!
//! Needs no outside service. ARCHITECTURE.md says why; a change of the table of layers is a design decision.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use perilune::actions::Actions;
use perilune::cli::docs;
use perilune::config::load::settings;

/// A module and what it may import.
const LAYERS: &[(&str, &str)] = &[
    ("protocol", ""),
    ("config", ""),
    ("policy", "protocol config"),
    ("telemetry", "config policy"),
    ("browser", BASE),
    ("media", BASE),
    ("script", BASE),
    ("events", BASE),
    ("http", BASE),
    ("registry", BASE),
    (
        "actions",
        "browser http registry script protocol config policy telemetry",
    ),
    ("awi", "http registry script events protocol config policy telemetry"),
    ("knowledge", "browser events script protocol config policy telemetry"),
    (
        "session",
        "actions awi browser media events protocol config policy telemetry",
    ),
    (
        "ops",
        "browser media script events registry session protocol config policy telemetry",
    ),
    ("queue", "session events script protocol config policy telemetry"),
    (
        "api",
        "session knowledge awi registry events media actions ops protocol config policy telemetry",
    ),
    ("cli", "host registry awi actions ops protocol config policy telemetry"),
    (
        "host",
        "queue api session knowledge awi actions ops browser media script events registry protocol config policy telemetry",
    ),
];
const BASE: &str = "protocol config policy telemetry";

/// Names that say nothing about what is in a file.
const EMPTY_NAMES: &[&str] = &[
    "utils", "util", "helpers", "helper", "common", "types", "manager", "service", "misc",
];

/// Folders that hold what people write; everything else is built, fetched or somebody's own.
const FOLDERS: &[&str] = &[
    "src",
    "crates",
    "scripts",
    "plugins/example",
    "tests",
    "benches",
    "docs",
    "tools",
    ".github",
    ".ci",
];

// === What is read ===

struct Source {
    /// From the root of the repository, with forward slashes.
    name: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every text file of the folders, and those beside Cargo.toml.
fn sources() -> Vec<Source> {
    let mut paths: Vec<PathBuf> = list(root()).into_iter().filter(|p| p.is_file()).collect();
    FOLDERS.iter().for_each(|folder| walk(&root().join(folder), &mut paths));
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root()).ok()?.to_string_lossy().replace('\\', "/");
        Some(Source {
            name,
            text: fs::read_to_string(&path).ok()?,
        })
    };
    let mut sources: Vec<_> = paths.into_iter().filter_map(read).collect();
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(
        sources.iter().any(|s| s.name == "src/lib.rs"),
        "the sources are not where they are looked for"
    );
    sources
}

fn list(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in list(folder) {
        let built = path
            .file_name()
            .is_some_and(|n| ["target", "node_modules", "__pycache__"].iter().any(|b| n == *b));
        match path.is_dir() {
            true if !built => walk(&path, found),
            true => {}
            false => found.push(path),
        }
    }
}

impl Source {
    fn is(&self, ending: &str) -> bool {
        self.name.ends_with(ending)
    }

    fn is_product(&self) -> bool {
        let in_product =
            self.name.starts_with("src/") || self.name.starts_with("crates/") && self.name.contains("/src/");
        in_product && self.is(".rs") && !self.is("/tests.rs") && !self.name.contains("/tests/")
    }

    /// The Rust that ships: numbered lines without comments and without the tests at the end of the file.
    fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = self.text.find("\n#[cfg(test)]\nmod tests {").unwrap_or(self.text.len());
        let lines = self.text[..end].lines().enumerate();
        lines
            .map(|(i, line)| (i + 1, line))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

fn none(faults: &[String], rule: &str) {
    assert!(faults.is_empty(), "{rule}\n  {}", faults.join("\n  "));
}

// === Layers ===

#[test]
fn imports_only_point_down() {
    let mut faults = Vec::new();
    for source in sources()
        .iter()
        .filter(|s| s.name.starts_with("src/") && s.is_product())
    {
        let path = source.name["src/".len()..].trim_end_matches(".rs");
        let module = path.split('/').next().unwrap_or(path);
        if ["lib", "main"].contains(&module) {
            continue;
        }
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module) else {
            faults.push(format!("{}: the module `{module}` stands in no layer", source.name));
            continue;
        };
        let depth = path.trim_end_matches("/mod").split('/').count();
        for (number, line) in source.product_lines() {
            for used in imports(line, depth) {
                let known = LAYERS.iter().any(|(name, _)| *name == used);
                if known && used != module && !allowed.split(' ').any(|a| a == used) {
                    faults.push(format!("{}:{number}: `{module}` must not use `{used}`", source.name));
                }
            }
        }
    }
    none(
        &faults,
        "a module imports only what the table in tests/house.rs allows:",
    );
}

/// The modules at the root of the crate that a line names: by `crate::`, or by enough `super::`.
fn imports(line: &str, depth: usize) -> Vec<String> {
    let climb = "super::".repeat(depth);
    let starts = ["crate::", climb.as_str()];
    let after = starts
        .iter()
        .flat_map(|start| line.match_indices(start).map(|(at, _)| &line[at + start.len()..]));
    after.flat_map(names).collect()
}

/// The name at the start of a path, or each of those in braces.
fn names(path: &str) -> Vec<String> {
    let word = |text: &str| {
        text.trim()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    let Some(group) = path.strip_prefix('{') else {
        return vec![word(path)];
    };
    let mut depth = 0;
    let pieces = group.split(|c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    pieces.map(word).collect()
}

#[test]
fn imports_are_recognised() {
    assert_eq!(imports("use crate::policy::{Rules, mask};", 2), ["policy"]);
    assert_eq!(
        imports("use crate::{config::{Api, load}, policy, self};", 1),
        ["config", "policy", "self"]
    );
    assert_eq!(
        imports("    let a = crate::queue::x(super::super::api::y());", 2),
        ["queue", "api"]
    );
    assert!(imports("use super::queue;", 2).is_empty());
}

#[test]
fn the_program_itself_is_thin() {
    let main = fs::read_to_string(root().join("src/main.rs")).expect("src/main.rs");
    assert!(
        main.lines().count() <= 40,
        "src/main.rs only hands over to cli; 40 lines are enough"
    );
}

// === Files ===

#[test]
fn files_have_a_readable_size() {
    let mut faults = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        let is_test_list = source.is("/tests.rs");
        // A definition file for editors is a list.
        let is_list = is_test_list || source.text.starts_with("---@meta");
        if !is_list && (source.is(".rs") && lines > 500 || source.is(".lua") && lines > 120) {
            faults.push(format!("{}: {lines} lines", source.name));
        }
    }
    none(
        &faults,
        "at most 500 lines of Rust and 120 of Lua in a file; split by noun:",
    );
}

#[test]
fn files_begin_by_saying_what_they_are_for() {
    let mut faults = Vec::new();
    for source in sources() {
        let starts: &[&str] = match source.name.rsplit('.').next() {
            Some("rs") => &["//!"],
            Some("lua") => &["--"],
            Some("py") => &["\"\"\"", "#"],
            Some("js") => &["//", "/*"],
            Some("sh" | "yml") => &["#"],
            Some("toml") if source.name == "config.toml" || source.is("/plugin.toml") => &["#"],
            _ => continue,
        };
        let first = source
            .text
            .lines()
            .find(|line| !line.starts_with("#!") && !line.starts_with("--!"))
            .unwrap_or_default();
        if !starts.iter().any(|start| first.starts_with(start)) {
            faults.push(source.name);
        }
    }
    none(&faults, "the first line of a file says what it is for:");
}

#[test]
fn names_say_something() {
    // The editors' name for a folder of annotations.
    let given = |name: &str| name.starts_with("scripts/types/");
    let empty = |name: &str| !given(name) && name.split(['/', '.']).any(|part| EMPTY_NAMES.contains(&part));
    let faults: Vec<_> = sources()
        .into_iter()
        .map(|s| s.name)
        .filter(|name| empty(name))
        .collect();
    none(&faults, "a file is named for what is in it:");
}

#[test]
fn nothing_of_this_machine_stands_in_a_file() {
    let common = [
        "/",
        "/home",
        "/opt",
        "/srv",
        "/tmp",
        "/mnt",
        "/usr/src",
        "/usr/local/src",
        "/var/tmp",
        "/root",
    ];
    let parent = root()
        .parent()
        .map(|p| p.display().to_string())
        .filter(|p| !common.contains(&p.as_str()));
    let home = std::env::var("HOME")
        .ok()
        .filter(|home| home.len() > 1)
        .map(|home| format!("{home}/."));
    let words: Vec<_> = [Some(format!("{}/", root().display())), parent.map(|p| p + "/"), home]
        .into_iter()
        .flatten()
        .collect();
    let mut faults = Vec::new();
    for source in sources().iter().filter(|s| !s.is(".lock")) {
        for (i, _) in source
            .text
            .lines()
            .enumerate()
            .filter(|(_, line)| words.iter().any(|word| line.contains(word)))
        {
            faults.push(format!("{}:{}", source.name, i + 1));
        }
    }
    none(&faults, "no path of the machine it was written on:");
}

// === Code ===

#[test]
fn the_product_neither_unwraps_nor_leaves_work_undone() {
    let banned = [
        ".unwrap()",
        ".unwrap_err()",
        "todo!(",
        "unimplemented!(",
        "dbg!(",
        "unbounded_channel(",
    ];
    let mut faults = Vec::new();
    for source in sources().iter().filter(|s| s.is_product()) {
        for (number, line) in source.product_lines() {
            if let Some(word) = banned.iter().find(|word| line.contains(*word)) {
                faults.push(format!("{}:{number}: {word}", source.name));
            }
        }
    }
    none(&faults, "these words are for tests and drafts:");
}

#[test]
fn every_action_has_a_spec_and_every_spec_an_action() {
    let names = |folder: &str| -> BTreeSet<String> {
        let stem =
            |p: PathBuf| (p.extension()? == "lua").then(|| p.file_stem().map(|s| s.to_string_lossy().into_owned()))?;
        let stems = list(&root().join(folder)).into_iter().filter_map(stem);
        stems.filter(|name| !name.ends_with("_test")).collect()
    };
    let (actions, specs) = (names("scripts/actions"), names("tests/actions"));
    let faults: Vec<_> = actions.symmetric_difference(&specs).cloned().collect();
    none(
        &faults,
        "scripts/actions and tests/actions have the same files; one of the two is missing for:",
    );
}

// === Reference ===

#[test]
fn every_setting_is_documented_where_it_is_defined() {
    let faults: Vec<_> = settings()
        .into_iter()
        .filter(|s| s.comment.is_empty())
        .map(|s| s.path())
        .collect();
    none(&faults, "each key of config.toml has a comment behind it:");
}

#[test]
fn generated_pages_are_up_to_date() {
    let mut faults = Vec::new();
    for page in docs::pages(&Actions::shipped().expect("the shipped actions")) {
        if fs::read_to_string(root().join("docs").join(page.file)).unwrap_or_default() != page.text {
            faults.push(format!("docs/{}", page.file));
        }
    }
    none(&faults, "run `make docs` to write these anew:");
}
