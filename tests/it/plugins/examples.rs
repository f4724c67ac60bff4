//! The example plugins of this repository, in a host, on local sites.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Form;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::json;

use crate::support::{Host, Options, Site};

/// A host with a plugin of this repository in a folder of its own, with these settings of the operator.
async fn host_with(plugin: &str, settings: &str, environment: Vec<(&'static str, String)>) -> Host {
    let host = Host::with(Options {
        environment,
        ..Options::default()
    })
    .await;
    let to = host.folder.path().join("plugins").join(plugin);
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plugins").join(plugin), &to);
    fs::write(to.join("config.toml"), settings).expect("a file");
    let wanted = format!("plugin {plugin}");
    crate::support::eventually("the plugin is in use", std::time::Duration::from_secs(20), || async {
        host.get("/api/scripts")
            .await
            .1
            .to_string()
            .contains(&wanted)
            .then_some(())
    })
    .await;
    // SIGHUP's way: what has settled by now is all of it.
    let reloaded = host.post_to("/api/scripts/reload", &json!({})).await;
    assert_eq!(reloaded.0, 200, "{}", reloaded.1);
    host
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a plugin").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

#[tokio::test]
async fn the_banner_is_answered_where_the_operator_wants_it() {
    let page = "<title>Shop</title><h1>Things</h1><script>setTimeout(() => {
        document.body.insertAdjacentHTML('beforeend', `<div id=banner>We use cookies.
          <button onclick='said = \"accept\"; banner.remove()'>Accept all</button>
          <button onclick='said = \"reject\"; banner.remove()'>Reject all</button></div>`) }, 300); var said = ''</script>";
    let site = Site::start(&[("/", page)]).await;
    let host = host_with("cookie_banner", "sites = [\"127.0.0.1\"]\nwait_ms = 8000\n", Vec::new()).await;
    host.open("r", &site.url("/")).await;
    let mut events = host.events("r", Some(0)).await;
    let answered = events.of_type("script_event").await;
    assert_eq!(answered["name"], "cookie_banner_answered", "{answered}");
    assert_eq!(answered["payload"]["answer"], "reject");
    assert_eq!(
        host.page("r", "said + document.querySelectorAll('#banner').length")
            .await,
        "reject0"
    );
    // The same site by a name that is not in the list.
    let elsewhere = format!("http://localhost:{}/", site.port);
    host.action("r", "navigate", json!({ "url": elsewhere })).await;
    host.action("r", "wait_for", json!({ "text": "We use cookies" })).await;
    assert_eq!(host.page("r", "said").await, "");
}

#[derive(Deserialize)]
struct SignIn {
    user: String,
    password: String,
}

#[tokio::test]
async fn a_login_uses_the_stored_key_and_tells_when_the_site_refuses() {
    const FORM: &str = "<title>Sign in</title><form method=post action=/in><input name=user placeholder='User name'>
        <input type=password name=password><button>Sign in</button></form>";
    let check = async |Form(given): Form<SignIn>| match (given.user.as_str(), given.password.as_str()) {
        ("crawler", "key_0123456789abcdef") => Redirect::to("/home").into_response(),
        _ => Html(FORM).into_response(),
    };
    let site = Site::with_routes(
        &[("/", FORM), ("/home", "<title>Home</title>Hello crawler")],
        Router::new().route("/in", post(check)),
    )
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let registry = folder.path().join("config.json");
    let entry = |name: &str, key: &str, used: &str| {
        json!({
            "id": "6f2b1c1e-1111-4222-8333-444455556666", "agent_id": format!("agent-{name}"), "agent_name": name,
            "domain": format!("127.0.0.1:{}", site.port), "awi_name": "", "api_key": key, "permissions": [],
            "description": null, "agent_type": "browser-use", "framework": "python",
            "created_at": "2026-01-01T00:00:00.000000", "last_used": used, "session_count": 0, "expires_at": null,
            "is_active": true, "manifest_version": null, "notes": null,
        })
    };
    let entries = json!({
        "agent-crawler": entry("crawler", "key_0123456789abcdef", "2026-02-02T00:00:00.000000"),
        "agent-wrong": entry("wrong", "key_fedcba9876543210", "2026-01-02T00:00:00.000000"),
    });
    fs::write(&registry, json!({ "agent_credentials": entries }).to_string()).expect("a file");
    let environment = vec![("BROWSER_USE_CONFIG_PATH", registry.display().to_string())];
    let host = host_with("login", "", environment).await;
    host.open("r", &site.url("/")).await;
    let refused = host.action("r", "login", json!({ "agent_name": "wrong" })).await;
    assert_eq!(refused["error_type"], "unauthorized", "{refused}");
    let done = host.action("r", "login", json!({})).await;
    assert_eq!(done["data"]["status"], "signed_in", "{done}");
    assert_eq!(done["data"]["title"], "Home");
    assert!(!done.to_string().contains("key_0123"), "{done}");
    let again = host.action("r", "login", json!({})).await;
    assert_eq!(again["data"]["status"], "no_form", "{again}");
}

#[tokio::test]
async fn a_scraper_keeps_its_distance_and_comes_back_after_a_refusal() {
    let asked = Arc::new(AtomicUsize::new(0));
    let busy = {
        let asked = Arc::clone(&asked);
        async move || match asked.fetch_add(1, Ordering::SeqCst) {
            0 => StatusCode::TOO_MANY_REQUESTS.into_response(),
            _ => Html("<title>Busy</title><h1>Now it goes</h1>").into_response(),
        }
    };
    let site = Site::with_routes(
        &[
            ("/a", "<title>A</title><h1>First</h1>"),
            ("/b", "<title>B</title><h1>Second</h1>"),
        ],
        Router::new().route("/busy", get(busy)),
    )
    .await;
    let host = host_with("scraper", "interval_ms = 400\nmax_pages = 3\n", Vec::new()).await;
    host.open("r", "about:blank").await;
    let urls = |paths: &[&str]| json!({ "urls": paths.iter().map(|path| site.url(path)).collect::<Vec<_>>() });
    let read = host.action("r", "scrape", urls(&["/a", "/b"])).await;
    assert_eq!(read["data"]["pages"][1]["markdown"], "# Second", "{read}");
    assert!(read["duration_ms"].as_f64().expect("a number") >= 400.0, "{read}");
    let many = host.action("r", "scrape", urls(&["/a", "/a", "/a", "/a"])).await;
    assert_eq!(many["error_type"], "invalid_params", "{many}");

    // By the queue, where commands are retried: the plugin's own policy waits two seconds.
    let done = host.queued("r", "scrape", urls(&["/a", "/busy"])).await;
    assert_eq!(done["result"]["pages"][1]["markdown"], "# Now it goes", "{done}");
    assert_eq!(
        (&done["attempts"], asked.load(Ordering::SeqCst)),
        (&json!(2), 2),
        "{done}"
    );
    assert!(done["duration_ms"].as_f64().expect("a number") >= 2000.0, "{done}");
    let first = site.asked().iter().filter(|path| *path == "/a").count();
    assert_eq!(first, 2, "what was read is not read again");
}
