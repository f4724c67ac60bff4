//! Plugin folders: dropped in, removed, linked, and with things in them that are not known.

use std::fs;
use std::os::unix::fs::symlink;

use perilune::protocol::ErrorType;
use perilune::script::{Kind, ScriptEvent};
use serde_json::json;

use super::bed::{Bed, PATIENCE, action, answer};
use crate::support::eventually;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_plugin_is_there_and_a_removed_one_is_gone() {
    let mut bed = Bed::new(&[("scripts/actions/x.lua", &answer(1))]);
    assert!(!bed.path("plugins").exists());
    bed.save("plugins/x/actions/y.lua", &answer(5));
    let event = bed.event().await;
    assert!(
        matches!(&event, ScriptEvent::Reloaded { script, file, .. } if script == "actions/y" && file == "plugins/x/actions/y.lua"),
        "{event:?}"
    );
    assert_eq!(bed.run("y").await, Ok(json!({ "n": 5 })));

    bed.save("plugins/x/actions/x.lua", &answer(2));
    bed.until("x", json!({ "n": 2 })).await;
    let generation = bed.engine.generation();
    let replaced = generation.get(Kind::Action, "x").and_then(|x| x.overrides.as_ref());
    assert_eq!(replaced.map(ToString::to_string).as_deref(), Some("scripts folder"));
    fs::remove_dir_all(bed.path("plugins")).expect("removed");
    bed.until("x", json!({ "n": 1 })).await;
    bed.until_gone("y").await;
    bed.save("plugins/x/actions/x.lua", &answer(3));
    bed.until("x", json!({ "n": 3 })).await;
    bed.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_with_a_broken_manifest_stays_as_it_was() {
    let mut bed = Bed::new(&[
        (
            "plugins/x/actions/echo.lua",
            &action("return { pages = ctx.config.pages }"),
        ),
        (
            "plugins/x/plugin.toml",
            "name = 'x'\n[config.properties.pages]\ntype = 'integer'\ndefault = 3\n",
        ),
        ("plugins/new/actions/later.lua", &answer(1)),
        ("plugins/new/plugin.toml", "api = 2\n"),
        ("plugins/z/odd/log.lua", "return {}"),
    ]);
    let mut failed = Vec::new();
    for _ in 0..2 {
        match bed.event().await {
            ScriptEvent::Failed { script, line, .. } => failed.push((script, line)),
            other => panic!("{other:?}"),
        }
    }
    failed.sort();
    let expected = [("odd/log".to_owned(), None), ("plugins/new".to_owned(), Some(1))];
    assert_eq!(failed, expected);
    assert_eq!(bed.run("echo").await, Ok(json!({ "pages": 3 })));

    bed.save("plugins/x/config.toml", "pages = 7");
    bed.until("echo", json!({ "pages": 7 })).await;
    bed.save("plugins/x/config.toml", "pages = 'many'");
    loop {
        if let ScriptEvent::Failed { script, error, .. } = bed.event().await {
            assert_eq!(script, "plugins/x");
            assert!(error.contains("must be an integer"), "{error}");
            break;
        }
    }
    assert_eq!(bed.run("echo").await, Ok(json!({ "pages": 7 })));
    bed.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn middleware_goes_around_actions_in_the_plugins_order() {
    let around = |name: &str| {
        format!(
            "return {{ wraps = {{ 'x' }}, run = function(ctx, params, next)\n\
             local data = next(params)\ndata.trace = data.trace .. ' {name}:' .. tostring(ctx.plugin)\nreturn data end }}"
        )
    };
    let bed = Bed::new(&[
        (
            "scripts/actions/x.lua",
            &action("return { trace = tostring(ctx.plugin) }"),
        ),
        ("plugins/a/middleware/m.lua", &around("a")),
        ("plugins/b/middleware/m.lua", &around("b")),
        ("plugins/b/plugin.toml", "after = ['a']"),
        (
            "plugins/c/middleware/m.lua",
            "return { wraps = { '*' }, run = function(ctx, params, next)\n\
             if params.stop then host.fail('busy', 'not now') end\nreturn next(params) end }",
        ),
    ]);
    assert_eq!(bed.run("x").await, Ok(json!({ "trace": "nil b:b a:a" })));
    bed.save("plugins/b/plugin.toml", "before = ['a']");
    bed.until("x", json!({ "trace": "nil a:a b:b" })).await;
    fs::remove_file(bed.path("plugins/a/middleware/m.lua")).expect("removed");
    bed.until("x", json!({ "trace": "nil b:b" })).await;
    bed.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_middleware_can_change_parameters_but_not_past_the_schema() {
    let target = "return { description = 'x', params = { properties = { n = { type = 'integer', default = 1 } } },\n\
        run = function(ctx, params) return { n = params.n } end }";
    let bed = Bed::new(&[
        ("scripts/actions/x.lua", target),
        (
            "plugins/a/middleware/m.lua",
            "return { wraps = { 'x' }, run = function(ctx, params, next) return next({ n = 5 }) end }",
        ),
    ]);
    assert_eq!(bed.run("x").await, Ok(json!({ "n": 5 })));
    bed.save(
        "plugins/a/middleware/m.lua",
        "return { wraps = { 'x' }, run = function(ctx, params, next) return next({ n = 'five' }) end }",
    );
    eventually("the new middleware is refused", PATIENCE, || async {
        let failure = bed.run("x").await.err()?;
        (failure.error_type == ErrorType::InvalidParams).then_some(())
    })
    .await;
    bed.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_action_runs_others_with_their_middleware_and_as_themselves() {
    let bed = Bed::new(&[
        ("plugins/a/actions/inner.lua", &action("return { who = ctx.plugin }")),
        (
            "plugins/b/actions/outer.lua",
            &action("local data = ctx.run('inner', {})\ndata.outer = ctx.plugin\nreturn data"),
        ),
        (
            "plugins/b/actions/wrong.lua",
            &action("local ok, e = pcall(ctx.run, 'inner', { x = 1 })\nreturn { code = e.code, message = e.message }"),
        ),
        ("plugins/b/actions/nobody.lua", &action("return ctx.run('none')")),
        (
            "plugins/c/middleware/m.lua",
            "return { wraps = { 'inner' }, run = function(ctx, params, next)\n\
             local data = next()\ndata.around = ctx.plugin\nreturn data end }",
        ),
    ]);
    let expected = json!({ "who": "a", "around": "c", "outer": "b" });
    assert_eq!(bed.run("outer").await, Ok(expected));
    let wrong = bed.run("wrong").await.expect("an answer");
    assert_eq!(wrong["code"], "invalid_params");
    let failure = bed.run("nobody").await.expect_err("no such action");
    assert_eq!(failure.error_type, ErrorType::UnknownAction);
    bed.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_run_side_by_side_and_end_with_their_call() {
    let both = "local tasks = {}\nfor i = 1, 3 do tasks[i] = ctx.spawn(function(n) ctx.sleep(200) return n * 2 end, i) end\n\
        local sum = 0\nfor _, task in ipairs(tasks) do sum = sum + task:wait() end\nreturn { sum = sum }";
    let bed = Bed::new(&[
        ("scripts/actions/both.lua", &action(both)),
        (
            "scripts/actions/raise.lua",
            &action(
                "local t = ctx.spawn(function() host.fail('busy', 'no') end)\nlocal ok, e = pcall(t.wait, t)\nreturn { code = e.code }",
            ),
        ),
        (
            "scripts/actions/loop.lua",
            &action("ctx.spawn(function() while true do end end)\nctx.sleep(100)\nreturn { ok = true }"),
        ),
        (
            "scripts/actions/many.lua",
            &action("for i = 1, 100 do ctx.spawn(function() ctx.sleep(60000) end) end"),
        ),
    ]);
    let began = std::time::Instant::now();
    assert_eq!(bed.run("both").await, Ok(json!({ "sum": 12 })));
    assert!(
        began.elapsed() < std::time::Duration::from_millis(590),
        "one after the other"
    );
    assert_eq!(bed.run("raise").await, Ok(json!({ "code": "busy" })));
    // A task that never ends is stopped with its call, and the thread is free again.
    assert_eq!(bed.run("loop").await, Ok(json!({ "ok": true })));
    assert_eq!(bed.run("loop").await, Ok(json!({ "ok": true })));
    let failure = bed.run("many").await.expect_err("too many");
    assert_eq!(failure.error_type, ErrorType::Busy);
    assert_eq!(bed.engine.given_up(), 0);
    bed.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn linked_folders_are_followed_also_when_the_link_is_swapped() {
    let bed = Bed::new(&[
        ("plugins/q/actions/q.lua", &answer(1)),
        ("away/actions/x.lua", &answer(1)),
    ]);
    symlink(bed.path("away"), bed.path("plugins/x")).expect("a link");
    bed.until("x", json!({ "n": 1 })).await;
    bed.save("away/actions/x.lua", &answer(2));
    bed.until("x", json!({ "n": 2 })).await;
    // As Kubernetes does it: actions -> ..data/actions, and ..data is swapped by rename.
    bed.save("plugins/k/..1/actions/k.lua", &answer(1));
    bed.save("plugins/k/..2/actions/k.lua", &answer(2));
    symlink("..1", bed.path("plugins/k/..data")).expect("a link");
    symlink("..data/actions", bed.path("plugins/k/actions")).expect("a link");
    bed.until("k", json!({ "n": 1 })).await;
    symlink("..2", bed.path("plugins/k/..new")).expect("a link");
    fs::rename(bed.path("plugins/k/..new"), bed.path("plugins/k/..data")).expect("swapped");
    bed.until("k", json!({ "n": 2 })).await;
    bed.engine.shutdown().await;
}
