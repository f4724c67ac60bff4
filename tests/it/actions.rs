//! Actions through the library on a real Chromium: each one's spec, and how a command is tried, retried and cancelled.

mod attempts;
mod bench;
mod clipboards;
mod downloads;
mod specs;
mod typed;
