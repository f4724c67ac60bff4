//! What a script says of a request, read and checked before anything is sent.

use std::time::Duration;

use bytes::Bytes;
use mlua::{Lua, Table, UserDataRef, Value};
use url::Url;

use super::credentials::Handle;
use super::invalid;
use crate::http::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, Method, Request};
use crate::script::from_lua;

/// How long an answer may take when the script does not say.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Redirects that are followed at most.
const MOST_REDIRECTS: u32 = 5;
/// Characters of an address.
const MOST_URL: usize = 8 << 10;
/// Headers of one request, and their bytes.
const MOST_HEADERS: usize = 64;
const MOST_HEADER_BYTES: usize = 32 << 10;
/// Bytes of a request's body.
const MOST_BODY: usize = 4 << 20;
/// Where sites with an Agent Web Interface expect the key.
const KEY_HEADER: &str = "x-agent-api-key";
/// Headers that say how a message is sent, which is not the script's business.
const TRANSPORT: &[&str] = &[
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "upgrade",
    "expect",
    "te",
    "trailer",
    "keep-alive",
    "accept-encoding",
    "http2-settings",
];

/// A request as a script wants it.
pub(super) struct Wanted {
    pub(super) request: Request,
    pub(super) timeout: Duration,
    pub(super) credential: Option<(UserDataRef<Handle>, HeaderName)>,
}

impl Wanted {
    /// Reads `{ url, method?, headers?, body? | json?, timeout_ms?, redirects?, credential?, credential_header? }`.
    /// What is given apart from the table (method, address) stands above it.
    pub(super) fn read(
        lua: &Lua,
        method: Option<Method>,
        url: Option<String>,
        options: Option<Table>,
    ) -> mlua::Result<Self> {
        let mut wanted = Draft {
            method,
            url,
            ..Draft::default()
        };
        if let Some(options) = options {
            for pair in options.pairs::<Value, Value>() {
                let (name, value) = pair?;
                let name = name.as_string().map(|name| name.to_string_lossy()).unwrap_or_default();
                wanted.take(lua, &name, value)?;
            }
        }
        wanted.finish()
    }
}

#[derive(Default)]
struct Draft {
    method: Option<Method>,
    url: Option<String>,
    headers: HeaderMap,
    body: Option<Bytes>,
    is_json: bool,
    timeout: Option<Duration>,
    redirects: Option<u32>,
    credential: Option<UserDataRef<Handle>>,
    credential_header: Option<HeaderName>,
}

impl Draft {
    fn take(&mut self, lua: &Lua, name: &str, value: Value) -> mlua::Result<()> {
        match name {
            "url" if self.url.is_none() => self.url = Some(text(name, &value)?),
            "method" if self.method.is_none() => self.method = Some(method(&text(name, &value)?)?),
            "headers" => self.headers = headers(&value)?,
            "body" | "json" if self.body.is_some() => return Err(invalid("a request has either body or json")),
            "body" => {
                let body = value.as_string().ok_or_else(|| wrong(name, "a string", &value))?;
                self.body = Some(Bytes::copy_from_slice(&body.as_bytes()));
            }
            "json" => {
                self.body = Some(from_lua(lua, value)?.to_string().into());
                self.is_json = true;
            }
            "timeout_ms" => {
                let ms = number(name, &value)?;
                self.timeout = Some(Duration::try_from_secs_f64(ms / 1000.0).unwrap_or(TIMEOUT));
            }
            "redirects" => {
                let most = number(name, &value)?;
                if !(0.0..=f64::from(MOST_REDIRECTS)).contains(&most) {
                    return Err(invalid(format!("redirects goes from 0 to {MOST_REDIRECTS}")));
                }
                self.redirects = Some(most as u32);
            }
            "credential" => self.credential = Some(Handle::from(&value)?),
            "credential_header" => self.credential_header = Some(header(&text(name, &value)?)?),
            "url" | "method" => return Err(invalid(format!("{name} is said twice"))),
            _ => {
                return Err(invalid(format!(
                    "a request has no {name:?}; it has url, method, headers, body or json, timeout_ms, redirects, credential \
                     and credential_header"
                )));
            }
        }
        Ok(())
    }

