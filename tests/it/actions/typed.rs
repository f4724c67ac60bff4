//! What scripts find in a Lua state is what the editor types say, no more and no less.

use std::collections::BTreeSet;

use perilune::actions::{annotations, nouns};
use serde_json::{Value, json};

use super::bench::Workbench;

/// Tells what is in `ctx` and in `host`, and which of the methods that it is asked for are functions.
const TELL: &str = r#"
local function names(table)
  local all = host.json.array()
  for name in pairs(table) do all[#all + 1] = name end
  return all
end
return {
  params = { type = "object", properties = { places = { type = "array" } } },
  run = function(ctx, params)
    local missing = host.json.array()
    for _, one in ipairs(params.places) do
      local noun = one.place == "element" and ctx.page:locate({ selector = "button" }) or ctx[one.place]
      for _, name in ipairs(one.methods) do
        if type(noun[name]) ~= "function" then missing[#missing + 1] = one.place .. ":" .. name end
      end
    end
    return { ctx = names(ctx), missing = missing, host = names(host), json = names(host.json), backoff = names(host.backoff) }
  end,
}
"#;

/// The fields of a class in the annotations: those that are always there, and all.
fn fields(class: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let text = annotations();
    let start = text.find(&format!("---@class {class}\n")).expect("the class");
    let lines = text[start..]
        .lines()
        .skip(1)
        .map_while(|line| line.strip_prefix("---@field "));
    let names: Vec<&str> = lines.filter_map(|line| line.split(' ').next()).collect();
    let always = names
        .iter()
        .filter(|name| !name.ends_with('?'))
        .map(|name| (*name).to_owned());
    let all = names.iter().map(|name| name.trim_end_matches('?').to_owned());
    (always.collect(), all.collect())
}

fn names(value: &Value) -> BTreeSet<String> {
    let list = value.as_array().expect("a list");
    list.iter()
        .map(|name| name.as_str().expect("a name").to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_described_function_is_there_and_every_other_is_described() {
    let bench = Workbench::start(&[("tell", TELL)]).await;
    let context = bench.open().await;
    let url = bench.site.url("/buttons.html");
    bench
        .run(&context, "navigate", json!({ "url": url }))
        .await
        .result
        .expect("the page");
    let (_, of_context) = fields("perilune.Context");
    let place = |class: &str| class.rsplit('.').next().expect("a name").to_lowercase();
    let places: Vec<Value> = nouns()
        .iter()
        .map(|noun| {
            (
                place(noun.class),
                noun.primitives.iter().filter(|one| one.signature.starts_with("fun(")),
            )
        })
        .filter(|(place, _)| place == "element" || of_context.contains(place))
        .map(|(place, methods)| json!({ "place": place, "methods": methods.map(|one| one.name).collect::<Vec<_>>() }))
        .collect();
    assert!(places.len() >= 5, "{places:?}");
    let told = bench
        .run(&context, "tell", json!({ "places": places }))
        .await
        .result
        .expect("an answer");
    assert_eq!(told["missing"], json!([]), "these are described and not there");
    for (class, there) in [
        ("perilune.Context", &told["ctx"]),
        ("perilune.Host", &told["host"]),
        ("perilune.Json", &told["json"]),
        ("perilune.Backoff", &told["backoff"]),
    ] {
        let (always, all) = fields(class);
        let there = names(there);
        assert_eq!(
            always.difference(&there).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{class}: described, not there"
        );
        assert_eq!(
            there.difference(&all).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{class}: there, not described"
        );
    }
    context.close().await;
    bench.stop().await;
}
