//! perilune: headless Chromium sessions for agents.
//!
//! The modules stand in the order of the layers; a module may use only what stands above it, and `tests/house.rs` holds
//! the exact table. `ARCHITECTURE.md` tells how a command and a frame travel through them.

pub mod protocol;

pub mod config;
pub mod policy;
pub mod telemetry;

pub mod browser;
pub mod events;
pub mod http;
pub mod media;
pub mod registry;
pub mod script;

pub mod actions;
pub mod session;

pub mod ops;
pub mod queue;

pub mod api;

pub mod host;

pub mod cli;
