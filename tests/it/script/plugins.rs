//! Plugin folders: dropped in, removed, linked, and with things in them that are not known.

use std::fs;
use std::os::unix::fs::symlink;

use perilune::script::{Kind, ScriptEvent};
use serde_json::json;

use super::bed::{Bed, answer};

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
async fn what_a_plugin_may_not_yet_have_is_announced_and_the_rest_loads() {
    let mut bed = Bed::new(&[
        ("plugins/x/actions/echo.lua", &answer(1)),
        ("plugins/x/events/log.lua", "return {}"),
        ("plugins/x/plugin.toml", "name = 'x'\napi = 1\n\n[limits]\nmemory = 1\n"),
    ]);
    let mut failed = Vec::new();
    for _ in 0..2 {
        match bed.event().await {
            ScriptEvent::Failed { script, line, .. } => failed.push((script, line)),
            other => panic!("{other:?}"),
        }
    }
    failed.sort();
    let expected = [("events/log".to_owned(), None), ("plugins/x".to_owned(), Some(4))];
    assert_eq!(failed, expected);
    assert_eq!(bed.run("echo").await, Ok(json!({ "n": 1 })));
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
