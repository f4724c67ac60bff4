//! The filtering proxy of one browser context: the domain rules where nothing in a page can get around them.
//!
//! Chromium sends every request of the context here, those of workers, service workers and WebSockets too. A host is
//! resolved here, its addresses are checked, and the connection goes to a checked address and no other, so a name that
//! resolves differently a moment later changes nothing.
//! **Invariant:** no byte leaves for a host or an address that the rules deny.
//!
//! The proxy listens on a loopback port of its own and answers proxy requests only. Chromium can send no credentials
//! without being asked in a way that pages could see, so another program of this machine could use it too, within the
//! same rules; it reaches nothing that it could not reach by itself.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self as client, SendRequest};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, UPGRADE};
use hyper::server::conn::http1 as server;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use super::network::{Refusals, Why};
use super::outbox::Outbox;
use super::{BrowserEvent, Error};
use crate::policy::{Denied, Rules};

/// Connections of one context at once; Chromium opens 32 to a proxy, and 255 WebSockets.
const CONNECTIONS: usize = 320;
/// The largest head of a request or an answer.
const HEAD: usize = 256 << 10;
/// How long a client may take to send the head of its request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a name may take to resolve, and an address to answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Headers that concern one connection only.
const HOP_BY_HOP: &[&str] = &[
    "proxy-connection",
    "proxy-authorization",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
];

type Body = BoxBody<Bytes, hyper::Error>;

/// A running proxy; its owner stops it.
pub(super) struct Proxy {
    address: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// What every connection of the proxy needs.
struct Filter {
    rules: Rules,
    refusals: Arc<Refusals>,
    outbox: Arc<Outbox>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// Why a request gets no further.
enum Stop {
    Denied(Denied),
    Unreachable(&'static str),
}

/// The connection behind a client's connection, kept for its next request.
struct Upstream {
    authority: String,
    sender: SendRequest<Incoming>,
}

// === impl Proxy ===

impl Proxy {
    /// Listens on a free loopback port.
    pub(super) async fn start(rules: Rules, refusals: Arc<Refusals>, outbox: Arc<Outbox>) -> Result<Self, Error> {
        let failed = |error: std::io::Error| Error::Launch {
            reason: format!("no port for the filtering proxy: {error}"),
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let filter = Arc::new(Filter {
            rules,
            refusals,
            outbox,
            stop: stop.clone(),
            tasks: tasks.clone(),
        });
        tasks.spawn(accept(listener, filter));
        Ok(Self { address, stop, tasks })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the port and every connection.
    pub(super) async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

async fn accept(listener: TcpListener, filter: Arc<Filter>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let run = async {
        loop {
            let Ok(place) = places.clone().acquire_owned().await else {
                return;
            };
            // Out of descriptors, for instance: the next connection may succeed.
            let Ok((stream, peer)) = listener.accept().await else {
                continue;
            };
            if !peer.ip().is_loopback() {
                continue;
            }
            let _ = stream.set_nodelay(true);
            let connection = filter.clone();
            filter.tasks.spawn(async move {
                let stop = connection.stop.clone();
                tokio::select! { () = serve(stream, connection) => {}, () = stop.cancelled() => {} }
                drop(place);
            });
        }
    };
    tokio::select! { () = run => {}, () = filter.stop.cancelled() => {} }
}

async fn serve(stream: TcpStream, filter: Arc<Filter>) {
    let upstream = Arc::new(Mutex::new(None));
    let service = service_fn(move |request| {
        let (filter, upstream) = (filter.clone(), upstream.clone());
        async move { Ok::<_, std::convert::Infallible>(filter.answer(request, &upstream).await) }
    });
    let connection = server::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD)
        .preserve_header_case(true)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    if let Err(error) = connection.await {
        tracing::trace!(%error, "connection to the filtering proxy");
    }
}

// === impl Filter ===

impl Filter {
    async fn answer(
        self: &Arc<Self>,
        request: Request<Incoming>,
        upstream: &Mutex<Option<Upstream>>,
    ) -> Response<Body> {
        let connect = request.method() == Method::CONNECT;
        let Some((url, host, port)) = destination(request.uri(), connect) else {
            return page(
                StatusCode::BAD_REQUEST,
                "This is a proxy of a browser; it serves nothing itself.",
            );
        };
        let answered = match connect {
            true => self.tunnel(request, &host, port).await,
            false => self.forward(request, upstream, &url, &host, port).await,
        };
        let stop = match answered {
            Ok(response) => return response,
            Err(stop) => stop,
        };
        match stop {
            Stop::Denied(denied) => {
                tracing::debug!(%url, reason = denied.reason, "request denied");
                let text = format!(
                    "The domain rules of this session do not allow {host}: {}",
                    denied.reason
                );
                self.refusals.note(url.clone(), Why::Denied(denied.clone()));
                self.outbox.emit(BrowserEvent::Violation {
                    url: url.into(),
                    denied,
                });
                page(StatusCode::FORBIDDEN, &text)
            }
            Stop::Unreachable(code) => {
                self.refusals.note(url, Why::Unreachable(code));
                page(
                    StatusCode::BAD_GATEWAY,
                    &format!("{host} could not be reached ({code})."),
                )
            }
        }
    }

    /// CONNECT: TLS and WebSockets.
    async fn tunnel(&self, request: Request<Incoming>, host: &str, port: u16) -> Result<Response<Body>, Stop> {
        self.rules.check_host(host, port).map_err(Stop::Denied)?;
        let mut server = self.connect(host, port).await?;
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            let pump = async {
                let Ok(client) = hyper::upgrade::on(request).await else {
                    return;
                };
                let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(client), &mut server).await;
            };
            tokio::select! { () = pump => {}, () = stop.cancelled() => {} }
        });
        Ok(Response::new(empty()))
    }

