//! What a page's console said: calls of `console`, uncaught exceptions, and the browser's own remarks.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cdp::CdpEvent;
use super::record::RecordFilter;
use crate::policy::scrub;

/// Messages that are kept.
const KEPT: usize = 500;
/// Characters of one message.
const TEXT: usize = 2000;

/// How severe a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// `console.debug`
    Debug,
    /// `console.log` and what is like it.
    Log,
    /// `console.info`
    Info,
    /// `console.warn`
    Warning,
    /// `console.error`, exceptions, what could not be loaded.
    Error,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConsoleEntry {
    /// How severe it is.
    pub level: Level,
    /// `console`, `exception` or `browser`.
    pub kind: &'static str,
    /// Its words; secrets as stars.
    pub text: String,
    /// The script or page it came from.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The line there, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Seconds since 1970.
    pub timestamp: f64,
}

/// The ring.
#[derive(Default)]
pub(super) struct Console {
    entries: VecDeque<ConsoleEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Called {
    r#type: String,
    #[serde(default)]
    args: Vec<Argument>,
    timestamp: f64,
    stack_trace: Option<Stack>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Argument {
    r#type: String,
    value: Option<Value>,
    unserializable_value: Option<String>,
    description: Option<String>,
    preview: Option<Preview>,
}

#[derive(Deserialize)]
struct Preview {
    subtype: Option<String>,
    #[serde(default)]
    overflow: bool,
    #[serde(default)]
    properties: Vec<Property>,
}

#[derive(Deserialize)]
struct Property {
    name: String,
    r#type: String,
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stack {
    #[serde(default)]
    call_frames: Vec<Frame>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Frame {
    #[serde(default)]
    url: String,
    line_number: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Thrown {
    timestamp: f64,
    exception_details: Details,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    text: String,
    line_number: u32,
    #[serde(default)]
    url: String,
    exception: Option<Argument>,
    stack_trace: Option<Stack>,
}

#[derive(Deserialize)]
struct Added {
    entry: Remark,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Remark {
    level: String,
    text: String,
    timestamp: f64,
    #[serde(default)]
    url: String,
    line_number: Option<u32>,
}

// === impl Console ===

impl Console {
    /// Takes an event in; whether it was one of the console.
    pub(super) fn event(&mut self, event: &CdpEvent) -> bool {
        let entry = match event.method.as_str() {
            "Runtime.consoleAPICalled" => event.params().map(called),
            "Runtime.exceptionThrown" => event.params().map(thrown),
            "Log.entryAdded" => event.params().map(remark),
            _ => return false,
        };
        if let Some(entry) = entry {
            if self.entries.len() == KEPT {
                self.entries.pop_front();
            }
            self.entries.push_back(entry);
        }
        true
    }

    /// The latest entries that fit, and how many do.
    pub(super) fn list(&mut self, filter: &RecordFilter) -> (Vec<ConsoleEntry>, usize) {
        let fits = |entry: &&ConsoleEntry| {
            filter.since.is_none_or(|since| entry.timestamp >= since)
                && filter.level.is_none_or(|level| entry.level >= level)
        };
        let all: Vec<_> = self.entries.iter().filter(fits).cloned().collect();
        if filter.clear {
            self.entries.clear();
        }
        let count = all.len();
        (
            all.into_iter().skip(count.saturating_sub(filter.limit)).collect(),
            count,
        )
    }
}

fn called(called: Called) -> ConsoleEntry {
    let level = match called.r#type.as_str() {
        "error" | "assert" => Level::Error,
        "warning" => Level::Warning,
        "info" => Level::Info,
        "debug" => Level::Debug,
        _ => Level::Log,
    };
    let words: Vec<_> = called.args.iter().map(Argument::words).collect();
    let (source, line) = place(called.stack_trace.as_ref());
    entry(level, "console", &words.join(" "), source, line, called.timestamp)
}

fn thrown(thrown: Thrown) -> ConsoleEntry {
    let details = thrown.exception_details;
    let what = details.exception.as_ref().map(Argument::words).unwrap_or_default();
    // The rest of the description is the stack.
    let what = what.split("\n    at ").next().unwrap_or_default();
    let text = format!("{} {what}", details.text);
    let (source, line) = match place(details.stack_trace.as_ref()) {
        (source, _) if source.is_empty() => (details.url, Some(details.line_number + 1)),
        found => found,
    };
    entry(Level::Error, "exception", text.trim(), source, line, thrown.timestamp)
}

fn remark(added: Added) -> ConsoleEntry {
    let remark = added.entry;
    let level = match remark.level.as_str() {
        "error" => Level::Error,
        "warning" => Level::Warning,
        "info" => Level::Info,
        _ => Level::Debug,
    };
    let line = remark.line_number.map(|line| line + 1);
    entry(level, "browser", &remark.text, remark.url, line, remark.timestamp)
}

fn entry(
    level: Level,
    kind: &'static str,
    text: &str,
    source: String,
    line: Option<u32>,
    milliseconds: f64,
) -> ConsoleEntry {
    let cut = |text: &str| scrub(&text.chars().take(TEXT).collect::<String>()).into_owned();
    ConsoleEntry {
        level,
        kind,
        text: cut(text),
        source: cut(&source),
        line,
        timestamp: milliseconds / 1000.0,
    }
}

/// The innermost call with a script.
fn place(stack: Option<&Stack>) -> (String, Option<u32>) {
    let frame = stack.and_then(|stack| stack.call_frames.first());
    frame.map_or((String::new(), None), |frame| {
        (frame.url.clone(), Some(frame.line_number + 1))
    })
}

impl Argument {
    /// As a console shows it on one line.
    fn words(&self) -> String {
        if let Some(preview) = &self.preview
            && self.r#type == "object"
            && preview.subtype.as_deref().is_none_or(|kind| kind == "array")
        {
            return preview.words();
        }
        match (&self.value, &self.unserializable_value, &self.description) {
            (Some(Value::String(text)), _, _) => text.clone(),
            (Some(value), _, _) => value.to_string(),
            (None, Some(text), _) | (None, None, Some(text)) => text.clone(),
            (None, None, None) => self.r#type.clone(),
        }
    }
}

impl Preview {
    fn words(&self) -> String {
        let is_list = self.subtype.as_deref() == Some("array");
        let mut parts: Vec<_> = self
            .properties
            .iter()
            .map(|property| {
                let value = property.value.as_deref().unwrap_or(&property.r#type);
                let value = match property.r#type.as_str() {
                    "string" => format!("{value:?}"),
                    _ => value.to_owned(),
                };
                if is_list {
                    value
                } else {
                    format!("{}: {value}", property.name)
                }
            })
            .collect();
        if self.overflow {
            parts.push("…".to_owned());
        }
        let (open, close) = if is_list { ("[", "]") } else { ("{", "}") };
        format!("{open}{}{close}", parts.join(", "))
    }
}
