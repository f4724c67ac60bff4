//! perilune: headless Chromium sessions for agents.

pub mod protocol;

pub mod config;

pub mod browser;
