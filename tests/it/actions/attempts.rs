//! How one command is tried: refused before the first attempt, failed, stopped, retried within limits, cancelled.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use perilune::actions::Attempt;
use perilune::protocol::{Backoff, ErrorType, Limits, Outcome};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::bench::{Workbench, command};

/// Long before anything here ends by itself.
const SOON: Duration = Duration::from_secs(10);

const FLAKY: &str = r#"-- Fails twice.
return {
  description = "Fails twice",
  params = { type = "object", properties = { code = { type = "string", default = "busy" } } },
  run = function(ctx, params)
    if ctx.command.attempt < 3 then
      host.fail(params.code, "not yet", { retry_after_ms = params.code == "rate_limited" and 50 or nil })
    end
    return { attempt = ctx.command.attempt, room = ctx.command.room_name }
  end,
}
"#;
const SLOW: &str = r#"-- Takes too long.
return {
  description = "Takes too long",
  timeout_ms = 300,
  run = function(ctx) ctx.sleep(60000) end,
}
"#;
const WRONG: &str = "return { description = 'Answers a number', run = function() return 7 end }";
const CATCHES: &str = r##"-- Looks at a failure and goes on.
return {
  description = "Looks at a failure and goes on",
  run = function(ctx)
    local ok, err = pcall(function() ctx.page:locate({ selector = "#none" }) end)
    ctx.log.info("caught", { ok = ok })
    return { ok = ok, code = err.code, retryable = err.retryable }
  end,
}
"##;

async fn bench() -> Workbench {
    Workbench::start(&[("flaky", FLAKY), ("slow", SLOW), ("wrong", WRONG), ("catches", CATCHES)]).await
}

fn error_type(outcome: &Outcome) -> Option<ErrorType> {
    outcome.result.as_ref().err().map(|failure| failure.error_type)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_run_is_not_attempted_and_what_fails_harms_nothing() {
    let bench = bench().await;
    let context = bench.open().await;
    for (action, params, expect) in [
        ("clik", json!({ "index": 1 }), ErrorType::UnknownAction),
        ("wait", json!({ "secs": 1 }), ErrorType::InvalidParams),
        ("close_browser_session", json!({}), ErrorType::InvalidCommand),
    ] {
        let outcome = bench.run(&context, action, params).await;
        assert_eq!((error_type(&outcome), outcome.attempts), (Some(expect), 0), "{action}");
    }
    for (action, expect) in [("slow", ErrorType::HandlerTimeout), ("wrong", ErrorType::HandlerError)] {
        let started = Instant::now();
        let outcome = bench.run(&context, action, json!({})).await;
        assert_eq!(
            (error_type(&outcome), outcome.attempts),
            (Some(expect), 1),
            "{outcome:?}"
        );
        assert!(started.elapsed() < SOON, "{action} took {:?}", started.elapsed());
    }
    let outcome = bench.run(&context, "catches", json!({})).await;
    let data = outcome.result.expect("it goes on");
    let seen = json!({ "ok": false, "code": "element_not_found", "retryable": false });
    assert_eq!(Value::Object(data), seen);
    let outcome = bench.run(&context, "wait", json!({ "seconds": 0 })).await;
    assert!(outcome.is_success(), "{outcome:?}");
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn retries_are_the_policys_within_the_callers_limits() {
    let bench = bench().await;
    let context = bench.open().await;
    for (attempts, code, expect, tries, waits) in [
        (3, "busy", None, 3, vec![10, 20]),
        (5, "rate_limited", None, 3, vec![50, 50]),
        (2, "busy", Some(ErrorType::Busy), 2, vec![10]),
        (1, "busy", Some(ErrorType::Busy), 1, vec![]),
        (5, "action_failed", Some(ErrorType::ActionFailed), 1, vec![]),
    ] {
        let command = command("flaky", json!({ "code": code }), limits(attempts, 10));
        let seen = Arc::new(Mutex::new((0, Vec::new())));
        let note = seen.clone();
        let heard = move |attempt: Attempt<'_>| match attempt {
            Attempt::Started { number } => note.lock().expect("no panic").0 = number,
            Attempt::Failed { wait, .. } => note.lock().expect("no panic").1.push(wait.as_millis()),
        };
        let outcome = bench
            .run_command(&context, &command, CancellationToken::new(), heard)
            .await;
        assert_eq!(
            (error_type(&outcome), outcome.attempts),
            (expect, tries),
            "{code} {attempts}: {outcome:?}"
        );
        assert_eq!(*seen.lock().expect("no panic"), (tries, waits), "{code} {attempts}");
    }
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_command_ends_at_once_also_between_two_attempts() {
    let bench = bench().await;
    let context = bench.open().await;
    for (action, params, during) in [
        ("wait", json!({ "seconds": 30 }), "an attempt"),
        ("flaky", json!({}), "the wait for the next"),
    ] {
        let cancel = CancellationToken::new();
        let stop = cancel.clone();
        let heard = move |attempt: Attempt<'_>| {
            if matches!(attempt, Attempt::Failed { .. }) == (action == "flaky") {
                stop.cancel();
            }
        };
        let started = Instant::now();
        let command = command(action, params, limits(3, 30_000));
        let outcome = bench.run_command(&context, &command, cancel, heard).await;
        assert_eq!(
            (error_type(&outcome), outcome.attempts),
            (Some(ErrorType::Cancelled), 1),
            "{during}"
        );
        assert!(started.elapsed() < SOON, "during {during}: {:?}", started.elapsed());
    }
    let outcome = bench.run(&context, "wait", json!({ "seconds": 0 })).await;
    assert!(outcome.is_success(), "{outcome:?}");
    bench.stop().await;
}

fn limits(attempts: u32, delay_ms: u64) -> Limits {
    Limits {
        attempts,
        backoff: Some(Backoff {
            exponential: true,
            delay: Duration::from_millis(delay_ms),
            jitter: 0.0,
        }),
    }
}
