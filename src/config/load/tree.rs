//! The values as they are laid over each other, with their origins and what was wrong with the refused ones.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use toml::de::DeTable;
use toml::{Table, Value};

use super::{Config, EMBEDDED, LoadError, Origin, settings};

/// Two levels of values, sections and keys; always a whole configuration.
pub(super) struct Tree {
    pub(super) values: Table,
    pub(super) origins: BTreeMap<String, Origin>,
    defaults: Table,
    secrets: Vec<String>,
    problems: Vec<String>,
}

impl Tree {
    pub(super) fn new() -> Self {
        let defaults: Table = EMBEDDED.parse().expect("the embedded config.toml is TOML");
        let (mut origins, mut secrets) = (BTreeMap::new(), Vec::new());
        for setting in settings() {
            origins.insert(setting.path(), Origin::Default);
            secrets.extend(setting.secret.then(|| setting.path()));
        }
        Self {
            values: defaults.clone(),
            origins,
            defaults,
            secrets,
            problems: Vec::new(),
        }
    }

    /// The configuration, or everything that was wrong on the way.
    pub(super) fn config(&mut self) -> Result<Config, LoadError> {
        if !self.problems.is_empty() {
            return Err(LoadError {
                problems: std::mem::take(&mut self.problems),
            });
        }
        self.values.clone().try_into().map_err(|error| LoadError {
            problems: vec![error.to_string()],
        })
    }

    pub(super) fn origin(&self, key: &str) -> &Origin {
        self.origins.get(key).unwrap_or(&Origin::Default)
    }

    pub(super) fn problem(&mut self, place: &str, sentence: impl AsRef<str>) {
        self.problems.push(format!("{place}: {}", sentence.as_ref()));
    }

    /// Lays the user's file over what is there.
    pub(super) fn lay_file(&mut self, path: &Path) {
        let shown = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return self.problem(&shown, format!("the file cannot be read: {error}")),
        };
        let line_of = |offset: usize| text[..offset.min(text.len())].matches('\n').count() + 1;
        let (spans, values) = match (DeTable::parse(&text), text.parse::<Table>()) {
            (Ok(spans), Ok(values)) => (spans.into_inner(), values),
            (Err(error), _) | (_, Err(error)) => {
                let line = error.span().map_or(1, |span| line_of(span.start));
                return self.problem(&format!("{shown}:{line}"), error.message());
            }
        };
        for (section, content) in &spans {
            let name = section.get_ref().as_ref();
            let Some(keys) = content.get_ref().as_table() else {
                let place = format!("{shown}:{}", line_of(section.span().start));
                let sentence = self.unknown(name);
                self.problem(&place, sentence);
                continue;
            };
            if !self.defaults.contains_key(name) {
                let place = format!("{shown}:{}", line_of(section.span().start));
                let sentence = unknown("section", name, self.defaults.keys().map(String::as_str));
                self.problem(&place, sentence);
                continue;
            }
            for key in keys.keys() {
                let line = line_of(key.span().start);
                let value = values[name][key.get_ref().as_ref()].clone();
                let origin = Origin::File {
                    path: path.to_owned(),
                    line,
                };
                self.set(&format!("{name}.{}", key.get_ref()), value, origin);
            }
        }
    }

    /// Sets a key from a text, read as the default's type asks for.
    pub(super) fn set_text(&mut self, key: &str, text: &str, origin: Origin) {
        let place = place(&origin, key);
        let (path, value) = match key {
            "api.bind.ip" | "api.bind.port" => ("api.bind", self.half_of_bind(key, text)),
            _ => match self.default(key) {
                None => {
                    let sentence = self.unknown(key);
                    return self.problem(&place, sentence);
                }
                Some(default) => (key, from_text(default, text)),
            },
        };
        match value {
            Ok(value) => self.set(path, value, origin),
            Err(sentence) => self.problem(&place, sentence),
        }
    }

    fn set(&mut self, key: &str, value: Value, origin: Origin) {
        let place = place(&origin, key);
        if self.default(key).is_none() {
            let sentence = self.unknown(key);
            return self.problem(&place, sentence);
        }
        let (section, name) = key.split_once('.').unwrap_or((key, ""));
        let mut alone = self.defaults.clone();
        put(&mut alone, section, name, value.clone());
        if let Err(error) = alone.try_into::<Config>() {
            // The message of a wrong type repeats the value, which nobody may see of a secret.
            let secret = self.secrets.iter().any(|s| s == key);
            let why = if secret { "expected a text" } else { error.message() };
            return self.problem(&place, format!("{key}: {why}"));
        }
        put(&mut self.values, section, name, value);
        let before = self.origins.insert(key.to_owned(), origin.clone());
        // HOST and PORT each give a half of the address.
        if let (Some(Origin::Environment(first)), Origin::Environment(second)) = (before, &origin)
            && (first == "HOST" && second == "PORT")
        {
            self.origins
                .insert(key.to_owned(), Origin::Environment("HOST, PORT".to_owned()));
        }
    }

    fn default(&self, key: &str) -> Option<&Value> {
        let (section, name) = key.split_once('.')?;
        self.defaults.get(section)?.get(name)
    }

    fn half_of_bind(&self, half: &str, text: &str) -> Result<Value, String> {
        let bind = self.values["api"]["bind"]
            .as_str()
            .and_then(|b| b.parse::<SocketAddr>().ok());
        let mut bind = bind.expect("api.bind was read as an address before it was laid down");
        if half == "api.bind.port" {
            bind.set_port(
                text.parse()
                    .map_err(|_| format!("`{text}` is no port; give a number from 0 to 65535"))?,
            );
        } else {
            let ip = if text.eq_ignore_ascii_case("localhost") {
                "127.0.0.1"
            } else {
                text.trim_matches(['[', ']'])
            };
            bind.set_ip(ip.parse::<IpAddr>().map_err(|_| {
                format!("`{text}` is no IP address to listen on; unset it, or give one such as 127.0.0.1 or 0.0.0.0")
            })?);
        }
        Ok(Value::String(bind.to_string()))
    }

    /// The sentence for a key that does not exist, with the nearest one that does.
    pub(super) fn unknown(&self, key: &str) -> String {
        unknown("key", key, self.origins.keys().map(String::as_str))
    }
}

