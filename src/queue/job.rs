//! A BullMQ job as it stands in Redis, read field by field: one odd field never spoils the others.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::protocol::{Backoff, Limits};

/// BullMQ's id of a job.
pub(super) type JobId = Arc<str>;

/// A fetched job.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) id: JobId,
    pub(super) name: String,
    /// The job's data, JSON as the producer wrote it.
    pub(super) data: String,
    pub(super) opts: Opts,
    /// When it was added, in milliseconds, as text: with the id it tells this job from an earlier one of the same id.
    pub(super) added: String,
    /// Attempts of earlier deliveries.
    pub(super) attempts_made: u32,
    /// Starts, this one included.
    pub(super) attempts_started: u32,
    /// Set by BullMQ when the job must fail without running: it stalled too often, or a child failed.
    pub(super) deferred_failure: Option<String>,
}

impl Job {
    /// Reads the job's hash.
    pub(super) fn read(id: &str, mut hash: HashMap<String, Vec<u8>>) -> Self {
        let mut text = |field: &str| {
            hash.remove(field)
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        };
        let number = |text: Option<String>| text.and_then(|t| t.parse().ok()).unwrap_or(0);
        Self {
            id: id.into(),
            name: text("name").unwrap_or_default(),
            data: text("data").unwrap_or_default(),
            opts: Opts::read(text("opts").as_deref().unwrap_or_default()),
            added: text("timestamp").unwrap_or_default(),
            attempts_made: number(text("atm")),
            attempts_started: number(text("ats")),
            deferred_failure: text("defa"),
        }
    }

    /// How often the command may be tried now: what the producer allowed, less what earlier deliveries used up.
    pub(super) fn limits(&self, max_backoff: Duration) -> Limits {
        let backoff = self.opts.backoff.clone().map(|b| Backoff {
            delay: b.delay.min(max_backoff),
            ..b
        });
        Limits {
            attempts: self.opts.attempts.saturating_sub(self.attempts_made).max(1),
            backoff,
        }
    }
}

/// The options that matter to whoever runs a job.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Opts {
    /// As given; 0 when absent, which BullMQ treats as 1.
    pub(super) attempts: u32,
    pub(super) backoff: Option<Backoff>,
    pub(super) remove_on_complete: Keep,
    pub(super) remove_on_fail: Keep,
    pub(super) keep_logs: Option<i64>,
    /// Lines of stack trace to keep; absent: no limit.
    pub(super) stack_trace_limit: Option<u32>,
}

impl Opts {
    fn read(text: &str) -> Self {
        let opts: Value = serde_json::from_str(text).unwrap_or(Value::Null);
        let whole = |value: &Value| value.as_f64().filter(|n| n.is_finite());
        Self {
            attempts: whole(&opts["attempts"]).map_or(0, |n| n as u32),
            backoff: read_backoff(&opts["backoff"]),
            remove_on_complete: Keep::read(&opts["removeOnComplete"]),
            remove_on_fail: Keep::read(&opts["removeOnFail"]),
            // BullMQ's wire name for keepLogs is kl.
            keep_logs: whole(&opts["kl"])
                .or_else(|| whole(&opts["keepLogs"]))
                .map(|n| n as i64)
                .filter(|n| *n > 0),
            stack_trace_limit: whole(&opts["stackTraceLimit"]).map(|n| n as u32),
        }
    }
}

fn read_backoff(value: &Value) -> Option<Backoff> {
    let millis = |value: &Value| {
        value
            .as_f64()
            .filter(|n| n.is_finite() && *n >= 0.0)
            .unwrap_or(0.0)
            .min(1e12)
    };
    match value {
        Value::Number(_) => Some(Backoff {
            exponential: false,
            delay: Duration::from_millis(millis(value) as u64),
            jitter: 0.0,
        }),
        Value::Object(_) => Some(Backoff {
            exponential: value["type"] == "exponential",
            delay: Duration::from_millis(millis(&value["delay"]) as u64),
            jitter: value["jitter"]
                .as_f64()
                .filter(|j| j.is_finite())
                .unwrap_or(0.0)
                .clamp(0.0, 1.0),
        }),
        _ => None,
    }
}

/// Which finished jobs BullMQ keeps, in the form its script takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Keep {
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<i64>,
}

impl Default for Keep {
    /// Keeps all.
    fn default() -> Self {
        Self {
            count: Some(-1),
            age: None,
            limit: None,
        }
    }
}

impl Keep {
    fn read(value: &Value) -> Self {
        let whole = |value: &Value| value.as_f64().filter(|n| n.is_finite()).map(|n| n as i64);
        match value {
            Value::Bool(true) => Self {
                count: Some(0),
                age: None,
                limit: None,
            },
            Value::Number(_) => Self {
                count: whole(value),
                age: None,
                limit: None,
            },
            Value::Object(_) => {
                let limit = whole(&value["limit"]).filter(|n| *n > 0);
                let kept = Self {
                    count: whole(&value["count"]),
                    age: whole(&value["age"]),
                    limit,
                };
                if kept.count.is_none() && kept.age.is_none() {
                    Self::default()
                } else {
                    kept
                }
            }
            _ => Self::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn opts(value: Value) -> Opts {
        Opts::read(&value.to_string())
    }

    #[test]
    fn an_odd_option_does_not_spoil_the_others() {
        let read =
            opts(json!({"attempts": 3.0, "backoff": "soon", "removeOnComplete": {"count": -1}, "removeOnFail": [1]}));
        assert_eq!((read.attempts, read.backoff), (3, None));
        assert_eq!(
            (read.remove_on_complete, read.remove_on_fail),
            (Keep::default(), Keep::default())
        );
        assert_eq!(Opts::read("not json"), Opts::default());
        assert_eq!(opts(json!({"attempts": -4})).attempts, 0);
        assert_eq!(opts(json!({"attempts": 1e300})).attempts, u32::MAX);
    }

    #[test]
    fn keeping_has_every_form_that_bullmq_has() {
        let keep = |value: Value| serde_json::to_value(Keep::read(&value)).expect("JSON");
        assert_eq!(keep(json!(true)), json!({"count": 0}));
        assert_eq!(keep(json!(false)), json!({"count": -1}));
        assert_eq!(keep(json!(7.9)), json!({"count": 7}));
        assert_eq!(
            keep(json!({"age": 60, "count": 5, "limit": 10})),
            json!({"count": 5, "age": 60, "limit": 10})
        );
        assert_eq!(keep(json!({"age": 60})), json!({"age": 60}));
        assert_eq!(keep(json!({"age": "x"})), json!({"count": -1}));
    }

    #[test]
    fn backoff_is_a_number_or_an_object() {
        let fixed = opts(json!({"backoff": 50})).backoff.expect("backoff");
        assert_eq!((fixed.exponential, fixed.delay), (false, Duration::from_millis(50)));
        let grows = opts(json!({"backoff": {"type": "exponential", "delay": 100, "jitter": 9}}))
            .backoff
            .expect("backoff");
        assert_eq!(
            (grows.exponential, grows.delay, grows.jitter),
            (true, Duration::from_millis(100), 1.0)
        );
    }
}
