//! Builds the parts in layer order, one paragraph each.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::{DataFolder, Host, RedisServer};
use crate::actions::Actions;
use crate::api::{self, Readiness};
use crate::browser::Pool;
use crate::config::Config;
use crate::config::units::Secret;
use crate::events::{Bus, RedisHandle, Subject};
use crate::media::Whep;
use crate::ops::scripts::Scripts;
use crate::policy::{Audit, Rules};
use crate::protocol::{Event, Room};
use crate::queue::Intake;
use crate::script::{Engine, ScriptEvent};
use crate::session::{Checkpoints, Directory, Parts};

impl Host {
    /// Starts everything; when this returns, commands are taken.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        let data = DataFolder::open(&config.host.data)?;
        let name = host_name(&config.host.name);
        let listener = TcpListener::bind(config.api.bind).await.with_context(|| {
            format!(
                "{} cannot be bound; another program listens there, or set api.bind or --port",
                config.api.bind
            )
        })?;
        let address = listener.local_addr()?;

        // Base: the rules and the record.
        let rules = Rules::new(&config.policy, config.api.bind.ip().is_loopback())?;
        let audit = config
            .policy
            .audit
            .then(|| Audit::open(data.root()))
            .transpose()
            .context("the audit record cannot be opened")?;

        // Redis, and what depends on it. Without Redis the host goes on without queue and pub/sub, and says so.
        let UsedRedis {
            server: redis_server,
            handle: redis,
            url: redis_url,
            notice: redis_notice,
        } = redis(&config, &data).await?;
        let bus = Bus::new(redis.clone());
        let checkpoints = match &redis {
            Some(redis) => Some(Checkpoints::start(redis.clone(), &name).await),
            None => None,
        };

        // Drivers.
        let mut browser = config.browser.clone();
        browser.upload_folders = data.uploads(&browser.upload_folders)?;
        let pool = Pool::with_downloads(browser, data.profiles()?, Some(data.downloads()?));
        let whep = Whep::start(&config.stream, config.api.bind.ip())
            .await
            .context("WHEP cannot be started")?;
        let here = std::env::current_dir().context("the folder that the host runs in is gone")?;
        let (engine, script_events) =
            Engine::start(&config.script, &here, Actions::libraries()).context("Lua cannot be started")?;

        // Domain.
        let actions = Actions::new(engine.clone(), &config);
        let directory = Directory::new(Parts {
            pool: pool.clone(),
            actions,
            bus: bus.clone(),
            audit,
            rules,
            checkpoints,
            browser: config.browser.clone(),
            stream: config.stream.clone(),
            livekit: config.livekit.clone(),
            links: Box::new(move |room| links(address, room)),
        });
        let mut forwarding = vec![forward_scripts(script_events, directory.clone(), bus.clone())];
        if let Some(redis) = &redis {
            forwarding.push(forward_redis(redis.clone(), bus.clone()));
        }

        // The browser is brought up before the first command, so that the first session is as quick as the others.
        if let Err(error) = pool.warm().await {
            tracing::warn!(%error, "no Chromium is ready; sessions will not start until there is one (perilune doctor says more)");
        }
        let restored = directory.restore().await;

        // Entry points last: what comes in finds everything there.
        let intake = match &redis {
            Some(redis) if config.queue.enabled => Some(Intake::start(
                &config.queue,
                redis.clone(),
                &name,
                Arc::new(directory.clone()),
            )),
            _ => None,
        };
        let api_stop = CancellationToken::new();
        let parts = api::Parts {
            directory: directory.clone(),
            bus: bus.clone(),
            scripts: Scripts::new(engine.clone()),
            repl: config.script.repl,
            whep: whep.clone(),
            config: config.api.clone(),
            address,
            readiness: readiness(&pool, redis.as_ref()),
        };
        let api = tokio::spawn(api::serve(listener, parts, api_stop.clone().cancelled_owned()));
        Ok(Self {
            address,
            redis_notice,
            redis_url,
            restored,
            directory,
            bus,
            pool,
            engine,
            whep,
            intake,
            redis,
            redis_server,
            api,
            api_stop,
            shutdown_timeout: config.host.shutdown_timeout,
            data,
            forwarding,
        })
    }
}

