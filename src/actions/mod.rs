//! Verbs on a page, written in Lua: `scripts/actions/NAME.lua` over the primitives of this module.
//!
//! [`Actions`] finds an action, checks its parameters, runs it on a session's browser context and retries it as
//! `scripts/policies/retry.lua` says. Used by `session` (to run), `api` and `cli` (to list).
//! **Invariant:** nothing here publishes, audits or waits for a room's turn; that is the session's.

mod catalog;
mod error;
mod hooks;
mod primitives;
mod reach;
mod recovery;
mod retry;
mod runner;
mod store;
pub mod testing;

use std::sync::Arc;
use std::time::Duration;

pub use catalog::ActionInfo;
pub use error::Error;
pub use hooks::Hook;
pub use primitives::{Noun, Primitive, annotations, context_names, definitions, nouns};
pub use reach::{Notice, Reach};
pub use runner::Attempt;

use crate::config::Config;
use crate::http;
use crate::registry::Registry;
pub use crate::script::script_of;
use crate::script::{Engine, Library};

/// What can be done on pages, and how; cheap to clone.
#[derive(Clone)]
pub struct Actions {
    engine: Engine,
    settings: Arc<Settings>,
    common: reach::Common,
}

/// The settings that actions depend on.
struct Settings {
    /// Of an action that names no `timeout_ms`.
    timeout: Duration,
    /// Until a page has loaded.
    navigation_timeout: Duration,
    /// The longest wait between two attempts.
    max_backoff: Duration,
}

impl Actions {
    /// Actions from the engine's scripts. The engine must have been started with [`Actions::libraries`].
    pub fn new(engine: Engine, config: &Config) -> Self {
        let settings = Settings {
            timeout: config.script.timeout,
            navigation_timeout: config.browser.navigation_timeout,
            max_backoff: config.queue.max_backoff,
        };
        Self {
            engine,
            settings: Arc::new(settings),
            common: reach::Common {
                shared: store::Store::default(),
                http: http::Client::default(),
                registry: Registry::new(&config.registry),
            },
        }
    }

    /// What actions' scripts find in every Lua state.
    pub fn libraries() -> Vec<Arc<dyn Library>> {
        vec![Arc::new(primitives::Primitives)]
    }
}
