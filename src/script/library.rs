//! The trait by which a module above gives functions to Lua, and how a call's `ctx` is made.

use std::sync::Arc;

use mlua::{Lua, Table};

use super::generation::Origin;
use super::manifest::Plugin;
use crate::protocol::Failure;

/// Functions that a module adds to the global `host` of every virtual machine.
///
/// `script` knows no domain word; the modules above implement this and `host` registers them.
/// **Invariant:** called before the sandbox closes, also in the machine that only checks saved files, so it may not
/// start anything.
pub trait Library: Send + Sync {
    /// Adds to `host`; afterwards the table is read-only.
    fn install(&self, lua: &Lua, host: &Table) -> mlua::Result<()>;
}

/// Whose script a `ctx` is built for.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Where the script came from.
    pub origin: Origin,
    /// The plugin that it belongs to; all others may use everything.
    pub plugin: Option<Arc<Plugin>>,
}

/// Builds the first argument of `run` on the Lua thread; called at most once for each plugin that takes part in a call.
pub type MakeContext = Box<dyn Fn(&Lua, &Caller) -> mlua::Result<Table> + Send>;

/// A failure on its way through Lua: raise it from a host function and it comes out of the call unchanged, unless the
/// script catches it.
pub fn raise(failure: Failure) -> mlua::Error {
    mlua::Error::external(failure)
}
