//! `perilune serve`: runs the host until it is told to stop.

use std::process::ExitCode;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use super::args::Settings;
use crate::config::Config;
use crate::config::load::{Loaded, Loader};
use crate::host::Host;
use crate::{policy, telemetry};

pub(super) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let loaded = load(settings)?;
    telemetry::logs::start(&loaded.config)?;
    let mut host = Host::start(loaded.config).await?;
    announce(&host);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => break,
            _ = terminate.recv() => break,
            _ = hangup.recv() => host.reload().await,
            error = host.failed() => return Err(error),
        }
    }
    tracing::info!("stopping");
    host.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// The configuration of this process: file, environment, flags.
pub(super) fn load(settings: &Settings) -> anyhow::Result<Loaded> {
    let mut loader = Loader::new(std::env::vars())
        .check(policy::check_settings)
        .check(telemetry::logs::check_settings);
    if let Some(file) = &settings.config {
        loader = loader.file(file);
    }
    let flags = [
        ("redis.url", settings.redis.clone()),
        ("script.scripts", settings.scripts.clone()),
        ("script.plugins", settings.plugins.clone()),
        ("host.data", settings.data.clone()),
        ("api.bind.port", settings.port.map(|port| port.to_string())),
    ];
    for (key, value) in flags {
        if let Some(value) = value {
            loader = loader.flag(key, value);
        }
    }
    for pair in &settings.set {
        let (key, value) = pair
            .split_once('=')
            .with_context(|| format!("--set {pair}: write it as SECTION.KEY=VALUE"))?;
        loader = loader.flag(key, value);
    }
    Ok(loader.load()?)
}

/// The configuration, or exit code 2's sentence.
pub(super) fn load_config(settings: &Settings) -> anyhow::Result<Config> {
    Ok(load(settings)?.config)
}

fn announce(host: &Host) {
    let redis = host.redis_notice.as_deref().unwrap_or("none");
    tracing::info!(address = %format!("http://{}", host.address), redis, restored = host.restored.len(), "perilune is ready");
}
