//! Plugins in a running host: handlers and timers that act on a session's page between its commands.

mod examples;

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt;

use crate::support::{Host, Site};

const BANNER: &str = "<title>T</title><div id=banner><button onclick='banner.remove()'>Accept</button></div>
    <button onclick='window.bought = !document.getElementById(`banner`)'>Buy</button>";

#[tokio::test]
async fn a_handler_closes_the_banner_before_the_next_command() {
    let site = Site::start(&[("/", "<title>T</title>"), ("/banner", BANNER)]).await;
    let host = Host::start().await;
    let closer = "-- Closes it.\nreturn { on = { page_load_complete = function(ctx, event)\n\
        if ctx.page:evaluate(\"!!document.getElementById('banner')\") then ctx.run('click', { selector = '#banner button' }) end\n\
        end } }\n";
    host.save_plugin("closer/events/banner.lua", closer).await;
    host.open("r", &site.url("/")).await;
    let mut events = host.events("r", None).await;
    // The click waits before the navigation has ended, so that the handler's turn is between them.
    let (there, clicked) = tokio::join!(
        host.action("r", "navigate", json!({ "url": site.url("/banner") })),
        async {
            events.of_type("action_started").await;
            host.action("r", "click", json!({ "selector": "body > button" })).await
        },
    );
    assert_eq!((&there["success"], &clicked["success"]), (&json!(true), &json!(true)));
    assert_eq!(host.page("r", "window.bought").await, true);
}

#[tokio::test]
async fn a_timer_runs_in_each_session_and_ends_with_its_file() {
    let site = Site::start(&[("/", "<title>T</title>")]).await;
    let host = Host::start().await;
    host.open("a", &site.url("/")).await;
    host.open("b", &site.url("/")).await;
    let tick = "-- Counts.\nreturn { every_ms = 100, run = function(ctx) ctx.page:evaluate('window.ticks = (window.ticks || 0) + 1') end }\n";
    host.save_plugin("clock/timers/tick.lua", tick).await;
    for room in ["a", "b"] {
        crate::support::eventually("three ticks", Duration::from_secs(10), || async {
            (host.page(room, "window.ticks").await.as_u64()? >= 3).then_some(())
        })
        .await;
    }
    let mut events = host.events("a", None).await;
    fs::remove_file(host.folder.path().join("plugins/clock/timers/tick.lua")).expect("it is there");
    events.of_type("script_reloaded").await;
    let last = host.page("a", "window.ticks").await;
    let waited = host.action("a", "wait", json!({ "seconds": 0.4 })).await;
    assert_eq!(waited["success"], true);
    assert_eq!(host.page("a", "window.ticks").await, last, "it ticks no more");
}

#[tokio::test]
async fn a_handler_that_fails_is_told_and_disturbs_nothing() {
    let site = Site::start(&[("/", "<title>T</title>")]).await;
    let host = Host::start().await;
    host.save_plugin(
        "bad/events/bad.lua",
        "-- Fails.\nreturn { on = { page_load_complete = function(ctx, event)\n  error('no')\nend,\n\
         script_failed = function() error('again') end } }\n",
    )
    .await;
    host.save_plugin(
        "bad/events/hang.lua",
        "-- Hangs.\nreturn { timeout_ms = 200, on = { page_load_complete = function() while true do end end } }\n",
    )
    .await;
    host.open("r", &site.url("/")).await;
    let mut events = host.events("r", Some(0)).await;
    let failed = events.of_type("script_failed").await;
    assert_eq!(failed["file"], "plugins/bad/events/bad.lua", "{failed}");
    assert_eq!(failed["line"], 3, "{failed}");
    assert_eq!(failed["script"], "events/bad");
    let stopped = events.of_type("script_failed").await;
    assert_eq!(stopped["file"], "plugins/bad/events/hang.lua", "{stopped}");
    assert_eq!(host.page("r", "1").await, 1);
    assert_eq!(events.seen.iter().filter(|e| e["type"] == "script_failed").count(), 2);
}

