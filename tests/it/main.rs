//! Tests on the real thing: a built host, Redis, Chromium, LiveKit and stock clients, one module per capability.

mod cli;
mod commands;
mod events;
mod peers;
mod policy;
mod recovery;
mod reload;
mod session;
mod shutdown;
mod support;
mod video;
