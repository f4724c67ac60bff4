//! Viewers without LiveKit: a browser posts an offer, gets an answer, and receives the stream on the host's one UDP port.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use str0m::config::DtlsCert;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use super::Error;
use super::fanout::Fanout;
use super::peer::{Peer, Rates};
use super::port::Port;
use crate::config;

/// A browser's offer has some ten thousand characters.
const LONGEST_OFFER: usize = 128 * 1024;

/// How long leaving may take; each viewer only sends two datagrams.
const END: Duration = Duration::from_secs(2);

/// All WHEP viewers of the host. Clones are handles to the same.
#[derive(Clone)]
pub struct Whep {
    shared: Arc<Shared>,
}

struct Shared {
    port: Arc<Port>,
    certificate: DtlsCert,
    rates: Rates,
    max_viewers: usize,
    viewers: Mutex<HashMap<String, Entry>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

struct Entry {
    label: String,
    leave: CancellationToken,
}

/// One viewer that was let in.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// What `leave` takes; cannot be guessed.
    pub id: String,
    /// The answer to its offer, with all candidates.
    pub answer_sdp: String,
}

impl Whep {
    /// Opens the UDP port. `host_bind` is the address that the host's HTTP listens on.
    pub async fn start(config: &config::Stream, host_bind: IpAddr) -> Result<Self, Error> {
        let provider = str0m::crypto::from_feature_flags();
        let certificate = provider.dtls_provider.generate_certificate();
        let certificate = certificate.ok_or_else(|| Error::Offer("no certificate could be made".to_owned()))?;
        let bind = SocketAddr::new(host_bind, config.udp_port);
        let port = Arc::new(Port::open(bind, &config.public_address).await?);
        let shared = Arc::new(Shared {
            port: port.clone(),
            certificate,
            rates: Rates {
                initial: config.bitrate,
                max: config.max_bitrate,
            },
            max_viewers: config.max_viewers,
            viewers: Mutex::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        });
        let stop = shared.stop.clone();
        shared.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = port.receive() => {}
            }
        });
        Ok(Self { shared })
    }

    /// Where viewers send to.
    pub fn address(&self) -> SocketAddr {
        self.shared.port.candidate()
    }

    /// Lets a viewer in that offers to receive `fanout`; `label` is what `max_viewers` holds for: the room.
    pub async fn offer(&self, fanout: Fanout, sdp: &str, label: &str) -> Result<Viewer, Error> {
        if self.shared.stop.is_cancelled() || fanout.is_ended() {
            return Err(Error::Ended);
        }
        if sdp.len() > LONGEST_OFFER {
            return Err(Error::Offer(format!("it has more than {LONGEST_OFFER} characters")));
        }
        let place = self.take_place(label)?;
        let (certificate, rates) = (self.shared.certificate.clone(), self.shared.rates);
        let (peer, answer_sdp) = Peer::answer(self.shared.port.clone(), fanout, sdp, certificate, rates)?;
        let id = place.id.clone();
        self.shared.tasks.spawn(async move {
            let end = peer.run(place.leave.clone()).await;
            debug!(viewer = place.id, ?end, "a WHEP viewer is gone");
        });
        Ok(Viewer { id, answer_sdp })
    }

    /// Ends one viewer; false if there is none of this id.
    pub async fn leave(&self, id: &str) -> bool {
        let entry = self.shared.viewers().remove(id);
        entry.inspect(|entry| entry.leave.cancel()).is_some()
    }

    /// How many viewers there are under a label.
    pub fn viewers(&self, label: &str) -> usize {
        self.shared.count(label)
    }

    /// Ends all viewers and closes the port.
    pub async fn shutdown(&self) {
        self.shared.viewers().values().for_each(|entry| entry.leave.cancel());
        self.shared.stop.cancel();
        self.shared.tasks.close();
        if timeout(END, self.shared.tasks.wait()).await.is_err() {
            warn!("some WHEP viewers did not end in time");
        }
    }

    fn take_place(&self, label: &str) -> Result<Place, Error> {
        let mut viewers = self.shared.viewers();
        if viewers.values().filter(|entry| entry.label == label).count() >= self.shared.max_viewers {
            return Err(Error::TooManyViewers(self.shared.max_viewers));
        }
        let (id, leave) = (
            uuid::Uuid::new_v4().simple().to_string(),
            self.shared.stop.child_token(),
        );
        viewers.insert(
            id.clone(),
            Entry {
                label: label.to_owned(),
                leave: leave.clone(),
            },
        );
        Ok(Place {
            id,
            leave,
            shared: self.shared.clone(),
        })
    }
}

impl Shared {
    fn viewers(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.viewers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, label: &str) -> usize {
        self.viewers().values().filter(|entry| entry.label == label).count()
    }
}

/// A viewer's place in the list, given back however it ends.
struct Place {
    id: String,
    leave: CancellationToken,
    shared: Arc<Shared>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.viewers().remove(&self.id);
    }
}
