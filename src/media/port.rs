//! The one UDP port of all WHEP viewers: finds out whose a datagram is, by its source or by the ICE user name in it.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use str0m::ice::StunMessage;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tracing::{debug, trace};

use super::Error;

/// Datagrams are at most an Ethernet frame; longer ones are nothing that viewers send.
const LARGEST: usize = 2000;

/// Source addresses that one viewer may have: it moves between networks, or probes several.
const SOURCES: usize = 16;

/// What arrived for a viewer.
pub(super) struct Datagram {
    pub(super) source: SocketAddr,
    pub(super) data: Vec<u8>,
    pub(super) at: Instant,
}

/// The socket and who is reached through it.
pub(super) struct Port {
    socket: UdpSocket,
    candidate: SocketAddr,
    routes: Mutex<Routes>,
}

#[derive(Default)]
struct Routes {
    by_name: HashMap<String, mpsc::Sender<Datagram>>,
    by_source: HashMap<SocketAddr, (String, mpsc::Sender<Datagram>)>,
}

impl Routes {
    fn learn(&mut self, source: SocketAddr, name: String, inbox: &mpsc::Sender<Datagram>) {
        let known = self.by_source.get(&source).is_some_and(|(owner, _)| *owner == name);
        if !known && self.by_source.values().filter(|(owner, _)| *owner == name).count() < SOURCES {
            self.by_source.insert(source, (name, inbox.clone()));
        }
    }
}

impl Port {
    /// Binds the socket. `public_address` is what viewers are told: an address, a name of one, or `auto`.
    pub(super) async fn open(bind: SocketAddr, public_address: &str) -> Result<Self, Error> {
        let failed = |source| Error::Socket { address: bind, source };
        let socket = UdpSocket::bind(bind).await.map_err(failed)?;
        let local = socket.local_addr().map_err(failed)?;
        let public = match public_address {
            "auto" | "" if local.ip().is_unspecified() => default_route(),
            "auto" | "" => local.ip(),
            text => resolve(text)
                .await
                .ok_or_else(|| Error::PublicAddress(text.to_owned()))?,
        };
        let candidate = SocketAddr::new(public, local.port());
        Ok(Self {
            socket,
            candidate,
            routes: Mutex::default(),
        })
    }

    /// What viewers are told to send to.
    pub(super) fn candidate(&self) -> SocketAddr {
        self.candidate
    }

    /// From now on datagrams with this ICE user name, and all that come from the same sources, go to `inbox`.
    pub(super) fn register(&self, name: &str, inbox: mpsc::Sender<Datagram>) {
        self.routes().by_name.insert(name.to_owned(), inbox);
    }

    /// Forgets a viewer.
    pub(super) fn unregister(&self, name: &str) {
        let mut routes = self.routes();
        routes.by_name.remove(name);
        routes.by_source.retain(|_, (owner, _)| owner != name);
    }

    /// Sends one datagram. UDP may lose it anyway, so a failure only shows in the log.
    pub(super) async fn send(&self, to: SocketAddr, data: &[u8]) {
        let to = match (to.ip(), self.socket.local_addr()) {
            (IpAddr::V4(ip), Ok(SocketAddr::V6(_))) => SocketAddr::new(ip.to_ipv6_mapped().into(), to.port()),
            _ => to,
        };
        if let Err(error) = self.socket.send_to(data, to).await {
            trace!(%to, %error, "a datagram was not sent");
        }
    }

    /// Takes datagrams in for ever. A viewer that does not keep up loses some, as on any network.
    pub(super) async fn receive(&self) {
        let mut buffer = [0; LARGEST];
        loop {
            match self.socket.recv_from(&mut buffer).await {
                Ok((len, source)) => self.deliver(&buffer[..len], canonical(source)),
                Err(error) => {
                    debug!(%error, "the viewers' port failed to receive");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        }
    }

    fn deliver(&self, data: &[u8], source: SocketAddr) {
        let mut routes = self.routes();
        // STUN first: a browser may use the same port for its next connection.
        let by_name = named(data).and_then(|name| routes.by_name.get(&name).cloned().map(|inbox| (name, inbox)));
        let inbox = match by_name {
            Some((name, inbox)) => {
                routes.learn(source, name, &inbox);
                Some(inbox)
            }
            None => routes.by_source.get(&source).map(|(_, inbox)| inbox.clone()),
        };
        drop(routes);
        if let Some(inbox) = inbox {
            // Full or gone: lost.
            let _ = inbox.try_send(Datagram {
                source,
                data: data.to_vec(),
                at: Instant::now(),
            });
        }
    }

    fn routes(&self) -> MutexGuard<'_, Routes> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Our half of the user name in a STUN request.
fn named(data: &[u8]) -> Option<String> {
    // The first two bits tell STUN from DTLS and RTP.
    if data.first().is_none_or(|&first| first > 3) {
        return None;
    }
    let message = StunMessage::parse(data).ok()?;
    message.split_username().map(|(ours, _)| ours.to_owned())
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

async fn resolve(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    tokio::net::lookup_host((text, 0))
        .await
        .ok()?
        .map(|address| address.ip())
        .next()
}

/// The address of the interface that leads to the rest of the world; connecting a UDP socket sends nothing.
fn default_route() -> IpAddr {
    let towards = |from: IpAddr, to: IpAddr| -> io::Result<IpAddr> {
        let socket = std::net::UdpSocket::bind((from, 0))?;
        socket.connect((to, 9))?;
        Ok(socket.local_addr()?.ip())
    };
    let documentation = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
    towards(Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::new(192, 0, 2, 1).into())
        .or_else(|_| towards(Ipv6Addr::UNSPECIFIED.into(), documentation.into()))
        .unwrap_or(Ipv4Addr::LOCALHOST.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn viewers_are_told_an_address_that_can_be_reached() {
        let open = |bind: &'static str, public: &'static str| async move {
            Port::open(bind.parse().expect("address"), public)
                .await
                .map(|port| port.candidate())
        };
        let local = open("127.0.0.1:0", "auto").await.expect("bound");
        assert!(local.ip().is_loopback() && local.port() > 0);
        assert!(!open("0.0.0.0:0", "auto").await.expect("bound").ip().is_unspecified());
        assert_eq!(
            open("127.0.0.1:0", "192.0.2.7").await.expect("bound").ip().to_string(),
            "192.0.2.7"
        );
        assert!(matches!(
            open("127.0.0.1:0", "not an address").await,
            Err(Error::PublicAddress(_))
        ));
        assert!(matches!(open("192.0.2.1:0", "auto").await, Err(Error::Socket { .. })));
    }

    #[test]
    fn only_stun_has_a_name() {
        assert_eq!(named(&[]), None);
        assert_eq!(named(&[0, 1, 0, 0]), None);
        assert_eq!(named(&[0x80; 40]), None);
    }
}
