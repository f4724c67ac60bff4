//! Going back to an earlier generation, and what a reload costs commands that run meanwhile.

use std::fs;

use perilune::protocol::ErrorType;
use perilune::script::ScriptEvent;
use serde_json::json;

use super::bed::{Bed, PATIENCE, action, answer};

async fn reloaded(bed: &mut Bed) -> u64 {
    loop {
        if let ScriptEvent::Reloaded { generation, .. } = bed.event().await {
            return generation;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_back_stays_until_it_is_saved_again() {
    let mut bed = Bed::new(&[
        ("scripts/actions/x.lua", &answer(1)),
        ("scripts/actions/y.lua", &answer(1)),
    ]);
    let first = bed.engine.generation().id();
    bed.save("scripts/actions/x.lua", &answer(2));
    reloaded(&mut bed).await;
    bed.save("scripts/actions/z.lua", &answer(2));
    let last = reloaded(&mut bed).await;

    let back = bed.engine.go_back(first).await.expect("it is kept");
    assert!(back > last, "a generation of its own");
    assert_eq!(bed.run("x").await, Ok(json!({ "n": 1 })));
    assert_eq!(
        bed.run("z").await.expect_err("gone").error_type,
        ErrorType::UnknownAction
    );
    // Another file's save leaves it as it is; its own save is news.
    bed.save("scripts/actions/y.lua", &answer(3));
    bed.until("y", json!({ "n": 3 })).await;
    assert_eq!(bed.engine.reload().await.ok(), Some(bed.engine.generation().id()));
    assert_eq!(bed.run("x").await, Ok(json!({ "n": 1 })));
    bed.save("scripts/actions/x.lua", &answer(4));
    bed.until("x", json!({ "n": 4 })).await;

    let forward = bed.engine.go_back(last).await.expect("it is kept");
    assert_eq!(bed.run("z").await, Ok(json!({ "n": 2 })));
    assert_eq!(bed.run("x").await, Ok(json!({ "n": 2 })));
    assert_eq!(
        bed.engine.history().last().map(|past| past.generation.id()),
        Some(forward)
    );
    let unknown = bed.engine.go_back(9999).await.expect_err("no such generation");
    assert_eq!(unknown.error_type, ErrorType::InvalidParams);
    bed.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_commands_run_while_everything_is_reloaded() {
    let uses = action("local n = require('lib.n')\nctx.sleep(1)\nreturn { same = n == require('lib.n') }");
    let bed = Bed::new(&[("scripts/lib/n.lua", "return 0"), ("scripts/actions/x.lua", &uses)]);
    let saver = {
        let path = bed.path("scripts/lib/n.lua");
        let broken = bed.path("scripts/actions/broken.lua");
        tokio::spawn(async move {
            let mut n = 0;
            loop {
                n += 1;
                fs::write(&path, format!("return {n}")).expect("a file");
                fs::write(&broken, "return {").expect("a file");
                tokio::time::sleep(std::time::Duration::from_millis(15)).await; // as fast as a hand cannot
            }
        })
    };
    let first = bed.engine.generation().id();
    let mut done = 0;
    let all = async {
        while done < 1000 || bed.engine.generation().id() < first + 10 {
            let calls: Vec<_> = (0..50).map(|_| bed.run("x")).collect();
            for outcome in futures_util::future::join_all(calls).await {
                assert_eq!(outcome, Ok(json!({ "same": true })));
            }
            done += 50;
        }
    };
    tokio::time::timeout(3 * PATIENCE, all).await.expect("ten reloads");
    saver.abort();
    bed.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_host_counts_what_each_script_costs() {
    let bed = Bed::new(&[
        ("scripts/actions/x.lua", &answer(1)),
        ("scripts/actions/bad.lua", &action("host.fail('busy', 'no')")),
        (
            "scripts/actions/work.lua",
            &action("local n = 0\nfor i = 1, 3000000 do n = n + i % 7 end"),
        ),
    ]);
    for name in ["x", "x", "bad", "work"] {
        let _ = bed.run(name).await; // one of them fails, as it should
    }
    let all = bed.engine.statistics();
    assert_eq!((all["actions/x.lua"].calls, all["actions/bad.lua"].calls), (2, 1));
    assert_eq!(all["actions/bad.lua"].failures.get(&ErrorType::Busy), Some(&1));
    let (light, heavy) = (&all["actions/x.lua"], &all["actions/work.lua"]);
    assert!(heavy.computed_ms > light.computed_ms && heavy.slices > 0, "{all:?}");
    bed.engine.shutdown().await;
}
