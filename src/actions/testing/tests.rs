//! The fake page, seen from tests as operators write them.

use super::*;
use crate::actions::Actions;
use crate::config::{Config, EMBEDDED};
use crate::script::{Offline, Verdict};

/// What is said about each test of a file.
async fn run(text: &str) -> Vec<String> {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("plugins/x/actions");
    fs::create_dir_all(&folder).expect("folders");
    fs::write(folder.join("a_test.lua"), text).expect("a file");
    fs::write(
        folder.join("page.json"),
        r#"{"url": "https://a.example/", "title": "T", "elements": [{"tag": "button", "text": "OK", "id": "ok"}]}"#,
    )
    .expect("a file");
    let config: Config = toml::from_str(EMBEDDED).expect("the embedded settings");
    let offline = Offline::load(&config.script, root.path(), Actions::libraries()).expect("scripts");
    let report = offline.test(&offline.tests()[0], &Pages::new(None)).await;
    assert_eq!(report.broken, None);
    let said = |verdict: &Verdict| match verdict {
        Verdict::Passed => "ok".to_owned(),
        Verdict::Skipped { why } => format!("skipped: {why}"),
        Verdict::Failed { at, expected, got } => format!("{}: {} {expected:?} {got:?}", at.line.unwrap_or(0), at.error),
    };
    report
        .tests
        .iter()
        .map(|test| format!("{} {}", test.name, said(&test.verdict)))
        .collect()
}

/// Every test of the text passes.
async fn passes(text: &str) {
    let told = run(text).await;
    assert!(!told.is_empty());
    for one in &told {
        assert!(one.ends_with(" ok"), "{told:#?}");
    }
}

