//! Failures say where they happened, and those of the host pass through scripts unchanged.

use std::time::Duration;

use perilune::protocol::{ErrorType, Failure};
use serde_json::json;

use super::bed::{Bed, action, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_scripts_raise_has_a_place_or_a_code() {
    let deep = "return { go = function(t)\n  return t.a.b\nend }";
    let fail = "host.fail('element_not_found', 'no such thing', { index = 7 })";
    let bed = Bed::new(&[
        ("scripts/lib/deep.lua", deep),
        ("scripts/actions/nil.lua", &action("return require('lib.deep').go({})")),
        ("scripts/actions/raise.lua", &action("error('my own words')")),
        (
            "scripts/actions/table.lua",
            &action("error({ code = 'busy', message = 'later' })"),
        ),
        ("scripts/actions/fail.lua", &action(fail)),
        (
            "scripts/actions/unknown.lua",
            &action("host.fail('no_such_code', 'sorry')"),
        ),
        ("scripts/actions/function.lua", &action("return { f = print }")),
    ]);
    let run = async |name: &str| bed.run(name).await.expect_err("a failure");
    let deep = run("nil").await;
    assert_eq!(deep.error_type, ErrorType::HandlerError);
    assert_eq!(deep.message, "lib/deep.lua:2: attempt to index nil with 'b'");
    assert_eq!(
        (&deep.details["file"], &deep.details["line"]),
        (&json!("lib/deep.lua"), &json!(2))
    );
    assert_eq!(run("raise").await.message, "actions/raise.lua:2: my own words");
    let raised = run("table").await;
    assert_eq!(
        (raised.error_type, raised.message.as_str(), raised.retryable),
        (ErrorType::Busy, "later", true)
    );
    let failed = Failure::new(ErrorType::ElementNotFound, "no such thing").with("index", 7);
    assert_eq!(run("fail").await, failed);
    let unknown = run("unknown").await;
    assert_eq!(unknown.error_type, ErrorType::HandlerError);
    let said = "actions/unknown.lua:2: host.fail: there is no error type `no_such_code`";
    assert!(unknown.message.starts_with(said), "{unknown}");
    let function = run("function").await.message;
    assert!(function.contains("a function has no form in JSON (at f)"), "{function}");
    assert_eq!(run("nowhere").await.error_type, ErrorType::UnknownAction);
    bed.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_of_the_host_can_be_seen_and_passes_through_unchanged() {
    let again = "local ok, e = pcall(host.refuse) assert(e.code == 'domain_blocked') error(e)";
    let caught =
        "local ok, e = pcall(function() ctx.sleep(1) host.refuse() end) return { code = e.code, details = e.details }";
    let bed = Bed::new(&[
        ("scripts/actions/rust.lua", &action("host.refuse()")),
        ("scripts/actions/again.lua", &action(again)),
        ("scripts/actions/caught.lua", &action(caught)),
        ("scripts/actions/panics.lua", &action("host.panic()")),
    ]);
    let refused = Failure::new(ErrorType::DomainBlocked, "not there").with("domain", "x.test");
    assert_eq!(bed.run("rust").await, Err(refused.clone()));
    assert_eq!(bed.run("again").await, Err(refused));
    let seen = json!({ "code": "domain_blocked", "details": { "domain": "x.test" } });
    assert_eq!(bed.run("caught").await, Ok(seen.clone()));
    let panicked = bed.run("panics").await.expect_err("a panic is a failure");
    assert_eq!(panicked.error_type, ErrorType::Internal);
    assert_eq!(bed.run("caught").await, Ok(seen), "after a panic");
    bed.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_that_waits_too_long_is_told_where() {
    let bed = Bed::new(&[(
        "scripts/actions/slow.lua",
        &action("local n = ctx.add(1, 2)\nctx.sleep(600000)"),
    )]);
    let slow = run(&bed.engine, "slow", Duration::from_secs(1)).await;
    let slow = slow.expect_err("stopped");
    assert_eq!(slow.error_type, ErrorType::HandlerTimeout);
    assert_eq!(
        slow.message,
        "actions/slow.lua did not end within 1s and was stopped at actions/slow.lua:3."
    );
    bed.engine.shutdown().await;
}
