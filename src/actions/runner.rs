//! One command on one page: check, call, retry, outcome.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::retry::{self, Verdict};
use super::{Actions, Error, Reach, catalog, primitives};
use crate::browser::Context;
use crate::protocol::{Command, Failure, Object, Outcome, Verb};
use crate::script::{Call, Entry, Generation, Script};

/// What [`Actions::run`] tells while it works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Attempt<'a> {
    /// The script is about to run, for the `number`th time.
    Started {
        /// 1 for the first.
        number: u32,
    },
    /// It failed and is tried again after a while.
    Failed {
        /// 1 for the first.
        number: u32,
        /// Why.
        failure: &'a Failure,
        /// How long until the next.
        wait: Duration,
    },
}

/// A command whose action is known and whose parameters are right.
struct Prepared<'a> {
    script: &'a Script,
    params: Value,
    timeout: Duration,
}

impl Actions {
    /// Runs a command on a session's page, retries included. The whole run uses the scripts that were in use when it
    /// began. A cancelled token ends it at once with `cancelled`; what the page already got stays done.
    pub async fn run(
        &self,
        context: &Context,
        reach: &Reach,
        command: &Command,
        cancel: CancellationToken,
        mut on_attempt: impl FnMut(Attempt<'_>) + Send,
    ) -> Outcome {
        let started = Instant::now();
        let generation = self.engine.generation();
        let mut attempts = 0;
        let result = match self.prepare(&generation, command) {
            Err(failure) => Err(failure),
            Ok(None) => self.typed((context, reach), command, &cancel).await,
            Ok(Some(prepared)) => {
                let place = (context, reach);
                let work = self.attempts(&generation, &prepared, place, command, &mut attempts, &mut on_attempt);
                tokio::select! {
                    biased;
                    () = cancel.cancelled() => Err(Error::Cancelled.into()),
                    result = work => result,
                }
            }
        };
        Outcome {
            result,
            timestamp: now(),
            duration: started.elapsed(),
            attempts,
        }
    }

    /// None for a text that was typed.
    fn prepare<'a>(&self, generation: &'a Generation, command: &Command) -> Result<Option<Prepared<'a>>, Failure> {
        let name = match &command.verb {
            Verb::Action(name) => name,
            Verb::Lua => return Ok(None),
            Verb::Lifecycle(verb) => return Err(Error::NoAction(verb.name().to_owned()).into()),
        };
        let script = catalog::find(generation, name)?;
        let params = generation.check_params(name, &command.params)?;
        let timeout = script.timeout.unwrap_or(self.settings.timeout);
        Ok(Some(Prepared {
            script,
            params: Value::Object(params),
            timeout,
        }))
    }

    /// Runs the parameter `code`, Lua that an operator has typed; its value is the data's `result`.
    async fn typed(
        &self,
        (context, reach): (&Context, &Reach),
        command: &Command,
        cancel: &CancellationToken,
    ) -> Result<Object, Failure> {
        let code = command.params.get("code").and_then(Value::as_str).unwrap_or_default();
        let scope = primitives::Scope {
            reach,
            command: Some((command, 1)),
            navigation_timeout: self.settings.navigation_timeout,
            timeout: self.settings.timeout,
        };
        let entry = Entry::Text { code: code.to_owned() };
        let call = Call {
            generation: self.engine.generation(),
            entry,
            context: primitives::make_context(context, &scope),
            timeout: self.settings.timeout,
        };
        let result = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(Error::Cancelled.into()),
            result = self.engine.call(call) => result?,
        };
        Ok(Object::from_iter([("result".to_owned(), result)]))
    }

    async fn attempts(
        &self,
        generation: &Arc<Generation>,
        prepared: &Prepared<'_>,
        place: (&Context, &Reach),
        command: &Command,
        attempt: &mut u32,
        on_attempt: &mut (impl FnMut(Attempt<'_>) + Send),
    ) -> Result<Object, Failure> {
        loop {
            *attempt += 1;
            on_attempt(Attempt::Started { number: *attempt });
            let failure = match self.once(generation, prepared, place, command, *attempt).await {
                Ok(data) => return Ok(data),
                Err(failure) => failure,
            };
            let Some(wait) = self.next(prepared.script, &failure, *attempt, command).await else {
                return Err(failure);
            };
            on_attempt(Attempt::Failed {
                number: *attempt,
                failure: &failure,
                wait,
            });
            tokio::time::sleep(wait).await;
        }
    }

    async fn once(
        &self,
        generation: &Arc<Generation>,
        prepared: &Prepared<'_>,
        (context, reach): (&Context, &Reach),
        command: &Command,
        attempt: u32,
    ) -> Result<Object, Failure> {
        let name = &prepared.script.name;
        let scope = primitives::Scope {
            reach,
            command: Some((command, attempt)),
            navigation_timeout: self.settings.navigation_timeout,
            timeout: prepared.timeout,
        };
        let call = Call {
            generation: generation.clone(),
            entry: Entry::Action {
                name: name.clone(),
                params: prepared.params.clone(),
            },
            context: primitives::make_context(context, &scope),
            timeout: prepared.timeout,
        };
        let answer = self.engine.call(call).await?;
        data(name, answer).map_err(Failure::from)
    }

    /// The wait before the next attempt; a policy that fails itself ends the retries.
    async fn next(&self, script: &Script, failure: &Failure, attempt: u32, command: &Command) -> Option<Duration> {
        let (limits, most) = (&command.limits, self.settings.max_backoff);
        if !retry::is_open(failure, attempt, limits) {
            return None;
        }
        let policy = script.retry.as_deref().unwrap_or(retry::DEFAULT_POLICY);
        let question = retry::question(&script.name, script.idempotent, failure, attempt, limits, most);
        let verdict = match self.engine.decide(policy, "decide", question).await {
            Ok(answer) => serde_json::from_value::<Verdict>(answer).map_err(|error| error.to_string()),
            Err(failure) => Err(failure.to_string()),
        };
        match verdict {
            Ok(verdict) => retry::bound(verdict, failure, attempt, limits, most),
            Err(error) => {
                tracing::warn!(command = %command.id, policy, error, "the retry policy failed; the command is not tried again");
                None
            }
        }
    }
}

/// The outcome's data from what `run` returned; Lua cannot tell an empty object from an empty list.
fn data(name: &str, answer: Value) -> Result<Object, Error> {
    let what = match answer {
        Value::Object(data) => return Ok(data),
        Value::Null => return Ok(Object::new()),
        Value::Array(list) if list.is_empty() => return Ok(Object::new()),
        Value::Array(_) => "a list",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
    };
    Err(Error::Answer {
        name: name.to_owned(),
        what,
    })
}

pub(super) fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}
