//! Waits for BullMQ's marker, which says that the queue may have something, on a connection of its own: a blocking command
//! must never be dropped half-way, or its answer would eat a later marker.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::error::Error;
use super::shared::Shared;

/// One wait; at its end the queue is looked at anyway, as the stock worker does.
const BLOCK: Duration = Duration::from_secs(5);

/// After each `ask` waits once for a marker, then wakes the intake.
pub(super) async fn watch(shared: Arc<Shared>, ask: Arc<Notify>) {
    let mut connection = None;
    loop {
        ask.notified().await;
        match wait_once(&shared, &mut connection).await {
            Ok(marked) => give_back_if_standing_by(&shared, marked).await,
            Err(error) => {
                connection = None;
                shared.after_error("waiting for jobs", &error).await;
            }
        }
        shared.wake.notify_one();
    }
}

async fn wait_once(shared: &Shared, connection: &mut Option<MultiplexedConnection>) -> Result<bool, Error> {
    let limit = BLOCK + shared.redis.command_timeout();
    let wait = async {
        let connection = match connection {
            Some(there) => there,
            None => connection.insert(
                shared
                    .redis
                    .blocking(Some(&shared.keys.client_name(&shared.worker)))
                    .await?,
            ),
        };
        let mut pop = redis::cmd("BZPOPMIN");
        pop.arg(shared.keys.of("marker")).arg(BLOCK.as_secs());
        let popped: redis::Value = pop.query_async(connection).await?;
        Ok(!matches!(popped, redis::Value::Nil))
    };
    timeout(limit, wait).await.unwrap_or_else(|_| {
        let late = std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer to BZPOPMIN");
        Err(Error::Redis(late.into()))
    })
}

/// A marker that was taken after the lease went to another host is that host's.
async fn give_back_if_standing_by(shared: &Shared, marked: bool) {
    if !marked || shared.lease.borrow().is_some() {
        return;
    }
    let mut add = redis::cmd("ZADD");
    add.arg(shared.keys.of("marker")).arg(0).arg("0");
    if let Err(error) = add.query_async::<()>(&mut shared.redis.connection()).await {
        tracing::debug!(%error, "a marker could not be given back; the other host looks by itself");
    }
}
