//! Domain rules: every way out that a page has ends at the proxy, and what is allowed works through it.

use axum::Router;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use perilune::browser::{BrowserEvent, Error};
use perilune::policy::Rules;

use super::{HOME, TWO};
use crate::support::Site;
use crate::support::bench::{Bench, LONG, SHELL, parsed, until};

/// Each tries to reach the forbidden server in another way; `BAD` and `WS` are its addresses.
const ATTEMPTS: &[&str] = &[
    "fetch('BADfetch', { mode: 'no-cors' }).catch(() => 0); 0",
    "new Image().src = 'BADimage'",
    "new WebSocket('WSsocket'); 0",
    "new EventSource('BADevents'); 0",
    "navigator.sendBeacon('BADbeacon', 'x')",
    "{ const f = document.createElement('iframe'); f.src = 'BADframe'; document.body.append(f) }",
    "link('stylesheet', 'BADstyle')",
    "link('prefetch', 'BADprefetch')",
    "link('preload', 'BADpreload')",
    "new Worker('/worker.js'); 0",
    "navigator.serviceWorker.register('/service.js').catch(() => 0); 0",
    "import('BADmodule.js').catch(() => 0); 0",
    "fetch('/moved?BADmoved', { mode: 'no-cors' }).catch(() => 0); 0",
    "window.open('BADpopup'); 0",
];
const LINK: &str = "function link(rel, href) { const l = document.createElement('link');
    Object.assign(l, { rel, as: 'image', href }); document.head.append(l) }";
const WORKER: &str = "new WebSocket('WSworker-socket'); fetch('BADworker', { mode: 'no-cors' }).catch(() => 0)";
const SERVICE: &str = "self.addEventListener('install', e =>
    e.waitUntil(fetch('BADservice', { mode: 'no-cors' }).catch(() => 0)))";

fn only(site: &Site) -> Rules {
    let host = format!("127.0.0.1:{}", site.port);
    Rules::open().tightened(Some(&[host]), &[], None).expect("a pattern")
}

on_both!(nothing_reaches_a_forbidden_server);
async fn nothing_reaches_a_forbidden_server(executable: &str) {
    let forbidden = Site::start(&[]).await;
    let bad = forbidden.url("/");
    let aimed = |code: &str| code.replace("BAD", &bad).replace("WS", &bad.replace("http", "ws"));
    let (worker, service) = (aimed(WORKER), aimed(SERVICE));
    let site = Site::start(&[HOME, ("/worker.js", &worker), ("/service.js", &service)]).await;
    let bench = Bench::new(executable);
    let mut room = bench.open_under(only(&site)).await;
    let tab = room.tab();
    let denied = tab.navigate(&parsed(&bad), LONG).await;
    assert!(matches!(denied, Err(Error::Denied(_))), "by command: {denied:?}");
    for target in [bad.clone(), bad.replace("http:", "https:")] {
        let moved = parsed(&site.url(&format!("/moved?{target}moved")));
        let denied = tab.navigate(&moved, LONG).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "moved to {target}: {denied:?}");
        room.event("a violation", |e| matches!(e, BrowserEvent::Violation { .. }))
            .await;
    }
    let count = room.context.violations();
    assert!(count >= 2 && room.context.last_violation_since(count).is_none());

    assert_eq!(room.go(&site.url("/")).await.title, "home");
    room.js(LINK).await;
    for attempt in ATTEMPTS {
        room.context.switch_tab(0).await.expect("the first tab");
        let before = room.context.violations();
        room.js(&aimed(attempt)).await;
        until(&format!("a violation by {attempt}"), || {
            room.context.violations() > before
        })
        .await;
        let denied = room.context.last_violation_since(before).expect("the latest");
        assert!(denied.domain.contains("127.0.0.1"), "{attempt}: {denied:?}");
    }
    for script in ["/worker.js", "/service.js"] {
        assert!(site.asked().iter().any(|path| path == script), "{script} ran");
    }
    assert_eq!(
        forbidden.asked(),
        Vec::<String>::new(),
        "the forbidden server was reached"
    );

    // The same address without rules is there.
    let open = bench.open().await;
    open.go(&bad).await;
    assert!(!forbidden.asked().is_empty());
    open.context.close().await;
    room.context.close().await;
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn private_addresses_have_many_names() {
    let site = Site::start(&[]).await;
    let bench = Bench::new(SHELL);
    let rules = Rules::open().tightened(None, &[], Some(false)).expect("rules");
    let room = bench.open_under(rules).await;
    for name in [
        "127.0.0.1",
        "localhost",
        "a.localhost",
        "0x7f.1",
        "2130706433",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
    ] {
        let url = site.url("/").replace("127.0.0.1", name);
        let denied = room.tab().navigate(&parsed(&url), LONG).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "{url}: {denied:?}");
        let before = room.context.violations();
        room.js(&format!("fetch('{url}', {{ mode: 'no-cors' }}).catch(() => 0); 0"))
            .await;
        until(&format!("a violation by a page that fetches {url}"), || {
            room.context.violations() > before
        })
        .await;
    }
    assert_eq!(site.asked(), Vec::<String>::new());
    room.context.close().await;
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_hides_itself() {
    let echo = |headers: HeaderMap| async move { format!("{headers:?}") };
    let site = Site::with_routes(&[], Router::new().route("/headers", get(echo))).await;
    let bench = Bench::new(SHELL);
    let room = bench.open_under(only(&site)).await;
    // The second request goes over the same connection.
    for _ in 0..2 {
        room.go(&site.url("/headers")).await;
        let headers = room.js("document.body.innerText").await.to_string();
        assert!(headers.contains("user-agent"), "{headers}");
        assert!(!headers.to_lowercase().contains("proxy"), "{headers}");
    }
    room.context.close().await;
    bench.finish().await;
}

