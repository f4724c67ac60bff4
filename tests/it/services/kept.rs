//! `ctx.state`, `ctx.shared`, `ctx.session`, `ctx.config` and `ctx.events`.

use serde_json::{Value, json};

use super::bed::{ask, data, failure, plug, tries};
use crate::support::{Host, Site};

const KEEPS: &str = r#"
function tries.count(ctx)
  return { state = ctx.state:incr("n"), shared = ctx.shared:incr("n", 10), session = ctx.session, config = ctx.config }
end
function tries.set(ctx, p) ctx.state:set(p.key, p.value) return { back = ctx.state:get(p.key), keys = ctx.state:keys() } end
function tries.cas(ctx, p) return { done = ctx.state:cas("c", p.old, p.new), now = ctx.state:get("c") } end
function tries.fill(ctx) for i = 1, 2000 do ctx.state:set("k" .. i, i) end end
function tries.emit(ctx, p) ctx.events:emit(p.name, p.payload) end
function tries.flood(ctx) for i = 1, 200 do ctx.events:emit("drop", { i = i }) end end
function tries.caught(ctx) return { ok = pcall(function() ctx.events:emit("drop") end) } end
"#;

#[tokio::test]
async fn values_last_as_long_as_they_should() {
    let site = Site::start(&[("/", "<title>T</title>")]).await;
    let host = Host::start().await;
    let manifest = "name = 'keeps'\n[config.properties.pages]\ntype = 'integer'\ndefault = 3\n";
    plug(&host, &[("keeps", manifest, tries(KEEPS)), ("other", "", tries(KEEPS))]).await;
    let started = host.open("one", &site.url("/")).await;
    host.open("two", &site.url("/")).await;
    let count = async |room, plugin| {
        let answer = ask(&host, room, plugin, "count", json!({})).await;
        let data = data(&answer);
        (data["state"].as_f64(), data["shared"].as_f64(), data.clone())
    };
    let first = count("one", "keeps").await;
    assert_eq!((first.0, first.1), (Some(1.0), Some(10.0)));
    assert_eq!(first.2["session"]["id"], started["session_id"]);
    assert_eq!(first.2["session"]["room_name"], "one");
    assert_eq!(first.2["config"], json!({ "pages": 3 }));
    let second = count("two", "keeps").await;
    assert_eq!(
        (second.0, second.1),
        (Some(1.0), Some(20.0)),
        "state is the session's, shared the host's"
    );
    let other = count("one", "other").await;
    assert_eq!((other.0, other.1), (Some(1.0), Some(10.0)), "each plugin has its own");

    // A saved script is a new one, what it kept is still there.
    let mut events = host.events("one", None).await;
    let changed = tries(&KEEPS.replace("\"n\", 10", "\"n\", 100"));
    std::fs::write(host.folder.path().join("plugins/keeps/actions/try_keeps.lua"), changed).expect("a file");
    events.of_type("script_reloaded").await;
    let after = count("one", "keeps").await;
    assert_eq!((after.0, after.1), (Some(2.0), Some(120.0)));

    host.call("close_browser_session", json!({ "room_name": "one" })).await;
    host.open("one", &site.url("/")).await;
    let anew = count("one", "keeps").await;
    assert_eq!(
        (anew.0, anew.1),
        (Some(1.0), Some(220.0)),
        "state has ended with its session"
    );

    let set =
        async |key: Value, value: Value| ask(&host, "two", "keeps", "set", json!({ "key": key, "value": value })).await;
    let kept = set("v".into(), json!({ "list": [1, "two", { "three": true }], "n": 1.5 })).await;
    assert_eq!(
        data(&kept)["back"],
        json!({ "list": [1, "two", { "three": true }], "n": 1.5 })
    );
    assert_eq!(data(&kept)["keys"], json!(["n", "v"]));
    let gone = set("v".into(), Value::Null).await;
    assert_eq!(data(&gone)["keys"], json!(["n"]));
    let long = set("k".repeat(300).into(), json!(1)).await;
    assert!(failure(&long, "invalid_params").contains("256"), "{long}");
    let large = set("large".into(), "x".repeat(2 << 20).into()).await;
    assert_eq!(large["data"]["limit"], 1 << 20, "{large}");
    let full = ask(&host, "two", "keeps", "fill", json!({})).await;
    assert!(failure(&full, "invalid_params").contains("1000 keys"), "{full}");
    let cas = ask(&host, "one", "keeps", "cas", json!({ "new": 1 })).await;
    assert_eq!(data(&cas), &json!({ "done": true, "now": 1 }));
    let cas = ask(&host, "one", "keeps", "cas", json!({ "old": 2, "new": 3 })).await;
    assert_eq!(data(&cas), &json!({ "done": false, "now": 1 }));
}

#[tokio::test]
async fn events_of_scripts_go_to_the_room_in_their_order_and_not_without_end() {
    let site = Site::start(&[("/", "<title>T</title>")]).await;
    let host = Host::start().await;
    plug(&host, &[("keeps", "", tries(KEEPS))]).await;
    host.open("r", &site.url("/")).await;
    let mut events = host.events("r", None).await;
    let payload = json!({ "price": 7, "password": "hush-hush", "seen": "https://me:hush-hush@shop.test/" });
    let answer = ask(
        &host,
        "r",
        "keeps",
        "emit",
        json!({ "name": "price_found", "payload": payload }),
    )
    .await;
    data(&answer);
    let completed = events.of_type("action_completed").await;
    let kinds: Vec<_> = events.seen.iter().map(|e| e["type"].clone()).collect();
    assert_eq!(kinds, ["action_started", "script_event", "action_completed"]);
    let told = &events.seen[1];
    assert_eq!(
        (&told["script"], &told["name"]),
        (&json!("plugins/keeps"), &json!("price_found"))
    );
    assert_eq!(told["payload"]["price"], 7);
    assert_eq!(told["command_id"], completed["command_id"]);
    assert_eq!(told["data"]["payload"], told["payload"]);
    assert!(!told.to_string().contains("hush-hush"), "{told}");

    for (name, payload) in [
        ("Price", json!(1)),
        ("", json!(1)),
        ("a b", json!(1)),
        (&*"x".repeat(65), json!(1)),
        ("large", "x".repeat(20_000).into()),
    ] {
        let answer = ask(&host, "r", "keeps", "emit", json!({ "name": name, "payload": payload })).await;
        failure(&answer, "invalid_params");
    }
    let flood = ask(&host, "r", "keeps", "flood", json!({})).await;
    assert!(
        failure(&flood, "rate_limited").contains("50 events a second"),
        "{flood}"
    );
    events
        .until("the flood's end", |e| {
            e["type"] == "action_error" && e["error_type"] == "rate_limited"
        })
        .await;
    let drops = events.seen.iter().filter(|e| e["name"] == "drop").count();
    assert!((45..=150).contains(&drops), "{drops} of 200 came through");
    // A script may go on after it.
    data(&ask(&host, "r", "keeps", "caught", json!({})).await);
}
