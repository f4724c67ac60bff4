//! Drains the parts in reverse, with a deadline for each.

use std::time::{Duration, Instant};

use super::Host;
use super::start::FLUSH;

impl Host {
    /// Takes no more commands, lets running ones end, closes the sessions, ends every process. Takes at most the
    /// configured time and about two seconds for what has to be killed.
    pub async fn stop(self) {
        let began = Instant::now();
        let left = |share: f64| {
            self.shutdown_timeout
                .mul_f64(share)
                .saturating_sub(began.elapsed())
                .max(Duration::from_millis(200))
        };

        if let Some(intake) = &self.intake {
            intake.stop(left(0.5)).await;
        }
        self.directory.close_all(left(0.8)).await;
        self.api_stop.cancel();
        self.whep.shutdown().await;
        if tokio::time::timeout(Duration::from_secs(1), self.api).await.is_err() {
            tracing::debug!("some HTTP connections were still open");
        }
        self.engine.shutdown().await;
        self.pool.shutdown().await;
        self.bus.flush(FLUSH).await;
        // Whoever still holds the connection would see it break when a Redis of the host's own stops.
        drop((self.forwarding, self.intake, self.directory, self.bus, self.redis));
        if let Some(server) = self.redis_server {
            server.stop().await;
        }
        tracing::info!(elapsed_ms = began.elapsed().as_millis() as u64, data = %self.data.root().display(), "host stopped");
    }
}