async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if socket.send(message).await.is_err() {
            return;
        }
    }
}

/// One piece at once, and no end.
async fn endless_stream() -> impl IntoResponse {
    let first = futures_util::stream::once(async { Ok::<_, std::io::Error>("data: first\n\n") });
    let body = futures_util::StreamExt::chain(first, futures_util::stream::pending());
    let kind = [(header::CONTENT_TYPE, "text/event-stream")];
    (kind, axum::body::Body::from_stream(body))
}

on_both!(what_is_allowed_works_through_the_proxy);
async fn what_is_allowed_works_through_the_proxy(executable: &str) {
    let socket = |upgrade: WebSocketUpgrade| async { upgrade.on_upgrade(echo) };
    let routes = Router::new()
        .route("/socket", get(socket))
        .route("/stream", get(endless_stream))
        .route("/post", post(|body: String| async move { body.len().to_string() }));
    let site = Site::with_routes(&[HOME, TWO], routes).await;
    let bench = Bench::new(executable);
    let room = bench.open_under(only(&site)).await;
    room.go(&site.url("/")).await;
    let socket = "new Promise((done, no) => { const s = new WebSocket('ws://' + location.host + '/socket');
        s.onopen = () => s.send('hello'); s.onmessage = m => done(m.data); s.onerror = () => no('error') })";
    assert_eq!(room.js(socket).await, "hello");
    let stream = "new Promise((done, no) => { const s = new EventSource('/stream');
        s.onmessage = m => { s.close(); done(m.data) }; s.onerror = () => no('error') })";
    assert_eq!(room.js(stream).await, "first");
    let post = "fetch('/post', { method: 'POST', body: 'x'.repeat(1500000) }).then(r => r.text())";
    assert_eq!(room.js(post).await, "1500000");
    let many = "Promise.all([...Array(100).keys()].map(i => fetch('/two?' + i).then(r => r.text())))
        .then(a => a.filter(text => text.includes('<h1>two</h1>')).length)";
    assert_eq!(room.js(many).await, 100);
    assert_eq!(room.context.violations(), 0);
    room.context.close().await;
    bench.finish().await;
}