    /// A plain request, passed on as its server expects it.
    async fn forward(
        &self,
        mut request: Request<Incoming>,
        upstream: &Mutex<Option<Upstream>>,
        url: &Url,
        host: &str,
        port: u16,
    ) -> Result<Response<Body>, Stop> {
        self.rules
            .check_url(url)
            .and_then(|()| self.rules.check_host(host, port))
            .map_err(Stop::Denied)?;
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        *request.uri_mut() = path.parse().map_err(|_| Stop::Unreachable("ERR_INVALID_URL"))?;
        let upgrade = strip(request.headers_mut());
        let client = upgrade.then(|| hyper::upgrade::on(&mut request));
        let mut kept = upstream.lock().await;
        let authority = format!("{host}:{port}");
        let fitting = kept.take().filter(|upstream| upstream.authority == authority);
        let (upstream, mut response) = self.send(request, fitting, host, port, authority).await?;
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            if let Some(client) = client {
                self.splice(client, hyper::upgrade::on(&mut response));
            }
        } else {
            strip(response.headers_mut());
            *kept = Some(upstream);
        }
        Ok(response.map(|body| body.boxed()))
    }

    /// Sends a plain request, over the kept connection if that still lives.
    async fn send(
        &self,
        mut request: Request<Incoming>,
        kept: Option<Upstream>,
        host: &str,
        port: u16,
        authority: String,
    ) -> Result<(Upstream, Response<Incoming>), Stop> {
        if let Some(mut upstream) = kept
            && upstream.sender.ready().await.is_ok()
        {
            match upstream.sender.try_send_request(request).await {
                Ok(response) => return Ok((upstream, response)),
                // The server closed the kept connection before it saw anything of the request.
                Err(mut error) => request = error.take_message().ok_or(Stop::Unreachable("ERR_EMPTY_RESPONSE"))?,
            }
        }
        let mut upstream = self.open(host, port, authority).await?;
        let response = upstream.sender.send_request(request).await;
        Ok((upstream, response.map_err(|_| Stop::Unreachable("ERR_EMPTY_RESPONSE"))?))
    }

    /// A connection to a server for plain requests.
    async fn open(&self, host: &str, port: u16, authority: String) -> Result<Upstream, Stop> {
        let stream = self.connect(host, port).await?;
        let handshake = client::Builder::new()
            .max_buf_size(HEAD)
            .preserve_header_case(true)
            .handshake::<_, Incoming>(TokioIo::new(stream))
            .await;
        let (sender, connection) = handshake.map_err(|_| Stop::Unreachable("ERR_CONNECTION_FAILED"))?;
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            // Ends when the sender is dropped, with the client's connection at the latest.
            tokio::select! { _ = connection.with_upgrades() => {}, () = stop.cancelled() => {} }
        });
        Ok(Upstream { authority, sender })
    }

    /// Resolves, checks and connects: to an address that was checked, and to none that came later.
    async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, Stop> {
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let addresses: Vec<IpAddr> = match name.parse() {
            Ok(address) => vec![address],
            Err(_) => tokio::time::timeout(CONNECT_TIMEOUT, tokio::net::lookup_host((name, port)))
                .await
                .map_err(|_| Stop::Unreachable("ERR_NAME_NOT_RESOLVED"))?
                .map_err(|_| Stop::Unreachable("ERR_NAME_NOT_RESOLVED"))?
                .map(|address| address.ip())
                .collect(),
        };
        let mut stop = Stop::Unreachable("ERR_NAME_NOT_RESOLVED");
        for address in addresses {
            if let Err(denied) = self.rules.check_address(address) {
                stop = Stop::Denied(Denied {
                    domain: host.to_owned(),
                    ..denied
                });
                continue;
            }
            match tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect((address, port))).await {
                Ok(Ok(stream)) => {
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Ok(Err(error)) => stop = Stop::Unreachable(code(&error)),
                Err(_) => stop = Stop::Unreachable("ERR_CONNECTION_TIMED_OUT"),
            }
        }
        Err(stop)
    }

    /// Joins both sides of a plain upgrade.
    fn splice(&self, client: hyper::upgrade::OnUpgrade, server: hyper::upgrade::OnUpgrade) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            let pump = async {
                let (Ok(client), Ok(server)) = (client.await, server.await) else {
                    return;
                };
                let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(client), &mut TokioIo::new(server)).await;
            };
            tokio::select! { () = pump => {}, () = stop.cancelled() => {} }
        });
    }
}

