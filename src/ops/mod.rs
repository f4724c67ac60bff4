//! Looking after a host.

pub mod doctor;
pub mod scripts;
