//! Policies decide on a thread and within a time of their own.

use std::time::Duration;

use perilune::protocol::ErrorType;
use serde_json::json;

use super::bed::{Bed, PATIENCE, action, run};

const POLICY: &str = "return {
    decide = function(attempt, err, ctx)
        if not err.retryable or attempt >= 4 then return { retry = false } end
        return { retry = true, after_ms = host.backoff.exponential(attempt, 250, 800), host = type(host.refuse) }
    end,
    spin = function() while true do pcall(function() while true do end end) end end,
}";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_decides_while_scripts_hold_every_other_thread() {
    let hold = action("host.block()");
    let files = [
        ("scripts/policies/retry.lua", POLICY),
        ("scripts/actions/hold.lua", &*hold),
    ];
    let mut bed = Bed::with(&files, |config| {
        config.workers = 1;
        config.policy_timeout = PATIENCE;
    });
    let engine = bed.engine.clone();
    let holding = tokio::spawn(async move { run(&engine, "hold", Duration::from_secs(600)).await });
    bed.blocked.recv().await.expect("the thread is held");
    let err = json!({ "code": "busy", "retryable": true, "retry_after_ms": null });
    for (attempt, expected) in [
        (1, json!({ "retry": true, "after_ms": 250, "host": "nil" })),
        (3, json!({ "retry": true, "after_ms": 800, "host": "nil" })),
        (4, json!({ "retry": false })),
    ] {
        let question = vec![json!(attempt), err.clone(), json!({})];
        assert_eq!(bed.engine.decide("retry", "decide", question).await, Ok(expected));
    }
    assert!(!holding.is_finished());
    let nobody = bed.engine.decide("nope", "decide", vec![]).await;
    assert_eq!(nobody.expect_err("no such policy").error_type, ErrorType::Internal);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_that_does_not_decide_is_stopped_and_asked_again() {
    let bed = Bed::with(&[("scripts/policies/retry.lua", POLICY)], |config| {
        config.policy_timeout = Duration::from_millis(500);
    });
    let undecided = bed.engine.decide("retry", "spin", vec![]);
    let stopped = tokio::time::timeout(PATIENCE, undecided).await.expect("in time");
    assert_eq!(stopped.expect_err("stopped").error_type, ErrorType::HandlerTimeout);
    let question = vec![json!(1), json!({ "retryable": false }), json!({})];
    let decided = bed.engine.decide("retry", "decide", question).await;
    assert_eq!(decided, Ok(json!({ "retry": false })));
    assert_eq!(bed.engine.given_up(), 0);
    bed.engine.shutdown().await;
}