#[derive(Default)]
struct UsedRedis {
    server: Option<RedisServer>,
    handle: Option<RedisHandle>,
    url: Option<Secret>,
    notice: Option<String>,
}

async fn redis(config: &Config, data: &DataFolder) -> anyhow::Result<UsedRedis> {
    let server = match RedisServer::open(&config.redis, data.root()).await {
        Ok(server) => server,
        Err(error) => {
            tracing::error!(%error, "no Redis: commands come by HTTP only and events go by WebSocket only");
            return Ok(UsedRedis::default());
        }
    };
    let handle = RedisHandle::connect(server.url(), config.redis.command_timeout)
        .await
        .context("Redis cannot be reached; set redis.url")?;
    let (url, notice) = (Some(server.url().clone()), Some(server.describe().to_owned()));
    Ok(UsedRedis {
        server: Some(server),
        handle: Some(handle),
        url,
        notice,
    })
}

/// This host in leases and logs: the machine's name and the process id unless it is named.
fn host_name(setting: &str) -> String {
    if setting != "auto" {
        return setting.to_owned();
    }
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{}:{}", machine.trim(), std::process::id())
}

fn links(address: std::net::SocketAddr, room: &Room) -> (String, String) {
    // An address that stands for all of them is no place to go to.
    let ip = if address.ip().is_unspecified() {
        std::net::Ipv4Addr::LOCALHOST.into()
    } else {
        address.ip()
    };
    let base = format!("http://{}", std::net::SocketAddr::new(ip, address.port()));
    let name: String = url::form_urlencoded::byte_serialize(room.as_str().as_bytes()).collect();
    let name = name.replace('+', "%20");
    (format!("{base}/view/{name}"), format!("{base}/whep/{name}"))
}

/// Script events go to the host's channel and to every live room's.
fn forward_scripts(mut events: mpsc::Receiver<ScriptEvent>, directory: Directory, bus: Bus) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async move {
        let host = bus.room(None).await;
        while let Some(event) = events.recv().await {
            let event = match event {
                ScriptEvent::Reloaded {
                    script,
                    file,
                    generation,
                } => {
                    tracing::info!(script, file, generation, "script in use");
                    Event::ScriptReloaded {
                        script,
                        file,
                        line: None,
                        error: None,
                        generation,
                    }
                }
                ScriptEvent::Failed {
                    script,
                    file,
                    line,
                    error,
                    text,
                    hint,
                    generation,
                } => {
                    tracing::warn!(
                        script,
                        file,
                        line,
                        error,
                        text,
                        hint,
                        "script broken; the last good one stays"
                    );
                    Event::ScriptFailed {
                        script,
                        file,
                        line,
                        error,
                        text,
                        hint,
                        generation,
                    }
                }
            };
            host.publish(&Subject::default(), event.clone());
            for session in directory.list() {
                bus.room(Some(session.room()))
                    .await
                    .publish(&Subject::default(), event.clone());
            }
        }
    }))
}

/// Redis lost and back: said in the log and on the host's channel.
fn forward_redis(redis: RedisHandle, bus: Bus) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async move {
        let host = bus.room(None).await;
        let mut connected = redis.connected();
        connected.mark_unchanged();
        while connected.changed().await.is_ok() {
            let now = *connected.borrow_and_update();
            let reason = if now {
                "Redis is back"
            } else {
                "Redis is away; queued commands wait there, HTTP goes on"
            };
            tracing::warn!(connected = now, "{reason}");
            host.publish(
                &Subject::default(),
                Event::RedisState {
                    connected: now,
                    reason: reason.to_owned(),
                },
            );
        }
    }))
}

fn readiness(pool: &Pool, redis: Option<&RedisHandle>) -> Readiness {
    let mut parts: Vec<(&'static str, api::Look)> = Vec::new();
    let pool = pool.clone();
    parts.push((
        "browser",
        Box::new(move || pool.binary().map(|_| ()).map_err(|error| error.to_string())),
    ));
    if let Some(redis) = redis.cloned() {
        parts.push((
            "redis",
            Box::new(move || {
                if *redis.connected().borrow() {
                    Ok(())
                } else {
                    Err("Redis is away".to_owned())
                }
            }),
        ));
    }
    Readiness { parts }
}

/// How long the last events may take to reach Redis at the end.
pub(super) const FLUSH: Duration = Duration::from_secs(1);
