//! Secrets out of events, logs and audit lines: by the name of a key, and by what a secret looks like inside a text.
//!
//! Two questions: [`redact`] for a command's parameters, [`scrub`] for any text. Both err on the side of stars.

use std::borrow::Cow;

use serde_json::Value;

use crate::protocol::Object;

/// What stands in place of a secret.
pub const STARS: &str = "***";

/// The longest text that is shown whole; a longer one is cut and says how long it was.
const MOST_CHARS: usize = 2000;

/// Words that make a key's value a secret, wherever they stand in its name.
const SECRET_WORDS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "passcode",
    "token",
    "secret",
    "secrets",
    "authorization",
    "auth",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "otp",
    "totp",
    "cvv",
    "cvc",
    "jwt",
    "apikey",
    "accesskey",
    "privatekey",
    "secretkey",
];

/// Names that carry secrets in the query of an address, though not elsewhere.
const QUERY_NAMES: &[&str] = &["key", "code", "sig", "signature", "sid", "pass", "session"];

/// Keys whose value names another value, as in `{"name": "password", "value": "..."}`.
const NAMING_KEYS: &[&str] = &["name", "key", "field", "field_name", "label", "header", "selector"];

/// The parameters with stars in place of values of secret keys, nested ones too, and every text scrubbed and cut.
pub fn redact(params: &Object) -> Object {
    let value_is_secret = NAMING_KEYS
        .iter()
        .any(|k| params.get(*k).and_then(Value::as_str).is_some_and(is_secret_name));
    let masked = |key: &str, value: &Value| {
        if is_secret_name(key) || (value_is_secret && (key == "value" || key == "text")) {
            stars(value)
        } else {
            redact_value(value)
        }
    };
    params
        .iter()
        .map(|(key, value)| (key.clone(), masked(key, value)))
        .collect()
}

/// Whether a key of that name holds a secret: `password`, `apiKey`, `livekit_api_secret`, `Set-Cookie`, ...
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    words.iter().any(|w| SECRET_WORDS.contains(&w.as_str()))
        || words
            .windows(2)
            .any(|pair| SECRET_WORDS.contains(&pair.concat().as_str()))
}

/// The text without user information in addresses, values of secret names (`token=...`, `"password": "..."`),
/// authorization values and web tokens.
pub fn scrub(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    while at < text.len() {
        match secret_at(text, at) {
            Some(found) if found.start < found.end => {
                out.push_str(&text[copied..found.start]);
                out.push_str(found.instead);
                copied = found.end;
                at = found.end;
            }
            _ => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

fn redact_value(value: &Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(redact(object)),
        Value::Array(items) => Value::Array(items.iter().map(redact_value).collect()),
        Value::String(text) => Value::String(shorten(text)),
        other => other.clone(),
    }
}

/// Stars for anything that could hold a secret; nothing for what is empty, so that one sees that it was.
fn stars(value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value.clone(),
        Value::String(text) if text.is_empty() => value.clone(),
        _ => Value::String(STARS.to_owned()),
    }
}

/// The text scrubbed and cut; of a text of many megabytes only the part near the cut is looked at.
fn shorten(text: &str) -> String {
    let near = text
        .char_indices()
        .nth(2 * MOST_CHARS)
        .map_or(text, |(end, _)| &text[..end]);
    let clean = scrub(near);
    match clean.char_indices().nth(MOST_CHARS) {
        None => clean.into_owned(),
        Some((end, _)) => format!("{}... ({} characters)", &clean[..end], text.chars().count()),
    }
}

/// `livekitApiSecret`, `X-API-Key` and `api_key` to lower-case words.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_is_lower = false;
    for c in name.chars() {
        let starts_word = !c.is_alphanumeric() || (c.is_uppercase() && before_is_lower);
        if starts_word && words.last().is_some_and(|w| !w.is_empty()) {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words
                .last_mut()
                .expect("there is always a word")
                .extend(c.to_lowercase());
        }
        before_is_lower = c.is_lowercase() || c.is_numeric();
    }
    words
}

/// A part of a text that must not be seen.
struct Found {
    start: usize,
    end: usize,
    instead: &'static str,
}

/// The secret that the character at `at` introduces: the colon of an address, the sign after a name, or its own start.
fn secret_at(text: &str, at: usize) -> Option<Found> {
    match text.as_bytes()[at] {
        b':' if text[at..].starts_with("://") => user_information(text, at + 3),
        b':' => named_value(text, at, true),
        b'=' => named_value(text, at, false),
        b'B' | b'b' => authorization(text, at),
        b'e' => web_token(text, at),
        _ => None,
    }
}

/// `user:password@` after the scheme of an address.
fn user_information(text: &str, start: usize) -> Option<Found> {
    let authority = until(text, start, |c| c.is_whitespace() || "/?#<>\"'`\\".contains(c));
    let end = start + text[start..authority].rfind('@')? + 1;
    Some(Found {
        start,
        end,
        instead: "",
    })
}

/// The value behind `name=` or `"name": "`, when the name says that it is a secret.
fn named_value(text: &str, sign: usize, must_be_quoted: bool) -> Option<Found> {
    let before = text[..sign].trim_end_matches(['"', '\'', '\\']);
    let name_start = before
        .rfind(|c: char| !(c.is_alphanumeric() || "_-.%[]".contains(c)))
        .map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
    let name = &before[name_start..];
    let in_query = before[..name_start].ends_with(['?', '&', '#']);
    let is_query_secret = in_query && QUERY_NAMES.contains(&name.to_ascii_lowercase().as_str());
    if !(is_secret_name(name) || is_query_secret) {
        return None;
    }
    let rest = text[sign + 1..].trim_start_matches(' ');
    let open = text.len() - rest.len();
    // A quote may itself be quoted, as in JSON inside a text.
    let unescaped = rest.trim_start_matches('\\');
    let (start, end) = match unescaped.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let start = text.len() - unescaped.len() + 1;
            (start, until(text, start, |c| c == quote || c == '\\'))
        }
        _ if must_be_quoted || open != sign + 1 => return None,
        _ => (
            open,
            until(text, open, |c| c.is_whitespace() || "&#;,\"'<>)}]\\".contains(c)),
        ),
    };
    Some(Found {
        start,
        end,
        instead: STARS,
    })
}

/// What follows `Bearer ` or `Basic `.
fn authorization(text: &str, at: usize) -> Option<Found> {
    let rest = &text[at..];
    let scheme = ["bearer ", "basic "]
        .iter()
        .find(|s| rest.get(..s.len()).is_some_and(|r| r.eq_ignore_ascii_case(s)))?;
    let start = at + scheme.len();
    let end = until(text, start, |c| !(c.is_ascii_alphanumeric() || "-._~+/=".contains(c)));
    (end - start >= 8).then_some(Found {
        start,
        end,
        instead: STARS,
    })
}

/// A JSON web token: parts in base64, of which the first is an object; the last may have been cut off.
fn web_token(text: &str, at: usize) -> Option<Found> {
    let part_of_token = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    // Only at the start of a word, so that a long text is scanned once and not from each of its letters.
    if !text[at..].starts_with("eyJ") || text[..at].ends_with(part_of_token) {
        return None;
    }
    let end = until(text, at, |c| !part_of_token(c));
    let token = &text[at..end];
    (token.len() > 20 && token.contains('.')).then_some(Found {
        start: at,
        end,
        instead: STARS,
    })
}

fn until(text: &str, start: usize, ends: impl Fn(char) -> bool) -> usize {
    text[start..].find(ends).map_or(text.len(), |i| start + i)
}

#[cfg(test)]
mod tests;
