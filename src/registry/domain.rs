//! What a site is called in the registry: its host, and its port where that is not the usual one.
//!
//! `http://localhost:5000`, `http://localhost:5000/`, `localhost:5000`, `http://LOCALHOST:5000/api` and `localhost:5000/api`
//! are all `localhost:5000`.

use std::fmt;

use url::{Host, Url};

/// A site's name in the registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Domain {
    host: Host<String>,
    port: Option<u16>,
}

impl Domain {
    /// Reads an address, a host, or a host with a port. None: there is no host in it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (scheme, rest) = text
            .split_once("://")
            .map_or((None, text), |(scheme, rest)| (Some(scheme), rest));
        let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
        let place = authority.rsplit('@').next().unwrap_or_default();
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
            _ => (place, None),
        };
        let usual = match scheme.map(str::to_ascii_lowercase).as_deref() {
            Some("https") => Some(443),
            Some("http") => Some(80),
            _ => None,
        };
        Some(Self {
            host: Host::parse(host.trim_end_matches('.')).ok()?,
            port: port.filter(|port| Some(*port) != usual),
        })
    }

    /// The site of an address that is already taken apart.
    pub fn of(url: &Url) -> Option<Self> {
        let name = |name: &str| name.trim_end_matches('.').to_owned();
        let host = match url.host()? {
            Host::Domain(host) => Host::Domain(name(host)),
            Host::Ipv4(ip) => Host::Ipv4(ip),
            Host::Ipv6(ip) => Host::Ipv6(ip),
        };
        Some(Self { host, port: url.port() })
    }

    /// Whether the address belongs to the site. A name without a port stands for the usual ports.
    pub fn covers(&self, url: &Url) -> bool {
        Self::of(url).is_some_and(|site| site.host == self.host)
            && match self.port {
                Some(port) => url.port_or_known_default() == Some(port),
                None => url.port().is_none(),
            }
    }

    /// The host, IPv6 in brackets.
    pub fn host(&self) -> String {
        self.host.to_string()
    }

    /// The port, where it is not the usual one.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether what is sent there stays on this machine.
    pub fn is_loopback(&self) -> bool {
        match &self.host {
            Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
            Host::Ipv4(ip) => ip.is_loopback(),
            Host::Ipv6(ip) => ip.is_loopback(),
        }
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host),
            None => self.host.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_site_is_the_same_site() {
        for (texts, expect) in [
            (
                "http://localhost:5000 http://localhost:5000/ localhost:5000 http://localhost:5000/api localhost:5000/api \
                 HTTP://LOCALHOST:5000/A?b#c http://me:secret@localhost:5000/ localhost:5000///",
                "localhost:5000",
            ),
            (
                "example.com https://example.com http://example.com/ https://example.com:443/x http://example.com:80 Example.COM.",
                "example.com",
            ),
            ("https://example.com:8443 example.com:8443/x", "example.com:8443"),
            ("http://example.com:443 example.com:443", "example.com:443"),
            ("http://[::1]:80/x [::1]", "[::1]"),
            ("http://[::1]:8000 [::1]:8000", "[::1]:8000"),
            (
                "b\u{fc}cher.example https://xn--bcher-kva.example",
                "xn--bcher-kva.example",
            ),
        ] {
            for text in texts.split_whitespace() {
                assert_eq!(
                    Domain::parse(text).map(|d| d.to_string()).as_deref(),
                    Some(expect),
                    "{text}"
                );
            }
        }
        for text in [
            "",
            "http://",
            "/path",
            "a b",
            "example.com:99999",
            "example.com:x",
            "::1:",
        ] {
            assert_eq!(Domain::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_site_covers_its_own_addresses_only() {
        for (site, url, expect) in [
            ("example.com", "https://example.com/a", true),
            ("example.com", "http://example.com/a", true),
            ("example.com", "https://example.com./a", true),
            ("example.com", "https://example.com:8443/", false),
            ("example.com", "https://www.example.com/", false),
            ("example.com", "https://example.com.evil.test/", false),
            ("example.com", "https://example.com@evil.test/", false),
            ("example.com:443", "https://example.com/", true),
            ("example.com:443", "http://example.com/", false),
            ("localhost:5000", "http://localhost:5000/api", true),
            ("localhost:5000", "http://localhost:5001/", false),
            ("localhost:5000", "http://127.0.0.1:5000/", false),
            ("127.0.0.1:5000", "http://0x7f.1:5000/", true),
        ] {
            let url = Url::parse(url).expect("an address");
            assert_eq!(Domain::parse(site).expect(site).covers(&url), expect, "{site} {url}");
        }
    }
}
