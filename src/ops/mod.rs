//! Looking after a host.

pub mod bench;
pub mod doctor;
pub mod script_files;
pub mod scripts;
