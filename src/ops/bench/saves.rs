//! How soon a saved script answers, for each way in which programs save.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::{Bench, Figure, Load, action};

/// Saves of each way.
const SAVES: usize = 100;
/// Handlers that use the helper.
const DEPENDANTS: usize = 60;

type Save = fn(&Path, &str) -> std::io::Result<()>;

/// The ways: editors that write in place, tools that replace, vim, and a writer that is interrupted.
const WAYS: [(&str, Save); 4] = [
    ("in place", in_place),
    ("by rename", by_rename),
    ("as vim does", as_vim_does),
    ("in two halves", in_two_halves),
];

pub(super) async fn figures() -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (name, save) in WAYS {
        let bench = Bench::new(&[("actions/x.lua", answer(0)), ("actions/y.lua", answer(0))], 2)?;
        let _load = Load::start(&bench.engine, "y", 4);
        let times = measure(&bench, "scripts/actions/x.lua", answer, save).await?;
        figures.push(Figure::of(format!("saved {name}, in use"), times, "ms", "p95 100"));
        bench.engine.shutdown().await;
    }
    let uses = action("return { n = require('lib.n') }");
    let names: Vec<_> = (0..DEPENDANTS).map(|n| format!("actions/d{n}.lua")).collect();
    let mut files = vec![("lib/n.lua", number(0)), ("actions/x.lua", uses.clone())];
    files.extend(names.iter().map(|name| (name.as_str(), uses.clone())));
    let bench = Bench::new(&files, 2)?;
    let times = measure(&bench, "scripts/lib/n.lua", number, by_rename).await?;
    bench.engine.shutdown().await;
    let name = format!("helper of {DEPENDANTS} saved by rename, in use");
    figures.push(Figure::of(name, times, "ms", "p95 150"));
    Ok(figures)
}

/// The milliseconds from the end of a save until the action `x` answers with it.
async fn measure(bench: &Bench, file: &str, text: fn(usize) -> String, save: Save) -> anyhow::Result<Vec<f64>> {
    let path = bench.path().join(file);
    let mut times = Vec::new();
    let mut published = bench.engine.generations();
    for n in 1..=SAVES {
        published.mark_unchanged();
        let (path, text) = (path.clone(), text(n));
        tokio::task::spawn_blocking(move || save(&path, &text)).await??;
        let saved = Instant::now();
        let deadline = saved + Duration::from_secs(20);
        loop {
            if bench.call("x", Duration::from_secs(10)).await?["n"] == n {
                break;
            }
            tokio::time::timeout_at(deadline.into(), published.changed()).await??;
        }
        times.push(saved.elapsed().as_secs_f64() * 1e3);
    }
    Ok(times)
}

fn answer(n: usize) -> String {
    action(&format!("return {{ n = {n} }}"))
}

fn number(n: usize) -> String {
    format!("return {n}\n")
}

fn in_place(path: &Path, text: &str) -> std::io::Result<()> {
    fs::write(path, text)
}

fn by_rename(path: &Path, text: &str) -> std::io::Result<()> {
    let temporary = path.with_extension("tmp");
    fs::write(&temporary, text)?;
    fs::rename(temporary, path)
}

fn as_vim_does(path: &Path, text: &str) -> std::io::Result<()> {
    // It tries whether a file can be made here, under this name.
    let probe = path.with_file_name("4913");
    fs::write(&probe, "")?;
    fs::remove_file(probe)?;
    let backup = path.with_extension("lua~");
    fs::rename(path, &backup)?;
    fs::write(path, text)?;
    fs::remove_file(backup)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a writer that is interrupted, on a thread of its own"
)]
fn in_two_halves(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let (first, second) = text.split_at(text.len() / 2);
    let mut file = fs::File::create(path)?;
    file.write_all(first.as_bytes())?;
    file.flush()?;
    std::thread::sleep(Duration::from_millis(8));
    file.write_all(second.as_bytes())
}
