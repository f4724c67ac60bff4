//! Jobs of the dead: back to the head of what waits, in the order in which they were fetched.

use std::time::Duration;

use super::error::Error;
use super::lease::Lease;
use super::scripts::Call;
use super::shared::Shared;

/// How often a job may stall before BullMQ's rule fails it; the stock worker's default.
const MAX_STALLED: u32 = 1;

/// What an attempt to take the lease came to.
#[derive(Debug)]
pub(super) enum Takeover {
    /// The lease is ours, and what its last holder had fetched waits again.
    Taken {
        fence: i64,
        /// The last holder, empty at the first time.
        previous: String,
        returned: usize,
        /// How many of them had begun to run.
        stalled: usize,
    },
    /// Another holds it.
    Held { by: String, ends_in: Duration },
}

/// Takes the lease if it is free or held by `dead`.
pub(super) async fn take_over(shared: &Shared, me: &str, dead: &str) -> Result<Takeover, Error> {
    let keys = &shared.keys;
    let call = Call::of(&shared.scripts.take_over)
        .keys(keys.queue())
        .keys([keys.lease(), keys.holder(), keys.fence()])
        .arg(me)
        .arg(shared.settings.lease_duration.as_millis() as u64)
        .arg(dead)
        .arg(keys.base())
        .arg(MAX_STALLED);
    let (taken, number, who, returned, stalled): (i64, i64, String, usize, Vec<String>) =
        call.run(shared.redis.connection()).await?;
    Ok(if taken == 1 {
        Takeover::Taken {
            fence: number,
            previous: who,
            returned,
            stalled: stalled.len(),
        }
    } else {
        Takeover::Held {
            by: who,
            ends_in: Duration::from_millis(u64::try_from(number).unwrap_or(0)),
        }
    })
}

/// Looks for active jobs whose lock ran out; says how many were put back.
pub(super) async fn sweep(shared: &Shared, lease: &Lease) -> Result<usize, Error> {
    let keys = &shared.keys;
    let call = Call::of(&shared.scripts.sweep)
        .keys(keys.queue())
        .keys([keys.lease()])
        .arg(&*lease.me)
        .arg(keys.base())
        .arg(MAX_STALLED);
    let (returned, stalled): (usize, Vec<String>) = call.run(shared.redis.connection()).await?;
    if returned > 0 {
        tracing::warn!(returned, stalled = stalled.len(), "jobs without a lock wait again");
    }
    Ok(returned)
}

/// Voids the fetch that used `token`, whose answer was lost, and returns what it took. False: the lease is gone.
pub(super) async fn reclaim(shared: &Shared, lease: &Lease, token: &str) -> Result<bool, Error> {
    let keys = &shared.keys;
    let call = Call::of(&shared.scripts.reclaim)
        .keys(keys.queue())
        .keys([keys.lease(), keys.fence()])
        .arg(&*lease.me)
        .arg(keys.base())
        .arg(token);
    let (fence, returned): (i64, usize) = call.run(shared.redis.connection()).await?;
    if fence == 0 {
        return Ok(false);
    }
    lease.set_fence(fence);
    tracing::info!(returned, "a fetch without an answer was taken back");
    Ok(true)
}

/// Returns jobs that have not begun, given from the newest to the oldest.
pub(super) async fn hand_back<T: AsRef<str>>(shared: &Shared, jobs: &[(T, T)]) -> Result<usize, Error> {
    let mut count = 0;
    // A script that takes long holds up everyone who uses Redis.
    for part in jobs.chunks(500) {
        let call = Call::of(&shared.scripts.hand_back)
            .keys(shared.keys.queue())
            .arg(shared.keys.base());
        let call = part
            .iter()
            .fold(call, |call, (id, token)| call.arg(id.as_ref()).arg(token.as_ref()));
        count += call.run::<usize>(shared.redis.connection()).await?;
    }
    Ok(count)
}
