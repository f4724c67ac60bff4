//! `perilune script check`: what is wrong with scripts, as compilers tell it.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use super::script_paths::shown;
use crate::actions::{Actions, context_names};
use crate::config::Config;
use crate::ops::script_files::{Chosen, load};

pub(super) fn run(config: &Config, paths: &[PathBuf], json: bool) -> anyhow::Result<ExitCode> {
    let offline = load(config, Actions::libraries())?;
    let chosen = Chosen::new(&offline, paths)?;
    let mut found = offline.check(&context_names())?;
    found.retain(|one| chosen.has(offline.path(&one.file).as_deref()));
    let errors = found.iter().filter(|one| one.is_error()).count();
    let warnings = found.len() - errors;
    for one in &mut found {
        one.file = shown(offline.path(&one.file), &one.file);
    }
    let scripts = offline.generation().scripts().filter(|script| {
        let path = offline.path(&script.file);
        path.is_some() && chosen.has(path.as_deref())
    });
    let good = scripts.count();
    if json {
        println!("{:#}", json!({ "ok": errors == 0, "problems": found, "scripts": good }));
    } else {
        for one in &found {
            println!("{one}\n");
        }
        println!("{good} script(s) can be used, {errors} error(s), {warnings} warning(s)");
    }
    Ok(ExitCode::from(u8::from(errors > 0)))
}