#[tokio::test]
async fn middleware_of_a_plugin_sees_shipped_actions() {
    let site = Site::start(&[("/", "<title>T</title>")]).await;
    let host = Host::start().await;
    host.open("r", &site.url("/")).await;
    host.save_plugin(
        "guard/middleware/polite.lua",
        "-- Guards.\nreturn { wraps = { 'execute_javascript' }, run = function(ctx, params, next)\n\
         if string.find(params.code, 'alert', 1, true) then host.fail('permission_denied', 'no alerts here') end\n\
         local data = next(params)\ndata.guarded = true\nreturn data end }\n",
    )
    .await;
    let done = host.action("r", "execute_javascript", json!({ "code": "6 * 7" })).await;
    assert_eq!(done["data"], json!({ "result": 42, "guarded": true }), "{done}");
    let refused = host
        .action("r", "execute_javascript", json!({ "code": "alert(1)" }))
        .await;
    assert_eq!(refused["error_type"], "permission_denied", "{refused}");
}

#[tokio::test]
async fn an_operator_looks_at_changes_goes_back_and_types_lua() {
    let site = Site::start(&[("/", "<title>Typed at</title>")]).await;
    let host = Host::with_settings(vec![("script.repl", "true".to_owned())]).await;
    host.open("r", &site.url("/")).await;
    let echo = |word: &str| {
        format!("-- Says it.\nreturn {{ description = 'Say', run = function() return {{ said = '{word}' }} end }}\n")
    };
    host.save_plugin("mine/actions/echo.lua", &echo("one")).await;
    host.save_plugin("mine/actions/echo.lua", &echo("two")).await;
    let cli = async |arguments: &[&str], typed: &str| run(&host, arguments, typed).await;

    let generation = host.get("/api/scripts").await.1["generation"]
        .as_u64()
        .expect("a number");
    let before = (generation - 1).to_string();
    let (difference, ..) = cli(&["script", "diff", &before, &generation.to_string()], "").await;
    assert!(
        difference.contains("-return") && difference.contains("said = 'two'"),
        "{difference}"
    );
    assert_eq!(cli(&["script", "diff"], "").await.0, "", "the files are what is in use");
    let (said, _, ok) = cli(&["script", "rollback", &before], "").await;
    assert!(ok && said.contains("is in use"), "{said}");
    assert_eq!(host.action("r", "echo", json!({})).await["data"]["said"], "one");
    assert!(
        cli(&["script", "diff"], "").await.0.contains("+return"),
        "the disk has the later text"
    );
    let (past, ..) = cli(&["script", "history"], "").await;
    assert!(past.contains("plugins/mine/actions/echo.lua"), "{past}");

    let typed = "ctx.page:title()\nlocal x = 6 return x * 7\nhost.fail('busy', 'no')\nif\n";
    let (out, talk, ok) = cli(&["script", "repl"], typed).await;
    assert_eq!((out.as_str(), ok), ("Typed at\n42\n", true), "{talk}");
    assert!(talk.contains("busy: no") && talk.contains("invalid_params"), "{talk}");
}

#[tokio::test]
async fn lua_is_not_typed_where_nobody_has_allowed_it() {
    let site = Site::start(&[("/", "<title>T</title>")]).await;
    let host = Host::start().await;
    host.open("r", &site.url("/")).await;
    let (_, talk, ok) = run(&host, &["script", "repl"], "1\n").await;
    assert!(!ok && talk.contains("script.repl = true"), "{talk}");
    let smuggled = host.action("r", "lua", json!({ "code": "return 1" })).await;
    assert_eq!(smuggled["error_type"], "unknown_action", "{smuggled}");
}

/// The command line against a host: what it prints, what it says, whether it went well.
async fn run(host: &Host, arguments: &[&str], typed: &str) -> (String, String, bool) {
    let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_perilune"))
        .args(arguments)
        .env("PERILUNE_URL", &host.base)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the binary");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(typed.as_bytes()).await.expect("it reads");
    drop(stdin);
    let done = tokio::time::timeout(Duration::from_secs(30), child.wait_with_output());
    let done = done.await.expect("it ends").expect("it ran");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (text(done.stdout), text(done.stderr), done.status.success())
}
