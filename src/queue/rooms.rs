//! The directory of sessions as the intake sees it.

use super::Rooms;
use crate::protocol::{Command, Failure, Outcome, Verb};
use crate::session::Directory;

impl Rooms for Directory {
    async fn run(&self, command: Command) -> Outcome {
        Directory::run(self, command).await
    }

    fn is_idempotent(&self, verb: &Verb) -> bool {
        Directory::is_idempotent(self, verb)
    }

    async fn refused(&self, command: &Command, failure: &Failure) {
        self.refuse(command, failure.clone()).await;
    }
}
