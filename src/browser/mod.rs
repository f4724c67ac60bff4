//! Chromium.

pub mod cdp;
