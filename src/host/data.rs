//! The data folder: everything the host keeps, private to its user.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// The folder and what stands in it.
#[derive(Clone, Debug)]
pub struct DataFolder {
    root: PathBuf,
}

impl DataFolder {
    /// Makes the folder (0700), or takes the one that is there. `auto` is the user's data folder + `/perilune`.
    pub fn open(setting: &str) -> anyhow::Result<Self> {
        let root = match setting {
            "auto" => dirs::data_dir()
                .context("the user's data folder is not known; set host.data or --data")?
                .join("perilune"),
            path => PathBuf::from(path),
        };
        let folder = Self {
            root: std::path::absolute(root)?,
        };
        folder.make("")?;
        Ok(folder)
    }

    /// Chromium's profile folders.
    pub fn profiles(&self) -> anyhow::Result<PathBuf> {
        self.make("profiles")
    }

    /// The files that pages downloaded, a folder for each session.
    pub fn downloads(&self) -> anyhow::Result<PathBuf> {
        self.make("downloads")
    }

    /// The folders that files may be uploaded from, as whole paths; the shipped one is made.
    pub fn uploads(&self, folders: &[String]) -> anyhow::Result<Vec<String>> {
        if folders.iter().any(|folder| folder == "uploads") {
            self.make("uploads")?;
        }
        let whole = |folder| self.root.join(folder).to_string_lossy().into_owned();
        Ok(folders.iter().map(whole).collect())
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn make(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = if name.is_empty() {
            self.root.clone()
        } else {
            self.root.join(name)
        };
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o700)))
            .with_context(|| {
                format!(
                    "the data folder {} cannot be used; set host.data or --data to one that can",
                    path.display()
                )
            })?;
        Ok(path)
    }
}
