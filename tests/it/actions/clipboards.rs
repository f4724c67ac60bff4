//! Each room has a clipboard of its own, though the rooms share a Chromium and its clipboard.

use perilune::browser::{Context, ScriptOptions, ScriptWorld};
use serde_json::{Value, json};

use super::bench::Workbench;

#[tokio::test(flavor = "multi_thread")]
async fn rooms_never_see_each_others_clipboard() {
    let bench = Workbench::start(&[]).await;
    let (one, other) = (bench.open().await, bench.open().await);
    assert_eq!(one.process_id(), other.process_id(), "they share a process");
    for context in [&one, &other] {
        done(
            &bench,
            context,
            "navigate",
            json!({ "url": bench.site.url("/forms.html") }),
        )
        .await;
    }
    for (room, text) in [(&one, "of the first room"), (&other, "of the other room")] {
        done(
            &bench,
            room,
            "type",
            json!({ "selector": "#notes", "text": text, "clear": true }),
        )
        .await;
        done(&bench, room, "select_all", json!({ "selector": "#notes" })).await;
        done(&bench, room, "send_keys", json!({ "keys": "Control+C" })).await;
    }
    for (room, text) in [(&one, "of the first room"), (&other, "of the other room")] {
        done(
            &bench,
            room,
            "keyboard_shortcut",
            json!({ "selector": "#name", "keys": "Control+V" }),
        )
        .await;
        assert_eq!(js(room, "document.getElementById('name').value").await, text);
        done(&bench, room, "clear", json!({ "selector": "#name" })).await;
        done(&bench, room, "paste", json!({ "selector": "#name" })).await;
        assert_eq!(js(room, "document.getElementById('name').value").await, text);
    }
    // What a page's own script puts into Chromium's clipboard comes out in no room either.
    let copies = "notes.value = 'leak'; notes.select(); document.execCommand('copy')";
    js(&one, copies).await;
    done(&bench, &other, "clear", json!({ "selector": "#name" })).await;
    for keys in ["Control+V", "Shift+Insert", "Control+Shift+V"] {
        done(
            &bench,
            &other,
            "send_keys",
            json!({ "selector": "#name", "keys": keys }),
        )
        .await;
    }
    let held = js(&other, "document.getElementById('name').value").await;
    assert_eq!(held, "of the other room".repeat(3));
    for context in [one, other] {
        context.close().await;
    }
    bench.stop().await;
}

async fn done(bench: &Workbench, context: &Context, action: &str, params: Value) {
    let result = bench.run(context, action, params).await.result;
    assert!(result.is_ok(), "{action}: {result:?}");
}

async fn js(context: &Context, code: &str) -> Value {
    let options = ScriptOptions {
        world: ScriptWorld::Main,
        timeout: std::time::Duration::from_secs(30),
        max_bytes: 1 << 20,
    };
    let tab = context.active().expect("a tab");
    tab.evaluate(code, options).await.expect("a value")
}