    fn finish(self) -> mlua::Result<Wanted> {
        let url = self.url.ok_or_else(|| invalid("a request needs a url"))?;
        let mut headers = self.headers;
        if self.is_json && !headers.contains_key(CONTENT_TYPE) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let body = self.body.unwrap_or_default();
        if body.len() > MOST_BODY {
            return Err(invalid(format!(
                "a body may have {MOST_BODY} bytes, this one has {}",
                body.len()
            )));
        }
        let method = self.method.unwrap_or(Method::GET);
        if !body.is_empty() && (method == Method::GET || method == Method::HEAD) {
            return Err(invalid(format!(
                "a {method} request has no body; set method = \"POST\""
            )));
        }
        let header = self.credential_header.unwrap_or(HeaderName::from_static(KEY_HEADER));
        Ok(Wanted {
            request: Request {
                method,
                url: address(&url)?,
                headers,
                body,
                redirects: self.redirects.unwrap_or(MOST_REDIRECTS),
            },
            timeout: self.timeout.unwrap_or(TIMEOUT),
            credential: self.credential.map(|handle| (handle, header)),
        })
    }
}

/// An address to ask: of the web, and without a user in it.
fn address(text: &str) -> mlua::Result<Url> {
    let shown: String = text.chars().take(200).collect();
    if text.len() > MOST_URL {
        return Err(invalid(format!(
            "the address has more than {MOST_URL} bytes; put the rest into a body"
        )));
    }
    if text.chars().any(|c| c.is_control() || c == '\\') {
        // The URL standard would drop some of these in silence and read others as slashes.
        return Err(invalid(
            "the address has control characters or backslashes in it; encode them",
        ));
    }
    let mut url = Url::parse(text).map_err(|error| {
        invalid(format!(
            "{shown:?} is no address ({error}); write it like https://example.com/path"
        ))
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid(
            "an address has no user and password in it; use headers or a credential",
        ));
    }
    url.set_fragment(None);
    Ok(url)
}

fn method(name: &str) -> mlua::Result<Method> {
    match name.to_ascii_uppercase().as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => {
            Ok(Method::from_bytes(known.as_bytes()).unwrap_or_default())
        }
        _ => Err(invalid("a method is GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS")),
    }
}

fn headers(value: &Value) -> mlua::Result<HeaderMap> {
    let table = value.as_table().ok_or_else(|| wrong("headers", "a table", value))?;
    let (mut headers, mut bytes) = (HeaderMap::new(), 0);
    for pair in table.pairs::<Value, Value>() {
        let (name, value) = pair?;
        let name = header(&text("a header's name", &name)?)?;
        let text = match &value {
            Value::Integer(_) | Value::Number(_) => value.to_string()?,
            _ => text("a header's value", &value)?,
        };
        bytes += name.as_str().len() + text.len();
        if headers.len() >= MOST_HEADERS || bytes > MOST_HEADER_BYTES {
            return Err(invalid(format!(
                "a request has at most {MOST_HEADERS} headers with {MOST_HEADER_BYTES} bytes"
            )));
        }
        let value = HeaderValue::from_str(&text).map_err(|_| {
            invalid(format!(
                "the value of {name} has line ends, control or other characters that no header may have"
            ))
        })?;
        headers.insert(name, value);
    }
    Ok(headers)
}

fn header(name: &str) -> mlua::Result<HeaderName> {
    let known = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| invalid("a header's name has letters, digits and hyphens only"))?;
    if TRANSPORT.contains(&known.as_str()) || known.as_str().starts_with("proxy-") {
        return Err(invalid(format!("{known} is set by the host; leave it out")));
    }
    Ok(known)
}

fn text(name: &str, value: &Value) -> mlua::Result<String> {
    let text = value
        .as_string()
        .and_then(|text| text.to_str().ok().map(|text| text.to_owned()));
    text.ok_or_else(|| wrong(name, "a string in UTF-8", value))
}

