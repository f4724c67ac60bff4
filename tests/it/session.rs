//! A session's life, as the tools show it.

use serde_json::json;

use crate::support::{Host, Site};

#[tokio::test]
async fn the_phases_of_a_session_are_visible() {
    let site = Site::start(&[("/", "<title>Home</title><h1>home</h1>")]).await;
    let host = Host::start().await;
    let mut events = host.events("r", None).await;

    let started = host.open("r", &site.url("/")).await;
    assert_eq!(
        (&started["status"], &started["room_name"]),
        (&json!("started"), &json!("r"))
    );
    assert_eq!(started["stream"]["livekit"], false);
    assert!(
        started["stream"]["view_url"]
            .as_str()
            .expect("a text")
            .ends_with("/view/r")
    );
    assert!(started["session_id"].is_string());
    let phase = async || host.get("/api/sessions/r").await.1["phase"].clone();
    assert_eq!(phase().await, "active");

    let again = host.open("r", &site.url("/other")).await;
    assert_eq!(again["already_running"], true);
    assert_eq!(again["session_id"], started["session_id"]);

    assert_eq!(
        host.call("pause_browser_session", json!({ "room_name": "r" })).await["status"],
        "paused"
    );
    assert_eq!(phase().await, "paused");
    assert_eq!(
        host.page("r", "document.title").await,
        "Home",
        "a paused session goes on working"
    );
    assert_eq!(
        host.call("resume_browser_session", json!({ "room_name": "r" })).await["status"],
        "resumed"
    );
    assert_eq!(phase().await, "active");

    assert_eq!(
        host.call("close_browser_session", json!({ "room_name": "r" })).await["status"],
        "closed"
    );
    events
        .until("closed", |e| e["type"] == "session_state" && e["phase"] == "closed")
        .await;
    assert_eq!(host.get("/api/sessions/r").await.0, 404);
    let none = host.call("pause_browser_session", json!({ "room_name": "r" })).await;
    assert_eq!(
        (&none["success"], &none["error_type"]),
        (&json!(false), &json!("session_not_found"))
    );

    let fresh = host.open("r", &site.url("/")).await;
    assert_ne!(fresh["session_id"], started["session_id"]);
}

#[tokio::test]
async fn context_and_screen_have_the_fields_of_the_original() {
    let page = "<title>Form</title><input type=email placeholder=Email><input type=password value=hunter2><button>Go</button>\
                <div style='height:3000px'></div><a href=/x>far away</a>";
    let site = Site::start(&[("/", page)]).await;
    let host = Host::start().await;
    host.open("r", &site.url("/")).await;
    let context = host.call("get_browser_context", json!({ "room_name": "r" })).await;
    for key in [
        "url",
        "title",
        "ready_state",
        "scroll_x",
        "scroll_y",
        "viewport_width",
        "viewport_height",
        "cursor_x",
        "cursor_y",
    ] {
        assert!(!context[key].is_null(), "{key} is missing in {context}");
    }
    assert_eq!(
        (&context["title"], &context["viewport_width"]),
        (&json!("Form"), &json!(1280))
    );

    let screen = host.call("get_screen_content", json!({ "room_name": "r" })).await;
    let summary = screen["dom_summary"].as_str().expect("a text");
    assert!(summary.contains("Element 0: <input"), "{summary}");
    assert!(summary.contains("placeholder='Email'"), "{summary}");
    assert!(!summary.contains("hunter2"), "a password's value is in {summary}");
    assert!(
        summary.find("Go").expect("the button") < summary.find("far away").expect("the link"),
        "viewport first: {summary}"
    );
    assert!(screen["visible_elements_count"].as_u64().expect("a number") >= 3);
}

#[tokio::test]
async fn a_popup_becomes_a_tab_and_tabs_can_be_switched_and_closed() {
    let pages = [
        ("/", "<title>One</title><a href=/two target=_blank>two</a>"),
        ("/two", "<title>Two</title>"),
    ];
    let site = Site::start(&pages).await;
    let host = Host::start().await;
    host.open("r", &site.url("/")).await;
    let mut events = host.events("r", None).await;
    let clicked = host.action("r", "click", json!({ "selector": "a" })).await;
    assert_eq!(clicked["success"], true, "{clicked}");
    events.of_type("tab_opened").await;
    let tabs = host.get("/api/sessions/r").await.1["tabs"].clone();
    assert_eq!(tabs.as_array().expect("tabs").len(), 2, "{tabs}");
    assert_eq!(
        host.action("r", "switch_tab", json!({ "index": 1 })).await["success"],
        true
    );
    assert_eq!(host.page("r", "document.title").await, "Two");
    assert_eq!(
        host.action("r", "close_tab", json!({ "index": 1 })).await["success"],
        true
    );
    assert_eq!(host.page("r", "document.title").await, "One");
}
