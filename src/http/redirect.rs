//! Where an answer sends its request, and what goes along. Pure.

use bytes::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE, COOKIE, HeaderMap, LOCATION};
use hyper::{Method, StatusCode};
use url::Url;

use super::Request;
use crate::policy::mask::is_secret_name;

/// The address that an answer sends to; none if the answer is one to give back.
pub(super) fn location(request: &Request, status: StatusCode, headers: &HeaderMap) -> Option<Url> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let mut url = request.url.join(headers.get(LOCATION)?.to_str().ok()?).ok()?;
    url.set_fragment(None);
    // A site must not put words into the mouth of the one who asks. Addresses that have no user stay as they are.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    Some(url)
}

/// Turns the request to its new address. Another origin gets nothing that is secret.
pub(super) fn follow(request: &mut Request, status: StatusCode, to: Url) {
    if to.origin() != request.url.origin() {
        let secret: Vec<_> = request
            .headers
            .iter()
            .filter(|(name, value)| {
                value.is_sensitive() || **name == AUTHORIZATION || **name == COOKIE || is_secret_name(name.as_str())
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in secret {
            request.headers.remove(name);
        }
    }
    let becomes_get = match status.as_u16() {
        303 => request.method != Method::HEAD,
        301 | 302 => request.method == Method::POST,
        _ => false,
    };
    if becomes_get {
        request.method = Method::GET;
        request.body = Bytes::new();
        for name in [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LANGUAGE] {
            request.headers.remove(name);
        }
    }
    request.url = to;
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::{HeaderName, HeaderValue};

    fn request(method: Method, url: &str) -> Request {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("authorization", "Bearer key"),
            ("cookie", "a=b"),
            ("x-api-key", "key"),
            ("content-type", "text/plain"),
            ("accept-language", "en"),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let mut own = HeaderValue::from_static("key");
        own.set_sensitive(true);
        headers.insert(HeaderName::from_static("x-own"), own);
        Request {
            method,
            url: Url::parse(url).expect("an address"),
            headers,
            body: Bytes::from_static(b"body"),
            redirects: 5,
        }
    }

    fn names(request: &Request) -> String {
        let names: Vec<_> = request.headers.keys().map(|name| name.as_str()).collect();
        names.join(" ")
    }

    #[test]
    fn secrets_stay_with_their_origin() {
        let all = "authorization cookie x-api-key content-type accept-language x-own";
        let public = "content-type accept-language";
        for (to, expect) in [
            ("http://a.test/other", all),
            ("http://a.test:80/", all),
            ("https://a.test/", public),
            ("http://a.test:8080/", public),
            ("http://b.a.test/", public),
            ("http://b.test/", public),
        ] {
            let mut request = request(Method::GET, "http://a.test/");
            follow(&mut request, StatusCode::FOUND, Url::parse(to).expect("an address"));
            let mut left: Vec<_> = names(&request).split(' ').map(str::to_owned).collect();
            let mut expect: Vec<_> = expect.split(' ').map(str::to_owned).collect();
            left.sort();
            expect.sort();
            assert_eq!(left, expect, "{to}");
        }
    }

    #[test]
    fn verbs_change_as_browsers_change_them() {
        for (status, method, expect) in [
            (303, Method::PUT, Method::GET),
            (303, Method::HEAD, Method::HEAD),
            (302, Method::POST, Method::GET),
            (302, Method::PUT, Method::PUT),
            (307, Method::POST, Method::POST),
            (308, Method::DELETE, Method::DELETE),
        ] {
            let mut request = request(method.clone(), "http://a.test/");
            let status = StatusCode::from_u16(status).expect("a code");
            follow(&mut request, status, Url::parse("http://a.test/x").expect("an address"));
            assert_eq!(request.method, expect, "{status} {method}");
            let keeps = method == expect && expect != Method::GET;
            assert_eq!(
                request.body.is_empty(),
                !keeps && method != Method::HEAD,
                "{status} {method}"
            );
        }
    }

    #[test]
    fn only_redirects_lead_on() {
        let request = request(Method::GET, "http://a.test/x/y");
        for (status, location_is, expect) in [
            (302, Some("z"), Some("http://a.test/x/z")),
            (302, Some("//b.test/#part"), Some("http://b.test/")),
            (302, Some("http://me:word@b.test/"), Some("http://b.test/")),
            (302, Some("file:///etc/passwd"), Some("file:///etc/passwd")),
            (302, Some("http://"), None),
            (302, None, None),
            (304, Some("z"), None),
            (200, Some("z"), None),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(to) = location_is {
                headers.insert(LOCATION, HeaderValue::from_static(to));
            }
            let status = StatusCode::from_u16(status).expect("a code");
            let to = location(&request, status, &headers).map(String::from);
            assert_eq!(to.as_deref(), expect, "{status} {location_is:?}");
        }
    }
}
