//! What is allowed: domain rules, the masking of secrets and the audit record; decided here, never in Lua alone.
//!
//! The browser's filtering proxy and the session ask [`Rules`]; events, logs and audit lines pass through [`mask`].
//! **Invariant:** rules are pure (no DNS, no clock, no I/O) and a session can only tighten them.

pub mod addresses;
pub mod mask;

mod audit;
mod domains;
mod pattern;

pub use audit::{Audit, AuditEntry, AuditKind};
pub use domains::{Denied, Rules, check_settings};
pub use mask::{redact, scrub};
pub use pattern::{Pattern, PatternError};
