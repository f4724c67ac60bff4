//! Who may fetch: one intake per deployment holds a lease in Redis.
//!
//! A fence number rises whenever the lease changes hands or a fetch is declared void; every fetch names it, so a late one of
//! an earlier holder does nothing. What an earlier holder had fetched is returned in the same script that takes the lease.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep, timeout};

use super::error::Error;
use super::recover::{self, Takeover};
use super::scripts::Call;
use super::shared::Shared;

/// The lease while this intake holds it.
#[derive(Clone, Debug)]
pub(super) struct Lease {
    /// What stands in Redis under the lease's key.
    pub(super) me: Arc<str>,
    /// Tokens of our locks begin with this.
    pub(super) instance: Arc<str>,
    fence: Arc<AtomicI64>,
    /// The fence at the take-over: names this term of ours.
    pub(super) term: i64,
}

impl Lease {
    pub(super) fn fence(&self) -> i64 {
        self.fence.load(Ordering::Acquire)
    }

    pub(super) fn set_fence(&self, fence: i64) {
        self.fence.store(fence, Ordering::Release);
    }
}

/// Who holds it, as written into Redis.
#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    instance: String,
    host: String,
    pid: u32,
    /// Boot and process namespace: only within the same two says a process id anything.
    machine: String,
    /// When the process started, so that a reused id is not taken for it.
    started: String,
}

impl Holder {
    fn me(instance: &str, host: &str) -> Self {
        let pid = std::process::id();
        Self {
            instance: instance.to_owned(),
            host: host.to_owned(),
            pid,
            machine: machine(),
            started: started(pid).unwrap_or_default(),
        }
    }

    /// Whether the holder's process is surely gone: it was on this machine and is not there any more.
    fn is_dead(&self) -> bool {
        !self.machine.is_empty() && self.machine == machine() && started(self.pid).is_none_or(|at| at != self.started)
    }
}

fn machine() -> String {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
    let space = std::fs::read_link("/proc/self/ns/pid");
    match (boot, space) {
        (Ok(boot), Ok(space)) => format!("{} {}", boot.trim(), space.display()),
        _ => String::new(),
    }
}

/// Start time of a process from the 22nd field of its stat line; the name in the second may hold anything.
fn started(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    if fields.next()? == "Z" {
        return None;
    }
    fields.nth(18).map(str::to_owned)
}

/// Gets the lease, keeps it, gets it again when it was lost; for as long as the intake runs.
pub(super) async fn keep(shared: Arc<Shared>) {
    let instance: Arc<str> = uuid::Uuid::new_v4().simple().to_string().into();
    let holder = Holder::me(&instance, &shared.host);
    let me: Arc<str> = serde_json::to_string(&holder).expect("a holder is JSON").into();
    loop {
        let term = acquire(&shared, &me).await;
        let fence = Arc::new(AtomicI64::new(term));
        let lease = Lease {
            me: Arc::clone(&me),
            instance: Arc::clone(&instance),
            fence,
            term,
        };
        shared.lease.send_replace(Some(lease.clone()));
        hold(&shared, &lease).await;
        tracing::warn!(host = %shared.host, "another host took the queue over");
        shared.lease.send_replace(None);
    }
}

async fn acquire(shared: &Shared, me: &str) -> i64 {
    let mut dead = String::new();
    let mut said = false;
    loop {
        match recover::take_over(shared, me, &dead).await {
            Ok(Takeover::Taken {
                fence,
                previous,
                returned,
                stalled,
            }) => {
                tracing::info!(host = %shared.host, fence, returned, stalled, previous = %host_of(&previous), "queue taken");
                return fence;
            }
            Ok(Takeover::Held { by, ends_in }) => {
                let holder = serde_json::from_str::<Holder>(&by);
                if dead != by && holder.as_ref().is_ok_and(Holder::is_dead) {
                    dead = by;
                    continue;
                }
                if !std::mem::replace(&mut said, true) {
                    tracing::info!(holder = %host_of(&by), "another host holds the queue; standing by");
                }
                sleep(ends_in.clamp(Duration::from_millis(20), renew_every(shared))).await;
            }
            Err(error) => shared.after_error("taking the queue", &error).await,
        }
    }
}

/// Returns when another host has the lease.
async fn hold(shared: &Shared, lease: &Lease) {
    let mut connected = shared.redis.connected();
    loop {
        // A connection that is back is the moment to renew: the lease may have run out meanwhile.
        let _ = timeout(renew_every(shared), connected.changed()).await;
        let began = Instant::now();
        loop {
            match renew(shared, lease).await {
                Ok(true) => break,
                Ok(false) => return,
                Err(error) => {
                    tracing::debug!(
                        waited_ms = began.elapsed().as_millis() as u64,
                        "the lease could not be renewed yet"
                    );
                    shared.after_error("renewing the lease", &error).await;
                }
            }
        }
    }
}

/// Keeps the lease for another while; false when another host has it.
pub(super) async fn renew(shared: &Shared, lease: &Lease) -> Result<bool, Error> {
    let keys = &shared.keys;
    let call = Call::of(&shared.scripts.renew)
        .keys([keys.lease(), keys.holder(), keys.fence()])
        .arg(&*lease.me)
        .arg(shared.settings.lease_duration.as_millis() as u64)
        .arg(lease.fence());
    Ok(call.run::<i64>(shared.redis.connection()).await? == 1)
}

/// Gives the lease up.
pub(super) async fn release(shared: &Shared, lease: &Lease) -> Result<(), Error> {
    let call = Call::of(&shared.scripts.release)
        .keys([shared.keys.lease()])
        .arg(&*lease.me);
    call.run::<i64>(shared.redis.connection()).await.map(drop)
}

fn renew_every(shared: &Shared) -> Duration {
    shared.settings.lease_duration / 3
}

fn host_of(holder: &str) -> String {
    serde_json::from_str::<Holder>(holder)
        .map(|holder| holder.host)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_process_of_this_machine_can_be_known_dead() {
        let me = Holder::me("i", "h");
        assert!(!me.is_dead());
        let reused = Holder {
            started: "1".to_owned(),
            ..Holder::me("i", "h")
        };
        assert!(reused.is_dead());
        let elsewhere = Holder {
            machine: "other".to_owned(),
            pid: 1 << 30,
            ..Holder::me("i", "h")
        };
        assert!(!elsewhere.is_dead());
        let gone = Holder {
            pid: 1 << 30,
            ..Holder::me("i", "h")
        };
        assert!(gone.is_dead());
    }
}
