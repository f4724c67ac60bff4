//! Loading pages: addresses, titles, history, events, language, cookies.

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::Html;
use axum::routing::get;
use perilune::browser::{BrowserEvent, Error};
use perilune::policy::Rules;

use super::{HOME, TWO};
use crate::support::Site;
use crate::support::bench::{Bench, LONG, SHELL, parsed, spec, until};

on_both!(a_page_is_loaded_and_left);
async fn a_page_is_loaded_and_left(executable: &str) {
    let site = Site::start(&[HOME, TWO, ("/on", "<script>location.replace('/two')</script>")]).await;
    let bench = Bench::new(executable);
    bench.pool.warm().await.expect("a warm process");
    assert!(bench.pool.version().expect("one runs").contains("Chrome/"));
    assert_eq!(bench.pool.binary().expect("found").headless_shell, executable == SHELL);
    let mut room = bench.open().await;
    let home = room.go(&site.url("/")).await;
    assert_eq!(
        (home.status, home.title.as_str(), home.url.as_str()),
        (Some(200), "home", site.url("/").as_str())
    );
    room.event(
        "a navigation",
        |e| matches!(e, BrowserEvent::Navigated { url, .. } if *url == home.url),
    )
    .await;
    room.event(
        "a load",
        |e| matches!(e, BrowserEvent::Loaded { title, .. } if title == "home"),
    )
    .await;
    assert_eq!(
        room.go(&site.url("/missing")).await.status,
        Some(404),
        "a 404 is a page"
    );
    let tab = room.tab();
    assert_eq!(tab.back(LONG).await.expect("back").title, "home");
    assert_eq!(tab.forward(LONG).await.expect("forward").url, site.url("/missing"));
    assert!(matches!(tab.forward(LONG).await, Err(Error::NoHistory { .. })));
    assert_eq!(tab.reload(LONG).await.expect("reload").status, Some(404));
    assert_eq!(
        room.go(&site.url("/on")).await.title,
        "two",
        "the page that it ends up with"
    );
    let part = site.url("/two#part");
    assert_eq!(room.go(&part).await.url, part, "within the same document");
    room.js("document.title = 'renamed'").await;
    room.context.refresh().await.expect("the titles are read");
    assert_eq!(tab.title(), "renamed");
    let look = "[innerWidth, innerHeight, navigator.language, document.visibilityState].join()";
    assert_eq!(room.js(look).await, "1280,720,en-US,visible");
    room.context.close().await;
    room.context.close().await;
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_that_the_page_began_is_waited_for() {
    let site = Site::start(&[HOME, TWO]).await;
    let bench = Bench::new(SHELL);
    let room = bench.open().await;
    room.go(&site.url("/")).await;
    let tab = room.tab();
    tab.wait_for_load(LONG).await.expect("nothing loads");
    room.js("a.click()").await;
    until("the link is followed", || tab.url() == site.url("/two")).await;
    tab.wait_for_load(LONG).await.expect("loaded");
    assert_eq!(tab.title(), "two");
    room.context.close().await;
    bench.finish().await;
}

on_both!(a_room_has_a_language_and_cookies_of_its_own);
async fn a_room_has_a_language_and_cookies_of_its_own(executable: &str) {
    let site = Site::start(&[HOME]).await;
    let bench = Bench::new(executable);
    let mut german = spec(Rules::open());
    german.locale = "de-DE".to_owned();
    let (first, second) = (bench.open_with(german).await, bench.open().await);
    for room in [&first, &second] {
        room.go(&site.url("/")).await;
    }
    let language = "[navigator.language, (1.5).toLocaleString()].join()";
    assert_eq!(first.js(language).await, "de-DE,1,5");
    assert_eq!(second.js(language).await, "en-US,1.5");

    first.js("document.cookie = 'a=b; path=/'").await;
    let cookies = first.context.cookies().await.expect("cookies");
    assert_eq!(cookies[0]["name"], "a");
    assert!(second.context.cookies().await.expect("cookies").is_empty());
    second.context.set_cookies(cookies).await.expect("set");
    assert_eq!(second.js("document.cookie").await, "a=b");
    first.context.close().await;
    second.context.close().await;
    bench.finish().await;
}

on_both!(a_page_that_wants_a_password_ends_the_navigation);
async fn a_page_that_wants_a_password_ends_the_navigation(executable: &str) {
    let ask = || async {
        let header = [(header::WWW_AUTHENTICATE, "Basic realm=x")];
        (StatusCode::UNAUTHORIZED, header, Html("<title>secret</title>who?"))
    };
    let site = Site::with_routes(&[TWO], Router::new().route("/secret", get(ask))).await;
    let bench = Bench::new(executable);
    let room = bench.open().await;
    // The whole Chromium has no login dialog and gives the page up instead.
    match room.tab().navigate(&parsed(&site.url("/secret")), LONG).await {
        Ok(secret) => assert_eq!(secret.status, Some(401)),
        Err(error) => assert!(error.to_string().contains("user name"), "{error}"),
    }
    assert_eq!(room.go(&site.url("/two")).await.title, "two");
    room.context.close().await;
    bench.finish().await;
}
