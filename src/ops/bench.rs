//! The Lua engine's own figures beside their goals: what a call costs, how soon a save is in use, how late a script that
//! will not end is stopped, what a machine takes of memory. Needs no other service.

mod saves;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use nix::time::{ClockId, clock_gettime};
use serde::Serialize;
use serde_json::{Value, json};

use crate::config::Config;
use crate::config::load::Loader;
use crate::script::{Call, Engine, Entry, MakeContext, from_lua, to_lua};

/// Calls of one figure.
const CALLS: usize = 3000;
/// Deadlines of one hostile script.
const KILLS: usize = 40;
/// Machines between two looks at the memory.
const MACHINES: usize = 32;

/// One figure.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// Middle one, in `unit`.
    pub p50: f64,
    /// Of a hundred, the fifth-worst.
    pub p95: f64,
    /// Of a hundred, the worst.
    pub p99: f64,
    /// What the numbers count.
    pub unit: &'static str,
    /// What was wanted.
    pub goal: &'static str,
}

impl Figure {
    fn of(name: impl Into<String>, mut values: Vec<f64>, unit: &'static str, goal: &'static str) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |part: f64| values.get(((values.len() as f64 * part) as usize).min(values.len().saturating_sub(1)));
        let at = |part| at(part).copied().unwrap_or(f64::NAN);
        Self {
            name: name.into(),
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            unit,
            goal,
        }
    }
}

/// Measures everything; a few minutes on two cores.
pub async fn lua() -> anyhow::Result<Vec<Figure>> {
    let mut figures = vec![memory().await?];
    for calls in [0, 1, 5, 20] {
        figures.push(dispatch(calls).await?);
    }
    figures.extend(saves::figures().await?);
    figures.extend(kills().await?);
    Ok(figures)
}

/// An engine over a folder of its own.
struct Bench {
    engine: Engine,
    folder: tempfile::TempDir,
}

impl Bench {
    fn new(files: &[(&str, String)], workers: usize) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        for (file, text) in files {
            let path = folder.path().join("scripts").join(file);
            std::fs::create_dir_all(path.parent().context("a folder")?)?;
            std::fs::write(path, text)?;
        }
        let Config { script: mut config, .. } = Loader::new([]).load()?.config;
        config.scripts = "scripts".to_owned();
        config.workers = workers;
        let (engine, _) = Engine::start(&config, folder.path(), Vec::new())?;
        Ok(Self { engine, folder })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    async fn call(&self, name: &str, timeout: Duration) -> Result<Value, crate::protocol::Failure> {
        call(&self.engine, name, timeout).await
    }
}

async fn call(engine: &Engine, name: &str, timeout: Duration) -> Result<Value, crate::protocol::Failure> {
    let call = Call {
        generation: engine.generation(),
        entry: Entry::Action {
            name: name.to_owned(),
            params: json!({ "index": 3, "text": "some words", "clear": true, "ratio": 0.5 }),
        },
        context: context(),
        timeout,
    };
    engine.call(call).await
}

/// A `ctx` with one host function: four fields in, five out.
fn context() -> MakeContext {
    Box::new(|lua, _| {
        let ctx = lua.create_table()?;
        let work = lua.create_async_function(|lua, given: mlua::Value| async move {
            let mut fields = from_lua(&lua, given)?;
            fields["done"] = json!(true);
            to_lua(&lua, &fields)
        })?;
        ctx.set("work", work)?;
        Ok(ctx)
    })
}

fn action(body: &str) -> String {
    format!(
        "return {{ description = 'Bench', params = {{ additionalProperties = true }}, run = function(ctx, params)\n{body}\nend }}\n"
    )
}

/// Processor time of a call, the caller's side included.
async fn dispatch(host_calls: usize) -> anyhow::Result<Figure> {
    let body = format!(
        "local data = params\nfor i = 1, {host_calls} do data = ctx.work({{ index = i, text = 'some words', clear = true, ratio = 0.5 }}) end\nreturn data"
    );
    let bench = Bench::new(&[("actions/x.lua", action(&body))], 1)?;
    let mut costs = Vec::new();
    for round in 0..(CALLS / 100) {
        let before = processor()?;
        for _ in 0..100 {
            bench.call("x", Duration::from_secs(10)).await?;
        }
        if round > 2 {
            costs.push((processor()? - before).as_secs_f64() * 1e6 / 100.0);
        }
    }
    bench.engine.shutdown().await;
    let goal = if host_calls == 5 { "60" } else { "" };
    Ok(Figure::of(
        format!("call with {host_calls} host calls"),
        costs,
        "us CPU",
        goal,
    ))
}

/// How long after its deadline a script that will not end has been stopped.
async fn kills() -> anyhow::Result<Vec<Figure>> {
    let scripts = [
        ("loop", "while true do end"),
        (
            "loop in pcall",
            "while true do pcall(function() while true do end end) end",
        ),
        (
            "loop in a coroutine",
            "while true do coroutine.wrap(function() while true do end end)() end",
        ),
        (
            "slow pattern",
            "return string.find(string.rep('a', 40000), '.-.-.-.-.-.-b$')",
        ),
    ];
    let files: Vec<_> = scripts
        .iter()
        .enumerate()
        .map(|(at, (_, body))| (format!("actions/k{at}.lua"), action(body)))
        .collect();
    let files: Vec<_> = files.iter().map(|(file, text)| (file.as_str(), text.clone())).collect();
    let bench = Bench::new(&files, 2)?;
    let mut figures = Vec::new();
    for (at, (name, _)) in scripts.iter().enumerate() {
        let deadline = Duration::from_millis(50);
        let mut late = Vec::new();
        for _ in 0..KILLS {
            let began = Instant::now();
            bench
                .call(&format!("k{at}"), deadline)
                .await
                .err()
                .context("it was not stopped")?;
            late.push((began.elapsed().saturating_sub(deadline)).as_secs_f64() * 1e3);
        }
        figures.push(Figure::of(
            format!("stopped after its deadline: {name}"),
            late,
            "ms",
            "p99 50",
        ));
    }
    bench.engine.shutdown().await;
    Ok(figures)
}

/// Resident memory of one machine with its thread.
async fn memory() -> anyhow::Result<Figure> {
    let file = [("actions/x.lua", action("return {}"))];
    let one = Bench::new(&file, 1)?;
    let before = resident()?;
    let many = Bench::new(&file, MACHINES)?;
    let each = (resident()?.saturating_sub(before)) as f64 / MACHINES as f64 / 1024.0;
    one.engine.shutdown().await;
    many.engine.shutdown().await;
    Ok(Figure::of("memory of a machine", vec![each], "KiB", ""))
}

/// Processor time of this process so far.
fn processor() -> anyhow::Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}

fn resident() -> anyhow::Result<usize> {
    let text =
        std::fs::read_to_string("/proc/self/statm").context("the memory of this process is told by Linux only")?;
    let pages: usize = text.split(' ').nth(1).context("statm")?.parse()?;
    Ok(pages * 4096)
}

/// Many calls in the background, as long as it lives.
struct Load(Vec<tokio::task::JoinHandle<()>>);

impl Load {
    fn start(engine: &Engine, name: &'static str, at_once: usize) -> Self {
        let engine = Arc::new(engine.clone());
        let one = |_| {
            let engine = Arc::clone(&engine);
            tokio::spawn(async move {
                // The engine ends before its callers do.
                while call(&engine, name, Duration::from_secs(10)).await.is_ok() {}
            })
        };
        Self((0..at_once).map(one).collect())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.iter().for_each(tokio::task::JoinHandle::abort);
    }
}
