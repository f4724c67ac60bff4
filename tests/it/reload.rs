//! Scripts saved under a running host.

use std::fs;

use serde_json::json;

use crate::support::{Host, Site};

fn echo(answer: &str) -> String {
    format!(
        "-- Says something back.\nreturn {{\n  description = \"Say something back\",\n  params = {{ type = \"object\", properties = {{ text = {{ type = \"string\" }} }} }},\n  \
         run = function(ctx, params)\n    return {{ said = \"{answer}\" .. (params.text or \"\") }}\n  end,\n}}\n"
    )
}

#[tokio::test]
async fn a_dropped_file_is_an_action_and_a_broken_save_keeps_the_last_good_one() {
    let site = Site::start(&[("/", "<title>T</title>")]).await;
    let host = Host::start().await;
    host.open("r", &site.url("/")).await;
    let mut events = host.events("r", None).await;
    let mut own = host.events("_host", None).await;
    let folder = host.folder.path().join("plugins/mine/actions");
    fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("echo.lua");

    fs::write(&file, echo("one ")).expect("a file");
    events
        .until("reloaded", |e| {
            e["type"] == "script_reloaded" && e["script"].as_str().is_some_and(|s| s.contains("echo"))
        })
        .await;
    own.of_type("script_reloaded").await;
    let said = host.action("r", "echo", json!({ "text": "two" })).await;
    assert_eq!(said["data"]["said"], "one two", "{said}");
    let tools = host.get("/mcp/tools").await.1.to_string();
    assert!(
        tools.contains("Say something back"),
        "the schema of the tools has the new action"
    );
    assert!(host.get("/api/scripts").await.1.to_string().contains("echo"));

    fs::write(&file, "return {\n  run = function(\n").expect("a file");
    let failed = events.of_type("script_failed").await;
    assert!(
        failed["file"].as_str().expect("a file").contains("echo.lua"),
        "{failed}"
    );
    assert!(failed["line"].as_u64().is_some(), "{failed}");
    assert_eq!(
        host.action("r", "echo", json!({ "text": "two" })).await["data"]["said"],
        "one two"
    );

    fs::write(&file, echo("three ")).expect("a file");
    events.of_type("script_reloaded").await;
    assert_eq!(host.action("r", "echo", json!({})).await["data"]["said"], "three ");

    fs::remove_file(&file).expect("it is there");
    events.of_type("script_reloaded").await;
    assert_eq!(
        host.action("r", "echo", json!({})).await["error_type"],
        "unknown_action"
    );
}

#[tokio::test]
async fn a_plugin_replaces_a_shipped_action_and_an_endless_one_is_stopped() {
    let site = Site::start(&[("/", "<title>T</title>")]).await;
    let host = Host::start().await;
    host.open("r", &site.url("/")).await;
    host.open("other", &site.url("/")).await;
    let mut events = host.events("r", None).await;
    let folder = host.folder.path().join("plugins/mine/actions");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("wait.lua"), echo("not now")).expect("a file");
    fs::write(
        folder.join("spin.lua"),
        "-- Never ends.\nreturn { description = \"Never end\", params = { type = \"object\" }, timeout_ms = 300, run = function() while true do end end }\n",
    )
    .expect("a file");
    events.until("both", |e| e["type"] == "script_reloaded").await;
    crate::support::eventually("spin is an action", std::time::Duration::from_secs(5), || async {
        host.get("/api/scripts")
            .await
            .1
            .to_string()
            .contains("spin")
            .then_some(())
    })
    .await;
    assert_eq!(host.action("r", "wait", json!({})).await["data"]["said"], "not now");
    let (spun, beside) = tokio::join!(host.action("r", "spin", json!({})), host.page("other", "6 * 7"));
    assert_eq!(
        (&spun["error_type"], &beside),
        (&json!("handler_timeout"), &json!(42)),
        "{spun}"
    );
    assert_eq!(host.page("r", "1").await, 1);
}
