//! Lines into a buffer: what they look like and what they must not hold.

use std::io;
use std::sync::Mutex;

use super::*;
use crate::config::load::Loader;

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn settings(environment: &[(&str, &str)]) -> Config {
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Loader::new(environment)
        .check(check_settings)
        .load()
        .expect("good settings")
        .config
}

/// What is logged while `run` runs.
fn logged(json: bool, config: &Config, run: impl FnOnce()) -> String {
    let buffer = Buffer::default();
    let line = Line {
        json,
        colour: false,
        hidden: hidden(config),
    };
    let writer = buffer.clone();
    let subscriber = subscriber(filter("trace").expect("a level"), line, move || writer.clone());
    tracing::subscriber::with_default(subscriber, run);
    String::from_utf8(buffer.0.lock().expect("no panic").clone()).expect("text")
}

#[test]
fn json_has_the_fields_of_event_and_spans() {
    let text = logged(true, &settings(&[]), || {
        let span = tracing::info_span!("command", room = "demo", attempt = tracing::field::Empty);
        span.record("attempt", 2);
        let _in = span.enter();
        tracing::info!(elapsed_ms = 1.5, ok = true, url = ?"http://a/", "done\nwell");
    });
    let line: Value = serde_json::from_str(&text).expect("one line of JSON");
    let expected = [
        ("level", Value::from("info")),
        ("message", "done\nwell".into()),
        ("room", "demo".into()),
        ("attempt", 2.into()),
        ("elapsed_ms", 1.5.into()),
        ("ok", true.into()),
        ("url", "\"http://a/\"".into()),
        ("target", module_path!().into()),
    ];
    for (name, value) in expected {
        assert_eq!(line[name], value, "{text}");
    }
}

#[test]
fn text_is_one_line_whatever_the_values_hold() {
    let text = logged(false, &settings(&[]), || {
        tracing::warn!(room = "a b", n = 3, x = "plain", "forged\n2026 \x1b[31m")
    });
    assert!(
        text.ends_with(" forged\\n2026 \\u{1b}[31m room=\"a b\" n=3 x=plain\n"),
        "{text}"
    );
    assert_eq!((text.lines().count(), text.contains(" WARN ")), (1, true));
}

#[test]
fn no_secret_is_printed_in_any_form() {
    let config = settings(&[
        ("PERILUNE_API__TOKEN", "top+hush/1"),
        ("LIVEKIT_API_KEY", "key"),
        ("LIVEKIT_API_SECRET", "hush-2-lk"),
        ("REDIS_URL", "redis://user:hush%203@h:1/"),
    ]);
    for json in [true, false] {
        let text = logged(json, &config, || {
            let span = tracing::info_span!("call", token = "hush-4", note = "with hush-2-lk inside");
            let _in = span.enter();
            tracing::info!(password = "hush-5", api_key = 12345, cookie = ?["hush-6"], "sent top+hush/1 and hush-2-lk");
            tracing::debug!("GET wss://lk/rtc?access_token=hush-7 Authorization: Bearer hush-8-hush-8");
            tracing::debug!(config = ?config, url = "redis://user:hush%203@h:1/", "loaded");
            tracing::debug!(
                error = &io::Error::other("at http://u:hush-9@h/") as &dyn std::error::Error,
                "failed"
            );
        });
        assert!(!text.contains("hush") && !text.contains("12345"), "{text}");
        assert!(text.contains("loaded") && text.contains("at http://h/"), "{text}");
    }
}

#[test]
fn filter_and_format_are_checked() {
    for good in ["warn", "off", "perilune=debug,info", "info,hyper=error", ""] {
        assert!(filter(good).is_ok(), "{good}");
    }
    for (name, value) in [
        ("LOG_LEVEL", "inof"),
        ("LOG_LEVEL", "a=b=c"),
        ("PERILUNE_TELEMETRY__FORMAT", "xml"),
    ] {
        let loader = Loader::new([(name.to_owned(), value.to_owned())]);
        let fault = loader.check(check_settings).load().expect_err("refused").to_string();
        assert!(fault.starts_with(name) && fault.contains(" is no "), "{fault}");
    }
}
