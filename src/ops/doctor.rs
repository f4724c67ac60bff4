//! Checks the machine: Chromium, Redis, LiveKit, encoder, scripts, fonts, sandbox; says what to do about each fault.

use std::time::Duration;

use tokio::process::Command;

use crate::browser::{ContextSpec, Pool};
use crate::config::Config;
use crate::media;
use crate::policy::Rules;
use crate::script::{Engine, Library, ScriptEvent};

/// How one check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// The host runs, with something less.
    Lacking,
    /// The host could not do its work.
    Bad,
}

/// One check and what it found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What was checked.
    pub part: &'static str,
    /// How it went.
    pub verdict: Verdict,
    /// What was found, and for a fault what to do.
    pub says: String,
}

impl Finding {
    fn good(part: &'static str, says: impl Into<String>) -> Self {
        Self {
            part,
            verdict: Verdict::Good,
            says: says.into(),
        }
    }

    fn lacking(part: &'static str, says: impl Into<String>) -> Self {
        Self {
            part,
            verdict: Verdict::Lacking,
            says: says.into(),
        }
    }

    fn bad(part: &'static str, says: impl Into<String>) -> Self {
        Self {
            part,
            verdict: Verdict::Bad,
            says: says.into(),
        }
    }
}

/// Runs every check. `libraries` are those that the host gives to Lua.
pub async fn examine(config: &Config, libraries: Vec<std::sync::Arc<dyn Library>>) -> Vec<Finding> {
    vec![
        chromium(config).await,
        sandbox(config),
        fonts().await,
        redis(config).await,
        livekit(config).await,
        encoder(),
        scripts(config, libraries).await,
    ]
}

async fn chromium(config: &Config) -> Finding {
    const PART: &str = "Chromium";
    let folder = match tempfile::tempdir() {
        Ok(folder) => folder,
        Err(error) => return Finding::bad(PART, format!("no temporary folder can be made: {error}")),
    };
    let pool = Pool::new(config.browser.clone(), folder.path().to_owned());
    let spec = ContextSpec {
        rules: Rules::open(),
        width: 640,
        height: 360,
        locale: config.browser.locale.clone(),
    };
    let finding = match pool.open(spec).await {
        Ok((context, _events)) => {
            context.close().await;
            let version = pool.version().unwrap_or_default();
            Finding::good(
                PART,
                pool.binary().map_or(version.clone(), |binary| {
                    format!("{version} ({})", binary.path.display())
                }),
            )
        }
        Err(error) => Finding::bad(
            PART,
            format!(
                "{error}; install it with `apt-get install chromium-headless-shell` or name it in browser.executable"
            ),
        ),
    };
    pool.shutdown().await;
    finding
}

fn sandbox(config: &Config) -> Finding {
    use crate::config::Sandbox::{Auto, Off, On};
    const PART: &str = "sandbox";
    let root = nix::unistd::geteuid().is_root();
    match (config.browser.sandbox, root) {
        (On, true) => Finding::bad(
            PART,
            "browser.sandbox is on, but Chromium's sandbox does not work as root; run the host as another user",
        ),
        (Off, _) | (Auto, true) => Finding::lacking(
            PART,
            "Chromium runs without its sandbox; run the host as an ordinary user to have it",
        ),
        (On | Auto, false) => Finding::good(PART, "on"),
    }
}

async fn fonts() -> Finding {
    const PART: &str = "fonts";
    match Command::new("fc-list").arg(":").arg("family").output().await {
        Ok(output) => {
            let families = String::from_utf8_lossy(&output.stdout).lines().count();
            match families {
                0 => Finding::lacking(PART, "no fonts: pages show no text; apt-get install fonts-dejavu-core"),
                n => Finding::good(PART, format!("{n} families")),
            }
        }
        Err(_) => Finding::lacking(
            PART,
            "fc-list is not there, so the fonts are not known; apt-get install fontconfig fonts-dejavu-core",
        ),
    }
}

async fn redis(config: &Config) -> Finding {
    const PART: &str = "Redis";
    let url = match config.redis.url.reveal() {
        "auto" => "redis://127.0.0.1:6379".to_owned(),
        url => url.to_owned(),
    };
    let ping = async {
        let mut connection = redis::Client::open(url.as_str())?
            .get_multiplexed_async_connection()
            .await?;
        redis::cmd("INFO")
            .arg("server")
            .query_async::<String>(&mut connection)
            .await
    };
    let answer = tokio::time::timeout(Duration::from_secs(3), ping).await;
    if let Ok(Ok(info)) = &answer {
        let version = info
            .lines()
            .find_map(|line| line.strip_prefix("redis_version:"))
            .unwrap_or("of unknown version");
        return Finding::good(PART, format!("a server answers, {version}"));
    }
    if config.redis.url.reveal() != "auto" {
        return Finding::bad(
            PART,
            "the server of redis.url does not answer; start it or correct redis.url",
        );
    }
    match Command::new(&config.redis.executable).arg("--version").output().await {
        Ok(output) if output.status.success() => {
            let version = String::from_utf8_lossy(&output.stdout);
            Finding::good(
                PART,
                format!("none runs; the host will start a private one ({})", version.trim()),
            )
        }
        _ => Finding::lacking(
            PART,
            "none runs and redis-server is not there: no queue; apt-get install redis-server or set redis.url",
        ),
    }
}

async fn livekit(config: &Config) -> Finding {
    const PART: &str = "LiveKit";
    if config.livekit.url.is_empty() {
        return Finding::good(PART, "not configured; sessions are watched by WHEP");
    }
    let Some(address) = url::Url::parse(&config.livekit.url).ok().and_then(|url| {
        Some((
            url.host_str()?.trim_matches(['[', ']']).to_owned(),
            url.port().unwrap_or(if url.scheme() == "wss" { 443 } else { 80 }),
        ))
    }) else {
        return Finding::bad(
            PART,
            "livekit.url is no address; write it like wss://livekit.example.com",
        );
    };
    match tokio::time::timeout(Duration::from_secs(3), tokio::net::TcpStream::connect(address)).await {
        Ok(Ok(_)) => Finding::good(PART, format!("{} answers", config.livekit.url)),
        _ => Finding::bad(
            PART,
            format!(
                "{} does not answer; start the server or correct livekit.url",
                config.livekit.url
            ),
        ),
    }
}

fn encoder() -> Finding {
    const PART: &str = "encoder";
    match media::encoder_check() {
        Ok(version) => Finding::good(PART, version),
        Err(error) => Finding::bad(PART, format!("{error}; apt-get install libvpx-dev and build again")),
    }
}

async fn scripts(config: &Config, libraries: Vec<std::sync::Arc<dyn Library>>) -> Finding {
    const PART: &str = "scripts";
    let here = match std::env::current_dir() {
        Ok(here) => here,
        Err(error) => return Finding::bad(PART, error.to_string()),
    };
    let (engine, mut events) = match Engine::start(&config.script, &here, libraries) {
        Ok(started) => started,
        Err(error) => return Finding::bad(PART, error.to_string()),
    };
    let mut broken = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let ScriptEvent::Failed { file, line, error, .. } = event {
            broken.push(format!(
                "{file}:{}: {error}",
                line.map_or_else(String::new, |line| line.to_string())
            ));
        }
    }
    let count = engine.generation().scripts().count();
    engine.shutdown().await;
    match broken.is_empty() {
        true => Finding::good(PART, format!("{count} scripts in use")),
        false => Finding::bad(PART, broken.join("; ")),
    }
}
