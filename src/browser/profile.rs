//! Profile folders: one per Chromium process, and the removal of what dead hosts left.
//!
//! Beside each folder `NAME` stands a file `NAME.owner` with the host's process id and its start time, so that another
//! host, or this one after a crash, can tell whether somebody still uses it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::{Pid, getpgid};

/// Chromium's socket has a path of its own below the folder for temporary files; longer ones than this do not fit into a
/// socket's 108 bytes.
const LONGEST_SOCKET_FOLDER: usize = 60;
/// What the names begin with; anything else in the folder is not ours to remove.
const PREFIX: &str = "chromium-";
/// How long a folder may resist its removal: a killed process still writes for a moment.
const REMOVAL: Duration = Duration::from_secs(2);

/// One profile folder; removed when dropped at the latest.
#[derive(Debug)]
pub(super) struct Profile {
    folder: PathBuf,
}

impl Profile {
    /// Makes a fresh folder among the profiles.
    pub(super) fn create(profiles: &Path) -> std::io::Result<Self> {
        let name = format!("{PREFIX}{}", &uuid::Uuid::new_v4().simple().to_string()[..8]);
        let profile = Self {
            folder: profiles.join(name),
        };
        std::fs::create_dir_all(profiles)?;
        // The owner goes first: a folder without one counts as left behind.
        std::fs::write(owner_file(&profile.folder), owner(std::process::id()))?;
        std::fs::create_dir(&profile.folder)?;
        std::fs::create_dir_all(profile.temporary())?;
        Ok(profile)
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where Chromium puts its sockets and temporary files.
    pub(super) fn temporary(&self) -> PathBuf {
        temporary(&self.folder)
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        remove(&self.folder);
    }
}

/// Ends the Chromiums and removes the folders of hosts that are dead. Returns how many folders there were.
pub(super) fn sweep(profiles: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(profiles) else {
        return 0;
    };
    let mut folders: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    // An owner file alone counts too: its host died between the two steps of the creation or the removal.
    folders.iter_mut().for_each(|path| {
        path.set_extension("");
    });
    folders.sort();
    folders.dedup();
    let ours = |folder: &PathBuf| {
        folder
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(PREFIX))
    };
    folders.retain(|folder| ours(folder) && !is_owned(folder));
    for folder in &folders {
        for pid in processes_of(folder) {
            // Only a group that this Chromium leads is ended as a whole.
            if getpgid(Some(pid)) == Ok(pid) {
                let _ = killpg(pid, Signal::SIGKILL);
            }
            let _ = kill(pid, Signal::SIGKILL);
        }
        remove(folder);
    }
    folders.len()
}

/// Whether the folder's host lives.
fn is_owned(folder: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(owner_file(folder)) else {
        return false;
    };
    let pid = text.split_whitespace().next().and_then(|pid| pid.parse().ok());
    pid.is_some_and(|pid| owner(pid) == text)
}

/// Process id and start time: a later process with the same number is another one.
fn owner(pid: u32) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in parentheses may hold blanks; the start time is the 20th field after it.
    let start = stat
        .rsplit(')')
        .next()
        .and_then(|rest| rest.split_whitespace().nth(19))
        .unwrap_or("dead");
    format!("{pid} {start}")
}

fn owner_file(folder: &Path) -> PathBuf {
    folder.with_extension("owner")
}

fn temporary(folder: &Path) -> PathBuf {
    let inside = folder.join("tmp");
    if inside.as_os_str().len() <= LONGEST_SOCKET_FOLDER {
        return inside;
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    std::env::temp_dir().join(format!("perilune-{name}"))
}

fn processes_of(folder: &Path) -> Vec<Pid> {
    let wanted = format!("--user-data-dir={}", folder.display());
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0)
            .any(|argument| argument == wanted.as_bytes())
    })
    .map(Pid::from_raw)
    .collect()
}

fn remove(folder: &Path) {
    let until = Instant::now() + REMOVAL;
    for path in [temporary(folder), folder.to_owned()] {
        while path.exists() && std::fs::remove_dir_all(&path).is_err() && Instant::now() < until {
            std::thread::yield_now();
        }
    }
    let _ = std::fs::remove_file(owner_file(folder));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sweep_takes_what_dead_hosts_left_and_nothing_else() {
        let profiles = tempfile::tempdir().expect("a folder");
        let ours = Profile::create(profiles.path()).expect("made");
        let dead = profiles.path().join("chromium-dead");
        std::fs::create_dir(&dead).expect("made");
        std::fs::write(owner_file(&dead), "1 7").expect("written");
        std::fs::write(profiles.path().join("chromium-gone.owner"), "999999999 dead?").expect("written");
        std::fs::write(profiles.path().join("notes"), "not ours").expect("written");
        assert_eq!(sweep(profiles.path()), 2);
        assert!(!dead.exists() && ours.folder().is_dir());
        drop(ours);
        assert_eq!(std::fs::read_dir(profiles.path()).expect("readable").count(), 1);
    }

    #[test]
    fn a_reused_process_id_is_another_owner() {
        assert_ne!(owner(std::process::id()), format!("{} 1", std::process::id()));
        assert!(owner(999_999_999).ends_with("dead"));
    }
}
