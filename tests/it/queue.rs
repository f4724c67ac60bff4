//! The intake of commands: real Redis, stock BullMQ clients, and rooms that record what they are asked to do.

mod conformance;
mod jobs;
mod order;
mod outage;
mod private_redis;
mod recorder;
mod takeover;