#[tokio::test]
async fn shipped_actions_work_on_a_described_page() {
    passes(
        r##"
local page
before_each(function()
  page = {
    url = "https://shop.example/", title = "Shop",
    elements = {
      { tag = "input", id = "email", type = "email" },
      { tag = "select", name = "size", options = { "S", { value = "m", text = "M" } } },
      { tag = "button", text = "Buy", attributes = { class = "big buy" }, on_click = function(shown)
        shown.title = "Thanks"
        shown.elements[1].value = ""
      end },
      { tag = "a", text = "Next", href = "https://shop.example/next" },
      { tag = "button", id = "off", disabled = true },
      { tag = "input", type = "checkbox", id = "terms" },
    },
    pages = { ["https://shop.example/next"] = { title = "Next" } },
  }
end)
it("clicks", function()
  local ctx = test.page(page)
  local data = test.action("click")(ctx, { selector = ".buy" })
  expect(data).to_contain({ title = "Thanks", button = "left" })
  expect(ctx.calls).to_contain({ name = "element:click", index = 2, "left" })
  expect(function() test.action("click")(ctx, { selector = "#off" }) end).to_raise("not_interactable")
  expect(function() test.action("click")(ctx, { index = 99 }) end).to_raise("element_not_found")
  test.action("click")(ctx, { selector = "input#terms[type=checkbox]" })
  expect(page.elements[6].checked).to_be(true)
end)
it("types", function()
  local ctx = test.page(page)
  test.action("type")(ctx, { text = "a@b.example" })
  expect(page.elements[1].value).to_be("a@b.example")
  test.action("type")(ctx, { text = "c", clear = true, selector = "#email" })
  expect(page.elements[1].value).to_be("c")
end)
it("chooses", function()
  local ctx = test.page(page)
  expect(test.action("select_dropdown")(ctx, { index = 1, text = "M" })).to_contain({ value = "m", option_index = 1 })
  expect(page.elements[2].value).to_be("m")
end)
it("goes", function()
  local ctx = test.page(page)
  test.action("click")(ctx, { selector = "a" })
  expect(ctx.page:url()).to_be("https://shop.example/next")
  expect(test.action("go_back")(ctx, {}).title).to_be("Shop")
  expect(test.action("go_forward")(ctx, {}).title).to_be("Next")
  expect(function() test.action("go_forward")(ctx, {}) end).to_raise("no page to go forward")
  expect(function() test.action("navigate")(ctx, { url = "https://other.example/" }) end).to_raise("the fake site has no page")
end)
it("has tabs", function()
  local ctx = test.page(page)
  test.action("new_tab")(ctx, {})
  expect(#ctx.tabs:list()).to_be(2)
  test.action("switch_tab")(ctx, { index = 0 })
  expect(ctx.page:title()).to_be("Shop")
  test.action("close_tab")(ctx, { index = 1 })
  expect(ctx.tabs:list()).to_equal({ { index = 0, url = "https://shop.example/", title = "Shop", active = true } })
end)
it("scrolls and points", function()
  page.scroll_height = 1000
  local ctx = test.page(page)
  expect(test.action("scroll")(ctx, { direction = "down" })).to_contain({ scroll_y = 280, moved = true })
  expect(test.action("scroll")(ctx, { direction = "down" }).moved).to_be(false)
  test.action("click")(ctx, { coordinate_x = 15, coordinate_y = 75 })
  expect(ctx.page:title()).to_be("Thanks")
  expect(function() test.action("click")(ctx, { coordinate_x = 5000, coordinate_y = 1 }) end).to_raise("invalid_params")
end)
it("waits without waiting", function()
  local ctx = test.page(page)
  local began = ctx.now()
  test.action("wait")(ctx, { seconds = 3 })
  expect(ctx.now() - began).to_be(3000)
end)
it("counts revisions", function()
  local ctx = test.page(page)
  local old = ctx.page:snapshot()
  expect(old.elements[1]).to_contain({ tag = "input", id = "email", index = 0 })
  ctx.page:snapshot()
  expect(function() test.action("click")(ctx, { index = 0, revision = old.revision }) end).to_raise("stale_index")
end)
it("runs actions and tasks", function()
  local ctx = test.page(page)
  local task = ctx.spawn(function() ctx.sleep(50) return ctx.run("click", { selector = ".buy" }).title end)
  expect(task:wait()).to_be("Thanks")
  expect(ctx.calls).to_contain({ name = "run", "click" })
end)
"##,
    )
    .await;
}

#[tokio::test]
async fn what_nobody_described_fails_with_what_to_write() {
    let told = run(r##"
local ctx = test.page({})
it("javascript", function() ctx.page:evaluate("1") end)
it("spelling", function() ctx.page:navigat("x") end)
it("field", function() return ctx.paeg end)
it("dot", function() ctx.page.url() end)
it("selector", function() ctx.page:locate({ selector = "div > a" }) end)
it("browser", function() test.browser({ html = "<p>x" }) end)
it("outside", function() test.page("../../../etc/passwd") end)
"##)
    .await;
    for (one, part) in told.iter().zip([
        "evaluate = function(code)",
        "4: there is no page:navigat(); did you mean navigate?",
        "5: there is no ctx.paeg; did you mean ctx.page?",
        "write page:url(...) with a colon",
        "the fake page understands tag, #id",
        "skipped: it needs a real browser",
        "does not lie beside the test",
    ]) {
        assert!(one.contains(part), "no {part:?} in {one}");
    }
}

#[tokio::test]
async fn what_lies_beyond_the_page_is_described_too() {
    passes(
        r##"
it("gets answers", function()
  local ctx = test.page({ http = {
    ["GET https://api.example/x"] = { json = { n = 1 } },
    ["POST https://api.example/x"] = function(request) return { status = 201, body = request.body } end,
  } })
  expect(ctx.http:get("https://api.example/x").json.n).to_be(1)
  expect(ctx.http:post("https://api.example/x", { body = "b" })).to_contain({ status = 201, body = "b" })
  expect(function() ctx.http:get("https://api.example/y") end).to_raise("no answer is described")
end)
it("keeps values", function()
  local kept = { n = 1 }
  local ctx = test.page({ state = kept, shared = {} })
  expect(ctx.state:incr("n")).to_be(2)
  expect(kept.n).to_be(2)
  expect(ctx.shared:cas("k", nil, "v")).to_be(true)
  expect(ctx.shared:keys()).to_equal({ "k" })
end)
it("has credentials", function()
  local ctx = test.page({ credentials = { ["shop.example"] = { agent_name = "bot", secret = "s" }, ["b.example"] = {} } })
  local bot = ctx.credentials:get("shop.example", "bot")
  expect(bot.agent_name).to_be("bot")
  expect(bot:secret()).to_be("s")
  expect(ctx.credentials:get("other.example")).to_be(nil)
  expect(#ctx.credentials:list()).to_be(2)
  expect(function() ctx.credentials:get("b.example"):secret() end).to_raise("permission_denied")
end)
it("emits", function()
  local ctx = test.page({ config = { a = 1 } })
  ctx.events:emit("basket_full", { n = ctx.config.a })
  expect(ctx.calls).to_contain({ name = "events:emit", "basket_full", { n = 1 } })
end)
"##,
    )
    .await;
}

#[tokio::test]
async fn answers_and_recorded_pages_are_used() {
    passes(
        r##"
it("answers", function()
  local ctx = test.page({ answers = { ["page:screenshot"] = { data = "x" }, ["run:click"] = function(p) return { got = p.index } end } })
  expect(ctx.page:screenshot().data).to_be("x")
  expect(ctx.run("click", { index = 3 })).to_equal({ got = 3 })
  expect(ctx.calls).to_contain({ name = "page:screenshot" })
end)
it("is recorded", function()
  local ctx = test.page("page.json")
  expect(test.action("click")(ctx, { selector = "#ok" }).title).to_be("T")
end)
it("logs", function()
  local ctx = test.page({ command = { attempt = 2 } })
  ctx.log.info("hello", { a = 1 })
  expect(ctx.logs).to_equal({ { level = "info", text = "hello", fields = { a = 1 } } })
  expect(ctx.command.attempt).to_be(2)
end)
it("answers JavaScript", function()
  local ctx = test.page({ evaluate = { ["1 + 1"] = 2 } })
  expect(test.action("execute_javascript")(ctx, { code = "1 + 1" }).result).to_be(2)
end)
"##,
    )
    .await;
}

#[tokio::test]
async fn the_fake_does_by_itself_what_pages_do() {
    // Methods that the fake leaves to the test's own answers, because no page can be described for them.
    let mut text =
        String::from("it('knows', function()\n local ctx = test.page({ elements = { { tag = 'input' } } })\n");
    for noun in nouns()
        .iter()
        .filter(|noun| ["page", "element", "mouse", "keyboard", "tabs"].contains(&short(noun.class).as_str()))
    {
        for primitive in noun.primitives {
            let place = match short(noun.class).as_str() {
                "element" => "ctx.page:locate({ index = 0 })".to_owned(),
                field => format!("ctx.{field}"),
            };
            text += &format!(" expect({place}.{}).to_be_a('function')\n", primitive.name);
        }
    }
    passes(&(text + "end)")).await;
}
