//! Who is calling: the bearer token, and that a browser's request comes from where it may.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::Url;

use super::App;
use super::error::CallError;
use crate::protocol::{ErrorType, Failure};

/// Refuses a call without the configured token. WebSocket clients in browsers cannot set headers, so `?token=` counts too.
pub(super) async fn token(State(app): State<App>, request: Request, next: Next) -> Response {
    let expected = app.config.token.reveal();
    if !expected.is_empty() && !given(&request).is_some_and(|given| same(given.as_bytes(), expected.as_bytes())) {
        let sentence = "this host needs a token: send the header Authorization: Bearer TOKEN";
        return CallError::from(Failure::new(ErrorType::Unauthorized, sentence)).into_response();
    }
    next.run(request).await
}

/// Refuses what a web page of another site sends, and names that point here by a trick (DNS rebinding).
pub(super) async fn origin(State(app): State<App>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if let Some(host) = text(headers, header::HOST)
        && !host_is_ours(&app, host)
    {
        let sentence = format!("this host does not answer to the name {host}; add it to api.allowed_hosts");
        return CallError::from(Failure::new(ErrorType::PermissionDenied, sentence)).into_response();
    }
    if let Some(origin) = text(headers, header::ORIGIN)
        && !origin_is_ours(&app, origin)
    {
        let sentence = format!("pages of {origin} may not call this host; add it to api.allowed_origins");
        return CallError::from(Failure::new(ErrorType::PermissionDenied, sentence)).into_response();
    }
    next.run(request).await
}

fn given(request: &Request) -> Option<String> {
    let header = text(request.headers(), header::AUTHORIZATION)
        .and_then(|v| v.strip_prefix("Bearer "))
        .map(str::to_owned);
    header.or_else(|| {
        let query = request.uri().query()?;
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == "token")
            .map(|(_, value)| value.into_owned())
    })
}

/// Compares in a time that does not tell how much was right.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |sum, (x, y)| sum | (x ^ y)) == 0
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn host_is_ours(app: &App, host: &str) -> bool {
    let name = match Url::parse(&format!("http://{host}/")) {
        Ok(url) => url.host_str().unwrap_or_default().to_owned(),
        Err(_) => return false,
    };
    let bound = app.address.ip();
    let literal = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    // Where the host listens on every address, a literal address cannot be a rebound name.
    let by_address = literal.is_ok_and(|ip| ip == bound || ip.is_loopback() || bound.is_unspecified());
    by_address
        || name == "localhost"
        || app
            .config
            .allowed_hosts
            .iter()
            .any(|allowed| allowed.eq_ignore_ascii_case(&name))
}

fn origin_is_ours(app: &App, origin: &str) -> bool {
    if app
        .config
        .allowed_origins
        .iter()
        .any(|allowed| allowed.trim_end_matches('/') == origin)
    {
        return true;
    }
    let Ok(url) = Url::parse(origin) else { return false };
    url.port_or_known_default() == Some(app.address.port()) && host_is_ours(app, url.host_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #[test]
    fn tokens_are_compared_whole() {
        assert!(super::same(b"abc", b"abc"));
        assert!(!super::same(b"abc", b"abd") && !super::same(b"abc", b"ab"));
    }
}
