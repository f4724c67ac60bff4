//! Domain rules: ten ways out of them, and the forbidden server sees nothing.

use serde_json::json;

use crate::support::{Host, Site};

/// Pages of the allowed site, each trying another way to the forbidden one.
fn attempts(forbidden: &str) -> Vec<(String, String)> {
    let ws = forbidden.replace("http", "ws");
    let script = |code: &str| format!("<title>T</title><script>{code}</script>");
    let pages = [
        ("image", format!("<img src={forbidden}/image>")),
        ("frame", format!("<iframe src={forbidden}/frame></iframe>")),
        (
            "fetch",
            script(&format!(
                "fetch('{forbidden}/fetch', {{mode:'no-cors'}}).catch(() => 0)"
            )),
        ),
        ("socket", script(&format!("new WebSocket('{ws}/socket')"))),
        ("worker", script("new Worker('/worker.js')")),
        ("service", script("navigator.serviceWorker.register('/service.js')")),
        (
            "beacon",
            script(&format!("navigator.sendBeacon('{forbidden}/beacon', 'x')")),
        ),
        ("jump", script(&format!("location = '{forbidden}/jump'"))),
        (
            "form",
            format!("<form action={forbidden}/form></form><script>document.forms[0].submit()</script>"),
        ),
        ("popup", script(&format!("window.open('{forbidden}/popup')"))),
        (
            "style",
            format!("<link rel=stylesheet href={forbidden}/style><link rel=prefetch href={forbidden}/prefetch>"),
        ),
    ];
    let worker = format!("fetch('{forbidden}/worker', {{mode:'no-cors'}}).catch(() => 0)");
    let service = format!(
        "self.addEventListener('install', e => e.waitUntil(fetch('{forbidden}/service', {{mode:'no-cors'}}).catch(() => 0)))"
    );
    let mut all: Vec<_> = pages
        .into_iter()
        .map(|(name, html)| (format!("/{name}"), html))
        .collect();
    all.push(("/worker.js".to_owned(), worker));
    all.push(("/service.js".to_owned(), service));
    all
}

#[tokio::test]
async fn the_forbidden_server_sees_nothing() {
    let forbidden = Site::start(&[]).await;
    // The same machine under another name: the rules are about names and addresses, and this name resolves to it.
    let address = format!("http://127.0.0.1:{}", forbidden.port);
    let pages = attempts(&address);
    let pages: Vec<_> = pages
        .iter()
        .map(|(path, html)| (path.as_str(), html.as_str()))
        .collect();
    let site = Site::start(&pages).await;
    let home = format!("http://localhost:{}", site.port);
    let host = Host::with_settings(vec![("policy.allowed_domains", r#"["localhost"]"#.to_owned())]).await;
    let start = host
        .call(
            "start_browser_session",
            json!({ "room_name": "r", "initial_url": format!("{home}/") }),
        )
        .await;
    assert_eq!(start["success"], true, "{start}");

    let direct = host
        .action("r", "navigate", json!({ "url": format!("{address}/direct") }))
        .await;
    assert_eq!(direct["error_type"], "domain_blocked", "{direct}");
    let redirect = host
        .action(
            "r",
            "navigate",
            json!({ "url": format!("{home}/moved?{address}/redirect") }),
        )
        .await;
    assert_eq!(redirect["error_type"], "domain_blocked", "{redirect}");
    for (path, _) in pages.iter().filter(|(path, _)| !path.ends_with(".js")) {
        let mut events = host.events("r", None).await;
        host.action("r", "navigate", json!({ "url": format!("{home}{path}") }))
            .await;
        let violation = events.of_type("domain_violation").await;
        assert_eq!(violation["domain"], "127.0.0.1", "{path}: {violation}");
    }
    assert_eq!(forbidden.asked(), Vec::<String>::new());

    let audit = std::fs::read_to_string(host.folder.path().join("data/audit.jsonl")).expect("the audit record");
    assert!(audit.lines().any(|line| line.contains("domain_blocked")), "{audit}");
    assert!(audit.lines().any(|line| line.contains("\"violation\"")), "{audit}");
}

#[tokio::test]
async fn start_parameters_can_only_tighten() {
    let site = Site::start(&[("/", "<title>T</title>")]).await;
    let host = Host::with_settings(vec![("policy.private_addresses", "deny".to_owned())]).await;
    let wide = json!({ "room_name": "r", "initial_url": site.url("/"), "private_addresses": true });
    let answer = host.call("start_browser_session", wide).await;
    assert_eq!(answer["error_type"], "domain_blocked", "{answer}");
    let host = Host::start().await;
    let tight = json!({ "room_name": "r", "initial_url": site.url("/"), "allowed_domains": ["example.com"] });
    assert_eq!(
        host.call("start_browser_session", tight).await["error_type"],
        "domain_blocked"
    );
    let named = json!({ "room_name": "r", "initial_url": site.url("/"), "private_addresses": false });
    assert_eq!(
        host.call("start_browser_session", named).await["error_type"],
        "domain_blocked"
    );
    assert_eq!(site.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn every_command_is_in_the_audit_record_without_its_secrets() {
    let site = Site::start(&[("/", "<input>")]).await;
    let host = Host::start().await;
    host.open("r", &site.url("/")).await;
    host.action(
        "r",
        "navigate",
        json!({ "url": format!("{}?token=hush-hush", site.url("/")) }),
    )
    .await;
    host.action("r", "no_such_action", json!({ "password": "hush-hush" }))
        .await;
    host.call("close_browser_session", json!({ "room_name": "r" })).await;
    let audit = crate::support::eventually(
        "the record has four lines",
        std::time::Duration::from_secs(5),
        || async {
            let text = std::fs::read_to_string(host.folder.path().join("data/audit.jsonl")).ok()?;
            (text.lines().count() >= 4).then_some(text)
        },
    )
    .await;
    for action in [
        "start_browser_session",
        "navigate",
        "no_such_action",
        "close_browser_session",
    ] {
        assert!(
            audit.lines().any(|line| line.contains(action)),
            "{action} is not in {audit}"
        );
    }
    assert!(!audit.contains("hush-hush"), "{audit}");
}
