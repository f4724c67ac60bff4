//! Logs to standard error: one event a line, as text or JSON, with fields and without secrets.
//!
//! Every value goes through `policy::scrub`, values of secret fields become stars, and the secrets of the configuration
//! are replaced wherever they appear, so a library that logs its own addresses gives nothing away either.

use std::fmt::{self, Debug};
use std::io::IsTerminal;
use std::sync::Arc;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::load::Problem;
use crate::config::{self, Config};
use crate::policy::mask::{STARS, is_secret_name};
use crate::policy::scrub;

/// A shorter secret is a word that could stand anywhere; it is only hidden where its name stands beside it.
const SHORTEST_SECRET: usize = 4;

/// Added to the default level.
const QUIET: &str = "livekit_signaling=warn,livekit_net=warn";

/// Logging was started before in this process.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("logs were already started in this process")]
pub struct AlreadyStarted;

/// Sends the logs of the whole process to standard error from now on.
pub fn start(config: &Config) -> Result<(), AlreadyStarted> {
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let line = Line {
        json: is_json(&config.telemetry),
        colour,
        hidden: hidden(config),
    };
    subscriber(filter(&config.telemetry.log).unwrap_or_default(), line, std::io::stderr)
        .try_init()
        .map_err(|_| AlreadyStarted)
}

/// Whether filter and format can be read; for the loader, which knows where they were written.
pub fn check_settings(config: &Config) -> Result<(), Problem> {
    let telemetry = &config.telemetry;
    if !["auto", "text", "json"].contains(&telemetry.format.as_str()) {
        let sentence = format!("`{}` is no format; give auto, text or json", telemetry.format);
        return Err(Problem::new("telemetry.format", sentence));
    }
    filter(&telemetry.log)
        .map(|_| ())
        .map_err(|sentence| Problem::new("telemetry.log", sentence))
}

/// How a line looks.
#[derive(Clone, Debug)]
struct Line {
    json: bool,
    colour: bool,
    hidden: Arc<[String]>,
}

fn subscriber<W>(filter: EnvFilter, line: Line, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let fields = Fields {
        hidden: line.hidden.clone(),
    };
    let layer = tracing_subscriber::fmt::layer()
        .fmt_fields(fields)
        .event_format(line)
        .with_writer(writer);
    tracing_subscriber::registry().with(filter).with(layer)
}

fn filter(text: &str) -> Result<EnvFilter, String> {
    // A single word that is no level would be taken for a module's name and silence everything else.
    let is_word = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
    if is_word && text.parse::<tracing::level_filters::LevelFilter>().is_err() {
        return Err(format!("`{text}` is no level; give error, warn, info, debug or trace"));
    }
    // Told with every join and retry at the default level.
    let text = if text == "info" {
        format!("{text},{QUIET}")
    } else {
        text.to_owned()
    };
    EnvFilter::builder()
        .parse(&text)
        .map_err(|error| format!("`{text}` is no filter: {error}"))
}

fn is_json(telemetry: &config::Telemetry) -> bool {
    match telemetry.format.as_str() {
        "json" => true,
        "text" => false,
        _ => !std::io::stderr().is_terminal(),
    }
}

/// The configuration's own secrets, which must not appear whatever stands around them.
fn hidden(config: &Config) -> Arc<[String]> {
    let redis = url::Url::parse(config.redis.url.reveal()).ok();
    let redis = redis.as_ref().and_then(url::Url::password).unwrap_or_default();
    let all = [config.api.token.reveal(), config.livekit.api_secret.reveal(), redis];
    all.into_iter()
        .filter(|secret| secret.len() >= SHORTEST_SECRET)
        .map(str::to_owned)
        .collect()
}

// === Fields: values without secrets ===

/// Writes a span's fields as one JSON object; each later record of the span appends another one.
#[derive(Clone, Debug)]
struct Fields {
    hidden: Arc<[String]>,
}

impl<'w> FormatFields<'w> for Fields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut clean = Clean {
            hidden: &self.hidden,
            values: Map::new(),
        };
        fields.record(&mut clean);
        write!(writer, "{}", Value::Object(clean.values))
    }
}

/// Collects fields and takes the secrets out of them.
struct Clean<'a> {
    hidden: &'a [String],
    values: Map<String, Value>,
}

