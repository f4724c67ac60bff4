//! Tests on the real thing: a built host, Redis, Chromium, LiveKit and stock clients, one module per capability.

mod actions;
mod browser;
mod cli;
mod commands;
mod events;
mod livekit;
mod media;
mod miniwob;
mod page;
mod peers;
mod plugins;
mod policy;
mod queue;
mod recovery;
mod reload;
mod script;
mod services;
mod session;
mod shutdown;
mod support;
mod tools;
mod video;
