//! One fetch: the next jobs in the queue's order, or what to wait for.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::error::Error;
use super::job::{Job, JobId};
use super::lease::Lease;
use super::recover;
use super::scripts::{Call, Fetched, QueueState};
use super::shared::{Shared, now_ms};

/// Jobs taken by one script call: enough to save round trips, few enough not to hold up Redis' other users.
pub(super) const MAX_JOBS: usize = 32;
/// Job data taken by one script call.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// What a fetch came to.
#[derive(Debug)]
pub(super) enum Batch {
    /// Redis failed, or the lease is gone: ask again later.
    Nothing,
    /// Jobs that are ours now, in their order.
    Jobs {
        jobs: Vec<Job>,
        more: bool,
        state: QueueState,
        limited_ms: u64,
        next_delayed: u64,
    },
}

/// Fetches up to `count` jobs. A fetch whose answer was lost is taken back before this returns, so that the order holds.
pub(super) async fn fetch(shared: Arc<Shared>, lease: Lease, count: usize) -> Batch {
    let token = shared.new_token(&lease);
    match call(&shared, &lease, &token, count).await {
        Ok(Fetched::NotOurs) => Batch::Nothing,
        Ok(Fetched::Jobs {
            jobs,
            more,
            state,
            limited_ms,
            next_delayed,
        }) => {
            let jobs = jobs
                .into_iter()
                .filter_map(|(id, hash)| take(&shared, &id, hash, &token))
                .collect();
            Batch::Jobs {
                jobs,
                more,
                state,
                limited_ms,
                next_delayed,
            }
        }
        Err(error) => {
            shared.after_error("fetching jobs", &error).await;
            take_back(&shared, &lease, &token).await;
            Batch::Nothing
        }
    }
}

async fn call(shared: &Shared, lease: &Lease, token: &str, count: usize) -> Result<Fetched, Error> {
    let keys = &shared.keys;
    let options = FetchOptions {
        token,
        lock_duration: shared.settings.lock_duration.as_millis() as u64,
        name: &shared.worker,
    };
    let call = Call::of(&shared.scripts.fetch)
        .keys(keys.move_to_active())
        .keys([keys.lease(), keys.fence()])
        .arg(keys.base())
        .arg(now_ms())
        .packed(&options)
        .arg(&*lease.me)
        .arg(lease.fence())
        .arg(count.min(MAX_JOBS))
        .arg(MAX_BYTES);
    Fetched::read(call.run(shared.redis.connection()).await?)
}

/// Registers a fetched job; none when it was held already.
fn take(shared: &Shared, id: &str, hash: HashMap<String, Vec<u8>>, token: &Arc<str>) -> Option<Job> {
    let bytes = hash.values().map(Vec::len).sum();
    let id: JobId = id.into();
    if !shared.held.insert(&id, Arc::clone(token), bytes) {
        tracing::warn!(job = %id, "redis had forgotten that the job was fetched; it is not run twice");
        return None;
    }
    shared.counters.fetched.fetch_add(1, Ordering::Relaxed);
    Some(Job::read(&id, hash))
}

async fn take_back(shared: &Shared, lease: &Lease, token: &str) {
    loop {
        let ours = shared.lease.borrow().as_ref().is_some_and(|now| now.term == lease.term);
        if !ours {
            return;
        }
        match recover::reclaim(shared, lease, token).await {
            // A lease that ran out is renewed by its keeper before long, or found to be another's.
            Ok(false) => tokio::time::sleep(shared.settings.lease_duration / 3).await,
            Ok(true) => return,
            Err(error) => shared.after_error("taking back a fetch", &error).await,
        }
    }
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct FetchOptions<'a> {
    token: &'a str,
    lock_duration: u64,
    name: &'a str,
}
