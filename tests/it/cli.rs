//! The command line, as a person or a script uses it.

use std::process::Output;

use serde_json::Value;
use tokio::process::Command;

use crate::support::{Host, Site};

mod scripts;

async fn perilune(host: Option<&Host>, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perilune"));
    command.args(arguments).env_remove("PERILUNE_URL");
    if let Some(host) = host {
        command.env("PERILUNE_URL", &host.base);
    }
    command.output().await.expect("the binary was built")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stdout)))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn sessions_and_actions_from_a_terminal() {
    let site = Site::start(&[("/", "<title>T</title><button>b</button>")]).await;
    let host = Host::start().await;
    let url = site.url("/");
    let started = perilune(Some(&host), &["session", "start", "r", "--url", &url]).await;
    assert!(started.status.success(), "{}", text(&started.stderr));
    assert!(text(&started.stdout).contains("status: started"));
    let clicked = perilune(Some(&host), &["action", "r", "click", "index=0", "--json"]).await;
    assert_eq!(json(&clicked)["success"], true);
    let listed = perilune(Some(&host), &["session", "list", "--json"]).await;
    assert_eq!(json(&listed)[0]["room_name"], "r");
    assert!(text(&perilune(Some(&host), &["session", "list"]).await.stdout).contains("Total: 1 session(s)"));
    let view = perilune(Some(&host), &["session", "view", "r"]).await;
    assert_eq!(text(&view.stdout).trim(), format!("{}/view/r", host.base));
    let failed = perilune(Some(&host), &["action", "r", "click", "selector=#none"]).await;
    assert_eq!(failed.status.code(), Some(1));
    assert!(
        text(&failed.stderr).contains("element_not_found"),
        "{}",
        text(&failed.stderr)
    );
    assert_eq!(
        perilune(Some(&host), &["session", "show", "nobody"])
            .await
            .status
            .code(),
        Some(1)
    );
    assert_eq!(perilune(Some(&host), &["session", "fly"]).await.status.code(), Some(2));
    let scripts = perilune(Some(&host), &["script", "list", "--json"]).await;
    assert!(
        json(&scripts)
            .as_array()
            .expect("scripts")
            .iter()
            .any(|s| s["name"] == "click")
    );
    let nobody = Command::new(env!("CARGO_BIN_EXE_perilune"))
        .args(["session", "list"])
        .env("PERILUNE_URL", "http://127.0.0.1:1")
        .output()
        .await
        .expect("the binary was built");
    assert_eq!(nobody.status.code(), Some(1));
    assert!(
        text(&nobody.stderr).contains("perilune serve"),
        "{}",
        text(&nobody.stderr)
    );
}

#[tokio::test]
async fn the_configuration_is_checked_with_file_line_and_nearest_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.toml");
    std::fs::write(&file, "[stream]\nmax_fsp = 20\n").expect("a file");
    let path = file.to_str().expect("UTF-8");
    let checked = perilune(None, &["config", "check", "--config", path]).await;
    let said = text(&checked.stderr);
    assert!(!checked.status.success());
    assert!(said.contains("mine.toml:2") && said.contains("max_fps"), "{said}");

    std::fs::write(&file, "[livekit]\napi_secret = \"hush-hush\"\napi_key = \"k\"\n").expect("a file");
    let printed = perilune(None, &["config", "print", "--config", path, "--port", "9000", "--json"]).await;
    let all = text(&printed.stdout);
    assert!(!all.contains("hush-hush"), "{all}");
    let printed = json(&printed);
    assert_eq!(printed["api.bind"]["value"], "\"127.0.0.1:9000\"");
    assert!(
        printed["livekit.api_secret"]["origin"]
            .as_str()
            .expect("a text")
            .contains("mine.toml:2"),
        "{printed:#}"
    );

    let open = perilune(None, &["serve", "--set", "api.bind=0.0.0.0:0"]).await;
    assert!(!open.status.success());
    assert!(text(&open.stderr).contains("api.token"), "{}", text(&open.stderr));
}

#[tokio::test]
async fn the_demo_does_its_work_and_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let redis = crate::support::Redis::start().await;
    let data = folder.path().to_str().expect("UTF-8");
    let url = redis.url();
    let demo = perilune(
        None,
        &[
            "demo",
            "--once",
            "--data",
            data,
            "--redis",
            &url,
            "--set",
            "api.bind=127.0.0.1:0",
        ],
    )
    .await;
    let said = text(&demo.stdout);
    assert!(demo.status.success(), "{said}\n{}", text(&demo.stderr));
    assert!(
        said.contains("Selene flies to Tycho.") && said.contains("/view/demo"),
        "{said}"
    );
}

#[tokio::test]
async fn the_doctor_finds_what_is_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("UTF-8");
    let well = perilune(None, &["doctor", "--json", "--data", data]).await;
    assert!(well.status.success(), "{}", text(&well.stdout));
    let ill = perilune(
        None,
        &[
            "doctor",
            "--data",
            data,
            "--set",
            "browser.executable=/nowhere/chromium",
        ],
    )
    .await;
    assert_eq!(ill.status.code(), Some(1));
    assert!(text(&ill.stdout).contains("/nowhere/chromium"), "{}", text(&ill.stdout));
}
