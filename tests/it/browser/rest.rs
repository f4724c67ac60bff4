//! A network at rest: requests that a page has begun are waited for, those from before the first question too.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::header;
use axum::routing::get;
use perilune::browser::{Load, PageError, Until};
use tokio::sync::Notify;

use super::HOME;
use crate::support::Site;
use crate::support::bench::{Bench, LONG, Room};

const IDLE: Until = Until::Load(Load::Idle);
const ASK: &str = "fetch('/held').then(r => r.text()).then(text => document.title = text); 0";
const ASKS: (&str, &str) = (
    "/asks",
    "<!doctype html><title>asks</title><link rel=icon href=data:,><script>
    fetch('/held').then(r => r.text()).then(text => document.title = text)</script>",
);
const FRAMED: (&str, &str) = (
    "/framed",
    "<!doctype html><title>framed</title><link rel=icon href=data:,><iframe id=f src='/'></iframe>",
);
const LISTENS: (&str, &str) = (
    "/listens",
    "<!doctype html><title>listens</title><link rel=icon href=data:,><script>
    new EventSource('/stream').onopen = () => document.title = 'open'</script>",
);

/// A site with an answer that is held back until somebody lets it go.
async fn site() -> (Site, Arc<Notify>) {
    let release = Arc::new(Notify::new());
    let held = release.clone();
    let held = get(move || async move {
        held.notified().await;
        "told"
    });
    let stream = get(|| async {
        let first = futures_util::stream::once(async { Ok::<_, std::io::Error>("data: 1\n\n") });
        let body = futures_util::StreamExt::chain(first, futures_util::stream::pending());
        (
            [(header::CONTENT_TYPE, "text/event-stream")],
            axum::body::Body::from_stream(body),
        )
    });
    let routes = Router::new().route("/held", held).route("/stream", stream);
    (Site::with_routes(&[HOME, ASKS, FRAMED, LISTENS], routes).await, release)
}

/// Waits for rest, which must not come before the answer does.
async fn rests_with_the_answer(room: &Room, release: &Notify, what: &str) {
    let tab = room.tab();
    let mut wait = std::pin::pin!(tab.wait_until(&IDLE, LONG));
    let early = tokio::time::timeout(Duration::from_millis(1500), &mut wait).await;
    assert!(early.is_err(), "{what}: rest while a request is under way: {early:?}");
    release.notify_one();
    wait.await.unwrap_or_else(|error| panic!("{what}: {error}"));
}

on_both!(requests_are_waited_for_whenever_they_began);
async fn requests_are_waited_for_whenever_they_began(executable: &str) {
    let (site, release) = site().await;
    let bench = Bench::new(executable);
    let room = bench.open().await;
    room.go(&site.url("/asks")).await;
    rests_with_the_answer(&room, &release, "begun while the page loaded, before the first wait").await;
    assert_eq!(room.js("document.title").await, "told");
    room.js("document.title = ''").await;
    room.js(ASK).await;
    rests_with_the_answer(&room, &release, "begun before a later wait").await;
    assert_eq!(room.js("document.title").await, "told");
    room.go(&site.url("/framed").replace("127.0.0.1", "localhost")).await;
    room.js(&format!("f.contentWindow.eval(\"{ASK}\")")).await;
    rests_with_the_answer(&room, &release, "begun by a frame of another document").await;
    assert_eq!(room.js("f.contentDocument.title").await, "told");
    room.context.close().await;
    bench.finish().await;
}

on_both!(what_never_ends_by_its_nature_keeps_no_page_from_rest);
async fn what_never_ends_by_its_nature_keeps_no_page_from_rest(executable: &str) {
    let (site, _release) = site().await;
    let bench = Bench::new(executable);
    let room = bench.open().await;
    room.go(&site.url("/listens")).await;
    let first = room.tab().wait_until(&IDLE, LONG).await;
    first.expect("a stream from before the first wait");
    room.go(&site.url("/listens")).await;
    let start = Instant::now();
    room.tab()
        .wait_until(&IDLE, LONG)
        .await
        .expect("a stream that is known");
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(500), "rest takes half a second: {took:?}");
    room.js("fetch('/held'); 0").await;
    let never = room.tab().wait_until(&IDLE, Duration::from_secs(1)).await;
    let Err(PageError::NeverCame { seen, .. }) = never else {
        panic!("{never:?}");
    };
    assert!(seen.contains("/held"), "{seen}");
    room.context.close().await;
    bench.finish().await;
}
