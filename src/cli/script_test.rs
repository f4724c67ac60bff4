//! `perilune script test`: runs `*_test.lua` files, one line a file, and tells what failed and where.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use serde_json::json;

use super::script_paths::shown;
use crate::actions::Actions;
use crate::actions::testing::{Browser, Pages};
use crate::config::Config;
use crate::ops::script_files::{Chosen, FileReport, load};

/// Which tests, and how.
pub(super) struct Options<'a> {
    pub(super) paths: &'a [PathBuf],
    pub(super) browser: bool,
    pub(super) json: bool,
}

pub(super) async fn run(config: &Config, options: &Options<'_>) -> anyhow::Result<ExitCode> {
    let offline = load(config, Actions::libraries())?;
    let chosen = Chosen::new(&offline, options.paths)?;
    let mut files = offline.tests();
    files.retain(|file| chosen.has(Some(&file.path)));
    if files.is_empty() {
        let folders: Vec<String> = offline
            .folders()
            .iter()
            .map(|folder| folder.display().to_string())
            .collect();
        bail!(
            "there are no tests: no *_test.lua in {}; `perilune script new action NAME` writes one",
            if folders.is_empty() {
                config.script.plugins.clone()
            } else {
                folders.join(" or ")
            }
        );
    }
    let profiles = tempfile::tempdir()?;
    let browser = match options.browser {
        true => Some(Browser::start(config, profiles.path().to_owned()).await?),
        false => None,
    };
    let pages = Pages::new(browser);
    let mut reports = Vec::new();
    for file in &files {
        let mut report = offline.test(file, &pages).await;
        report.rename(|file| shown(offline.path(file), file));
        if !options.json {
            print!("{report}");
        }
        reports.push(report);
    }
    pages.close().await;
    Ok(summary(&reports, options.json))
}

/// Says how many passed, or everything as data; fails when one failed.
fn summary(reports: &[FileReport], json: bool) -> ExitCode {
    let failed: usize = reports.iter().map(|report| report.failed()).sum();
    let passed: usize = reports.iter().map(|report| report.passed()).sum();
    let skipped: usize = reports.iter().map(|report| report.skipped()).sum();
    if json {
        println!(
            "{:#}",
            json!({ "ok": failed == 0, "passed": passed, "failed": failed, "skipped": skipped, "files": reports })
        );
    } else {
        println!(
            "\n{passed} passed, {failed} failed, {skipped} skipped, in {} file(s)",
            reports.len()
        );
    }
    ExitCode::from(u8::from(failed > 0))
}
