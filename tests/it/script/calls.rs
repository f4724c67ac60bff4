//! What a call holds on to: what it waits for, and the versions that it began with.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use perilune::protocol::ErrorType;
use perilune::script::MakeContext;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::bed::{Bed, PATIENCE, action, answer, run_in};
use crate::support::eventually;

/// Tells when the future that a script waits for is dropped.
struct Dropped(mpsc::Sender<()>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.try_send(()); // nobody listens any more when a test has failed
    }
}

/// How a call ends before its script does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    AtDeadline,
    CallerLeaves,
    /// At the very moment when the script begins to wait.
    CallerLeavesEarly,
}

/// What a script's waiting tells the test, and the test it.
struct Wait {
    began: mpsc::Sender<()>,
    dropped: mpsc::Sender<()>,
    go_on: Arc<Mutex<Receiver<()>>>,
    went_on: Arc<AtomicBool>,
}

/// A `ctx` whose `wait` never ends, once it has been let go on; `go_on` leaves a mark.
fn waiting(wait: Wait) -> MakeContext {
    let Wait {
        began,
        dropped,
        go_on,
        went_on,
    } = wait;
    Box::new(move |lua, _| {
        let ctx = lua.create_table()?;
        let (began, dropped, go_on) = (began.clone(), dropped.clone(), go_on.clone());
        let wait = move |_, ()| {
            let (began, dropped, go_on) = (began.clone(), Dropped(dropped.clone()), go_on.clone());
            async move {
                began.try_send(()).map_err(mlua::Error::external)?;
                let _ = go_on.lock().expect("no panic").recv(); // holds the thread; also when the test has ended
                std::future::pending::<()>().await;
                drop(dropped);
                Ok(())
            }
        };
        ctx.set("wait", lua.create_async_function(wait)?)?;
        let went_on = Arc::clone(&went_on);
        let mark = move |_: &mlua::Lua, ()| {
            went_on.store(true, Ordering::SeqCst);
            Ok(())
        };
        ctx.set("go_on", lua.create_function(mark)?)?;
        Ok(ctx)
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_ends_early_drops_what_it_waits_for_and_does_not_go_on() {
    let files = [
        ("scripts/actions/wait.lua", &*action("pcall(ctx.wait) ctx.go_on()")),
        ("scripts/actions/ok.lua", &*answer(1)),
    ];
    for end in [End::AtDeadline, End::CallerLeaves, End::CallerLeavesEarly] {
        let bed = Bed::with(&files, |config| config.workers = 1);
        let ((began, mut begins), (dropped, mut drops)) = (mpsc::channel(1), mpsc::channel(1));
        let (let_go, go_on) = sync_channel(1);
        let went_on = Arc::new(AtomicBool::new(false));
        let context = waiting(Wait {
            began,
            dropped,
            go_on: Arc::new(Mutex::new(go_on)),
            went_on: went_on.clone(),
        });
        let timeout = Duration::from_secs(if end == End::AtDeadline { 1 } else { 600 });
        let engine = bed.engine.clone();
        let running = tokio::spawn(async move { run_in(&engine, "wait", timeout, context).await });
        begins.recv().await.expect("the script begins to wait");
        if end == End::CallerLeavesEarly {
            running.abort();
            assert!(running.await.expect_err("aborted").is_cancelled());
            let_go.send(()).expect("the script begins to wait");
        } else {
            let_go.send(()).expect("the script begins to wait");
            // When another has had the thread, this one waits.
            assert_eq!(bed.run("ok").await, Ok(json!({ "n": 1 })));
            if end == End::AtDeadline {
                let failure = running.await.expect("no panic").expect_err("stopped");
                assert_eq!(failure.error_type, ErrorType::HandlerTimeout);
            } else {
                running.abort();
            }
        }
        let told = tokio::time::timeout(PATIENCE, drops.recv()).await;
        told.unwrap_or_else(|_| panic!("{end:?}: not dropped")).expect("told");
        assert_eq!(bed.run("ok").await, Ok(json!({ "n": 1 })), "{end:?}");
        bed.engine.shutdown().await;
        assert!(!went_on.load(Ordering::SeqCst), "{end:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn running_calls_finish_on_the_old_version_with_their_old_lib() {
    let body = "local first = require('lib.n') ctx.pause() return { n = require('lib.n') + first }";
    let bed = Bed::new(&[
        ("scripts/lib/n.lua", "return 1"),
        ("scripts/actions/x.lua", &action(body)),
    ]);
    let (begin, mut began) = mpsc::channel(4);
    let go_on = CancellationToken::new();
    let call = || {
        let (engine, begin, go_on) = (bed.engine.clone(), begin.clone(), go_on.clone());
        let context: MakeContext = Box::new(move |lua, _| {
            let ctx = lua.create_table()?;
            let (begin, go_on) = (begin.clone(), go_on.clone());
            let pause = move |_, ()| {
                let (begin, go_on) = (begin.clone(), go_on.clone());
                async move {
                    begin.send(()).await.map_err(mlua::Error::external)?;
                    go_on.cancelled().await;
                    Ok(())
                }
            };
            ctx.set("pause", lua.create_async_function(pause)?)?;
            Ok(ctx)
        });
        tokio::spawn(async move { run_in(&engine, "x", PATIENCE, context).await })
    };
    let old = call();
    began.recv().await.expect("the old one has begun");
    bed.save("scripts/lib/n.lua", "return 10");
    eventually("the next generation", PATIENCE, || async {
        (bed.engine.generation().id() == 2).then_some(())
    })
    .await;
    let new = call();
    began.recv().await.expect("the new one has begun");
    go_on.cancel();
    assert_eq!(old.await.expect("no panic"), Ok(json!({ "n": 2 })));
    assert_eq!(new.await.expect("no panic"), Ok(json!({ "n": 20 })));
    bed.engine.shutdown().await;
}
