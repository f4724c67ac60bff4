//! A connection to a site: resolved, checked, opened, encrypted.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::{Host, Url};

use super::error::Error;
use crate::policy::Rules;

/// How long one address may take to answer; the next is tried then.
const CONNECT: Duration = Duration::from_secs(5);
/// Addresses of one name that are tried.
const MOST_ADDRESSES: usize = 8;

/// What a request is sent over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// What was found out once about the machine's certificates.
pub(super) type Tls = OnceLock<Result<TlsConnector, String>>;

/// Opens a connection to the address's host, to an address that was checked and no other.
pub(super) async fn open(url: &Url, rules: &Rules, tls: &Arc<Tls>) -> Result<Box<dyn Stream>, Error> {
    let stream = connect(url, rules).await?;
    if url.scheme() != "https" {
        return Ok(Box::new(stream));
    }
    let (store, host) = (Arc::clone(tls), shown(url));
    let failed = |why: String| Error::Tls {
        host: host.clone(),
        why,
    };
    // Reading the certificates takes tens of milliseconds, once.
    let ready = tokio::task::spawn_blocking(move || store.get_or_init(connector).clone()).await;
    let connector = ready.unwrap_or_else(|error| Err(error.to_string())).map_err(failed)?;
    let name = url.host_str().unwrap_or_default();
    let name = name.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(name).map_err(|error| failed(error.to_string()))?;
    let stream = connector
        .connect(name, stream)
        .await
        .map_err(|error| failed(error.to_string()))?;
    Ok(Box::new(stream))
}

async fn connect(url: &Url, rules: &Rules) -> Result<TcpStream, Error> {
    let port = url.port_or_known_default().unwrap_or_default();
    let unreachable = |why: String| Error::Unreachable { host: shown(url), why };
    let addresses: Vec<SocketAddr> = match url.host() {
        Some(Host::Ipv4(ip)) => vec![(ip, port).into()],
        Some(Host::Ipv6(ip)) => vec![(ip, port).into()],
        Some(Host::Domain(name)) => tokio::net::lookup_host((name, port))
            .await
            .map_err(|_| unreachable("its name has no address".to_owned()))?
            .take(MOST_ADDRESSES)
            .collect(),
        None => Vec::new(),
    };
    let mut last = unreachable("its name has no address".to_owned());
    for to in addresses {
        if let Err(denied) = rules.check_endpoint(to) {
            last = Error::Denied(denied);
            continue;
        }
        match tokio::time::timeout(CONNECT, TcpStream::connect(to)).await {
            Ok(Ok(stream)) => {
                let _ = stream.set_nodelay(true); // slower without, and no more
                return Ok(stream);
            }
            Ok(Err(error)) => last = unreachable(error.to_string()),
            Err(_) => last = unreachable(format!("it did not answer within {CONNECT:?}")),
        }
    }
    Err(last)
}

/// Host and port as the `Host` header and sentences have them.
pub(super) fn shown(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// What encrypts, trusting the certificates that the machine trusts.
fn connector() -> Result<TlsConnector, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (taken, _) = roots.add_parsable_certificates(found.certs);
    if taken == 0 {
        return Err("this machine trusts no certificates; install the package ca-certificates".to_owned());
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}
