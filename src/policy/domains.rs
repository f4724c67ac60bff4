//! Allowed and prohibited domains and private addresses: which destinations a page may reach.
//!
//! A navigation is checked by address, a request of the proxy by host and port before DNS and by address after it.
//! **Invariant:** [`Rules::tightened`] never allows what the rules before it denied.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use url::Url;

use super::addresses;
use super::pattern::{Destination, Host, Pattern, PatternError};
use crate::config::load::Problem;
use crate::config::{self, Config, PrivateAddresses};
use crate::protocol::{ErrorType, Failure};

/// Which destinations a session's pages may reach; cheap to clone.
#[derive(Clone, Debug)]
pub struct Rules(Arc<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    /// A destination must fit one pattern of each of these lists.
    allowed: Vec<List>,
    /// A destination must fit no pattern of any of these lists.
    prohibited: Vec<List>,
    private_allowed: bool,
    /// Who said no to private addresses, for the sentence.
    private_source: Source,
}

#[derive(Clone, Debug)]
struct List {
    patterns: Vec<Pattern>,
    source: Source,
}

#[derive(Clone, Copy, Debug)]
enum Source {
    Settings,
    Session,
}

impl Source {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Settings => "the setting policy.",
            Self::Session => "this session's ",
        }
    }
}

/// A destination that the rules forbid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Denied {
    /// The host, or the scheme when that is what is forbidden.
    pub domain: String,
    /// A sentence that says which rule forbids it.
    pub reason: String,
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        Self::new(ErrorType::DomainBlocked, denied.reason).with("domain", denied.domain)
    }
}

// === impl Rules ===

impl Rules {
    /// The rules of the configuration; `auto` allows private addresses while the host listens on loopback only.
    pub fn new(config: &config::Policy, host_is_on_loopback: bool) -> Result<Self, PatternError> {
        let private_allowed = match config.private_addresses {
            PrivateAddresses::Auto => host_is_on_loopback,
            PrivateAddresses::Allow => true,
            PrivateAddresses::Deny => false,
        };
        Ok(Self(Arc::new(Inner {
            allowed: List::parse(&config.allowed_domains, Source::Settings)?,
            prohibited: List::parse(&config.prohibited_domains, Source::Settings)?,
            private_allowed,
            private_source: Source::Settings,
        })))
    }

    /// Rules that forbid no destination.
    pub fn open() -> Self {
        let (allowed, prohibited) = (Vec::new(), Vec::new());
        Self(Arc::new(Inner {
            allowed,
            prohibited,
            private_allowed: true,
            private_source: Source::Settings,
        }))
    }

    /// These rules and a session's own: one more list that must fit, more that must not, and `private = Some(false)`
    /// against private addresses. An empty or absent list and `Some(true)` change nothing.
    pub fn tightened(
        &self,
        allowed: Option<&[String]>,
        prohibited: &[String],
        private: Option<bool>,
    ) -> Result<Self, PatternError> {
        let mut inner = Inner::clone(&self.0);
        inner
            .allowed
            .extend(List::parse(allowed.unwrap_or_default(), Source::Session)?);
        inner.prohibited.extend(List::parse(prohibited, Source::Session)?);
        if private == Some(false) && inner.private_allowed {
            inner.private_allowed = false;
            inner.private_source = Source::Session;
        }
        Ok(Self(Arc::new(inner)))
    }

    /// Whether no destination could ever be denied, so that no proxy is needed.
    pub fn is_open(&self) -> bool {
        self.0.private_allowed && self.0.allowed.is_empty() && self.0.prohibited.is_empty()
    }

    /// Whether a command may navigate to the address; only http, https and about:blank ever may.
    pub fn check_url(&self, url: &Url) -> Result<(), Denied> {
        match url.scheme() {
            "http" | "https" => {}
            "about" if url.path() == "blank" => return Ok(()),
            scheme => {
                return Err(Denied {
                    domain: format!("{scheme}:"),
                    reason: refused_scheme(scheme),
                });
            }
        }
        let text = url.host_str().unwrap_or_default();
        let host = Host::parse(text).ok_or_else(|| no_host(text))?;
        self.check(Destination {
            scheme: Some(url.scheme()),
            host: &host,
            port: url.port_or_known_default(),
        })
    }

    /// Whether a connection to this host and port may be asked for: names and addresses in every spelling.
    pub fn check_host(&self, host: &str, port: u16) -> Result<(), Denied> {
        let parsed = Host::parse(host).ok_or_else(|| no_host(host))?;
        self.check(Destination {
            scheme: None,
            host: &parsed,
            port: Some(port),
        })
    }

