//! Navigations that fail: a typed error with a sentence, and the tab stays usable.

use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::get;
use perilune::policy::Rules;
use perilune::protocol::{ErrorType, Failure};

use super::{HOME, TWO};
use crate::support::bench::{Bench, LONG, Room, SHELL, parsed};
use crate::support::{Site, free_port};

async fn site() -> Site {
    let file = || async { ([(header::CONTENT_DISPOSITION, "attachment; filename=a.bin")], "data") };
    let routes = Router::new()
        .route("/empty", get(|| async { StatusCode::NOT_FOUND }))
        .route("/nothing", get(|| async { StatusCode::NO_CONTENT }))
        .route("/file", get(file));
    Site::with_routes(&[HOME, TWO], routes).await
}

async fn failure(room: &Room, url: &str, timeout: Duration) -> Failure {
    let navigation = room.tab().navigate(&parsed(url), timeout).await;
    Failure::from(navigation.expect_err(url))
}

async fn failures(executable: &str, rules: Rules) {
    let site = site().await;
    let bench = Bench::new(executable);
    let room = bench.open_under(rules).await;
    let free = free_port();
    for scheme in ["http", "https"] {
        let refused = failure(&room, &format!("{scheme}://127.0.0.1:{free}/"), LONG).await;
        assert_eq!(refused.error_type, ErrorType::NetworkError);
        assert!(refused.message.contains("nothing accepts connections"), "{refused}");
    }
    let unknown = failure(&room, "http://no-such-host.invalid/", LONG).await;
    assert_eq!(unknown.error_type, ErrorType::NetworkError, "{unknown}");
    for path in ["/never", "/half"] {
        let late = failure(&room, &site.url(path), Duration::from_secs(1)).await;
        assert_eq!(late.error_type, ErrorType::NavigationTimeout, "{late}");
        assert_eq!(room.go(&site.url("/")).await.title, "home");
    }
    let file = failure(&room, &site.url("/file"), LONG).await;
    assert_eq!(file.error_type, ErrorType::Unsupported, "{file}");
    let nothing = failure(&room, &site.url("/nothing"), LONG).await;
    assert_eq!(nothing.error_type, ErrorType::NetworkError, "{nothing}");
    assert_eq!(
        room.go(&site.url("/empty")).await.status,
        Some(404),
        "an answer without a page"
    );
    for wrong in ["file:///etc/passwd", "javascript:alert(1)", "chrome://version"] {
        let denied = failure(&room, wrong, LONG).await;
        assert_eq!(denied.error_type, ErrorType::DomainBlocked, "{denied}");
    }
    assert_eq!(room.go(&site.url("/")).await.title, "home");

    // A download that the page starts changes nothing.
    room.js("location.href = '/file'").await;
    room.tab().wait_for_load(LONG).await.expect("still there");
    assert_eq!(room.tab().title(), "home");
    assert_eq!(room.go(&site.url("/two")).await.title, "two");
    room.context.close().await;
    bench.finish().await;
}

on_both!(failures_are_typed);
async fn failures_are_typed(executable: &str) {
    failures(executable, Rules::open()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_typed_behind_the_proxy() {
    let rules = Rules::open().tightened(None, &["nowhere.test".into()], None);
    let rules = rules.expect("a pattern");
    assert!(!rules.is_open());
    failures(SHELL, rules).await;
}
