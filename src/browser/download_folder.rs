//! The folder of one session's downloads: names that are safe, and nothing kept longer than allowed.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Bytes of a name; file systems take 255.
const LONGEST: usize = 150;
/// Bytes of what counts as a name's extension.
const EXTENSION: usize = 16;
/// Files of one name in one folder.
const SAME: u32 = 1000;

/// A folder of its own for a session's files, private to the user; an empty one is removed when dropped.
pub(super) struct DownloadFolder {
    path: PathBuf,
}

impl Drop for DownloadFolder {
    fn drop(&mut self) {
        // Fails while there are files, and those are the point of it.
        let _ = std::fs::remove_dir(&self.path);
    }
}

impl DownloadFolder {
    /// Makes a folder among those of other sessions, whose files are removed when their time is over.
    pub(super) fn create(all: &Path, retention: Duration) -> std::io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        let name = &uuid::Uuid::new_v4().simple().to_string()[..12];
        let path = all.join(name);
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&path)?;
        sweep(all, retention, &path);
        Ok(Self { path })
    }

    /// Where Chromium writes.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives a finished file its name; one that is taken gets a number.
    pub(super) fn place(&self, from: &str, suggested: &str) -> std::io::Result<PathBuf> {
        use std::os::unix::fs::PermissionsExt;
        let source = self.path.join(from);
        std::fs::set_permissions(&source, std::fs::Permissions::from_mode(0o600))?;
        let name = safe_name(suggested);
        let (stem, extension) = split(&name);
        for number in 1..=SAME {
            let name = match number {
                1 => name.clone(),
                _ => format!("{stem} ({number}){extension}"),
            };
            let path = self.path.join(name);
            // A link fails where a rename would replace.
            match std::fs::hard_link(&source, &path) {
                Ok(()) => return std::fs::remove_file(&source).map(|()| path),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(std::io::ErrorKind::AlreadyExists.into())
    }

    /// Removes what is left of a download that came to nothing.
    pub(super) fn discard(&self, id: &str) {
        for name in [id.to_owned(), format!("{id}.crdownload")] {
            let _ = std::fs::remove_file(self.path.join(name));
        }
    }
}

/// A file name out of what a server or a page proposes: no path, no hidden file, nothing that a terminal or a reader
/// takes for something else.
fn safe_name(suggested: &str) -> String {
    let last = suggested.rsplit(['/', '\\']).next().unwrap_or_default();
    let odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let clean: String = last
        .chars()
        .filter(|c| !odd(*c))
        .map(|c| if "<>:\"|?*".contains(c) { '_' } else { c })
        .collect();
    let clean = clean.trim_matches(|c: char| c == '.' || c == ' ' || c == '-' || c == '~');
    let (stem, extension) = split(clean);
    let stem = shorten(stem, LONGEST - extension.len());
    if stem.is_empty() {
        return format!("download{extension}");
    }
    format!("{stem}{extension}")
}

/// Stem and extension, the latter with its dot.
fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(at) if name.len() - at <= EXTENSION => name.split_at(at),
        _ => (name, ""),
    }
}

fn shorten(text: &str, most: usize) -> &str {
    let end = text
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .take_while(|end| *end <= most)
        .last()
        .unwrap_or(0);
    &text[..end]
}

/// Removes files whose time is over, and folders that have become empty.
fn sweep(all: &Path, retention: Duration, but: &Path) {
    let list = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_old = |path: &Path| {
        let changed = std::fs::symlink_metadata(path).and_then(|data| data.modified());
        changed.is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age > retention))
    };
    for folder in list(all).map(|entry| entry.path()).filter(|path| path != but) {
        for file in list(&folder).map(|entry| entry.path()).filter(|path| is_old(path)) {
            let _ = std::fs::remove_file(file);
        }
        // A living session's folder may be empty and new.
        if is_old(&folder) {
            let _ = std::fs::remove_dir(&folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_harmless() {
        for (suggested, expect) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Windows\\evil.exe", "evil.exe"),
            (".bashrc", "bashrc"),
            ("a\u{202e}fdp.exe", "afdp.exe"),
            ("new\nline\0.txt", "newline.txt"),
            ("-rf", "rf"),
            ("what?*.txt", "what__.txt"),
            ("..", "download"),
            ("", "download"),
            (".tar.gz", "tar.gz"),
        ] {
            assert_eq!(safe_name(suggested), expect, "{suggested:?}");
        }
        let long = safe_name(&format!("{}.pdf", "ä".repeat(300)));
        assert!(long.len() <= LONGEST && long.ends_with("ä.pdf"), "{long}");
    }

    #[test]
    fn files_get_their_names_and_never_replace_one() {
        let all = tempfile::tempdir().expect("a folder");
        let folder = DownloadFolder::create(all.path(), Duration::from_secs(60)).expect("made");
        for (id, expect) in [("1", "a.txt"), ("2", "a (2).txt")] {
            std::fs::write(folder.path().join(id), id).expect("written");
            let path = folder.place(id, "x/a.txt").expect("placed");
            assert_eq!(path.file_name().and_then(|name| name.to_str()), Some(expect));
            assert_eq!(std::fs::read_to_string(&path).expect("there"), id);
        }
        assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 2);
        drop(folder);
        assert_eq!(
            std::fs::read_dir(all.path()).expect("readable").count(),
            1,
            "files stay"
        );
        let next = DownloadFolder::create(all.path(), Duration::ZERO).expect("made");
        let left: Vec<_> = std::fs::read_dir(all.path()).expect("readable").flatten().collect();
        let left: Vec<_> = left.iter().map(std::fs::DirEntry::path).collect();
        assert_eq!(left, [next.path()], "what was kept its time is gone");
        drop(next);
    }
}
