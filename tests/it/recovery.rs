//! What dies and comes back: renderer, browser, Redis, the host itself.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;

use crate::support::{Host, Python, Site, eventually};

/// The processes of a host's Chromium whose command line has this word.
pub(crate) fn chromiums(host: &Host, word: &str) -> Vec<i32> {
    let folder = host.folder.path().display().to_string();
    let ours = |line: String| line.contains(&folder) && line.contains("headless") && line.contains(word);
    processes().filter(|pid| ours(command_line(*pid))).collect()
}

async fn start_again(host: &Host, url: &str) {
    let answer = host.call("start_browser_session", json!({ "room_name": "r" })).await;
    assert_eq!(answer["success"], true, "{answer}");
    assert_eq!(
        host.page("r", "location.href").await,
        url,
        "the session is back at its last address"
    );
}

#[tokio::test]
async fn a_dead_renderer_ends_one_session_and_start_brings_it_back() {
    let site = Site::start(&[("/", "<title>T</title>"), ("/last", "<title>L</title>")]).await;
    let host = Host::start().await;
    // An operator who does not want sessions to come back by themselves.
    host.save_plugin(
        "own/policies/recovery.lua",
        "-- Never.\nreturn { decide = function() return { recover = false } end }\n",
    )
    .await;
    host.open("r", &site.url("/")).await;
    host.open("other", &site.url("/")).await;
    host.action("r", "navigate", json!({ "url": site.url("/last") })).await;
    let mut events = host.events("r", None).await;
    let began = Instant::now();
    // The browser's own way to crash a page.
    let (crashed, error) = tokio::join!(
        host.action("r", "navigate", json!({ "url": "chrome://crash" })),
        async {
            for pid in renderers_of(&host).await {
                kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it runs");
            }
            events.of_type("browser_error").await
        }
    );
    assert_eq!(crashed["success"], false);
    assert!(
        began.elapsed() < Duration::from_secs(4),
        "noticed after {:?}",
        began.elapsed()
    );
    assert_eq!(error["recoverable"], true);
    let dead = host.action("r", "click", json!({ "index": 0 })).await;
    assert_eq!(dead["error_type"], "browser_crashed", "{dead}");
    assert_eq!(host.get("/api/sessions/r").await.1["phase"], "crashed");
    start_again(&host, &site.url("/last")).await;
    events.of_type("session_recovered").await;
}

#[tokio::test]
async fn a_dead_session_comes_back_by_itself_where_its_policy_says_so() {
    let site = Site::start(&[("/", "<title>T</title>"), ("/last", "<title>L</title>")]).await;
    let host = Host::start().await;
    host.open("r", &site.url("/")).await;
    host.action("r", "navigate", json!({ "url": site.url("/last") })).await;
    let mut events = host.events("r", None).await;
    for pid in renderers_of(&host).await {
        kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it runs");
    }
    let error = events.of_type("browser_error").await;
    let recovered = events.of_type("session_recovered").await;
    assert_eq!(recovered["url"], site.url("/last").as_str());
    let waited = recovered["timestamp"].as_f64().expect("a time") - error["timestamp"].as_f64().expect("a time");
    assert!(waited > 0.9, "the shipped policy waits a second, not {waited}");
    assert_eq!(host.page("r", "location.pathname").await, "/last");
}

/// The renderers of both rooms, since nothing outside tells them apart: descendants of the host's browsers.
async fn renderers_of(host: &Host) -> Vec<i32> {
    eventually("the renderers run", Duration::from_secs(5), || async {
        let browsers = chromiums(host, "--remote-debugging-pipe");
        let found: Vec<i32> = processes()
            .filter(|pid| command_line(*pid).contains("--type=renderer"))
            .filter(|pid| ancestors(*pid).any(|ancestor| browsers.contains(&ancestor)))
            .collect();
        (!found.is_empty()).then_some(found)
    })
    .await
}

fn processes() -> impl Iterator<Item = i32> {
    let entries = std::fs::read_dir("/proc").expect("procfs").flatten();
    entries.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok())
}

fn command_line(pid: i32) -> String {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&line).replace('\0', " ")
}

fn ancestors(pid: i32) -> impl Iterator<Item = i32> {
    std::iter::successors(Some(pid), |pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The second field is the program's name in brackets and may hold anything.
        stat.rsplit_once(") ")?
            .1
            .split(' ')
            .nth(1)?
            .parse()
            .ok()
            .filter(|parent| *parent > 1)
    })
}

