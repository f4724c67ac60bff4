//! One domain pattern: `example.com`, `*.example.com`, `http*://*.example.com`, `https://example.com`,
//! `localhost:5000` and IP addresses.
//!
//! Hosts are compared in the one spelling that the URL standard gives them, so `EXAMPLE.com.`, `bücher.de` and `0x7f.1`
//! are `example.com`, `xn--bcher-kva.de` and `127.0.0.1` on both sides.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use url::{Host as UrlHost, Url};

use super::addresses;

/// A host as the rules compare it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// A name in lower-case ASCII, without a final dot.
    Name(String),
    /// An address; an IPv4-mapped one is the IPv4 address.
    Address(IpAddr),
}

impl Host {
    /// Reads any spelling of a host; brackets around IPv6 may be missing. None: it is no host.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Ok(v6) = text.parse::<Ipv6Addr>() {
            return Some(Self::Address(IpAddr::V6(v6).to_canonical()));
        }
        match UrlHost::parse(text).ok()? {
            UrlHost::Ipv4(v4) => Some(Self::Address(IpAddr::V4(v4))),
            UrlHost::Ipv6(v6) => Some(Self::Address(IpAddr::V6(v6).to_canonical())),
            UrlHost::Domain(name) => Self::name(&name),
        }
    }

    fn name(name: &str) -> Option<Self> {
        let name = name.trim_end_matches('.');
        // Without its dots a name may turn out to be a number, that is an address.
        match UrlHost::parse(name).ok()? {
            UrlHost::Ipv4(v4) => Some(Self::Address(IpAddr::V4(v4))),
            UrlHost::Ipv6(_) => None,
            UrlHost::Domain(name) => (!name.split('.').any(str::is_empty)).then_some(Self::Name(name)),
        }
    }

    /// Whether the name means this machine by itself, whatever DNS says.
    pub(super) fn is_localhost(&self) -> bool {
        matches!(self, Self::Name(name) if name == "localhost" || name.ends_with(".localhost"))
    }

    fn is_loopback(&self) -> bool {
        match self {
            Self::Name(_) => self.is_localhost(),
            Self::Address(ip) => addresses::class(*ip) == Some(addresses::Class::Loopback),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V6(v6)) => write!(f, "[{v6}]"),
            Self::Address(ip) => ip.fmt(f),
        }
    }
}

/// What a request goes to; the scheme is unknown where only a tunnel is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Destination<'a> {
    pub(super) scheme: Option<&'a str>,
    pub(super) host: &'a Host,
    pub(super) port: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Any,
    Http,
    Https,
}

impl Scheme {
    const fn port(self) -> Option<u16> {
        match self {
            Self::Any => None,
            Self::Http => Some(80),
            Self::Https => Some(443),
        }
    }

    fn is(self, scheme: Option<&str>) -> bool {
        match (self, scheme) {
            (Self::Any, _) | (_, None) => true,
            (Self::Http, Some(s)) => s == "http" || s == "ws",
            (Self::Https, Some(s)) => s == "https" || s == "wss",
        }
    }
}

/// A domain pattern; shows as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    scheme: Scheme,
    host: Host,
    with_subdomains: bool,
    port: Option<u16>,
}

