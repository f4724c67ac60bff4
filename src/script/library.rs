//! The trait by which a module above gives functions to Lua, and how a call's `ctx` is made.

use mlua::{Lua, Table};

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

/// Builds the first argument of `run`, on the Lua thread, when the call begins.
pub type MakeContext = Box<dyn FnOnce(&Lua) -> mlua::Result<Table> + Send>;

/// A failure on its way through Lua: raise it from a host function and it comes out of the call unchanged, unless the
/// script catches it.
pub fn raise(failure: Failure) -> mlua::Error {
    mlua::Error::external(failure)
}