#[tokio::test]
async fn a_killed_browser_is_noticed_and_replaced() {
    let site = Site::start(&[("/", "<title>T</title>")]).await;
    let host = Host::start().await;
    host.open("r", &site.url("/")).await;
    let mut events = host.events("r", None).await;
    let began = Instant::now();
    for pid in chromiums(&host, "--remote-debugging-pipe")
        .into_iter()
        .filter(|pid| !is_child(*pid))
    {
        kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it runs");
    }
    events.of_type("browser_error").await;
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "noticed after {:?}",
        began.elapsed()
    );
    start_again(&host, &site.url("/")).await;
}

/// Whether it is one of Chromium's helpers and not the browser itself.
fn is_child(pid: i32) -> bool {
    command_line(pid).contains("--type=")
}

#[tokio::test]
async fn redis_restarted_under_the_host_loses_no_queued_command() {
    let site = Site::start(&[("/", "<title>T</title>")]).await;
    let mut host = Host::start().await;
    host.open("r", &site.url("/")).await;
    let mut own = host.events("_host", None).await;
    let (port, count) = (host.redis.port.to_string(), 40);
    let mut producer = Python::start(
        "add_jobs.py",
        &[
            "--redis",
            &port,
            "--room",
            "r",
            "--count",
            &count.to_string(),
            "--hold",
            "3",
        ],
    );
    producer
        .until("added", Duration::from_secs(20), |line| line["added"] == count)
        .await;
    host.redis.kill().await;
    own.until("Redis is away", |e| {
        e["type"] == "redis_state" && e["connected"] == false
    })
    .await;
    assert_eq!(host.page("r", "1").await, 1, "HTTP goes on without Redis");
    host.redis.restart().await;
    own.until("Redis is back", |e| {
        e["type"] == "redis_state" && e["connected"] == true
    })
    .await;
    let counted = eventually("every job ran", Duration::from_secs(30), || async {
        let seen = host.page("r", "window.seen || []").await;
        let seen = seen.as_array().expect("a list").clone();
        (seen.len() >= count).then_some(seen)
    })
    .await;
    let expected: Vec<_> = (0..count).map(serde_json::Value::from).collect();
    assert_eq!(counted, expected, "each once, in order");
}

#[tokio::test]
async fn a_killed_host_comes_back_with_its_sessions_and_their_commands() {
    let site = Site::start(&[("/", "<title>T</title>"), ("/last", "<title>L</title>")]).await;
    let mut host = Host::start().await;
    host.open("r", &site.url("/")).await;
    host.page("r", "document.cookie = 'who=me; max-age=3600'").await;
    host.action("r", "navigate", json!({ "url": site.url("/last") })).await;
    let mut redis = host.redis.connection().await;
    eventually("the checkpoint is written", Duration::from_secs(5), || {
        let mut redis = redis.clone();
        async move {
            let json: Option<String> = redis::cmd("GET")
                .arg("perilune:session:r")
                .query_async(&mut redis)
                .await
                .ok()?;
            json.filter(|json| json.contains("/last") && json.contains("who"))
        }
    })
    .await;
    let mut last = host.events("r", Some(0)).await;
    let seq = last.until("an event", |e| e["type"] == "page_load_complete").await["seq"]
        .as_u64()
        .expect("a number");
    let before = chromiums(&host, "");
    assert!(!before.is_empty());
    host.kill().await;
    eventually("no Chromium outlives its host", Duration::from_secs(5), || async {
        chromiums(&host, "").is_empty().then_some(())
    })
    .await;

    let port = host.redis.port.to_string();
    let mut producer = Python::start("add_jobs.py", &["--redis", &port, "--room", "r", "--count", "10"]);
    producer
        .until("added", Duration::from_secs(20), |line| line["added"] == 10)
        .await;
    host.restart().await;
    let mut events = host.events("r", Some(seq)).await;
    let error = events.of_type("browser_error").await;
    assert_eq!(error["recoverable"], true);
    events.of_type("session_recovered").await;
    let seen = eventually("the waiting commands ran", Duration::from_secs(20), || async {
        let seen = host.page("r", "window.seen || []").await;
        (seen.as_array().map_or(0, Vec::len) >= 10).then_some(seen)
    })
    .await;
    assert_eq!(seen, json!([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    assert_eq!(
        host.page("r", "location.pathname + ' ' + document.cookie").await,
        "/last who=me"
    );
    let stale: Vec<String> = redis::cmd("KEYS")
        .arg("perilune:session:*")
        .query_async(&mut redis)
        .await
        .expect("Redis");
    assert_eq!(stale, ["perilune:session:r"]);
}
