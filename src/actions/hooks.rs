//! Scripts that run by themselves in a session: handlers of its events, and timers.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::runner::now;
use super::{Actions, Error, Reach, primitives};
use crate::browser::Context;
use crate::protocol::{Failure, Object, Outcome};
use crate::script::{Call, Entry};

/// One run of such a script.
#[derive(Clone, Debug, PartialEq)]
pub enum Hook {
    /// Something has happened.
    Event {
        /// The handler's file.
        file: String,
        /// The event as subscribers see it.
        event: Value,
    },
    /// Its time has come.
    Timer {
        /// The timer's file.
        file: String,
    },
}

impl Hook {
    /// The script's file.
    pub fn file(&self) -> &str {
        match self {
            Self::Event { file, .. } | Self::Timer { file } => file,
        }
    }
}

impl Actions {
    /// The files of the handlers of an event, in order.
    pub fn handlers(&self, event: &str) -> Vec<String> {
        let generation = self.engine.generation();
        generation.handlers(event).map(|script| script.file.clone()).collect()
    }

    /// The files of the timers, and how often each runs.
    pub fn timers(&self) -> Vec<(String, Duration)> {
        let generation = self.engine.generation();
        generation
            .timers()
            .map(|(script, every)| (script.file.clone(), every))
            .collect()
    }

    /// Tells when other scripts are in use.
    pub fn generations(&self) -> watch::Receiver<u64> {
        self.engine.generations()
    }

    /// Runs a script that runs by itself, on a session's page. One that was removed meanwhile has nothing to do.
    pub async fn run_hook(&self, context: &Context, reach: &Reach, hook: Hook, cancel: CancellationToken) -> Outcome {
        let started = Instant::now();
        let generation = self.engine.generation();
        let result = match generation.by_file(hook.file()) {
            None => Ok(Object::new()),
            Some(script) => {
                let timeout = script.timeout.unwrap_or(self.settings.timeout);
                let scope = primitives::Scope {
                    reach,
                    command: None,
                    navigation_timeout: self.settings.navigation_timeout,
                    timeout,
                };
                let file = script.file.clone();
                let id = generation.id();
                let call = Call {
                    generation: generation.clone(),
                    entry: match hook {
                        Hook::Event { file, event } => Entry::Handler { file, event },
                        Hook::Timer { file } => Entry::Timer { file },
                    },
                    context: primitives::make_context(context, &scope),
                    timeout,
                };
                let work = self.engine.call(call);
                let result = tokio::select! {
                    biased;
                    () = cancel.cancelled() => Err(Error::Cancelled.into()),
                    result = work => result.map(|_| Object::new()),
                };
                result.map_err(|failure: Failure| failure.with("script", file).with("generation", id))
            }
        };
        Outcome {
            result,
            timestamp: now(),
            duration: started.elapsed(),
            attempts: 1,
        }
    }
}
