//! Which Chromium is started: the real program, never a distribution's wrapper script.
//!
//! A wrapper appends flags of its own, and stays between the host and the process that it would have to end.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::Error;

/// Headless shells first: a session costs a tenth of the CPU and a third of the memory.
const SHELLS: &[&str] = &["chromium-headless-shell", "chrome-headless-shell", "headless_shell"];
const BROWSERS: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
];
/// Where distributions keep the real programs behind their wrappers.
const LIBRARIES: &[&str] = &[
    "/usr/lib/chromium",
    "/usr/lib/chromium-browser",
    "/usr/lib64/chromium-browser",
    "/usr/lib64/chromium",
    "/opt/google/chrome",
    "/opt/chromium",
];

/// A Chromium on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binary {
    /// The program.
    pub path: PathBuf,
    /// Whether it is the small one without a window system.
    pub headless_shell: bool,
}

/// Finds the program that `browser.executable` means.
pub(super) fn find(executable: &str) -> Result<Binary, Error> {
    let none = || Error::NoBrowser {
        wanted: executable.to_owned(),
    };
    let path = if executable == "auto" {
        let names: Vec<_> = SHELLS.iter().chain(BROWSERS).copied().collect();
        by_name(&names).ok_or_else(none)?
    } else if executable.contains('/') {
        let path = std::fs::canonicalize(executable).map_err(|_| none())?;
        if is_program(&path) {
            path
        } else {
            behind(&path).or(Some(path).filter(|p| is_file(p))).ok_or_else(none)?
        }
    } else {
        by_name(&[executable]).ok_or_else(none)?
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let headless_shell = name.contains("headless-shell") || name.contains("headless_shell");
    Ok(Binary { path, headless_shell })
}

/// The first of these names that is a real program; a script only if there is nothing better.
fn by_name(names: &[&str]) -> Option<PathBuf> {
    let search = std::env::var_os("PATH").unwrap_or_default();
    let folders = || {
        LIBRARIES
            .iter()
            .map(PathBuf::from)
            .chain(std::env::split_paths(&search))
    };
    let all = |fits: fn(&Path) -> bool| {
        names
            .iter()
            .find_map(|name| folders().map(|folder| folder.join(name)).find(|path| fits(path)))
    };
    all(is_program).or_else(|| all(is_file))
}

/// The real program of a wrapper script of the same name.
fn behind(wrapper: &Path) -> Option<PathBuf> {
    let name = wrapper.file_name()?;
    LIBRARIES
        .iter()
        .map(|folder| Path::new(folder).join(name))
        .find(|path| is_program(path))
}

fn is_file(path: &Path) -> bool {
    path.is_file()
}

fn is_program(path: &Path) -> bool {
    let mut start = [0; 4];
    path.is_file()
        && std::fs::File::open(path)
            .and_then(|mut file| file.read_exact(&mut start))
            .is_ok()
        && start == *b"\x7fELF"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_named() {
        let error = find("/nowhere/chromium").expect_err("there is none");
        assert!(error.to_string().contains("/nowhere/chromium"), "{error}");
        assert!(find("no-such-browser").is_err());
    }

    #[test]
    fn a_program_of_ones_own_is_taken_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("my-headless-shell");
        std::fs::write(&path, b"\x7fELF....").expect("written");
        let binary = find(path.to_str().expect("UTF-8")).expect("found");
        assert!(binary.headless_shell);
    }
}
