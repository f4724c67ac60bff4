//! Durations, sizes, rates and secrets as they are written in the file.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Reads `"20ms"`, `"8s"`, `"5m"`, `"24h"`.
pub fn duration<'de, D: Deserializer<'de>>(d: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(d)?;
    let seconds = split(&text)
        .and_then(|(number, unit)| {
            let factor = match unit {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
            Some(number * factor)
        })
        .ok_or_else(|| {
            serde::de::Error::custom(format!("`{text}` is no duration; write it like 20ms, 8s, 5m or 24h"))
        })?;
    Duration::try_from_secs_f64(seconds).map_err(|_| serde::de::Error::custom(format!("`{text}` is too long a time")))
}

/// Reads `"64MiB"`, `"16KiB"`, `"1GiB"`, `"100B"` to bytes.
pub fn bytes<'de, D: Deserializer<'de>>(d: D) -> Result<usize, D::Error> {
    let text = String::deserialize(d)?;
    let bytes = split(&text)
        .and_then(|(number, unit)| {
            let factor = match unit {
                "B" => 1.0,
                "KiB" => 1024.0,
                "MiB" => 1024.0 * 1024.0,
                "GiB" => 1024.0 * 1024.0 * 1024.0,
                _ => return None,
            };
            Some(number * factor)
        })
        .ok_or_else(|| {
            serde::de::Error::custom(format!("`{text}` is no size; write it like 100B, 16KiB, 64MiB or 1GiB"))
        })?;
    Ok(bytes as usize)
}

/// Reads `"1500kbit/s"` or `"4Mbit/s"` to bits per second.
pub fn rate<'de, D: Deserializer<'de>>(d: D) -> Result<u32, D::Error> {
    let text = String::deserialize(d)?;
    let rate = split(&text)
        .and_then(|(number, unit)| {
            let factor = match unit {
                "kbit/s" => 1e3,
                "Mbit/s" => 1e6,
                _ => return None,
            };
            Some(number * factor)
        })
        .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no rate; write it like 1500kbit/s or 4Mbit/s")))?;
    Ok(rate as u32)
}

fn split(text: &str) -> Option<(f64, &str)> {
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(at);
    Some((number.parse().ok()?, unit.trim()))
}

/// A text that is never printed, logged or serialised: it shows as stars.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether none was given.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "\"\"" } else { "***" })
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(if self.0.is_empty() { "" } else { "***" })
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct All {
        #[serde(deserialize_with = "duration")]
        wait: Duration,
        #[serde(deserialize_with = "bytes")]
        size: usize,
        #[serde(deserialize_with = "rate")]
        rate: u32,
        key: Secret,
    }

    #[test]
    fn units_are_read_and_secrets_hidden() {
        let all: All = toml::from_str("wait='1.5s'\nsize='2KiB'\nrate='4Mbit/s'\nkey='hush'").expect("valid");
        assert_eq!(
            (all.wait, all.size, all.rate),
            (Duration::from_millis(1500), 2048, 4_000_000)
        );
        assert_eq!(format!("{:?}", all.key), "***");
        assert_eq!(serde_json::to_string(&all.key).expect("JSON"), "\"***\"");
    }

    #[test]
    fn a_wrong_unit_is_explained() {
        let error = toml::from_str::<All>("wait='5 parsecs'\nsize='1B'\nrate='1kbit/s'\nkey=''")
            .err()
            .expect("refused");
        assert!(error.to_string().contains("no duration"), "{error}");
    }
}
