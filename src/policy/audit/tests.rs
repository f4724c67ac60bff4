//! The record on a real disk.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::protocol::{Failure, Limits, Verb};

fn click() -> Command {
    Command {
        id: CommandId::of_job("browser_commands", "7"),
        room: Room::new("demo").expect("a name"),
        verb: Verb::from_name("type"),
        params: json!({"index": 5, "password": "hush"})
            .as_object()
            .expect("an object")
            .clone(),
        origin: Origin::Queue { job_id: "7".into() },
        limits: Limits::default(),
    }
}

fn lines(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("audit.jsonl")).expect("a file");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or(Value::Null))
        .collect()
}

#[test]
fn commands_and_violations_are_lines_without_secrets() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = folder.path().join("data");
    let audit = Audit::open(&inner).expect("opens");
    let mut outcome = Outcome {
        result: Ok(Object::new()),
        timestamp: 1.5,
        duration: Duration::ZERO,
        attempts: 1,
    };
    audit.record(AuditEntry::command(None, &click(), &outcome));
    outcome.result = Err(Failure::new(ErrorType::NetworkError, "http://u:p@a.com did not answer"));
    audit.record(AuditEntry::command(Some(SessionId::random()), &click(), &outcome));
    let denied = Denied {
        domain: "evil.com".into(),
        reason: "evil.com is forbidden".into(),
    };
    let room = Room::new("demo").expect("a name");
    audit.record(AuditEntry::violation(
        2.0,
        &room,
        SessionId::random(),
        "https://u:p@evil.com/a?token=1",
        &denied,
    ));
    drop(audit);

    let lines = lines(&inner);
    let expected = json!({"at": "1970-01-01T00:00:01.500Z", "kind": "command", "room_name": "demo",
        "command_id": "browser_commands:7", "origin": "queue", "job_id": "7", "action": "type",
        "params": {"index": 5, "password": "***"}, "outcome": "success"});
    assert_eq!(lines[0], expected);
    assert_eq!(lines[1]["error_type"], "network_error");
    assert_eq!(lines[1]["reason"], "http://a.com did not answer");
    assert_eq!(
        (&lines[2]["kind"], &lines[2]["url"]),
        (&json!("violation"), &json!("https://evil.com/a"))
    );
    assert_eq!(lines.len(), 3);
    let mode = |path: &Path| path.metadata().expect("exists").permissions().mode() & 0o777;
    assert_eq!((mode(&inner), mode(&inner.join("audit.jsonl"))), (0o700, 0o600));
}

#[test]
fn lines_are_appended_behind_what_a_killed_host_left() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("audit.jsonl"), "{\"a\":1}\n{\"hal").expect("writes");
    let outcome = Outcome::refused(Failure::new(ErrorType::InDoubt, "look first"), 3.0);
    let audit = Audit::open(folder.path()).expect("opens");
    for _ in 0..5000 {
        audit.clone().record(AuditEntry::command(None, &click(), &outcome));
    }
    drop(audit);
    let lines = lines(folder.path());
    assert_eq!(
        (lines.len(), &lines[0], &lines[1]),
        (5002, &json!({"a": 1}), &Value::Null)
    );
    assert!(lines[2..].iter().all(|l| l["error_type"] == "in_doubt"));
}

#[test]
fn lost_lines_are_counted_in_the_record() {
    let folder = tempfile::tempdir().expect("a folder");
    let audit = Audit::open(folder.path()).expect("opens");
    audit.0.lost.store(4, Ordering::Relaxed);
    let outcome = Outcome::refused(Failure::new(ErrorType::InDoubt, "look first"), 3.0);
    audit.record(AuditEntry::command(None, &click(), &outcome));
    drop(audit);
    let lines = lines(folder.path());
    assert_eq!(lines[1]["kind"], "lost");
    assert_eq!(lines[1]["reason"], "4 lines before this one could not be written");
}
