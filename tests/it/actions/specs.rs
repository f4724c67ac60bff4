//! The specs of `tests/actions`, each case in a fresh browser context on a page of `tests/pages`.
//!
//! A spec is a Lua file that returns a list of cases:
//! `{ name, page?, blank?, before? = { { action, params } }, snapshot? = true, setup? = JS, params?, data? = fields the outcome must have,
//! has? = names it must have, shows? = texts that the answer must have as JSON or as Markdown, lacks? = text it must not
//! have, fails? = error type(s), says? = part of the sentence, pixels? = { ["x,y"] = "#rrggbb" }, state? = { [JS] = value },
//! later? = pixels that come after those, tabs? = count, takes_ms? = at least }`. `{site}` stands for the test site's
//! address, `{uploads}` for the folder of files that may be uploaded.
//! With `SPEC=click` in the environment only the cases run whose title, like `click: by selector`, has that text.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use perilune::browser::{Context, ScriptOptions, ScriptWorld, SnapshotOptions};
use perilune::protocol::Outcome;
use perilune::script::from_lua;
use serde_json::{Value, json};

use super::bench::{Workbench, root};
use crate::support::Picture;

/// How long the page may take to show an effect.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a case may say; another word is a mistake in the spec.
const WORDS: &[&str] = &[
    "name", "page", "blank", "before", "snapshot", "setup", "params", "data", "has", "shows", "lacks", "fails", "says",
    "state", "tabs", "takes_ms", "pixels", "later",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_action_does_what_its_spec_says() {
    let bench = Workbench::start(&[]).await;
    let specs = read_specs();
    let actions: Vec<String> = bench.actions.catalog().into_iter().map(|action| action.name).collect();
    let named: Vec<String> = specs.keys().cloned().collect();
    assert_eq!(named, actions, "one spec for each action");
    let wanted = std::env::var("SPEC").unwrap_or_default();
    let (mut faults, mut ran) = (Vec::new(), 0);
    for (action, cases) in &specs {
        assert!(!cases.is_empty(), "tests/actions/{action}.lua has no case");
        for case in cases {
            let title = format!("{action}: {}", case["name"].as_str().unwrap_or("(no name)"));
            if title.contains(&wanted) {
                ran += 1;
                let fault = check(&bench, action, &with_site(case, &bench)).await.err();
                faults.extend(fault.map(|fault| format!("{title}\n    {fault}")));
            }
        }
    }
    bench.stop().await;
    assert!(
        faults.is_empty(),
        "{} of {ran} cases\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert!(ran > 0, "no case has {wanted:?} in its title");
}

// === Reading ===

/// The cases of each file of the folder, by its name.
fn read_specs() -> BTreeMap<String, Vec<Value>> {
    let files = fs::read_dir(root("tests/actions")).expect("specs");
    let spec = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.expect("a file").path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        (stem.to_owned(), cases(&path))
    };
    files.map(spec).collect()
}

fn cases(path: &Path) -> Vec<Value> {
    let lua = mlua::Lua::new();
    lua.globals().set("NULL", mlua::Value::NULL).expect("a global");
    let text = fs::read_to_string(path).expect("a spec");
    let chunk = lua.load(text).set_name(format!("@{}", path.display()));
    let value = chunk.eval().expect("a spec is Lua");
    let list = from_lua(&lua, value).expect("a spec is plain data");
    let cases = list.as_array().cloned().expect("a spec is a list of cases");
    for word in cases.iter().flat_map(|case| case.as_object().expect("a case").keys()) {
        assert!(WORDS.contains(&word.as_str()), "{}: what is {word}?", path.display());
    }
    cases
}

fn with_site(case: &Value, bench: &Workbench) -> Value {
    let uploads = bench.uploads().to_string_lossy().into_owned();
    let text = case.to_string().replace("{site}", &bench.site.url(""));
    serde_json::from_str(&text.replace("{uploads}", &uploads)).expect("still JSON")
}

// === Checking ===

async fn check(bench: &Workbench, action: &str, case: &Value) -> Result<(), String> {
    let context = bench.open().await;
    let result = check_in(bench, &context, action, case).await;
    context.close().await;
    result
}

async fn check_in(bench: &Workbench, context: &Context, action: &str, case: &Value) -> Result<(), String> {
    prepare(bench, context, case).await?;
    let started = Instant::now();
    let outcome = bench.run(context, action, case["params"].clone()).await;
    let took = started.elapsed();
    expect_success_or_failure(case, &outcome)?;
    expect_data(case, &outcome)?;
    expect_pixels(context, &case["pixels"]).await?;
    for (code, wanted) in case["state"].as_object().into_iter().flatten() {
        expect_state(context, code, wanted).await?;
    }
    expect_pixels(context, &case["later"]).await?;
    match (case["tabs"].as_u64(), case["takes_ms"].as_u64()) {
        (Some(count), _) if context.tabs().len() as u64 != count => Err(format!("tabs: {:?}", context.tabs())),
        (_, Some(least)) if took < Duration::from_millis(least) => Err(format!("it took only {took:?}")),
        _ => Ok(()),
    }
}

/// Brings the page into the state that the case begins with.
async fn prepare(bench: &Workbench, context: &Context, case: &Value) -> Result<(), String> {
    if case["blank"] != true {
        let page = case["page"].as_str().unwrap_or("second.html");
        let url = bench.site.url(&format!("/{page}"));
        succeed(bench, context, "navigate", json!({ "url": url })).await?;
    }
    for step in case["before"].as_array().into_iter().flatten() {
        let name = step["action"].as_str().expect("the name of an action");
        succeed(bench, context, name, step["params"].clone()).await?;
    }
    if case["snapshot"] == true {
        let tab = context.active().map_err(|error| error.to_string())?;
        let snapshot = tab.snapshot(SnapshotOptions::default()).await;
        snapshot.map_err(|error| error.to_string())?;
    }
    match case["setup"].as_str() {
        Some(code) => evaluate(context, code).await.map(drop),
        None => Ok(()),
    }
}

async fn succeed(bench: &Workbench, context: &Context, action: &str, params: Value) -> Result<(), String> {
    let result = bench.run(context, action, params).await.result;
    result
        .map(drop)
        .map_err(|failure| format!("before, {action}: {failure}"))
}

fn expect_success_or_failure(case: &Value, outcome: &Outcome) -> Result<(), String> {
    let fails = match &case["fails"] {
        Value::Null => Vec::new(),
        Value::Array(any) => any.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let failure = outcome.result.as_ref().err();
    match failure {
        None if fails.is_empty() => {}
        Some(failure) if fails.contains(&failure.error_type.code()) => {}
        _ => return Err(format!("expected {fails:?}, got {:?}", outcome.result)),
    }
    let said = failure.map(|failure| failure.message.as_str()).unwrap_or_default();
    match case["says"].as_str() {
        Some(part) if !said.contains(part) => Err(format!("the sentence has no {part:?}: {said}")),
        _ => Ok(()),
    }
}

fn expect_data(case: &Value, outcome: &Outcome) -> Result<(), String> {
    let data = match &outcome.result {
        Ok(data) => data,
        Err(failure) => &failure.details,
    };
    let all = serde_json::to_string(outcome).map_err(|error| error.to_string())?;
    if let Some(secret) = case["lacks"].as_str().filter(|secret| all.contains(secret)) {
        return Err(format!("the answer repeats {secret:?}"));
    }
    let markdown = data.get("markdown").and_then(Value::as_str).unwrap_or_default();
    let mut shown = case["shows"].as_array().into_iter().flatten().filter_map(Value::as_str);
    if let Some(text) = shown.find(|text| !all.contains(*text) && !markdown.contains(*text)) {
        return Err(format!("the answer has no {text:?}: {all}"));
    }
    for (name, wanted) in case["data"].as_object().into_iter().flatten() {
        let got = data.get(name).ok_or_else(|| format!("data has no {name}: {all}"))?;
        if !same(wanted, got) {
            return Err(format!("data.{name} is {got}, not {wanted}, in {all}"));
        }
    }
    let mut names = case["has"].as_array().into_iter().flatten().filter_map(Value::as_str);
    match names.find(|name| data.get(*name).is_none_or(Value::is_null)) {
        Some(name) => Err(format!("data has no {name}: {all}")),
        None => Ok(()),
    }
}

/// The page shows the value sooner or later; some effects come a moment after the action.
async fn expect_state(context: &Context, code: &str, wanted: &Value) -> Result<(), String> {
    let until = Instant::now() + PATIENCE;
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    loop {
        pace.tick().await;
        match evaluate(context, code).await {
            Ok(got) if same(wanted, &got) => return Ok(()),
            got if Instant::now() > until => return Err(format!("{code} is {got:?}, not {wanted}")),
            _ => {}
        }
    }
}

/// The picture of the page has these colours sooner or later.
async fn expect_pixels(context: &Context, wanted: &Value) -> Result<(), String> {
    let Some(wanted) = wanted.as_object() else {
        return Ok(());
    };
    let until = Instant::now() + PATIENCE;
    loop {
        let tab = context.active().map_err(|error| error.to_string())?;
        let picture = Picture::of(&tab).await;
        let wrong = wanted.iter().find_map(|(point, colour)| {
            let (x, y) = point.split_once(',').expect("x,y");
            let (x, y) = (x.trim().parse().expect("x"), y.trim().parse().expect("y"));
            let colour = colour.as_str().expect("a colour");
            (!picture.is(x, y, colour)).then(|| format!("the pixel {point} is {:?}, not {colour}", picture.at(x, y)))
        });
        match wrong {
            None => return Ok(()),
            Some(wrong) if Instant::now() > until => return Err(wrong),
            Some(_) => {}
        }
    }
}

async fn evaluate(context: &Context, code: &str) -> Result<Value, String> {
    let tab = context.active().map_err(|error| error.to_string())?;
    let options = ScriptOptions {
        world: ScriptWorld::Main,
        timeout: PATIENCE,
        max_bytes: 1 << 20,
    };
    let value = tab.evaluate(code, options).await;
    value.map_err(|error| format!("{code}: {error}"))
}

/// Equal, with 1 and 1.0 the same.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}
