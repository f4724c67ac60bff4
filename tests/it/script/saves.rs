//! Files saved under a running engine: every editor's way, broken, one for many, under load, and only when told.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use perilune::config;
use perilune::protocol::ErrorType;
use perilune::script::ScriptEvent;
use serde_json::json;

use super::bed::{Bed, PATIENCE, action, answer, run};
use crate::support::eventually;

/// How editors save: into the file, by a renamed new file, and by a renamed old one.
const WAYS: &[fn(&Path, &str)] = &[
    |path, text| fs::write(path, text).expect("truncate and write"),
    |path, text| {
        let temporary = path.with_extension("tmp");
        fs::write(&temporary, text).expect("write");
        fs::rename(&temporary, path).expect("rename");
    },
    |path, text| {
        let backup = path.with_extension("lua~");
        fs::write(path.with_file_name("4913"), "").expect("vim's probe");
        fs::remove_file(path.with_file_name("4913")).expect("vim's probe");
        fs::rename(path, &backup).expect("rename to the backup");
        fs::write(path, text).expect("write");
        fs::remove_file(&backup).expect("remove the backup");
    },
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn saves_of_every_editor_are_active_soon() {
    let bed = Bed::new(&[
        ("scripts/actions/x.lua", &answer(0)),
        ("plugins/p/actions/y.lua", &answer(0)),
    ]);
    let mut n = 0;
    for _ in 0..10 {
        for way in WAYS {
            for (name, file) in [("x", "scripts/actions/x.lua"), ("y", "plugins/p/actions/y.lua")] {
                n += 1;
                way(&bed.path(file), &answer(n));
                bed.until(name, json!({ "n": n })).await;
            }
        }
    }
    bed.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_still_being_written_is_not_called_broken() {
    let mut bed = Bed::new(&[("scripts/actions/x.lua", &answer(0))]);
    let settle = Duration::from_millis(20);
    let (saves, mut slow, mut failed) = (10, 0, 0);
    for n in 1..=saves {
        let text = answer(n);
        let (head, tail) = text.split_at(text.len() / 2);
        let mut open = fs::File::create(bed.path("scripts/actions/x.lua")).expect("truncate");
        let began = Instant::now();
        open.write_all(head.as_bytes()).expect("first half");
        tokio::time::sleep(Duration::from_millis(5)).await; // the editor's own pause
        open.write_all(tail.as_bytes()).expect("second half");
        slow += i64::from(began.elapsed() >= settle);
        bed.until("x", json!({ "n": n })).await;
    }
    while let Ok(event) = bed.events.try_recv() {
        failed += i64::from(matches!(event, ScriptEvent::Failed { .. }));
    }
    // On a busy machine a pause may outlast the setting script.settle; without it, every save would be called broken.
    assert!(
        failed <= slow + saves / 3,
        "{failed} of {saves} called broken, {slow} written slowly"
    );
    bed.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_save_keeps_the_last_good_version_and_says_so_once() {
    let mut bed = Bed::new(&[
        ("scripts/actions/x.lua", &answer(1)),
        ("scripts/actions/y.lua", &answer(1)),
    ]);
    bed.save(
        "scripts/actions/x.lua",
        "local a = 1\nreturn {\n  run = function() end end\n}",
    );
    let ScriptEvent::Failed {
        script,
        file,
        line,
        error,
        text,
        generation,
        ..
    } = bed.event().await
    else {
        panic!("not failed")
    };
    assert_eq!(
        (script.as_str(), file.as_str(), line, generation),
        ("actions/x", "actions/x.lua", Some(3), 1)
    );
    assert_eq!(text.as_deref(), Some("  run = function() end end"));
    assert!(error.starts_with("actions/x.lua:3: "), "{error}");
    assert_eq!(bed.run("x").await, Ok(json!({ "n": 1 })));
    bed.save("scripts/actions/y.lua", &answer(2));
    assert!(matches!(bed.event().await, ScriptEvent::Reloaded { file, generation: 2, .. } if file == "actions/y.lua"));
    let still = bed.engine.reload().await.expect_err("still broken");
    assert_eq!(still.details["line"], json!(3));
    bed.save("scripts/actions/x.lua", &answer(3));
    assert!(matches!(bed.event().await, ScriptEvent::Reloaded { file, generation: 3, .. } if file == "actions/x.lua"));
    assert_eq!(bed.run("x").await, Ok(json!({ "n": 3 })));
    assert_eq!(bed.engine.reload().await, Ok(3));
    bed.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lib_of_sixty_actions_is_published_with_them_as_one_generation() {
    let text = action("return { n = require('lib.n') }");
    let names: Vec<String> = (0..60).map(|n| format!("scripts/actions/a{n}.lua")).collect();
    let mut files: Vec<_> = names.iter().map(|name| (name.as_str(), text.as_str())).collect();
    files.push(("scripts/lib/n.lua", "return 0"));
    let bed = Bed::new(&files);
    assert_eq!(bed.run("a59").await, Ok(json!({ "n": 0 })));
    let before = bed.engine.generation().id();
    for n in 1..=10 {
        bed.save("scripts/lib/n.lua", &format!("return {n}"));
        bed.until("a30", json!({ "n": n })).await;
        assert_eq!(bed.run("a59").await, Ok(json!({ "n": n })));
    }
    assert_eq!(bed.engine.generation().id(), before + 10);
    bed.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_fails_while_files_are_saved_and_broken() {
    let x = |n: u32| action(&format!("local n = {n} return {{ v = require('lib.n').v > 0 }}"));
    let mut bed = Bed::new(&[
        ("scripts/lib/n.lua", "return { v = 1 }"),
        ("scripts/actions/x.lua", &x(0)),
    ]);
    let saved = Arc::new(AtomicBool::new(false));
    let (engine, until) = (bed.engine.clone(), Arc::clone(&saved));
    let load = tokio::spawn(async move {
        let mut calls = 0_u32;
        while !until.load(Ordering::SeqCst) {
            let answer = run(&engine, "x", PATIENCE).await;
            assert_eq!(answer, Ok(json!({ "v": true })), "call {calls}");
            calls += 1;
        }
        calls
    });
    for n in 1..=40 {
        let lib = if n % 3 == 0 { "return {" } else { "return { v = 2 }" };
        fs::write(bed.path("scripts/lib/n.lua"), lib).expect("a save");
        fs::write(bed.path("scripts/actions/x.lua"), x(n)).expect("a save");
        bed.event().await;
        while bed.events.try_recv().is_ok() {}
    }
    eventually("the last save is in use", PATIENCE, || async {
        (bed.engine.generation().id() > 20).then_some(())
    })
    .await;
    saved.store(true, Ordering::SeqCst);
    let calls = load.await.expect("no call failed");
    assert!(calls > 40, "only {calls} calls beside the saves");
    bed.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn manual_and_sealed_engines_reload_only_as_told() {
    let files = [("scripts/actions/x.lua", &*answer(1))];
    let bed = Bed::with(&files, |config| config.reload = config::Reload::Manual);
    bed.save("scripts/actions/x.lua", &answer(2));
    tokio::time::sleep(Duration::from_millis(300)).await; // nothing may happen, so there is nothing to wait for
    assert_eq!(bed.run("x").await, Ok(json!({ "n": 1 })));
    assert_eq!(bed.engine.reload().await, Ok(2));
    assert_eq!(bed.run("x").await, Ok(json!({ "n": 2 })));
    bed.engine.shutdown().await;
    let sealed = Bed::with(&files, |config| config.reload = config::Reload::Off);
    let refused = sealed.engine.reload().await.expect_err("sealed");
    assert_eq!(refused.error_type, ErrorType::Unsupported);
    sealed.engine.shutdown().await;
    let ended = sealed.run("x").await.expect_err("the engine has ended");
    assert_eq!(ended.error_type, ErrorType::Cancelled);
}
