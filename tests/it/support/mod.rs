//! What the tests stand on. A missing service fails a test with one sentence.

pub(crate) mod bench;
mod client;
mod host;
pub(crate) mod livekit;
mod pixels;
mod redis;
mod site;

pub(crate) use client::{Python, eventually, produce, tool};
pub(crate) use host::{Host, Options};
pub(crate) use livekit::LiveKit;
pub(crate) use pixels::Picture;
pub(crate) use redis::Redis;
pub(crate) use site::Site;

/// A free port of loopback. Another process may take it before it is used; the services here retry.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .expect("loopback has a free port")
        .port()
}
