//! What a session computes at the moment: a command, or a script that runs by itself.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::Submitted;
use super::directory::{Parts, unix_now};
use crate::actions::{Hook, Reach};
use crate::browser::Context;
use crate::protocol::{Command, ErrorType, Failure, Outcome};

/// How long a running action may take to notice that it was cancelled.
const CANCEL: Duration = Duration::from_secs(2);

/// Something that runs on the session's page.
pub(super) struct Running {
    pub(super) what: What,
    cancel: CancellationToken,
    outcome: Pin<Box<dyn Future<Output = Outcome> + Send>>,
}

/// Who wanted it.
pub(super) enum What {
    Command(Submitted),
    Hook,
}

impl What {
    /// The command, where it is one.
    pub(super) fn command(&self) -> Option<Arc<Command>> {
        match self {
            Self::Command(submitted) => Some(Arc::clone(&submitted.command)),
            Self::Hook => None,
        }
    }
}

impl Running {
    /// Begins a command.
    pub(super) fn command(parts: &Arc<Parts>, context: Context, reach: Reach, submitted: Submitted) -> Self {
        let (parts, command) = (Arc::clone(parts), Arc::clone(&submitted.command));
        Self::begin(What::Command(submitted), |token| async move {
            parts.actions.run(&context, &reach, &command, token, |_| {}).await
        })
    }

    /// Begins a script that runs by itself.
    pub(super) fn hook(parts: &Arc<Parts>, context: Context, reach: Reach, hook: Hook) -> Self {
        let parts = Arc::clone(parts);
        Self::begin(What::Hook, |token| async move {
            parts.actions.run_hook(&context, &reach, hook, token).await
        })
    }

    fn begin<F>(what: What, work: impl FnOnce(CancellationToken) -> F) -> Self
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let cancel = CancellationToken::new();
        // In a task of its own, so that a panic in a primitive ends this and nothing else.
        let handle = AbortOnDropHandle::new(tokio::spawn(work(cancel.clone())));
        let outcome = Box::pin(async move {
            handle.await.unwrap_or_else(|error| {
                let sentence = format!("the command ended by a fault of perilune: {error}");
                Outcome::refused(Failure::new(ErrorType::Internal, sentence), unix_now())
            })
        });
        Self { what, cancel, outcome }
    }

    /// Its name, where it is a command.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.what {
            What::Command(submitted) => Some(submitted.command.verb.name()),
            What::Hook => None,
        }
    }

    /// Waits for its end; may be dropped and called again.
    pub(super) async fn ended(&mut self) -> Outcome {
        self.outcome.as_mut().await
    }

    /// Cancels it and waits for its end.
    pub(super) async fn cancel(mut self) -> (What, Outcome) {
        self.cancel.cancel();
        let outcome = tokio::time::timeout(CANCEL, &mut self.outcome)
            .await
            .unwrap_or_else(|_| {
                let sentence = "the session was closed or crashed while the action ran";
                Outcome::refused(Failure::new(ErrorType::Cancelled, sentence), unix_now())
            });
        (self.what, outcome)
    }
}
