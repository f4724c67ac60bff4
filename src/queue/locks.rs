//! Keeps the locks of held jobs, in batches, and looks regularly for jobs whose lock ran out.

use std::sync::Arc;

use tokio::time::timeout;

use super::error::Error;
use super::job::JobId;
use super::lease::{self, Lease};
use super::recover;
use super::scripts::Call;
use super::shared::Shared;

/// Locks renewed by one script call.
const BATCH: usize = 500;

/// Renews all locks twice in their time, and at once when a lost connection is back.
pub(super) async fn keep(shared: Arc<Shared>) {
    let mut connected = shared.redis.connected();
    loop {
        let _ = timeout(shared.settings.lock_duration / 2, connected.changed()).await;
        let lease = shared.lease.borrow().clone();
        let Some(lease) = lease else { continue };
        if !*connected.borrow_and_update() {
            continue;
        }
        let done = async {
            // First the lease: without it, what we still hold would pass for the jobs of a dead host.
            if !lease::renew(&shared, &lease).await? {
                return Ok(());
            }
            renew(&shared, &lease).await?;
            if recover::sweep(&shared, &lease).await? > 0 {
                shared.wake.notify_one();
            }
            Ok::<_, Error>(())
        };
        if let Err(error) = done.await {
            tracing::warn!(%error, "locks could not be renewed");
        }
    }
}

async fn renew(shared: &Shared, lease: &Lease) -> Result<(), Error> {
    for batch in shared.held.all().chunks(BATCH) {
        let (ids, tokens): (Vec<&str>, Vec<&str>) = batch.iter().map(|(id, token)| (&**id, &**token)).unzip();
        let call = Call::of(&shared.scripts.extend_locks)
            .keys([shared.keys.of("stalled")])
            .arg(shared.keys.base())
            .packed(&tokens)
            .packed(&ids)
            .arg(shared.settings.lock_duration.as_millis() as u64);
        let missing: Vec<String> = call.run(shared.redis.connection()).await?;
        if !missing.is_empty() {
            retake(shared, lease, &missing).await?;
        }
    }
    Ok(())
}

/// Locks again what Redis or time took from us. A job that finished meanwhile is not held any more and is not asked for.
async fn retake(shared: &Shared, lease: &Lease, ids: &[String]) -> Result<(), Error> {
    let keys = &shared.keys;
    let mut call = Call::of(&shared.scripts.retake)
        .keys([keys.of("active"), keys.lease(), keys.of("stalled")])
        .arg(keys.base())
        .arg(&*lease.me)
        .arg(shared.settings.lock_duration.as_millis() as u64);
    let mut asked = 0;
    for id in ids {
        if let Some(token) = shared.held.token(&JobId::from(id.as_str())) {
            call = call.arg(id).arg(&*token);
            asked += 1;
        }
    }
    if asked == 0 {
        return Ok(());
    }
    let lost: Vec<String> = call.run(shared.redis.connection()).await?;
    for id in lost
        .iter()
        .filter(|id| shared.held.token(&JobId::from(id.as_str())).is_some())
    {
        tracing::warn!(job = %id, "the job's lock is lost");
    }
    Ok(())
}
