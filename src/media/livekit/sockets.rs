//! The UDP sockets of one connection: one at each address of ours by which the server may be reached.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll};

use str0m::net::Transmit;
use tokio::io::ReadBuf;
use tokio::net::UdpSocket;

/// Packets that may wait for a socket; more are lost, and the server asks for them again.
const OUTBOX: usize = 2048;
/// Addresses from the documentation ranges: asking for the route to them names the default interface; nothing is sent.
const ELSEWHERE: [&str; 2] = ["192.0.2.1:9", "[2001:db8::1]:9"];

/// The sockets, and the packets that wait for them.
pub(super) struct Sockets {
    list: Vec<(SocketAddr, UdpSocket)>,
    outbox: VecDeque<Transmit>,
}

impl Sockets {
    /// Opens them. The server's media may come from another address than `host`, so there is one for the rest of the world too.
    pub(super) async fn bind(host: &str, port: u16) -> io::Result<Self> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let mut towards: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
        towards.extend(
            ELSEWHERE
                .iter()
                .filter_map(|address| address.parse::<SocketAddr>().ok()),
        );
        let (mut list, mut seen) = (Vec::new(), Vec::new());
        for there in towards {
            let Ok(here) = source_of(there).await else { continue };
            if here.is_unspecified() || seen.contains(&here) {
                continue;
            }
            seen.push(here);
            if let Ok(socket) = UdpSocket::bind((here, 0)).await {
                socket.writable().await?;
                list.push((socket.local_addr()?, socket));
            }
        }
        if list.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::AddrNotAvailable,
                format!("no route to {host}"),
            ));
        }
        Ok(Self {
            list,
            outbox: VecDeque::new(),
        })
    }

    /// Where they are.
    pub(super) fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.list.iter().map(|(address, _)| *address)
    }

    /// Queues a packet for [`Sockets::flush`].
    pub(super) fn push(&mut self, packet: Transmit) {
        if self.outbox.len() < OUTBOX {
            self.outbox.push_back(packet);
        }
    }

    /// Sends what can be sent at once.
    pub(super) fn flush(&mut self) {
        while let Some(packet) = self.outbox.front() {
            let sent = self
                .of(packet)
                .map(|socket| socket.try_send_to(&packet.contents, packet.destination));
            if matches!(&sent, Some(Err(error)) if error.kind() == io::ErrorKind::WouldBlock) {
                return;
            }
            // Other errors: that way to the server is closed, and ICE finds out.
            self.outbox.pop_front();
        }
    }

    /// The same, and wakes the task when the rest can be sent.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) {
        while let Some(packet) = self.outbox.front() {
            let sent = self
                .of(packet)
                .map(|socket| socket.poll_send_to(cx, &packet.contents, packet.destination));
            if matches!(sent, Some(Poll::Pending)) {
                return;
            }
            self.outbox.pop_front();
        }
    }

    /// Reads one packet: where it came from, which socket it came to, and its length.
    pub(super) fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<(SocketAddr, SocketAddr, usize)> {
        for (local, socket) in &self.list {
            let mut into = ReadBuf::new(buffer);
            // After an error the timers of the connection come back here.
            if let Poll::Ready(Ok(source)) = socket.poll_recv_from(cx, &mut into) {
                return Poll::Ready((source, *local, into.filled().len()));
            }
        }
        Poll::Pending
    }

    fn of(&self, packet: &Transmit) -> Option<&UdpSocket> {
        self.list
            .iter()
            .find(|(address, _)| *address == packet.source)
            .map(|(_, socket)| socket)
    }
}

/// The address from which packets to `there` go out.
async fn source_of(there: SocketAddr) -> io::Result<IpAddr> {
    let any: SocketAddr = if there.is_ipv4() {
        ([0, 0, 0, 0], 0).into()
    } else {
        ([0u16; 8], 0).into()
    };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(there).await?;
    Ok(socket.local_addr()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_here_is_reached_from_its_own_address() {
        let sockets = Sockets::bind("127.0.0.1", 7880).await.expect("sockets");
        assert_eq!(
            sockets.addresses().next().map(|address| address.ip()),
            Some([127, 0, 0, 1].into())
        );
        let mut seen: Vec<_> = sockets.addresses().map(|address| address.ip()).collect();
        seen.dedup();
        assert_eq!(seen.len(), sockets.addresses().count(), "each address once");
    }
}