fn put(table: &mut Table, section: &str, key: &str, value: Value) {
    if let Some(Value::Table(section)) = table.get_mut(section) {
        section.insert(key.to_owned(), value);
    }
}

fn place(origin: &Origin, key: &str) -> String {
    match origin {
        Origin::Flag => format!("flag for {key}"),
        other => other.to_string(),
    }
}

fn from_text(default: &Value, text: &str) -> Result<Value, String> {
    match default {
        Value::Integer(_) => text
            .trim()
            .parse()
            .map(Value::Integer)
            .map_err(|_| format!("`{text}` is no whole number")),
        Value::Boolean(_) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(Value::Boolean(true)),
            "false" | "no" | "off" | "0" => Ok(Value::Boolean(false)),
            _ => Err(format!("`{text}` is neither true nor false")),
        },
        Value::Array(_) if text.trim_start().starts_with('[') => {
            let mut table: Table = format!("list = {text}")
                .parse()
                .map_err(|_| format!("`{text}` is no list"))?;
            table.remove("list").ok_or_else(|| format!("`{text}` is no list"))
        }
        Value::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Ok(Value::Array(items.map(|item| Value::String(item.to_owned())).collect()))
        }
        _ => Ok(Value::String(text.to_owned())),
    }
}

/// `unknown key ...; did you mean ...?`, comparing whole keys and, for one in a wrong section, its last part.
fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let last = |key: &'a str| key.rsplit('.').next().unwrap_or(key);
    let own_last = name.rsplit('.').next().unwrap_or(name);
    let nearest = known
        .map(|key| (distance(name, key).min(distance(own_last, last(key)) + 1), key))
        .min_by_key(|(distance, key)| (*distance, distance_of_length(name, key)));
    match nearest {
        Some((distance, key)) if distance <= 1 + own_last.len() / 3 => {
            format!("unknown {what} `{name}`; did you mean `{key}`?")
        }
        _ => format!("unknown {what} `{name}`; `perilune config print` shows all of them"),
    }
}

fn distance_of_length(a: &str, b: &str) -> usize {
    a.len().abs_diff(b.len())
}

/// How many letters have to be changed, added or taken away (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
