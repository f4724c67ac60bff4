//! How the script verbs show files: as a person would type them where the command was given.

use std::path::PathBuf;

/// The path seen from here, or the name that messages use for a file of the program.
pub(super) fn shown(path: Option<PathBuf>, name: &str) -> String {
    let Some(path) = path else {
        return name.to_owned();
    };
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(&path).display().to_string()
}
