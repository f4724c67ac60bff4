//! Jobs as producers write them, and what becomes of them.

use std::collections::HashMap;

use serde_json::json;

use super::*;
use crate::protocol::Lifecycle;

fn job(name: &str, data: &str) -> Job {
    let fields = [
        ("name", name),
        ("data", data),
        ("opts", r#"{"attempts":3,"backoff":{"type":"fixed","delay":999999}}"#),
    ];
    Job::read(
        "7",
        fields
            .iter()
            .map(|(k, v)| ((*k).to_owned(), v.as_bytes().to_vec()))
            .collect::<HashMap<_, _>>(),
    )
}

fn read(name: &str, data: &str) -> Result<Command, Failure> {
    decode("q", &job(name, data), Duration::from_secs(60))
}

fn check(name: &str, data: Value, verb: &str, params: Value) {
    let command = read(name, &data.to_string()).expect("a command");
    assert_eq!(command.verb.name(), verb, "{data}");
    assert_eq!(Value::Object(command.params), params, "{data}");
    assert_eq!(command.room.as_str(), "demo", "{data}");
    assert_eq!(command.id.as_str(), "q:7");
}

#[test]
fn all_three_shapes_are_understood() {
    check(
        "click",
        json!({"room_name": "demo", "index": 5}),
        "click",
        json!({"index": 5}),
    );
    check(
        "click",
        json!({"room_name": "demo", "index": 5, "session_id": "s"}),
        "click",
        json!({"index": 5}),
    );
    check("click", json!({"room_name": "demo"}), "click", json!({}));
    check(
        "job",
        json!({"action_type": "type", "params": {"text": "ü"}, "room_name": "demo"}),
        "type",
        json!({"text": "ü"}),
    );
    check(
        "type",
        json!({"params": {"text": "a"}, "room_name": "demo", "session_id": null}),
        "type",
        json!({"text": "a"}),
    );
    check(
        "x",
        json!({"action_type": "wait", "params": null, "room_name": "demo"}),
        "wait",
        json!({}),
    );
    check(
        "x",
        json!({"action_type": "wait", "seconds": 1, "room_name": "demo"}),
        "wait",
        json!({"seconds": 1}),
    );
    check(
        "plug",
        json!({"room_name": "demo", "params": 1, "b": 2}),
        "plug",
        json!({"params": 1, "b": 2}),
    );
    check(
        "x",
        json!({"session_id": "demo", "action": {"type": "click", "index": 1}}),
        "click",
        json!({"index": 1}),
    );
    check(
        "x",
        json!({"session_id": "s", "room_name": "demo", "action": {"type": "click", "params": {"index": 1}}}),
        "click",
        json!({"index": 1}),
    );
}

#[test]
fn lifecycle_names_are_lifecycle_verbs_and_limits_are_capped() {
    let command = read(
        "start_browser_session",
        r#"{"room_name":"demo","initial_url":"http://a"}"#,
    )
    .expect("a command");
    assert_eq!(command.verb, Verb::Lifecycle(Lifecycle::Start));
    assert_eq!(command.limits.attempts, 3);
    assert_eq!(command.limits.backoff.expect("backoff").delay, Duration::from_secs(60));
    assert_eq!(command.origin, Origin::Queue { job_id: "7".to_owned() });
}

#[test]
fn everything_else_is_an_invalid_command() {
    let deep = format!(
        "{{\"room_name\":\"demo\",\"a\":{}1{}}}",
        "[".repeat(5000),
        "]".repeat(5000)
    );
    let long = format!("{{\"room_name\":\"{}\"}}", "a".repeat(300));
    let cases = [
        ("click", ""),
        ("click", "{"),
        ("click", "null"),
        ("click", "[]"),
        ("click", "7"),
        ("click", "\"{}\""),
        ("click", "{}"),
        ("click", r#"{"room_name":""}"#),
        ("click", r#"{"room_name":5}"#),
        ("click", r#"{"room_name":"a\u0000b"}"#),
        ("click", r#"{"room_name":"demo","x":1e999}"#),
        ("click", r#"{"room_name":"demo","x":"\ud800"}"#),
        ("click", r#"{"room_name":"demo","action_type":{}}"#),
        ("click", r#"{"room_name":"demo","action_type":"a","params":[1]}"#),
        ("click", r#"{"room_name":"demo","action":{"type":3}}"#),
        ("", r#"{"room_name":"demo"}"#),
        ("a\nb", r#"{"room_name":"demo"}"#),
        ("click", &deep),
        ("click", &long),
    ];
    for (name, data) in cases {
        let failure = read(name, data).expect_err(data);
        assert_eq!(failure.error_type, ErrorType::InvalidCommand, "{data}");
        assert!(!failure.retryable && !failure.message.is_empty());
    }
    assert!(read(&"n".repeat(200), r#"{"room_name":"demo"}"#).is_err());
    assert!(
        read(
            "click",
            &format!("{{\"room_name\":\"demo\",\"t\":\"{}\"}}", "a".repeat(MAX_DATA))
        )
        .is_err()
    );
}
