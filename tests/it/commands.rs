//! Commands that cannot be done: a typed error, a sentence, and the room goes on.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Host, Site};

fn failed(answer: &Value, kind: &str) {
    assert_eq!(
        (&answer["success"], &answer["error_type"]),
        (&json!(false), &json!(kind)),
        "{answer}"
    );
    let sentence = answer["error"].as_str().expect("a sentence");
    assert!(sentence.len() > 15, "not much of a sentence: {sentence}");
}

#[tokio::test]
async fn calls_that_are_no_calls_get_a_status() {
    let host = Host::start().await;
    let raw = |body: &'static str| {
        let url = format!("{}/mcp/tools/call", host.base);
        async move {
            let response = reqwest::Client::new()
                .post(url)
                .body(body)
                .send()
                .await
                .expect("an answer");
            (
                response.status().as_u16(),
                response.json::<Value>().await.expect("JSON"),
            )
        }
    };
    assert_eq!(
        raw("{oops").await,
        (
            400,
            json!({ "error": "Invalid JSON in request body", "error_type": "invalid_command" })
        )
    );
    assert_eq!(
        raw("{}").await,
        (
            400,
            json!({ "error": "tool name is required", "error_type": "invalid_command" })
        )
    );
    let (status, answer) = host.post(&json!({ "tool": "fly", "arguments": {} })).await;
    assert_eq!(
        (status, &answer["error"], &answer["error_type"]),
        (404, &json!("Unknown tool: fly"), &json!("unknown_tool"))
    );
    let (status, answer) = host
        .post(&json!({ "tool": "execute_action", "arguments": { "action_type": "click" } }))
        .await;
    assert_eq!(
        (status, &answer["error_type"]),
        (422, &json!("invalid_params")),
        "{answer}"
    );
    assert_eq!(host.get("/nowhere").await.0, 404);
    let stranger = reqwest::Client::new()
        .get(format!("{}/health", host.base))
        .header("Host", "evil.example")
        .send()
        .await;
    assert_eq!(stranger.expect("an answer").status(), 403, "a rebound name is refused");
    let page = reqwest::Client::new()
        .get(format!("{}/api/sessions", host.base))
        .header("Origin", "http://evil.example")
        .send()
        .await;
    assert_eq!(page.expect("an answer").status(), 403, "a foreign page is refused");
}

#[tokio::test]
async fn bad_input_is_typed_and_the_room_stays_usable() {
    let page = "<title>T</title><button id=hidden style='visibility:hidden'>x</button><button id=off disabled>y</button>\
                <div style='position:relative'><button id=under>z</button><div style='position:absolute;inset:0'></div></div>";
    let site = Site::start(&[("/", page)]).await;
    let host = Host::start().await;
    failed(
        &host.action("nobody", "click", json!({ "index": 0 })).await,
        "session_not_found",
    );
    host.open("r", &site.url("/")).await;

    let unknown = host.action("r", "clik", json!({})).await;
    failed(&unknown, "unknown_action");
    assert!(
        unknown["error"].as_str().expect("a text").contains("click"),
        "the nearest name is said: {unknown}"
    );
    failed(&host.action("r", "navigate", json!({})).await, "invalid_params");
    failed(
        &host.action("r", "navigate", json!({ "url": 5 })).await,
        "invalid_params",
    );
    failed(
        &host.action("r", "click", json!({ "index": -1 })).await,
        "invalid_params",
    );
    failed(
        &host.action("r", "click", json!({ "index": 0, "indx": 1 })).await,
        "invalid_params",
    );
    failed(
        &host.action("r", "click", json!({ "selector": "#none" })).await,
        "element_not_found",
    );
    for (selector, why) in [("#hidden", "visible"), ("#off", "disabled"), ("#under", "cover")] {
        let answer = host.action("r", "click", json!({ "selector": selector })).await;
        failed(&answer, "not_interactable");
        assert!(
            answer["error"].as_str().expect("a text").contains(why),
            "{selector}: {answer}"
        );
    }
    failed(
        &host.action("r", "navigate", json!({ "url": "ftp://127.0.0.1/" })).await,
        "domain_blocked",
    );
    failed(
        &host
            .action("r", "navigate", json!({ "url": "file:///etc/passwd" }))
            .await,
        "domain_blocked",
    );
    failed(
        &host
            .action("r", "navigate", json!({ "url": "http://127.0.0.1:1/" }))
            .await,
        "network_error",
    );
    let missing = host
        .action("r", "navigate", json!({ "url": site.url("/missing") }))
        .await;
    assert_eq!(
        (&missing["error_type"], &missing["data"]["status"]),
        (&json!("action_failed"), &json!(404)),
        "{missing}"
    );
    failed(
        &host
            .action("r", "execute_javascript", json!({ "code": "throw new Error('boom')" }))
            .await,
        "action_failed",
    );
    assert_eq!(host.page("r", "1 + 1").await, 2);
}

#[tokio::test]
async fn a_page_that_never_loads_is_a_navigation_timeout() {
    let site = Site::start(&[("/", "<title>T</title>")]).await;
    let host = Host::with_settings(vec![("browser.navigation_timeout", "1s".to_owned())]).await;
    host.open("r", &site.url("/")).await;
    for path in ["/never", "/half"] {
        failed(
            &host.action("r", "navigate", json!({ "url": site.url(path) })).await,
            "navigation_timeout",
        );
    }
    assert_eq!(
        host.action("r", "navigate", json!({ "url": site.url("/") })).await["success"],
        true
    );
    assert_eq!(host.page("r", "document.title").await, "T");
}

