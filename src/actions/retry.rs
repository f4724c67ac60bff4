//! Whether a failed command is tried again: what `scripts/policies/retry.lua` is asked, and how far its answer goes.
//!
//! Pure: no clock, no waiting. The policy proposes, the caller's limits and the settings bound it.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::{Backoff, Failure, Limits};

/// The policy of an action that names none.
pub(super) const DEFAULT_POLICY: &str = "retry";

/// What the policy answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
pub(super) struct Verdict {
    #[serde(default)]
    retry: bool,
    #[serde(default)]
    after_ms: f64,
}

/// Whether there is anything to ask the policy.
pub(super) fn is_open(failure: &Failure, attempt: u32, limits: &Limits) -> bool {
    failure.retryable && attempt < limits.attempts
}

/// The arguments of the policy's `decide(attempt, err, ctx)`.
pub(super) fn question(
    action: &str,
    idempotent: bool,
    failure: &Failure,
    attempt: u32,
    limits: &Limits,
    max_backoff: Duration,
) -> Vec<Value> {
    let mut err = json!({
        "code": failure.error_type,
        "error_type": failure.error_type,
        "message": failure.message,
        "retryable": failure.retryable,
    });
    if let Some(wait) = failure.retry_after {
        err["retry_after_ms"] = millis(wait);
    }
    let mut ctx = json!({
        "action": action,
        "idempotent": idempotent,
        "attempts": limits.attempts,
        "max_backoff_ms": millis(max_backoff),
    });
    if let Some(Backoff {
        exponential,
        delay,
        jitter,
    }) = &limits.backoff
    {
        ctx["backoff"] = json!({ "exponential": exponential, "delay_ms": millis(*delay), "jitter": jitter });
    }
    vec![json!(attempt), err, ctx]
}

/// The wait before the next attempt, or `None` to give up.
pub(super) fn bound(
    verdict: Verdict,
    failure: &Failure,
    attempt: u32,
    limits: &Limits,
    most: Duration,
) -> Option<Duration> {
    if !verdict.retry || !is_open(failure, attempt, limits) {
        return None;
    }
    // A policy may answer anything: what is no number of milliseconds is no wait.
    let wanted = if verdict.after_ms.is_nan() {
        0.0
    } else {
        verdict.after_ms.max(0.0)
    };
    Some(Duration::try_from_secs_f64(wanted / 1000.0).map_or(most, |wait| wait.min(most)))
}

fn millis(wait: Duration) -> Value {
    json!(wait.as_micros() as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ErrorType;

    const MOST: Duration = Duration::from_secs(60);

    fn limits(attempts: u32) -> Limits {
        Limits {
            attempts,
            backoff: Some(Backoff {
                exponential: true,
                delay: Duration::from_millis(500),
                jitter: 0.5,
            }),
        }
    }

    #[test]
    fn the_answer_is_held_to_the_limits() {
        let busy = Failure::new(ErrorType::Busy, "full");
        let check = |verdict, failure: &Failure, attempt, expect: Option<u64>| {
            let wait = bound(verdict, failure, attempt, &limits(3), MOST);
            assert_eq!(wait, expect.map(Duration::from_millis), "{verdict:?} {attempt}");
        };
        let after = |after_ms| Verdict { retry: true, after_ms };
        check(after(250.0), &busy, 1, Some(250));
        check(after(250.0), &busy, 3, None);
        check(Verdict::default(), &busy, 1, None);
        check(after(1.0), &Failure::new(ErrorType::InvalidParams, "no"), 1, None);
        check(after(1e9), &busy, 1, Some(60_000));
        check(after(f64::INFINITY), &busy, 1, Some(60_000));
        check(after(f64::NAN), &busy, 2, Some(0));
        check(after(-5.0), &busy, 2, Some(0));
    }

    #[test]
    fn the_policy_sees_the_failure_and_the_callers_wishes() {
        let mut failure = Failure::new(ErrorType::RateLimited, "slow down");
        failure.retry_after = Some(Duration::from_millis(1500));
        let asked = question("navigate", true, &failure, 2, &limits(3), MOST);
        assert_eq!(asked[0], 2);
        assert_eq!(asked[1]["code"], "rate_limited");
        assert_eq!(asked[1]["retry_after_ms"], 1500.0);
        assert_eq!(
            asked[2]["backoff"],
            json!({ "exponential": true, "delay_ms": 500.0, "jitter": 0.5 })
        );
        assert_eq!(asked[2]["attempts"], 3);
    }
}
