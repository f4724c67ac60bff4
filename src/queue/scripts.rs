//! The Lua that runs inside Redis: BullMQ's own scripts, taken from its first-party crate at build time by `build.rs`, and
//! ours, which wrap them or fill what they lack.

use std::collections::HashMap;

use redis::aio::ConnectionManager;
use redis::{FromRedisValue, Script, Value};
use serde::Serialize;

use super::error::Error;

macro_rules! bullmq {
    ($name:literal) => {
        include_str!(concat!(env!("OUT_DIR"), "/bullmq/", $name, ".lua"))
    };
}

macro_rules! ours {
    ($($name:literal),+) => {
        concat!($(include_str!(concat!("lua/", $name, ".lua"))),+)
    };
}

macro_rules! wrapped {
    ($function:literal, $script:literal, $after:literal) => {
        concat!(
            "local function ",
            $function,
            "()\n",
            bullmq!($script),
            "\nend\n",
            ours!($after)
        )
    };
}

/// Every script the queue uses.
pub(super) struct Scripts {
    pub(super) fetch: Script,
    pub(super) finish: Script,
    pub(super) extend_locks: Script,
    pub(super) update_progress: Script,
    pub(super) add_log: Script,
    pub(super) take_over: Script,
    pub(super) sweep: Script,
    pub(super) hand_back: Script,
    pub(super) reclaim: Script,
    pub(super) renew: Script,
    pub(super) release: Script,
    pub(super) begin: Script,
    pub(super) retake: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            fetch: Script::new(wrapped!("move", "moveToActive", "fetch_after")),
            finish: Script::new(wrapped!("finish", "moveToFinished", "finish_after")),
            extend_locks: Script::new(bullmq!("extendLocks")),
            update_progress: Script::new(bullmq!("updateProgress")),
            add_log: Script::new(bullmq!("addLog")),
            take_over: Script::new(ours!("put_back", "recover", "take_over")),
            sweep: Script::new(ours!("put_back", "recover", "sweep")),
            hand_back: Script::new(ours!("put_back", "hand_back")),
            reclaim: Script::new(ours!("put_back", "reclaim")),
            renew: Script::new(ours!("renew")),
            release: Script::new(ours!("release")),
            begin: Script::new(ours!("begin")),
            retake: Script::new(ours!("retake")),
        }
    }
}

/// One call of a script: keys, then arguments.
pub(super) struct Call<'a>(redis::ScriptInvocation<'a>);

impl<'a> Call<'a> {
    pub(super) fn of(script: &'a Script) -> Self {
        Self(script.prepare_invoke())
    }

    pub(super) fn keys<K: AsRef<str>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        for key in keys {
            self.0.key(key.as_ref());
        }
        self
    }

    pub(super) fn arg(mut self, arg: impl redis::ToRedisArgs) -> Self {
        self.0.arg(arg);
        self
    }

    /// BullMQ's scripts take their options as MessagePack.
    pub(super) fn packed(self, value: &impl Serialize) -> Self {
        let bytes = rmp_serde::to_vec_named(value).expect("texts, numbers and lists can be packed");
        self.arg(bytes)
    }

    pub(super) async fn run<T: FromRedisValue>(&self, mut connection: ConnectionManager) -> Result<T, Error> {
        Ok(self.0.invoke_async(&mut connection).await?)
    }
}

/// What a fetch brought.
#[derive(Debug)]
pub(super) enum Fetched {
    /// The lease is another host's, or the fetch came too late.
    NotOurs,
    /// Jobs in the queue's order, and what to wait for when there are no more.
    Jobs {
        /// Id and hash of each.
        jobs: Vec<(String, HashMap<String, Vec<u8>>)>,
        /// Whether there may be more right now.
        more: bool,
        /// Whether the queue itself holds jobs back.
        state: QueueState,
        /// Milliseconds until the rate limit lets the next one through.
        limited_ms: u64,
        /// When the next delayed job is due, in milliseconds since 1970; 0: there is none.
        next_delayed: u64,
    },
}

/// Whether a queue gives out jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QueueState {
    Open,
    Paused,
    /// As many jobs are active as the queue's global concurrency allows.
    Full,
}

impl Fetched {
    /// Reads the answer of `lua/fetch_after.lua`.
    pub(super) fn read(value: Value) -> Result<Self, Error> {
        const BAD: Error = Error::Answer("fetch");
        let Value::Array(parts) = value else { return Err(BAD) };
        let [Value::Int(state), delay, next, Value::Array(jobs), Value::Int(more)] = parts.as_slice() else {
            return Err(BAD);
        };
        let number = |value: &Value| match value {
            Value::Int(n) => u64::try_from(*n).unwrap_or(0),
            _ => 0,
        };
        let state = match state {
            -1 => return Ok(Self::NotOurs),
            1 => QueueState::Paused,
            2 => QueueState::Full,
            _ => QueueState::Open,
        };
        let jobs = jobs
            .iter()
            .map(|job| read_job(job).ok_or(BAD))
            .collect::<Result<_, _>>()?;
        Ok(Self::Jobs {
            jobs,
            more: *more == 1,
            state,
            limited_ms: number(delay),
            next_delayed: number(next),
        })
    }
}

fn read_job(value: &Value) -> Option<(String, HashMap<String, Vec<u8>>)> {
    let Value::Array(parts) = value else { return None };
    let [Value::BulkString(id), Value::Array(pairs)] = parts.as_slice() else {
        return None;
    };
    let hash = pairs.chunks_exact(2).filter_map(|pair| match pair {
        [Value::BulkString(field), Value::BulkString(content)] => {
            Some((String::from_utf8_lossy(field).into_owned(), content.clone()))
        }
        _ => None,
    });
    Some((String::from_utf8_lossy(id).into_owned(), hash.collect()))
}