impl Clean<'_> {
    fn text(&mut self, field: &Field, text: &str) {
        let value = if is_secret_name(field.name()) {
            STARS.to_owned()
        } else {
            let whole = self
                .hidden
                .iter()
                .fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), STARS));
            scrub(&whole).into_owned()
        };
        self.put(field, value.into());
    }

    fn number(&mut self, field: &Field, value: Value) {
        let value = if is_secret_name(field.name()) {
            STARS.into()
        } else {
            value
        };
        self.put(field, value);
    }

    fn put(&mut self, field: &Field, value: Value) {
        self.values.insert(field.name().to_owned(), value);
    }
}

impl Visit for Clean<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.text(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.number(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

// === impl Line ===

impl<S> FormatEvent<S, Fields> for Line
where
    S: Subscriber + for<'l> LookupSpan<'l>,
{
    fn format_event(&self, ctx: &FmtContext<'_, S, Fields>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut clean = Clean {
            hidden: &self.hidden,
            values: Map::new(),
        };
        event.record(&mut clean);
        let mut own = clean.values;
        let message = own.shift_remove("message").unwrap_or_default();
        // Events of the `log` crate say in fields where they come from.
        let target = match own.shift_remove("log.target") {
            Some(Value::String(target)) => target,
            _ => event.metadata().target().to_owned(),
        };
        own.retain(|name, _| !name.starts_with("log."));
        let mut fields = span_fields(ctx);
        fields.append(&mut own);
        let head = Head {
            level: *event.metadata().level(),
            target: &target,
            message: message.as_str().unwrap_or_default(),
        };
        if self.json {
            head.write_json(&mut writer, fields)
        } else {
            head.write_text(&mut writer, &fields, self.colour)
        }
    }
}

/// The fields of the spans that the event happened in, the innermost winning.
fn span_fields<S>(ctx: &FmtContext<'_, S, Fields>) -> Map<String, Value>
where
    S: Subscriber + for<'l> LookupSpan<'l>,
{
    let mut all = Map::new();
    for span in ctx.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
        let extensions = span.extensions();
        let text = extensions
            .get::<FormattedFields<Fields>>()
            .map_or("", |fields| fields.as_str());
        for record in serde_json::Deserializer::from_str(text)
            .into_iter::<Map<String, Value>>()
            .flatten()
        {
            all.extend(record);
        }
    }
    all
}

/// What stands in front of the fields.
struct Head<'a> {
    level: Level,
    target: &'a str,
    message: &'a str,
}

impl Head<'_> {
    fn write_json(&self, writer: &mut Writer<'_>, fields: Map<String, Value>) -> fmt::Result {
        let mut line = Map::new();
        line.insert("timestamp".into(), now().into());
        line.insert("level".into(), self.level.as_str().to_ascii_lowercase().into());
        line.insert("target".into(), self.target.into());
        line.insert("message".into(), self.message.into());
        line.extend(fields);
        writeln!(writer, "{}", Value::Object(line))
    }

    fn write_text(&self, writer: &mut Writer<'_>, fields: &Map<String, Value>, colour: bool) -> fmt::Result {
        let (on, off) = match (colour, self.level) {
            (false, _) => ("", ""),
            (_, Level::ERROR) => ("\x1b[31m", "\x1b[0m"),
            (_, Level::WARN) => ("\x1b[33m", "\x1b[0m"),
            (_, Level::INFO) => ("\x1b[32m", "\x1b[0m"),
            _ => ("\x1b[2m", "\x1b[0m"),
        };
        write!(
            writer,
            "{} {on}{:>5}{off} {} {}",
            now(),
            self.level.as_str(),
            self.target,
            printable(self.message)
        )?;
        for (name, value) in fields {
            match value {
                Value::String(text) if !text.is_empty() && !text.contains(needs_quotes) => {
                    write!(writer, " {name}={text}")?
                }
                other => write!(writer, " {name}={other}")?,
            }
        }
        writer.write_char('\n')
    }
}

/// A text of a page must not be able to forge a line or to colour the terminal.
fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            if c.is_control() {
                c.escape_default().collect::<Vec<_>>()
            } else {
                vec![c]
            }
        })
        .collect()
}

fn needs_quotes(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '"' || c == '='
}

fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests;
