//! What the host says about itself to the people who run it.
//!
//! **Invariant:** nothing leaves through here before secrets were taken out of it.

pub mod logs;
