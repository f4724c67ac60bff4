//! JavaScript as a console runs it: what comes back, what fails, and what does not end.

use std::time::Duration;

use perilune::browser::{PageError, ScriptOptions, ScriptWorld};
use serde_json::{Value, json};

use super::{SHORT, Stage};
use crate::support::bench::LONG;

const PAGE: (&str, &str) = ("/", "<!doctype html><title>page</title><p id=x class=y>hi</p>");

fn options(world: ScriptWorld, timeout: Duration, max_bytes: usize) -> ScriptOptions {
    ScriptOptions {
        world,
        timeout,
        max_bytes,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_give_the_last_value_as_json() {
    let stage = Stage::new(&[PAGE]).await;
    let object = json!({ "a": 1, "b": [1, "x", null, null] });
    for (code, value) in [
        ("1 + 1", json!(2)),
        ("document.title", json!("page")),
        ("const a = 2; let b = 3; a * b", json!(6)),
        ("const a = 5; a", json!(5)),
        ("await fetch('/').then(r => r.status)", json!(200)),
        ("Promise.resolve({a: 1})", json!({ "a": 1 })),
        ("{a: 1, b: [1, 'x', null, undefined]}", object),
        ("if (true) { 7 }", json!(7)),
        ("return 3", json!(3)),
        ("const r = await Promise.resolve(4);\nreturn r", json!(4)),
        ("undefined", Value::Null),
        ("NaN", json!("NaN")),
        ("10n", json!("10n")),
        ("x", json!("<p id='x' class='y'>")),
        ("document.querySelectorAll('p')", json!(["<p id='x' class='y'>"])),
        ("(function f() {})", json!("[function f]")),
        ("let o = {n: 1}; o.o = o; o", json!({ "n": 1, "o": "[circular]" })),
        ("new Map([[1, {a: 2}]])", json!([[1, { "a": 2 }]])),
        ("new Date(0)", json!("1970-01-01T00:00:00.000Z")),
        ("window", json!("[Window]")),
        ("x.getBoundingClientRect().height > 0", json!(true)),
        ("alert('x'); 5", json!(5)),
    ] {
        assert_eq!(stage.js(code).await, value, "{code}");
    }
    stage.js("window.mine = 1").await;
    let isolated = options(ScriptWorld::Isolated, LONG, 1000);
    let seen = stage.tab.evaluate("typeof mine + ' ' + document.title", isolated).await;
    assert_eq!(seen.expect("a value"), "undefined page");
    let state = stage.tab.page_state().await.expect("a state");
    assert_eq!(
        (state.viewport_width, state.viewport_height, state.ready_state.as_str()),
        (1280, 720, "complete")
    );
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_that_fail_say_why_and_where() {
    let stage = Stage::new(&[PAGE]).await;
    for (code, words) in [
        ("1 +", "SyntaxError"),
        ("nothing.here", "ReferenceError: nothing is not defined"),
        ("throw 'plain words'", "plain words"),
        ("await Promise.reject(new Error('late'))", "Error: late"),
        ("Promise.reject(new Error('later'))", "Error: later"),
        ("({get a() { throw new Error('getter') }, b: 1}).c.d", "TypeError"),
    ] {
        match stage.try_js(code).await {
            Err(PageError::Script { message, .. }) => assert!(message.contains(words), "{code}: {message}"),
            other => panic!("{code}: {other:?}"),
        }
    }
    match stage.try_js("let q = 1;\n\nnull.x").await {
        Err(PageError::Script { line, .. }) => assert_eq!(line, Some(3)),
        other => panic!("{other:?}"),
    }
    let left = stage.try_js("location.href = '/?2'; new Promise(() => {})").await;
    assert!(
        matches!(left, Err(PageError::Script { .. })),
        "the page was left: {left:?}"
    );
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_without_end_are_stopped_and_the_page_goes_on() {
    let stage = Stage::new(&[PAGE]).await;
    let small = options(ScriptWorld::Main, LONG, 1000);
    for code in ["'x'.repeat(2000)", "Array.from({length: 1e6}, (_, i) => i)"] {
        let refused = stage.tab.evaluate(code, small).await;
        assert!(
            matches!(refused, Err(PageError::TooLarge { .. })),
            "{code}: {refused:?}"
        );
    }
    let short = options(ScriptWorld::Main, SHORT, 1000);
    for code in [
        "for (;;) {}",
        "new Promise(() => {})",
        "await new Promise(() => {})",
        "await 1; for (;;) {}",
        "await new Promise(r => setTimeout(r, 10)); for (;;) {}",
        "({get a() { for (;;) {} }})",
        "setTimeout(() => { for (;;) {} }, 0); new Promise(() => {})",
    ] {
        let stopped = tokio::time::timeout(LONG, stage.tab.evaluate(code, short)).await;
        let stopped = stopped.unwrap_or_else(|_| panic!("{code} was not stopped"));
        assert!(matches!(stopped, Err(PageError::Timeout { .. })), "{code}: {stopped:?}");
        assert_eq!(stage.js("6 * 7").await, 42, "the page goes on after {code}");
        let timer = "await new Promise(r => setTimeout(() => r(1), 20))";
        assert_eq!(stage.js(timer).await, 1, "its timers too, after {code}");
    }
    stage.end().await;
}