/// A text that is no domain pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{pattern}` is no domain pattern: {reason}; write example.com, *.example.com, https://example.com, \
     http*://*.example.com or localhost:5000"
)]
pub struct PatternError {
    /// The text.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl std::str::FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        Self::parse(text).map_err(|reason| PatternError {
            pattern: text.to_owned(),
            reason,
        })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() || text.contains(char::is_whitespace) {
            return Err("it is empty or has a space in it");
        }
        let (scheme, rest) = match text.split_once("://") {
            None => (Scheme::Any, text),
            Some((scheme, rest)) => match scheme.to_ascii_lowercase().as_str() {
                "http*" => (Scheme::Any, rest),
                "http" => (Scheme::Http, rest),
                "https" => (Scheme::Https, rest),
                _ => return Err("the scheme must be http, https or http*"),
            },
        };
        if rest.contains(['/', '?', '#', '\\', '@', '%']) {
            return Err("a path, a query or user information cannot be part of it");
        }
        let (host, port) = split_port(rest)?;
        let (with_subdomains, host) = match host.strip_prefix("*.") {
            Some(parent) => (true, parent),
            None => (false, host),
        };
        if host.contains('*') {
            return Err("a star may only stand in front, as in *.example.com");
        }
        let host = Host::parse(host).ok_or("it has no valid host name")?;
        if with_subdomains && matches!(host, Host::Address(_)) {
            return Err("an address has no sub-domains");
        }
        Ok(Self {
            text: text.to_owned(),
            scheme,
            host,
            with_subdomains,
            port,
        })
    }

    /// Whether the pattern surely covers an address of the web.
    pub fn allows_url(&self, url: &Url) -> bool {
        let Some(host) = url.host_str().and_then(Host::parse) else {
            return false;
        };
        self.allows(Destination {
            scheme: Some(url.scheme()),
            host: &host,
            port: url.port_or_known_default(),
        })
    }

    /// Whether the pattern surely covers a site that is known by host and port; without a port it has the usual ones.
    pub fn allows_site(&self, host: &str, port: Option<u16>) -> bool {
        let usual = |own: &u16| matches!(own, 80 | 443);
        let port = port.or(self.port.or(self.scheme.port()).filter(usual));
        Host::parse(host).is_some_and(|host| {
            self.allows(Destination {
                scheme: None,
                host: &host,
                port,
            })
        })
    }

    /// Whether the pattern surely covers the destination: a pattern with a scheme and no port means that scheme's own
    /// port, as an origin does.
    pub(super) fn allows(&self, to: Destination<'_>) -> bool {
        let port = self.port.or(self.scheme.port());
        self.scheme.is(to.scheme) && (port.is_none() || port == to.port) && self.covers(to.host)
    }

    /// Whether the pattern could mean the destination: a pattern with a scheme and no port means every port but that of
    /// the other scheme, addresses are also compared with what they lead to, and `localhost` is every loopback address.
    /// A destination without port stands for all of them.
    pub(super) fn prohibits(&self, to: Destination<'_>) -> bool {
        let other = match (self.port, self.scheme) {
            (None, Scheme::Http) => Some(443),
            (None, Scheme::Https) => Some(80),
            _ => None,
        };
        let port_fits = match (to.port, self.port) {
            (None, None) => true,
            (None, Some(_)) => false,
            (Some(to), Some(own)) => to == own,
            (Some(to), None) => Some(to) != other,
        };
        port_fits && self.scheme.is(to.scheme) && (self.covers(to.host) || self.leads_to(to.host))
    }

    fn covers(&self, host: &Host) -> bool {
        match (&self.host, host) {
            (Host::Name(own), Host::Name(name)) => {
                name == own
                    || self.with_subdomains && name.strip_suffix(own.as_str()).is_some_and(|left| left.ends_with('.'))
            }
            (own, host) => own == host,
        }
    }

    fn leads_to(&self, host: &Host) -> bool {
        if matches!(&self.host, Host::Name(own) if own == "localhost") {
            return host.is_loopback();
        }
        match (&self.host, host) {
            (Host::Address(own), Host::Address(IpAddr::V6(v6))) => {
                addresses::embedded_v4(*v6).is_some_and(|v4| *own == IpAddr::V4(v4))
            }
            _ => false,
        }
    }
}

/// Splits `host:port`; an IPv6 address with a port needs brackets.
fn split_port(text: &str) -> Result<(&str, Option<u16>), &'static str> {
    let colons = text.matches(':').count();
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if host.ends_with(']') || (colons == 1 && !host.is_empty()) => (host, port),
        Some(_) if colons == 1 => return Err("it has no valid host name"),
        _ => return Ok((text, None)),
    };
    match port.parse::<u16>() {
        Ok(port) if port > 0 => Ok((host, Some(port))),
        _ => Err("the port must be a number from 1 to 65535"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_texts_are_refused_with_a_reason() {
        for text in "* *example.com a*.com *.*.com *.127.0.0.1 ftp://a.com a.com/x http:// a.com:0 a.com:99999 u@a.com \
                     a..com 1.2.3.4.5 [::1 a.com:x :80 10.0.0.0/8 a%41.com"
            .split_whitespace()
            .chain(["", "a b.com", "://"])
        {
            let error = text.parse::<Pattern>().map(|_| ()).expect_err(text);
            assert!(error.to_string().contains("is no domain pattern"), "{error}");
        }
    }

    #[test]
    fn addresses_and_sites_are_covered_by_what_names_them() {
        for (pattern, url, expect) in [
            ("api.test", "https://api.test/a", true),
            ("api.test", "http://api.test:8080/a", true),
            ("https://api.test", "http://api.test/a", false),
            ("*.api.test", "https://v1.api.test/", true),
            ("api.test", "https://api.test.evil.test/", false),
            ("api.test", "https://api.test@evil.test/", false),
            ("localhost:5000", "http://localhost:5001/", false),
            ("127.0.0.1", "http://[::ffff:127.0.0.1]/", true),
            ("api.test", "file:///api.test", false),
        ] {
            let url = Url::parse(url).expect("an address");
            assert_eq!(
                pattern.parse::<Pattern>().expect(pattern).allows_url(&url),
                expect,
                "{pattern} {url}"
            );
        }
        for (pattern, host, port, expect) in [
            ("shop.test", "shop.test", None, true),
            ("shop.test", "shop.test", Some(5000), true),
            ("https://shop.test", "shop.test", None, true),
            ("shop.test:8443", "shop.test", None, false),
            ("shop.test:443", "shop.test", None, true),
            ("localhost:5000", "localhost", Some(5000), true),
            ("localhost:5000", "localhost", Some(5001), false),
            ("*.shop.test", "shop.test", None, true),
            ("shop.test", "my-shop.test", None, false),
        ] {
            let covers = pattern.parse::<Pattern>().expect(pattern).allows_site(host, port);
            assert_eq!(covers, expect, "{pattern} {host} {port:?}");
        }
    }

    #[test]
    fn good_ones_show_as_written() {
        for text in "example.com *.example.com http*://*.example.com https://example.com:8443 localhost:5000 127.0.0.1 \
                     [::1]:80 ::1 [fe80::1] BÜCHER.de *.com example.com. HTTP://x 0x7f.1"
            .split_whitespace()
        {
            assert_eq!(text.parse::<Pattern>().expect(text).to_string(), text);
        }
    }
}
