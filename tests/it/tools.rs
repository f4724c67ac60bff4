//! Actions that are tools by themselves: listed with their own schemas, called by name, answered flat.

use serde_json::{Value, json};

use crate::support::{Host, Site};

const LOGIN: &str = include_str!("../pages/login.html");
const ARTICLE: &str = include_str!("../pages/article.html");

#[tokio::test]
async fn actions_are_tools_with_their_own_schemas() {
    let site = Site::start(&[("/", LOGIN), ("/article", ARTICLE)]).await;
    let host = Host::start().await;
    let tools = host.get("/mcp/tools").await.1["tools"].clone();
    let tool = |name: &str| {
        let all = tools.as_array().expect("tools");
        all.iter().find(|tool| tool["name"] == name).cloned()
    };
    for name in ["snapshot", "wait_for", "find_form_fields", "extract_markdown"] {
        let schema = &tool(name).unwrap_or_else(|| panic!("no tool {name}"))["inputSchema"];
        assert_eq!(schema["required"][0], "room_name", "{schema}");
        assert!(schema["properties"]["room_name"].is_object(), "{schema}");
    }
    let wait = tool("wait_for").expect("a tool");
    assert_eq!(wait["inputSchema"]["properties"]["timeout"]["maximum"], 60);
    assert!(wait["description"].as_str().expect("words").starts_with("Wait until"));

    host.open("r", &site.url("/")).await;
    let call = async |name: &str, mut arguments: Value| {
        arguments["room_name"] = json!("r");
        host.call(name, arguments).await
    };
    let fields = call("find_form_fields", json!({})).await;
    let found = ["username_index", "password_index", "submit_index"].map(|name| fields[name].clone());
    assert_eq!(
        (&fields["success"], found),
        (&json!(true), [json!(4), json!(5), json!(7)])
    );
    let snapshot = call("snapshot", json!({})).await;
    assert_eq!(snapshot["elements"][5]["type"], "password", "{snapshot}");
    let late = call("wait_for", json!({ "text": "never", "timeout": 0.1 })).await;
    assert_eq!(
        (&late["success"], &late["error_type"]),
        (&json!(false), &json!("timeout"))
    );
    assert_eq!(late["data"]["seen"], "the text is not there");
    let moved = host
        .action("r", "navigate", json!({ "url": site.url("/article") }))
        .await;
    assert_eq!(moved["success"], true, "{moved}");
    let article = call("extract_markdown", json!({ "main_only": true })).await;
    assert!(
        article["markdown"]
            .as_str()
            .expect("a text")
            .starts_with("# The *moon*"),
        "{article}"
    );
    let wrong = call("extract_markdown", json!({ "max": 1 })).await;
    assert_eq!(wrong["error_type"], "invalid_params");
}

#[tokio::test]
async fn presentation_mode_is_told() {
    let site = Site::start(&[("/", LOGIN)]).await;
    let host = Host::start().await;
    host.open("r", &site.url("/")).await;
    let mut events = host.events("r", None).await;
    for enabled in [true, false] {
        let done = host
            .action("r", "presentation_mode", json!({ "enabled": enabled }))
            .await;
        assert_eq!(done["data"]["enabled"], enabled, "{done}");
        let event = events.of_type("presentation_mode_enabled").await;
        assert_eq!(
            (&event["enabled"], &event["data"]["enabled"]),
            (&json!(enabled), &json!(enabled))
        );
    }
}
