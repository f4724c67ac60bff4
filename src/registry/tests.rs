//! What is found in a registry's file, and what is said about a file that is none.

use serde_json::json;

use super::*;
use crate::protocol::{ErrorType, Failure};

const KEY: &str = "key_planted_4711";

struct Folder {
    folder: tempfile::TempDir,
    registry: Registry,
}

fn folder(text: &str) -> Folder {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("config.json");
    std::fs::write(&path, text).expect("a file");
    let registry = Registry { file: path.clone() };
    Folder { folder, registry }
}

fn entry(id: &str, changes: Value) -> (String, Value) {
    let mut entry = json!({
        "id": "00000000-0000-4000-8000-000000000000", "default": false, "created_at": "2026-01-01T00:00:00.000001",
        "agent_id": id, "agent_name": "Reader", "domain": "http://localhost:5000/", "awi_name": "Blog AWI",
        "api_key": KEY, "permissions": ["read"], "description": null, "agent_type": "browser-use",
        "framework": "python", "last_used": null, "session_count": 0, "expires_at": null, "is_active": true,
        "manifest_version": "1.0", "notes": null,
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        entry[name] = value.clone();
    }
    (id.to_owned(), entry)
}

fn with(entries: Vec<(String, Value)>) -> Folder {
    let entries: serde_json::Map<String, Value> = entries.into_iter().collect();
    folder(&json!({ "browser_profile": {}, "llm": {}, "agent": {}, "agent_credentials": entries }).to_string())
}

fn now() -> DateTime<Utc> {
    "2026-06-01T12:00:00Z".parse().expect("a time")
}

fn ids(found: &[Credential]) -> Vec<&str> {
    found.iter().map(|one| one.agent_id.as_str()).collect()
}

#[test]
fn the_usable_credential_that_was_used_last_is_found() {
    let there = with(vec![
        entry("old", json!({ "last_used": "2026-02-01T00:00:00" })),
        entry(
            "fresh",
            json!({ "created_at": "2026-03-01T00:00:00", "agent_name": "Writer" }),
        ),
        entry(
            "used",
            json!({ "last_used": "2026-05-01T00:00:00Z", "domain": "localhost:5000" }),
        ),
        entry("off", json!({ "is_active": false, "last_used": "2026-05-30T00:00:00" })),
        entry("over", json!({ "expires_at": "2026-06-01T11:59:59" })),
        entry(
            "late",
            json!({ "expires_at": "2026-06-01T14:00:01+02:00", "created_at": "2025-01-01" }),
        ),
        entry("doubt", json!({ "expires_at": "some day" })),
        entry("else", json!({ "domain": "localhost:5001" })),
        entry("wrong", json!({ "api_key": 7 })),
        entry("nobody", json!({ "agent_name": null })),
    ]);
    let site = Domain::parse("http://localhost:5000/api").expect("a site");
    let found = there.registry.list(Some(&site), now()).expect("a registry");
    assert_eq!(ids(&found), ["used", "fresh", "old", "late"]);
    assert_eq!(found[0].api_key.reveal(), KEY);
    let writer = there.registry.find(&site, Some("Writer"), now()).expect("a registry");
    assert_eq!(writer.expect("an entry").agent_id, "fresh");
    let none = there.registry.find(&site, Some("Nobody"), now()).expect("a registry");
    assert!(none.is_none());
    assert_eq!(there.registry.list(None, now()).expect("a registry").len(), 5);
}

#[test]
fn what_is_shown_of_a_credential_has_no_key_in_it() {
    let there = with(vec![entry("a", json!({}))]);
    let found = there.registry.list(None, now()).expect("a registry");
    assert!(!format!("{found:?}").contains(KEY));
}

#[test]
fn a_file_that_is_not_there_is_an_empty_registry() {
    let there = folder("{}");
    assert!(there.registry.list(None, now()).expect("a registry").is_empty());
    std::fs::remove_file(there.folder.path().join("config.json")).expect("it was there");
    assert!(there.registry.list(None, now()).expect("a registry").is_empty());
}

#[test]
fn a_broken_file_is_told_without_what_stands_in_it() {
    for (text, part) in [
        (format!("{{\n \"api_key\": \"{KEY}\",\n oops"), "line 3"),
        (
            format!("{{\"agent_credentials\": [\"{KEY}\"]}}"),
            "is no credential registry",
        ),
        (format!("\"{KEY}"), "is no JSON"),
    ] {
        let failure = Failure::from(folder(&text).registry.list(None, now()).expect_err("no registry"));
        assert_eq!(failure.error_type, ErrorType::CredentialError);
        assert!(failure.message.contains(part), "{failure}");
        assert!(!failure.message.contains(KEY), "{failure}");
    }
    let here = tempfile::tempdir().expect("a folder");
    let registry = Registry {
        file: here.path().to_owned(),
    };
    assert!(matches!(registry.list(None, now()), Err(Error::Read { .. })));
}

#[test]
fn a_key_goes_to_its_own_site_and_not_unencrypted_over_the_net() {
    for (domain, url, expect) in [
        ("example.com", "https://example.com/a", true),
        ("example.com", "http://example.com/a", false),
        ("example.com:8080", "http://example.com:8080/", true),
        ("localhost", "http://localhost/", true),
        ("localhost:5000", "http://localhost:5000/", true),
        ("localhost:5000", "http://localhost:5001/", false),
        ("localhost:5000", "ftp://localhost:5000/", false),
        ("example.com", "https://example.com.evil.test/", false),
    ] {
        let (id, value) = entry("a", json!({ "domain": domain }));
        let credential = Credential::read(&id, &value).expect("an entry");
        let url = url::Url::parse(url).expect("an address");
        assert_eq!(credential.is_for(&url), expect, "{domain} {url}");
    }
}