fn number(name: &str, value: &Value) -> mlua::Result<f64> {
    let number = value.as_f64().or_else(|| value.as_i64().map(|whole| whole as f64));
    number
        .filter(|number| *number >= 0.0)
        .ok_or_else(|| wrong(name, "a number from 0 on", value))
}

fn wrong(name: &str, wanted: &str, got: &Value) -> mlua::Error {
    invalid(format!("{name} must be {wanted}, not a {}", got.type_name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(code: &str) -> Result<Wanted, String> {
        let lua = Lua::new();
        let options: Table = lua.load(code).eval().expect("a table");
        Wanted::read(&lua, None, None, Some(options)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_request_is_read_as_it_is_written() {
        let wanted = read(
            "{ url = 'https://a.test/x?y=1#z', method = 'post', json = { n = 1 }, headers = { ['X-One'] = 'a', ['x-two'] = 2 }, \
               timeout_ms = 1500, redirects = 0 }",
        )
        .expect("a request");
        let request = &wanted.request;
        assert_eq!(
            (request.method.as_str(), request.url.as_str()),
            ("POST", "https://a.test/x?y=1")
        );
        assert_eq!(&request.body[..], b"{\"n\":1}");
        let header = |name| request.headers.get(name).and_then(|value| value.to_str().ok());
        assert_eq!((header("x-one"), header("x-two")), (Some("a"), Some("2")));
        assert_eq!(header("content-type"), Some("application/json"));
        assert_eq!((wanted.timeout, request.redirects), (Duration::from_millis(1500), 0));
    }

    #[test]
    fn what_could_deceive_is_refused() {
        for (code, part) in [
            (
                "{ url = 'https://a.test/', headers = { a = 'b\\r\\nHost: evil.test' } }",
                "line ends",
            ),
            (
                "{ url = 'https://a.test/', headers = { ['a\\r\\nb'] = 'c' } }",
                "name has letters",
            ),
            (
                "{ url = 'https://a.test/', headers = { Host = 'evil.test' } }",
                "set by the host",
            ),
            (
                "{ url = 'https://a.test/', headers = { ['Transfer-Encoding'] = 'chunked' } }",
                "set by the host",
            ),
            (
                "{ url = 'https://a.test/', headers = { ['Proxy-Authorization'] = 'x' } }",
                "set by the host",
            ),
            (
                "{ url = 'https://a.test/', credential_header = 'host' }",
                "set by the host",
            ),
            ("{ url = 'https://a.test\\r\\n/x' }", "control characters"),
            ("{ url = 'https://a.test\\t.evil.test/' }", "control characters"),
            ("{ url = 'https:\\\\a.test\\\\x' }", "backslashes"),
            ("{ url = 'https://a.test@evil.test/' }", "no user"),
            ("{ url = '//a.test/' }", "is no address"),
            ("{ url = 'https://' .. string.rep('a', 9000) }", "more than 8192"),
            ("{ url = 'https://a.test/', method = 'CONNECT' }", "a method is"),
            ("{ url = 'https://a.test/', method = 'GET /\\r\\n' }", "a method is"),
            ("{ url = 'https://a.test/', body = 'x' }", "has no body"),
            (
                "{ url = 'https://a.test/', method = 'PUT', body = 'x', json = {} }",
                "either body or json",
            ),
            ("{ url = 'https://a.test/', timeout_ms = -1 }", "from 0 on"),
            ("{ url = 'https://a.test/', timeout_ms = 0/0 }", "from 0 on"),
            ("{ url = 'https://a.test/', redirects = 6 }", "from 0 to 5"),
            (
                "{ url = 'https://a.test/', credential = { domain = 'a.test' } }",
                "comes from ctx.credentials",
            ),
            ("{ url = 'https://a.test/', verify = false }", "has no \"verify\""),
            ("{ url = 7 }", "must be a string"),
            ("{}", "needs a url"),
        ] {
            let error = read(code).err().unwrap_or_else(|| panic!("{code} was taken"));
            assert!(
                error.contains("invalid_params") && error.contains(part),
                "{code}: {error}"
            );
        }
    }
}
