//! Checks that concern several keys, or more than a value's type.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::{Config, Problem};

/// Everything that is wrong with a configuration whose values could all be read.
pub(super) fn problems(config: &Config) -> Vec<Problem> {
    let mut problems = ranges(config);
    problems.extend(positive_times(config));
    problems.extend(
        [
            api(config),
            redis(config),
            queue(config),
            stream(config),
            livekit(config),
        ]
        .into_iter()
        .flatten(),
    );
    problems
}

fn ranges(config: &Config) -> Vec<Problem> {
    let any = 1..=usize::MAX;
    let side = 16..=7680;
    let kib = 1024;
    let table: [(&str, usize, RangeInclusive<usize>); 15] = [
        ("api.max_body", config.api.max_body, kib..=usize::MAX),
        ("queue.max_active", config.queue.max_active, any.clone()),
        (
            "browser.sessions_per_process",
            config.browser.sessions_per_process,
            any.clone(),
        ),
        ("browser.warm_processes", config.browser.warm_processes, 0..=64),
        ("browser.max_sessions", config.browser.max_sessions, any.clone()),
        (
            "browser.viewport_width",
            config.browser.viewport_width as usize,
            side.clone(),
        ),
        ("browser.viewport_height", config.browser.viewport_height as usize, side),
        ("browser.max_download", config.browser.max_download, 1..=usize::MAX),
        ("browser.max_downloads", config.browser.max_downloads, 1..=usize::MAX),
        ("stream.max_fps", config.stream.max_fps as usize, 1..=60),
        ("stream.jpeg_quality", config.stream.jpeg_quality as usize, 1..=100),
        ("stream.bitrate", config.stream.bitrate as usize, 10_000..=100_000_000),
        ("stream.max_viewers", config.stream.max_viewers, any),
        ("script.workers", config.script.workers, 1..=64),
        ("script.memory", config.script.memory, kib * kib..=usize::MAX),
    ];
    let outside = table.into_iter().filter(|(_, value, range)| !range.contains(value));
    outside
        .map(|(key, value, range)| Problem::new(key, sentence(value, &range)))
        .collect()
}

fn sentence(value: usize, range: &RangeInclusive<usize>) -> String {
    match (*range.start(), *range.end()) {
        (least, usize::MAX) => format!("{value} is too small; {least} is the least"),
        (least, most) => format!("{value} is out of range; give {least} to {most}"),
    }
}

fn positive_times(config: &Config) -> Vec<Problem> {
    let (tenth, second) = (Duration::from_millis(100), Duration::from_secs(1));
    let table = [
        ("redis.command_timeout", config.redis.command_timeout, tenth),
        ("queue.lock_duration", config.queue.lock_duration, second),
        ("queue.lease_duration", config.queue.lease_duration, second),
        ("browser.launch_timeout", config.browser.launch_timeout, second),
        ("browser.command_timeout", config.browser.command_timeout, tenth),
        ("browser.navigation_timeout", config.browser.navigation_timeout, tenth),
        ("browser.download_timeout", config.browser.download_timeout, second),
        ("livekit.reconnect_timeout", config.livekit.reconnect_timeout, second),
        ("script.timeout", config.script.timeout, tenth),
        (
            "script.policy_timeout",
            config.script.policy_timeout,
            Duration::from_millis(1),
        ),
    ];
    let short = table.into_iter().filter(|(_, value, least)| value < least);
    short
        .map(|(key, _, least)| Problem::new(key, format!("it is too short; {least:?} is the least")))
        .collect()
}

fn api(config: &Config) -> Option<Problem> {
    let bind = config.api.bind;
    if !bind.ip().to_canonical().is_loopback() && config.api.token.is_empty() {
        let sentence = format!(
            "{bind} can be reached from other machines, so every call needs a token; set api.token \
             (PERILUNE_API__TOKEN or PERILUNE_API__TOKEN_FILE), or listen on 127.0.0.1"
        );
        return Some(Problem::new("api.bind", sentence));
    }
    let no_origin = |o: &&String| !(o.starts_with("http://") || o.starts_with("https://")) || o.ends_with('/');
    let wrong = config.api.allowed_origins.iter().find(no_origin)?;
    let sentence = format!("`{wrong}` is no origin; write it like https://app.example.com, without a path");
    Some(Problem::new("api.allowed_origins", sentence))
}

fn redis(config: &Config) -> Option<Problem> {
    // The address may hold a password, so the sentence must not repeat it.
    let url = config.redis.url.reveal();
    let known = ["redis://", "rediss://", "redis+unix://", "unix://"]
        .iter()
        .any(|scheme| url.starts_with(scheme));
    (url != "auto" && !known).then(|| {
        Problem::new(
            "redis.url",
            "it is neither `auto` nor an address like redis://127.0.0.1:6379 or rediss://...",
        )
    })
}

fn queue(config: &Config) -> Option<Problem> {
    let name = &config.queue.name;
    if name.is_empty() || name.contains(':') {
        return Some(Problem::new(
            "queue.name",
            format!("`{name}` cannot name a queue; it must not be empty or have a colon"),
        ));
    }
    config
        .queue
        .prefix
        .is_empty()
        .then(|| Problem::new("queue.prefix", "it is empty; BullMQ's own is bull"))
}

fn stream(config: &Config) -> Option<Problem> {
    let stream = &config.stream;
    if stream.max_bitrate < stream.bitrate {
        return Some(Problem::new("stream.max_bitrate", "it is less than stream.bitrate"));
    }
    let address = &stream.public_address;
    (address != "auto" && address.parse::<IpAddr>().is_err()).then(|| {
        Problem::new(
            "stream.public_address",
            format!("`{address}` is neither `auto` nor an IP address"),
        )
    })
}

fn livekit(config: &Config) -> Option<Problem> {
    let livekit = &config.livekit;
    let url = livekit.url.as_str();
    if !url.is_empty() && !url.starts_with("ws://") && !url.starts_with("wss://") {
        return Some(Problem::new("livekit.url", "it must start with ws:// or wss://"));
    }
    let sentence = match (livekit.api_key.is_empty(), livekit.api_secret.is_empty()) {
        (true, false) => "livekit.api_secret is given without it; set both or neither",
        (false, true) => "it is given without livekit.api_secret; set both or neither",
        _ => return None,
    };
    Some(Problem::new("livekit.api_key", sentence))
}
