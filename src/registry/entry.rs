//! One credential: which agent it is at which site, and until when.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde_json::Value;
use url::Url;

use super::Domain;
use crate::config::units::Secret;

/// What an agent is at a site, with its key.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The agent's id at the site; the key of its entry.
    pub agent_id: String,
    /// Its name.
    pub agent_name: String,
    /// The site.
    pub domain: Domain,
    /// What the site calls its interface.
    pub awi_name: String,
    /// What the agent may do there.
    pub permissions: Vec<String>,
    /// The key itself.
    pub api_key: Secret,
    is_active: bool,
    created_at: Option<DateTime<Utc>>,
    last_used: Option<DateTime<Utc>>,
    expires: Expiry,
}

/// Until when a credential can be used.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Expiry {
    Never,
    At(DateTime<Utc>),
    /// Something is written there that is no time; nobody can say that the key is still good.
    Unreadable,
}

impl Credential {
    /// Reads an entry; none when it lacks what makes a credential.
    pub(super) fn read(id: &str, entry: &Value) -> Option<Self> {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let permissions = entry.get("permissions").and_then(Value::as_array);
        Some(Self {
            agent_id: text("agent_id").unwrap_or(id).to_owned(),
            agent_name: text("agent_name")?.to_owned(),
            domain: Domain::parse(text("domain")?)?,
            awi_name: text("awi_name").unwrap_or_default().to_owned(),
            permissions: permissions
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            api_key: Secret::new(text("api_key")?),
            is_active: entry.get("is_active").is_none_or(|active| active == true),
            created_at: text("created_at").and_then(time),
            last_used: text("last_used").and_then(time),
            expires: match entry.get("expires_at") {
                None | Some(Value::Null) => Expiry::Never,
                Some(value) => value.as_str().and_then(time).map_or(Expiry::Unreadable, Expiry::At),
            },
        })
    }

    /// Whether it is active and not expired.
    pub fn is_usable(&self, now: DateTime<Utc>) -> bool {
        self.is_active
            && match self.expires {
                Expiry::Never => true,
                Expiry::At(end) => now < end,
                Expiry::Unreadable => false,
            }
    }

    /// When it was used last, or made.
    pub(super) fn latest(&self) -> Option<DateTime<Utc>> {
        self.last_used.or(self.created_at)
    }

    /// Whether the key may go to that address: only to its own site, and unencrypted only where the site is on this
    /// machine or is written with a port, as sites without encryption are.
    pub fn is_for(&self, url: &Url) -> bool {
        let protected = url.scheme() == "https"
            || url.scheme() == "http" && (self.domain.port().is_some() || self.domain.is_loopback());
        protected && self.domain.covers(url)
    }
}

/// The original's naive UTC, with `Z`, with an offset, or a bare date.
fn time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let aware = || {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|time| time.with_timezone(&Utc))
    };
    let naive = |format| NaiveDateTime::parse_from_str(text, format).ok();
    let date = || {
        text.parse::<NaiveDate>()
            .ok()
            .and_then(|date| date.and_hms_opt(0, 0, 0))
    };
    aware().or_else(|| {
        naive("%Y-%m-%dT%H:%M:%S%.f")
            .or_else(|| naive("%Y-%m-%d %H:%M:%S%.f"))
            .or_else(date)
            .map(|time| time.and_utc())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_form() {
        for text in [
            "2026-11-21T09:15:59",
            "2026-11-21T09:15:59.000000",
            "2026-11-21T09:15:59Z",
            "2026-11-21T11:15:59+02:00",
            "2026-11-21 09:15:59",
        ] {
            let read = time(text).map(|time| time.to_rfc3339());
            assert_eq!(read.as_deref(), Some("2026-11-21T09:15:59+00:00"), "{text}");
        }
        assert_eq!(
            time("2026-11-21").map(|time| time.timestamp()),
            time("2026-11-21T00:00:00").map(|time| time.timestamp())
        );
        assert_eq!(time("garbage"), None);
    }
}