#[tokio::test]
async fn an_index_out_of_date_is_never_another_element() {
    let page = "<button onclick=\"document.body.innerHTML='<button>new</button>'\">old</button>";
    let site = Site::start(&[("/", page)]).await;
    let host = Host::start().await;
    host.open("r", &site.url("/")).await;
    let screen = host.call("get_screen_content", json!({ "room_name": "r" })).await;
    let revision = screen["revision"].as_u64().expect("a number");
    assert_eq!(host.action("r", "click", json!({ "index": 0 })).await["success"], true);
    let stale = host.action("r", "click", json!({ "index": 0 })).await;
    failed(&stale, "stale_index");
    host.call("get_screen_content", json!({ "room_name": "r" })).await;
    let old = host
        .action("r", "click", json!({ "index": 0, "revision": revision }))
        .await;
    failed(&old, "stale_index");
    assert_eq!(host.action("r", "click", json!({ "index": 0 })).await["success"], true);
}

#[tokio::test]
async fn huge_text_and_a_huge_page_are_handled() {
    let many: String = (0..5000).map(|n| format!("<a href=/{n}>link {n}</a> ")).collect();
    let site = Site::start(&[("/", "<textarea></textarea>"), ("/many", &many)]).await;
    let host = Host::start().await;
    host.open("r", &site.url("/")).await;
    let text = "x".repeat(10 << 20);
    let answer = host.action("r", "type", json!({ "text": text })).await;
    if answer["success"] == true {
        assert_eq!(
            host.page("r", "document.querySelector('textarea').value.length").await,
            10 << 20
        );
    } else {
        failed(&answer, "invalid_params");
    }
    assert_eq!(
        host.action("r", "navigate", json!({ "url": site.url("/many") })).await["success"],
        true
    );
    let screen = host.call("get_screen_content", json!({ "room_name": "r" })).await;
    let summary = screen["dom_summary"].as_str().expect("a text");
    assert!(
        summary.chars().count() <= 12_000,
        "{} characters",
        summary.chars().count()
    );
    assert!(
        screen["visible_elements_count"].as_u64().expect("a number") >= 5000,
        "{screen}"
    );
}

#[tokio::test]
async fn a_dialog_hangs_no_command() {
    let page = "<button onclick=\"document.title = confirm('sure?') ? 'yes' : 'no'\">ask</button>";
    let site = Site::start(&[("/", page)]).await;
    let host = Host::start().await;
    host.open("r", &site.url("/")).await;
    let mut events = host.events("r", None).await;
    let clicked = tokio::time::timeout(
        Duration::from_secs(5),
        host.action("r", "click", json!({ "selector": "button" })),
    )
    .await;
    assert_eq!(clicked.expect("in time")["success"], true);
    let dialog = events.of_type("dialog_opened").await;
    assert_eq!(
        (&dialog["kind"], &dialog["message"]),
        (&json!("confirm"), &json!("sure?"))
    );
    assert_eq!(host.page("r", "document.title").await, "no");
}

#[tokio::test]
async fn a_close_overtakes_a_running_action() {
    let site = Site::start(&[("/", "<title>T</title>")]).await;
    let host = Host::start().await;
    host.open("r", &site.url("/")).await;
    let mut events = host.events("r", None).await;
    let (waited, closed) = tokio::join!(host.action("r", "wait", json!({ "seconds": 30 })), async {
        events.of_type("action_started").await;
        host.call("close_browser_session", json!({ "room_name": "r" })).await
    });
    assert_eq!(closed["status"], "closed");
    failed(&waited, "cancelled");
}

#[tokio::test]
async fn one_command_too_many_is_busy_and_told_like_any_other() {
    let site = Site::start(&[("/", "<title>T</title>")]).await;
    let host = Host::start().await;
    host.open("r", &site.url("/")).await;
    let mut events = host.events("r", None).await;
    let calls = (0..100).map(|_| host.action("r", "wait", json!({ "seconds": 0.01 })));
    let answers = futures_util::future::join_all(calls).await;
    let refused = answers.iter().filter(|answer| answer["success"] == false).count();
    assert!(refused > 0, "100 at once are more than may wait");
    answers
        .iter()
        .filter(|answer| answer["success"] == false)
        .for_each(|answer| failed(answer, "busy"));
    let mut seen = std::collections::HashMap::<String, Vec<String>>::new();
    for _ in 0..2 * answers.len() {
        let event = events
            .until("each command's events", |e| {
                e["type"].as_str().is_some_and(|t| t.starts_with("action_"))
            })
            .await;
        let text = |key: &str| event[key].as_str().expect("text").to_owned();
        seen.entry(text("command_id")).or_default().push(text("type"));
    }
    let ends = |end: &str| seen.values().filter(|types| **types == ["action_started", end]).count();
    assert_eq!(
        (ends("action_completed"), ends("action_error")),
        (100 - refused, refused),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_request_larger_than_the_setting_is_refused() {
    let host = Host::with_settings(vec![("api.max_body", "1KiB".to_owned())]).await;
    let body = json!({ "tool": "execute_action", "arguments": { "room_name": "r", "x": "y".repeat(5000) } });
    let (status, answer) = host.post(&body).await;
    assert_eq!(status, 413, "{answer}");
}
