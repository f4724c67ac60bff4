//! Files for file fields, out of the folders that the settings name and no others.
//!
//! **Invariant:** a file is only handed to a page when its real path, links resolved, lies in such a folder.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::cdp::CdpError;
use super::element::Element;
use super::form::CHANGED;
use super::interact::Click;
use super::locate::Found;
use super::page_error::PageError;
use super::wire::{Evaluate, ReleaseObject, SetFileInputFiles};
use super::world::{CALL, GROUP, WorldError};
use super::{FrameRef, Tab};

/// A file dialog that a page has asked for (`Page.fileChooserOpened`); it is never shown.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Chooser {
    frame_id: String,
    #[serde(default)]
    mode: String,
    /// None for a dialog without a field, which takes no files from us.
    backend_node_id: Option<i64>,
}

/// A file field of a page.
#[derive(Deserialize)]
struct Field {
    number: u64,
    what: String,
    multiple: bool,
}

impl Element {
    /// Puts files into the file field that it is, holds, or opens a dialog for when it is clicked; the files' names.
    pub async fn upload(&self, paths: &[String]) -> Result<Vec<String>, PageError> {
        #[derive(Deserialize)]
        struct Told {
            value: Option<Field>,
        }
        let folders = &self.tab.context().upload_folders;
        let files = paths
            .iter()
            .map(|path| allowed(folders, path))
            .collect::<Result<Vec<_>, _>>()?;
        let told: Told = self.ask("fileField", &(self.number,), CALL).await?;
        match told.value {
            Some(field) => {
                self.takes(field.multiple, files.len())?;
                let found = Found::new(field.number, &field.what);
                self.beside(found).put_files(&files).await
            }
            None => self.upload_by_dialog(&files).await,
        }
    }

    fn takes(&self, multiple: bool, count: usize) -> Result<(), PageError> {
        if multiple || count == 1 {
            return Ok(());
        }
        Err(self.refused(format!("it takes one file, not {count}")))
    }

    async fn put_files(&self, files: &[PathBuf]) -> Result<Vec<String>, PageError> {
        let world = match self.tab.ensure_world(&self.frame).await {
            Ok(world) => world,
            Err(WorldError::Lost) => return Err(self.gone()),
            Err(WorldError::Other(error)) => return Err(error),
        };
        let name = self.tab.page_ops().name(&self.frame.frame_id);
        let question = Evaluate {
            expression: format!("{name}.element({})", self.number).into(),
            context_id: Some(world.context),
            object_group: GROUP,
            ..Evaluate::default()
        };
        let target = &self.frame.target;
        let object = target.call_within(CALL, question).await?.result.object_id;
        let object = object.ok_or_else(|| self.gone())?;
        let put = SetFileInputFiles {
            files,
            object_id: Some(&object),
            backend_node_id: None,
        };
        let put = target.call_within(CALL, put).await;
        drop(target.post(ReleaseObject { object_id: &object }));
        put.map_err(|error| self.not_put(error))?;
        self.check_files(self.number, files.len()).await
    }

    /// A click makes the page ask for a file dialog; Chromium tells which field it is for.
    async fn upload_by_dialog(&self, files: &[PathBuf]) -> Result<Vec<String>, PageError> {
        let tab = &self.tab;
        tab.change(|page| page.chooser = None);
        self.click(Click::default()).await?;
        let mut page = tab.watch_page();
        let opened = page.wait_for(|page| page.chooser.is_some() || page.is_over());
        let chooser = match tokio::time::timeout(CHANGED, opened).await {
            Ok(Ok(page)) => page.chooser.clone(),
            _ => None,
        };
        let chooser =
            chooser.ok_or_else(|| self.refused("it is no file field, and a click on it opens no file dialog"))?;
        let node = chooser.backend_node_id;
        let node = node.ok_or_else(|| self.refused("its file dialog belongs to no file field of the page"))?;
        self.takes(chooser.mode != "selectSingle", files.len())?;
        let frame = tab
            .frames()
            .into_iter()
            .find(|frame| frame.frame_id == chooser.frame_id);
        let frame = frame.ok_or_else(|| self.gone())?;
        let put = SetFileInputFiles {
            files,
            object_id: None,
            backend_node_id: Some(node),
        };
        frame
            .target
            .call_within(CALL, put)
            .await
            .map_err(|error| self.not_put(error))?;
        let number = self.number_of(tab, &frame, node).await?;
        let field = tab.element(frame, Found::new(number, &self.what), self.origin);
        field.check_files(number, files.len()).await
    }

