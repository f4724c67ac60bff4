//! Whether a session comes back by itself: what `scripts/policies/recovery.lua` is asked.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::Actions;

const POLICY: &str = "recovery";

#[derive(Deserialize)]
struct Verdict {
    #[serde(default)]
    recover: bool,
    #[serde(default)]
    after_ms: f64,
}

impl Actions {
    /// The wait before a session whose browser has died is brought back; none: somebody has to ask for it.
    pub async fn recovery(&self, deaths: usize, window: Duration, reason: &str, url: &str) -> Option<Duration> {
        let context = json!({ "url": url, "window_ms": window.as_millis() as u64 });
        let asked = self
            .engine
            .decide(POLICY, "decide", vec![json!(deaths), json!(reason), context]);
        let verdict = match asked.await {
            Ok(answer) => serde_json::from_value::<Verdict>(answer).map_err(|error| error.to_string()),
            Err(failure) => Err(failure.to_string()),
        };
        let verdict = verdict
            .inspect_err(|error| {
                tracing::warn!(
                    policy = POLICY,
                    error,
                    "the recovery policy failed; nothing is brought back"
                )
            })
            .ok()?;
        let wait = Duration::try_from_secs_f64(verdict.after_ms.max(0.0) / 1000.0).ok();
        wait.filter(|_| verdict.recover)
    }
}
