//! Facts going out: numbered per room, to everyone in this process and to Redis.
//!
//! [`Bus`] gives each room a [`RoomEvents`], which numbers its events without holes and keeps the newest for replay.
//! A room's numbers go on where they ended, also after the host was started again: the last one is kept in Redis.
//! **Invariant:** publishing never waits; Redis being away costs memory up to a bound, never time.

mod bus;
mod connection;
mod redis;

pub use bus::{Bus, Message, RoomEvents, Subject, Subscription};
pub use connection::RedisHandle;
