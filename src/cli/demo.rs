//! `perilune demo`: a host, a small site and a scripted agent that works by the real queue.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use bullmq::options::RedisConnectionOptions;
use bullmq::{Queue, QueueOptions};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::args::Demo;
use super::demo_site::Site;
use super::serve::load_config;
use crate::config::Config;
use crate::host::Host;
use crate::telemetry;

const ROOM: &str = "demo";
/// Longer than any command of the demo may take.
const PATIENCE: Duration = Duration::from_secs(40);

pub(super) async fn run(options: &Demo) -> anyhow::Result<ExitCode> {
    let mut config = load_config(&options.settings)?;
    if std::net::TcpListener::bind(config.api.bind).is_err() {
        eprintln!("{} is in use; the demo takes a free port", config.api.bind);
        config.api.bind.set_port(0);
    }
    config.telemetry.log = std::env::var("LOG_LEVEL").unwrap_or_else(|_| "warn".to_owned());
    telemetry::logs::start(&config)?;

    let site = Site::start().await?;
    let host = Host::start(config.clone()).await?;
    let redis = host
        .redis_url
        .clone()
        .context("the demo works by the queue and needs Redis; `perilune doctor` says what is missing")?;
    println!(
        "host      http://{} ({})",
        host.address,
        host.redis_notice.as_deref().unwrap_or_default()
    );
    println!("site      {}", site.url("/"));

    let work = work(&host, &site, &config, redis.reveal(), options.once);
    let done = tokio::select! {
        done = work => done,
        _ = tokio::signal::ctrl_c() => Ok(()),
    };
    println!("ending");
    host.stop().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn work(host: &Host, site: &Site, config: &Config, redis: &str, once: bool) -> anyhow::Result<()> {
    let mut agent = Agent::connect(host, config, redis).await?;
    agent
        .command("start_browser_session", json!({ "initial_url": site.url("/") }))
        .await?;
    println!("watch     http://{}/view/{ROOM}", host.address);
    agent.command("navigate", json!({ "url": site.url("/") })).await?;
    let name = agent.index_of("Your name").await?;
    agent.command("click", json!({ "index": name })).await?;
    agent
        .command("type", json!({ "text": "Selene", "index": name }))
        .await?;
    let destination = agent.index_of("<select").await?;
    agent
        .command("select_dropdown", json!({ "index": destination, "text": "Tycho" }))
        .await?;
    let book = agent.index_of("Book the trip").await?;
    agent.command("click", json!({ "index": book })).await?;
    let booked = agent
        .command(
            "execute_javascript",
            json!({ "code": "document.querySelector('#done')?.textContent" }),
        )
        .await?;
    if booked["result"] != "Selene flies to Tycho." {
        bail!("the form did not arrive: the page says {}", booked["result"]);
    }
    println!("page      {}", booked["result"]);
    agent
        .command("scroll", json!({ "direction": "down", "amount": 600 }))
        .await?;
    agent.command("navigate", json!({ "url": site.url("/flight") })).await?;
    agent
        .command("wait", json!({ "seconds": if once { 1 } else { 3 } }))
        .await?;
    if once {
        agent.command("close_browser_session", json!({})).await?;
        println!("done      {} commands, each by the queue", agent.count);
        return Ok(());
    }
    println!(
        "The page goes on moving at http://{}/view/{ROOM}; Ctrl-C ends.",
        host.address
    );
    std::future::pending().await
}

/// An agent as any other: a BullMQ producer, a listener on the room's channel, a caller of the tools.
struct Agent {
    queue: Queue,
    events: mpsc::Receiver<Value>,
    base: String,
    http: reqwest::Client,
    count: usize,
    _listening: AbortOnDropHandle<()>,
}

impl Agent {
    async fn connect(host: &Host, config: &Config, redis: &str) -> anyhow::Result<Self> {
        let connection = RedisConnectionOptions::new().url(redis);
        let options = QueueOptions {
            connection,
            prefix: config.queue.prefix.clone(),
            ..QueueOptions::default()
        };
        let queue = Queue::with_options(&config.queue.name, options)
            .await
            .context("BullMQ's queue")?;
        let mut channel = redis::Client::open(redis)?.get_async_pubsub().await?;
        channel.subscribe(format!("browser:events:{ROOM}")).await?;
        let (sender, events) = mpsc::channel(1024);
        let listening = tokio::spawn(async move {
            let mut messages = channel.into_on_message();
            while let Some(message) = messages.next().await {
                let event = serde_json::from_slice(message.get_payload_bytes()).unwrap_or_default();
                if sender.send(event).await.is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            queue,
            events,
            base: format!("http://{}", host.address),
            http: reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?,
            count: 0,
            _listening: AbortOnDropHandle::new(listening),
        })
    }

    /// Queues a command, prints the events until its end, and returns its data.
    async fn command(&mut self, name: &str, params: Value) -> anyhow::Result<Value> {
        let began = Instant::now();
        let mut data = params.clone();
        data["room_name"] = ROOM.into();
        let job = self
            .queue
            .add(name, data)
            .await
            .with_context(|| format!("{name} could not be queued"))?;
        let id = job.id().to_owned();
        let end = tokio::time::timeout(PATIENCE, self.end_of(&id))
            .await
            .with_context(|| format!("{name} did not end"))??;
        self.count += 1;
        println!(
            "command   {name:<22} {:>7.1} ms  {params}",
            began.elapsed().as_secs_f64() * 1000.0
        );
        if end["type"] == "action_error" {
            bail!(
                "{name}: {}: {}",
                end["error_type"].as_str().unwrap_or_default(),
                end["error"].as_str().unwrap_or_default()
            );
        }
        Ok(end["result"].clone())
    }

    async fn end_of(&mut self, job: &str) -> anyhow::Result<Value> {
        loop {
            let event = self.events.recv().await.context("the channel of events ended")?;
            println!("event     {}", super::events::line(&event));
            let ours = event["job_id"] == job;
            if ours && (event["type"] == "action_completed" || event["type"] == "action_error") {
                return Ok(event);
            }
        }
    }

    /// The index of the first element whose line has this text.
    async fn index_of(&self, text: &str) -> anyhow::Result<u64> {
        let call = json!({ "tool": "get_screen_content", "arguments": { "room_name": ROOM } });
        let url = format!("{}/mcp/tools/call", self.base);
        let screen: Value = self.http.post(url).json(&call).send().await?.json().await?;
        let summary = screen["dom_summary"].as_str().unwrap_or_default();
        let line = summary
            .lines()
            .find(|line| line.contains(text))
            .with_context(|| format!("no element says `{text}`:\n{summary}"))?;
        let number = line
            .trim_start_matches("Element ")
            .split(':')
            .next()
            .unwrap_or_default();
        number.parse().with_context(|| format!("no index in `{line}`"))
    }
}