    /// Whether a name that DNS resolved to this address may be connected to, on any port.
    pub fn check_address(&self, ip: IpAddr) -> Result<(), Denied> {
        self.check_resolved(ip, None)
    }

    /// The same with the port, so that `prohibited_domains = ["127.0.0.1:6379"]` also holds for a name that leads there.
    pub fn check_endpoint(&self, to: SocketAddr) -> Result<(), Denied> {
        self.check_resolved(to.ip(), Some(to.port()))
    }

    fn check(&self, to: Destination<'_>) -> Result<(), Denied> {
        self.check_prohibited(to)?;
        for list in &self.0.allowed {
            if !list.patterns.iter().any(|p| p.allows(to)) {
                let source = list.source.prefix();
                let patterns = list
                    .patterns
                    .iter()
                    .map(Pattern::to_string)
                    .collect::<Vec<_>>()
                    .join(", ");
                let reason = format!(
                    "{} is not among {source}allowed_domains ({})",
                    show(to),
                    shorten(&patterns)
                );
                return Err(Denied {
                    domain: to.host.to_string(),
                    reason,
                });
            }
        }
        match to.host {
            Host::Name(_) if to.host.is_localhost() => self.check_private(to.host, addresses::Class::Loopback),
            Host::Name(_) => Ok(()),
            Host::Address(ip) => addresses::class(*ip).map_or(Ok(()), |class| self.check_private(to.host, class)),
        }
    }

    fn check_resolved(&self, ip: IpAddr, port: Option<u16>) -> Result<(), Denied> {
        let host = Host::Address(ip.to_canonical());
        self.check_prohibited(Destination {
            scheme: None,
            host: &host,
            port,
        })?;
        addresses::class(ip).map_or(Ok(()), |class| self.check_private(&host, class))
    }

    fn check_prohibited(&self, to: Destination<'_>) -> Result<(), Denied> {
        for list in &self.0.prohibited {
            if let Some(pattern) = list.patterns.iter().find(|p| p.prohibits(to)) {
                let source = list.source.prefix();
                let reason = format!("{} is forbidden by `{pattern}` of {source}prohibited_domains", show(to));
                return Err(Denied {
                    domain: to.host.to_string(),
                    reason,
                });
            }
        }
        Ok(())
    }

    fn check_private(&self, host: &Host, class: addresses::Class) -> Result<(), Denied> {
        if self.0.private_allowed {
            return Ok(());
        }
        let (what, source) = (class.describe(), self.0.private_source.prefix());
        let reason = format!("{host} is {what}, and {source}private_addresses forbids those");
        Err(Denied {
            domain: host.to_string(),
            reason,
        })
    }
}

impl List {
    /// No list for no patterns, since an empty list of allowed domains means all.
    fn parse(patterns: &[String], source: Source) -> Result<Vec<Self>, PatternError> {
        let patterns = patterns
            .iter()
            .map(|p| p.parse())
            .collect::<Result<Vec<Pattern>, _>>()?;
        Ok(if patterns.is_empty() {
            Vec::new()
        } else {
            vec![Self { patterns, source }]
        })
    }
}

/// Whether the patterns of the configuration can be read; for the loader, which knows where they were written.
pub fn check_settings(config: &Config) -> Result<(), Problem> {
    let lists = [
        ("policy.allowed_domains", &config.policy.allowed_domains),
        ("policy.prohibited_domains", &config.policy.prohibited_domains),
    ];
    for (key, list) in lists {
        for pattern in list {
            pattern
                .parse::<Pattern>()
                .map_err(|error| Problem::new(key, error.to_string()))?;
        }
    }
    Ok(())
}

fn refused_scheme(scheme: &str) -> String {
    match scheme {
        "data" | "blob" => format!("{scheme}: addresses are for use inside pages only; navigate to http or https"),
        "javascript" => "javascript: addresses are not navigated to; use execute_javascript".to_owned(),
        _ => format!("{scheme}: addresses are never opened; only http, https and about:blank are"),
    }
}

fn no_host(text: &str) -> Denied {
    let domain = shorten(text);
    Denied {
        reason: format!("`{domain}` is no valid host name or address"),
        domain,
    }
}

fn show(to: Destination<'_>) -> String {
    match (to.scheme, to.port) {
        (_, None | Some(80 | 443)) => to.host.to_string(),
        (_, Some(port)) => format!("{}:{port}", to.host),
    }
}

/// Keeps a sentence readable when a list or a name is long.
fn shorten(text: &str) -> String {
    const MOST: usize = 120;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} ...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
