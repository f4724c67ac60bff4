//! Settings from variables: `PERILUNE_SECTION__KEY`, the original programs' bare names, and either as `..._FILE`.

use std::collections::BTreeMap;

use super::tree::Tree;
use super::{Origin, settings};

const PREFIX: &str = "PERILUNE_";

/// The original programs' variables; weaker than ours, since other programs use such names too.
const BARE: &[(&str, &str)] = &[
    ("LIVEKIT_URL", "livekit.url"),
    ("LIVEKIT_API_KEY", "livekit.api_key"),
    ("LIVEKIT_API_SECRET", "livekit.api_secret"),
    ("REDIS_URL", "redis.url"),
    ("HOST", "api.bind.ip"),
    ("PORT", "api.bind.port"),
    ("LOG_LEVEL", "telemetry.log"),
    ("BROWSER_EXECUTABLE_PATH", "browser.executable"),
    ("BROWSER_USE_CONFIG_PATH", "registry.file"),
];

/// Lays the variables over what is there, bare names first.
pub(super) fn lay(tree: &mut Tree, environment: &BTreeMap<String, String>) {
    for (name, key) in BARE {
        lay_bare(tree, environment, name, key);
    }
    for (name, value) in environment.iter().filter(|(name, _)| name.starts_with(PREFIX)) {
        let Some((section, key)) = name[PREFIX.len()..].split_once("__") else {
            look_for_single_underscore(tree, name);
            continue;
        };
        let path = format!("{section}.{key}").to_ascii_lowercase();
        match path.strip_suffix("_file") {
            Some(path) => lay_file(tree, environment, name, path, value),
            None => tree.set_text(&path, value, Origin::Environment(name.clone())),
        }
    }
}

/// An empty bare variable counts as unset, as compose files and shells produce them.
fn lay_bare(tree: &mut Tree, environment: &BTreeMap<String, String>, name: &str, key: &str) {
    let in_file = format!("{name}_FILE");
    if let Some(file) = environment.get(&in_file).filter(|file| !file.is_empty()) {
        lay_file(tree, environment, &in_file, key, file);
    }
    let Some(value) = environment.get(name).filter(|value| !value.is_empty()) else {
        return;
    };
    let value = if name == "LOG_LEVEL" {
        level(value)
    } else {
        value.clone()
    };
    tree.set_text(key, &value, Origin::Environment(name.to_owned()));
}

/// The originals write levels as Python does, in capitals and with its names.
fn level(text: &str) -> String {
    let text = text.to_ascii_lowercase();
    match text.as_str() {
        "warning" => "warn".to_owned(),
        "critical" | "fatal" => "error".to_owned(),
        _ => text,
    }
}

/// The value stands in a file, as container platforms hand over secrets; the line end is not part of it.
fn lay_file(tree: &mut Tree, environment: &BTreeMap<String, String>, name: &str, key: &str, file: &str) {
    let direct = name.trim_end_matches("_FILE");
    if environment.get(direct).is_some_and(|value| !value.is_empty()) {
        return tree.problem(name, format!("{direct} is set too; unset one of the two"));
    }
    match std::fs::read_to_string(file) {
        Ok(text) => tree.set_text(
            key,
            text.trim_end_matches(['\r', '\n']),
            Origin::Environment(name.to_owned()),
        ),
        Err(error) => tree.problem(name, format!("{file} cannot be read: {error}")),
    }
}

/// `PERILUNE_API_BIND` is nobody's variable and surely meant to be ours.
fn look_for_single_underscore(tree: &mut Tree, name: &str) {
    let meant = |path: &str| format!("{PREFIX}{}", path.replace('.', "__").to_ascii_uppercase());
    let same = |path: &String| meant(path).replacen("__", "_", 1) == name.trim_end_matches("_FILE");
    if let Some(path) = settings().iter().map(super::Setting::path).find(same) {
        tree.problem(
            name,
            format!("two underscores stand between section and key; write {}", meant(&path)),
        );
    }
}