/// Address, host and port of a proxy request; none if it is another kind of request.
fn destination(uri: &Uri, connect: bool) -> Option<(Url, String, u16)> {
    let text = match connect {
        // Which protocol goes through a tunnel is not known; on port 80 it is a WebSocket.
        true if uri.port_u16() == Some(80) => format!("ws://{}/", uri.authority()?),
        true => format!("https://{}/", uri.authority()?),
        false if uri.scheme_str() == Some("http") => uri.to_string(),
        false => return None,
    };
    let url = Url::parse(&text).ok()?;
    let (host, port) = (url.host_str()?.to_owned(), url.port_or_known_default()?);
    Some((url, host, port))
}

/// Removes what concerns this connection only; tells whether an upgrade is asked for, which is passed on.
fn strip(headers: &mut hyper::HeaderMap) -> bool {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let upgrade = named.contains(&UPGRADE) && headers.contains_key(UPGRADE);
    for name in named.into_iter().filter(|name| !(upgrade && *name == UPGRADE)) {
        headers.remove(name);
    }
    HOP_BY_HOP.iter().for_each(|name| {
        headers.remove(*name);
    });
    headers.remove(CONNECTION);
    if upgrade {
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    }
    upgrade
}

fn code(error: &std::io::Error) -> &'static str {
    use std::io::ErrorKind as Kind;
    match error.kind() {
        Kind::ConnectionRefused => "ERR_CONNECTION_REFUSED",
        Kind::ConnectionReset => "ERR_CONNECTION_RESET",
        Kind::TimedOut => "ERR_CONNECTION_TIMED_OUT",
        Kind::HostUnreachable | Kind::NetworkUnreachable => "ERR_ADDRESS_UNREACHABLE",
        _ => "ERR_CONNECTION_FAILED",
    }
}

fn page(status: StatusCode, text: &str) -> Response<Body> {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    let html = format!("<!doctype html><meta charset=utf-8><title>{status}</title><p>{escaped}</p>\n");
    let body = Full::new(Bytes::from(html)).map_err(|never| match never {}).boxed();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

fn empty() -> Body {
    Full::new(Bytes::new()).map_err(|never| match never {}).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_proxy_requests_have_a_destination() {
        let of = |uri: &str, connect| destination(&uri.parse().expect("a URI"), connect);
        assert!(of("/", false).is_none() && of("https://a.test/", false).is_none() && of("/x", true).is_none());
        let (url, host, port) = of("http://A.test/x?y", false).expect("a destination");
        assert_eq!((url.as_str(), host.as_str(), port), ("http://a.test/x?y", "a.test", 80));
        let (url, host, port) = of("a.test:443", true).expect("a destination");
        assert_eq!((url.as_str(), host.as_str(), port), ("https://a.test/", "a.test", 443));
        assert_eq!(of("[::1]:80", true).expect("a destination").0.as_str(), "ws://[::1]/");
        // Other spellings of an address are read as Chromium reads them.
        assert_eq!(of("http://0x7f.1:81/", false).expect("a destination").1, "127.0.0.1");
    }

    #[test]
    fn what_concerns_one_connection_is_not_passed_on() {
        let headers = |list: &[(&'static str, &'static str)]| -> hyper::HeaderMap {
            list.iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
                .collect()
        };
        let mut plain = headers(&[
            ("connection", "keep-alive, x-mine"),
            ("x-mine", "1"),
            ("proxy-connection", "keep-alive"),
        ]);
        assert!(!strip(&mut plain) && plain.is_empty());
        let mut upgrade = headers(&[("connection", "Upgrade"), ("upgrade", "websocket"), ("host", "a")]);
        assert!(strip(&mut upgrade));
        assert_eq!(upgrade.len(), 3);
    }
}
