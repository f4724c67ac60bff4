//! Takes BullMQ's own Lua scripts out of the sources of the dependency `bullmq-official`, so that no copy of them stands
//! in this repository and none can drift unnoticed: every file is checked by its hash.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

const CRATE: &str = "bullmq-official";
const SERIES: &str = "1.4.";

/// File in `src/commands/` of the crate, SHA-256 of the text that `src/queue` was written against.
const SCRIPTS: &[(&str, &str)] = &[
    (
        "moveToActive-11.lua",
        "7d35069db0b831af1bd1b2d5eb8d524e86fc7d3280b8c684a96b6614bad7d79a",
    ),
    (
        "moveToFinished-14.lua",
        "8e744ec5d65dbe9e7ffb6e39a96c0268bba65e4f0b1d04e2d2a42ccb71b45a6d",
    ),
    (
        "extendLocks-1.lua",
        "14bb41f30eff2e7ff033bbcb31078fbc954a0bb16902129da8b68861c16baa5c",
    ),
    (
        "updateProgress-3.lua",
        "62d0cce017bd552a5d7f4cd9856b4df2ce8351b45dace63705aa56bd96962edc",
    ),
    (
        "addLog-2.lua",
        "2e2322a36a7705b991e6d607033e9a56c8e7775a1ad8b075b3c5588c43a79bc5",
    ),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=Cargo.lock");
    if let Err(sentence) = take_scripts() {
        println!("cargo::error={sentence}");
        std::process::exit(1);
    }
}

fn take_scripts() -> Result<(), String> {
    let source = find_crate()?.join("src").join("commands");
    let target = PathBuf::from(env::var("OUT_DIR").map_err(|e| e.to_string())?).join("bullmq");
    fs::create_dir_all(&target).map_err(|e| format!("cannot make {}: {e}", target.display()))?;
    for (file, expected) in SCRIPTS {
        let path = source.join(file);
        let text = fs::read(&path).map_err(|e| format!("{CRATE} has no readable src/commands/{file}: {e}"))?;
        let found = hex(&Sha256::digest(&text));
        if found != *expected {
            return Err(format!(
                "{CRATE}'s script {file} is not the one that src/queue was written against (SHA-256 {found}, expected \
                 {expected}). Read what changed in it, run the tests in tests/it/queue.rs, then put the new hash into build.rs"
            ));
        }
        let name = file.split('-').next().unwrap_or(file);
        fs::write(target.join(format!("{name}.lua")), &text).map_err(|e| format!("cannot write {name}.lua: {e}"))?;
    }
    Ok(())
}

/// The folder with the crate's sources: asked of cargo, which knows about vendoring and mirrors; else looked for in the
/// registry folders of cargo's home.
fn find_crate() -> Result<PathBuf, String> {
    let ways: [&[&str]; 2] = [&["--offline", "--locked"], &["--offline"]];
    let mut complaints = Vec::new();
    for way in ways {
        match ask_cargo(way) {
            Ok(folder) => return Ok(folder),
            Err(complaint) => complaints.push(complaint),
        }
    }
    look_in_registry().ok_or_else(|| {
        format!(
            "cannot find the sources of {CRATE} {SERIES}x, which hold BullMQ's scripts: {}",
            complaints.join("; ")
        )
    })
}

fn ask_cargo(flags: &[&str]) -> Result<PathBuf, String> {
    let manifest = Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(|e| e.to_string())?).join("Cargo.toml");
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let answer = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(&manifest)
        .args(flags)
        .output()
        .map_err(|e| format!("cargo metadata did not start: {e}"))?;
    if !answer.status.success() {
        let words = String::from_utf8_lossy(&answer.stderr);
        return Err(format!(
            "cargo metadata {}: {}",
            flags.join(" "),
            words.trim().replace('\n', " ")
        ));
    }
    let tree: serde_json::Value = serde_json::from_slice(&answer.stdout).map_err(|e| format!("cargo metadata: {e}"))?;
    let packages = tree["packages"].as_array().ok_or("cargo metadata names no packages")?;
    packages
        .iter()
        .filter(|p| p["name"] == CRATE && p["version"].as_str().is_some_and(|v| v.starts_with(SERIES)))
        .filter_map(|p| Path::new(p["manifest_path"].as_str()?).parent().map(Path::to_path_buf))
        .next()
        .ok_or_else(|| format!("cargo metadata names no {CRATE} {SERIES}x"))
}

fn look_in_registry() -> Option<PathBuf> {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")))?;
    let start = format!("{CRATE}-{SERIES}");
    let registries = fs::read_dir(home.join("registry").join("src")).ok()?;
    registries
        .flatten()
        .filter_map(|registry| fs::read_dir(registry.path()).ok())
        .flat_map(|crates| crates.flatten().map(|entry| entry.path()))
        .filter(|path| {
            path.file_name()
                .and_then(|n| n.to_str())
                .is_some_and(|n| n.starts_with(&start))
        })
        .max()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