    async fn number_of(&self, tab: &Tab, frame: &FrameRef, node: i64) -> Result<u64, PageError> {
        let adopted = async {
            let world = tab.ensure_world(frame).await?;
            tab.adopt(frame, &world, node).await
        };
        adopted.await.map_err(|error| match error {
            WorldError::Lost => self.gone(),
            WorldError::Other(error) => error,
        })
    }

    fn not_put(&self, error: CdpError) -> PageError {
        match error {
            CdpError::Refused { message, .. } => self.refused(message),
            other => other.into(),
        }
    }

    /// The names of the files that the field holds now.
    async fn check_files(&self, number: u64, count: usize) -> Result<Vec<String>, PageError> {
        let names = self.held("files", &(number,)).await;
        let names = match names {
            Ok(names) => names,
            // Many pages take the files at once and put another field in this one's place.
            Err(PageError::Gone { .. } | PageError::StaleIndex { .. }) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let names: Vec<String> = serde_json::from_value(names).unwrap_or_default();
        if !names.is_empty() && names.len() != count {
            return Err(self.refused(format!("it has taken {} of {count} files", names.len())));
        }
        Ok(names)
    }
}

/// The real path of a file that may be uploaded. What lies outside of the folders is denied without a look at the disk,
/// so that nobody learns what is there.
fn allowed(folders: &[PathBuf], path: &str) -> Result<PathBuf, PageError> {
    let denied = || PageError::FileDenied { path: shown(path) };
    let given = Path::new(path);
    let plain = given
        .components()
        .all(|part| !matches!(part, std::path::Component::ParentDir));
    if !plain || path.contains('\0') {
        return Err(denied());
    }
    let mut inside = false;
    for folder in folders {
        // A relative path is one in the folder, an absolute one must lead there as it is written.
        let whole = folder.join(given);
        let Ok(real_folder) = folder.canonicalize() else {
            continue;
        };
        if !whole.starts_with(folder) && !whole.starts_with(&real_folder) {
            continue;
        }
        inside = true;
        let Ok(real) = whole.canonicalize() else { continue };
        if !real.starts_with(&real_folder) {
            return Err(denied());
        }
        if real.is_file() {
            return Ok(real);
        }
    }
    match inside {
        true => Err(PageError::NoFile { path: shown(path) }),
        false => Err(denied()),
    }
}

fn shown(path: &str) -> String {
    path.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_files_of_the_folders_are_allowed() {
        let root = tempfile::tempdir().expect("a folder");
        let uploads = root.path().join("uploads");
        fs::create_dir_all(uploads.join("inner")).expect("a folder");
        for file in ["uploads/a.txt", "uploads/inner/b.txt", "secret.txt"] {
            fs::write(root.path().join(file), "x").expect("a file");
        }
        symlink(root.path().join("secret.txt"), uploads.join("link.txt")).expect("a link");
        symlink(root.path(), uploads.join("out")).expect("a link");
        symlink(uploads.join("a.txt"), uploads.join("good.txt")).expect("a link");
        let folders = [uploads.clone()];
        let check = |path: &str, expect: &str| {
            let got = match allowed(&folders, path) {
                Ok(real) => real.file_name().expect("a name").to_string_lossy().into_owned(),
                Err(PageError::FileDenied { .. }) => "denied".to_owned(),
                Err(PageError::NoFile { .. }) => "none".to_owned(),
                Err(error) => error.to_string(),
            };
            assert_eq!(got, expect, "{path}");
        };
        check("a.txt", "a.txt");
        check("inner/b.txt", "b.txt");
        check("good.txt", "a.txt");
        check(&uploads.join("a.txt").to_string_lossy(), "a.txt");
        check("missing.txt", "none");
        check("inner", "none");
        check("", "none");
        for path in [
            "link.txt",
            "out/secret.txt",
            "../secret.txt",
            "inner/../../secret.txt",
            "/etc/passwd",
            "/no/such",
        ] {
            check(path, "denied");
        }
        check(&root.path().join("secret.txt").to_string_lossy(), "denied");
        check(&format!("{}x/a.txt", uploads.display()), "denied");
        let nowhere = allowed(&[], "a.txt");
        assert!(matches!(nowhere, Err(PageError::FileDenied { .. })), "{nowhere:?}");
    }
}
