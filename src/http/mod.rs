//! Requests to sites without a browser, under the same domain rules as the pages.
//!
//! Used by `actions` for scripts. Each hop of a redirect is checked like the first address: by name before DNS, by address
//! after it, and the connection goes to an address that was checked. Connections are not kept: one that a session was
//! allowed to open must not serve another session with tighter rules.
//! **Invariants:** no byte leaves for a place that the rules or the caller's gate deny. What is secret never follows to
//! another origin, and no error repeats a header or a body.

mod connect;
mod error;
mod redirect;

use std::sync::{Arc, OnceLock};

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, HOST, USER_AGENT};
pub use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
pub use hyper::{Method, StatusCode};
use hyper_util::rt::TokioIo;
use tokio_rustls::TlsConnector;
use tokio_util::task::AbortOnDropHandle;
use url::Url;

pub use error::Error;

use crate::policy::Rules;
use crate::protocol::Failure;

/// The largest body of an answer.
pub const MOST_BODY: usize = 4 << 20;
/// The largest head of an answer.
const MOST_HEAD: usize = 64 << 10;
/// Who asks, unless the request says otherwise.
const AGENT: &str = concat!("perilune/", env!("CARGO_PKG_VERSION"));

/// Sends requests; cheap to clone.
#[derive(Clone, Default)]
pub struct Client {
    /// Made at the first https address, since reading the machine's certificates takes a while.
    tls: Arc<OnceLock<Result<TlsConnector, String>>>,
}

/// What to send. Values of headers that are marked as sensitive do not follow to another origin.
#[derive(Clone, Debug)]
pub struct Request {
    /// The verb.
    pub method: Method,
    /// An http or https address.
    pub url: Url,
    /// Headers beside those that every request has.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// How many redirects are followed.
    pub redirects: u32,
}

/// What a site answered.
#[derive(Clone, Debug)]
pub struct Response {
    /// The code, whatever it is: no code is an error.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The address that answered, after redirects.
    pub url: Url,
}

/// What the caller allows beside the rules; asked before each hop.
pub type Gate = dyn Fn(&Url) -> Result<(), Failure> + Send + Sync;

impl Client {
    /// Sends a request and follows its redirects. The caller sets the deadline.
    pub async fn send(&self, mut request: Request, rules: &Rules, gate: &Gate) -> Result<Response, Error> {
        let mut followed = 0;
        loop {
            check(&request.url, rules, gate)?;
            let answer = self.exchange(&request, rules).await?;
            let Some(to) =
                redirect::location(&request, answer.status(), answer.headers()).filter(|_| request.redirects > 0)
            else {
                let (status, headers) = (answer.status(), answer.headers().clone());
                let (body, url) = (read(answer, &request).await?, request.url);
                return Ok(Response {
                    status,
                    headers,
                    body,
                    url,
                });
            };
            if followed == request.redirects {
                return Err(Error::Redirects(followed));
            }
            followed += 1;
            redirect::follow(&mut request, answer.status(), to);
        }
    }

    /// One request, one answer, one connection.
    async fn exchange(&self, request: &Request, rules: &Rules) -> Result<hyper::Response<Incoming>, Error> {
        let stream = connect::open(&request.url, rules, &self.tls).await?;
        let host = connect::shown(&request.url);
        let lost = |sent: bool| Error::Broken {
            host: host.clone(),
            repeatable: !sent || request.method.is_idempotent(),
        };
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(MOST_HEAD)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| lost(false))?;
        let driver = AbortOnDropHandle::new(tokio::spawn(connection));
        let mut answer = sender.send_request(outgoing(request)).await.map_err(|_| lost(true))?;
        // Lives as long as the body is read.
        answer.extensions_mut().insert(Arc::new(driver));
        Ok(answer)
    }
}

/// Whether a request may go there at all. The rules know addresses that only tabs can show.
fn check(url: &Url, rules: &Rules, gate: &Gate) -> Result<(), Error> {
    rules.check_url(url).map_err(Error::Denied)?;
    let (Some(host), Some(port), "http" | "https") = (url.host_str(), url.port_or_known_default(), url.scheme()) else {
        return Err(Error::Scheme(url.scheme().to_owned()));
    };
    rules.check_host(host, port).map_err(Error::Denied)?;
    gate(url).map_err(Error::Refused)
}

/// The request as the site gets it.
fn outgoing(request: &Request) -> hyper::Request<Full<Bytes>> {
    let url = &request.url;
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let mut outgoing = hyper::Request::new(Full::new(request.body.clone()));
    *outgoing.method_mut() = request.method.clone();
    *outgoing.uri_mut() = path.parse().expect("the path of a parsed address is one of HTTP's");
    let headers = outgoing.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    for name in request.headers.keys() {
        headers.remove(name);
    }
    headers.extend(request.headers.clone());
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let host = HeaderValue::from_str(&connect::shown(url)).expect("a parsed host is a header's value");
    headers.insert(HOST, host);
    outgoing
}

/// The body, as long as it is not too large.
async fn read(answer: hyper::Response<Incoming>, request: &Request) -> Result<Bytes, Error> {
    let host = || connect::shown(&request.url);
    let announced = answer
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok());
    let is_head = request.method == Method::HEAD;
    if !is_head
        && announced
            .and_then(|length| length.parse().ok())
            .is_some_and(|length: u64| length > MOST_BODY as u64)
    {
        return Err(Error::TooLarge { host: host() });
    }
    let (_head, mut body) = answer.into_parts(); // the head holds the connection
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Error::Broken {
            host: host(),
            repeatable: request.method.is_idempotent(),
        })?;
        if let Ok(data) = frame.into_data() {
            if bytes.len() + data.len() > MOST_BODY {
                return Err(Error::TooLarge { host: host() });
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes.freeze())
}
