//! Writing, checking and testing scripts with nothing but the command line, as a stranger would.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use tokio::process::Command;

use super::{json, perilune, text};
use crate::support::bench::LONG;
use crate::support::{Host, Site, eventually};

/// The command, given in a folder.
async fn within(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perilune"));
    command.args(arguments).current_dir(folder).env_remove("PERILUNE_URL");
    command.output().await.expect("the binary was built")
}

fn save(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    fs::write(path, text).expect("a file");
}

#[tokio::test]
async fn a_new_action_is_checked_tested_and_works_in_a_running_host() {
    let site = Site::start(&[("/", "<title>Here</title><button>b</button>")]).await;
    let host = Host::start().await;
    let plugins = host.folder.path().join("plugins");
    let plugins = plugins.to_str().expect("UTF-8");
    let started = perilune(Some(&host), &["session", "start", "r", "--url", &site.url("/")]).await;
    assert!(started.status.success(), "{}", text(&started.stderr));

    let new = perilune(None, &["script", "new", "action", "greet", "--plugins", plugins]).await;
    assert!(new.status.success(), "{}", text(&new.stderr));
    assert!(
        text(&new.stdout).contains("local/actions/greet.lua"),
        "{}",
        text(&new.stdout)
    );
    assert!(
        text(&new.stderr).contains("perilune script test"),
        "{}",
        text(&new.stderr)
    );
    let checked = perilune(None, &["script", "check", "--plugins", plugins]).await;
    assert!(checked.status.success(), "{}", text(&checked.stdout));
    let tested = perilune(None, &["script", "test", "--plugins", plugins]).await;
    assert!(tested.status.success(), "{}", text(&tested.stdout));
    assert!(
        text(&tested.stdout).contains("2 passed, 0 failed"),
        "{}",
        text(&tested.stdout)
    );

    let host = &host;
    let answer = eventually("the host runs the new action", LONG, || async move {
        let ran = perilune(Some(host), &["action", "r", "greet", "greeting=moon", "--json"]).await;
        Some(json(&ran)).filter(|answer| answer["success"] == true)
    })
    .await;
    assert_eq!(answer["data"]["greeting"], "moon");
    assert_eq!(answer["data"]["title"], "Here");

    let ejected = perilune(
        None,
        &["script", "eject", "click", "--plugin", "mine", "--plugins", plugins],
    )
    .await;
    assert!(ejected.status.success(), "{}", text(&ejected.stderr));
    eventually("the host uses the ejected script", LONG, || async move {
        let listed = json(&perilune(Some(host), &["script", "list", "--json"]).await);
        let click = listed.as_array()?.iter().find(|script| script["name"] == "click")?;
        (click["origin"] == "plugin mine" && click["overrides"] == "shipped").then_some(())
    })
    .await;
    let again = perilune(None, &["script", "new", "action", "greet", "--plugins", plugins]).await;
    assert_eq!(again.status.code(), Some(1));
    assert!(
        text(&again.stderr).contains("is there already"),
        "{}",
        text(&again.stderr)
    );
}

#[tokio::test]
async fn what_is_wrong_is_told_as_compilers_do() {
    let folder = tempfile::tempdir().expect("a folder");
    save(
        folder.path(),
        "plugins/x/actions/a.lua",
        "-- Adds.\nreturn {\n  run = function(ctx, params)\n    if params.x != 1 then return {} end\n  end,\n}\n",
    );
    save(
        folder.path(),
        "plugins/x/actions/b.lua",
        "-- Joins.\nreturn {\n  run = function(ctx, params)\n    return { t = tabel.concat(params.list) }\n  end,\n}\n",
    );
    save(
        folder.path(),
        "plugins/x/plugin.toml",
        "# A plugin.\nname = \"x\"\napi = 1\npermisions = 1\n",
    );
    let checked = within(folder.path(), &["script", "check"]).await;
    let said = text(&checked.stdout);
    assert_eq!(checked.status.code(), Some(1), "{said}");
    assert!(said.contains("plugins/x/plugin.toml:4: error: "), "{said}");
    // A manifest that is broken keeps its plugin from being loaded; the rest is told once it is right.
    save(
        folder.path(),
        "plugins/x/plugin.toml",
        "# A plugin.\nname = \"x\"\napi = 1\n",
    );
    let said = text(&within(folder.path(), &["script", "check"]).await.stdout);
    for part in [
        "plugins/x/actions/a.lua:4: error: ",
        "  4 |     if params.x != 1 then return {} end\n    |                 ^\n  hint: Lua writes ~= for \"not equal\"",
        "plugins/x/actions/b.lua:4: error: there is no `tabel`",
        "  hint: did you mean `table`?",
        "2 error(s), 0 warning(s)",
    ] {
        assert!(said.contains(part), "no {part:?} in\n{said}");
    }
    let one = within(folder.path(), &["script", "check", "plugins/x/actions/b.lua", "--json"]).await;
    let one = json(&one);
    assert_eq!(one["ok"], false);
    assert_eq!(one["problems"].as_array().map(Vec::len), Some(1), "{one:#}");
    assert_eq!(one["problems"][0]["line"], 4);
    assert_eq!(one["problems"][0]["column"], 18);
    let outside = within(folder.path(), &["script", "check", "/"]).await;
    assert!(
        outside.status.code() == Some(1) || outside.status.success(),
        "a folder around the others means all"
    );
    let nowhere = within(folder.path(), &["script", "check", "/proc"]).await;
    assert!(text(&nowhere.stderr).contains("--plugins"), "{}", text(&nowhere.stderr));
}

#[tokio::test]
async fn a_failed_test_is_told_with_its_line_and_what_it_got() {
    let folder = tempfile::tempdir().expect("a folder");
    save(
        folder.path(),
        "plugins/x/sum_test.lua",
        "-- Sums.\nit(\"adds\", function()\n  expect(1 + 1).to_be(3)\nend)\nit(\"ends\", function()\n  while true do end\nend)\n",
    );
    let tested = within(folder.path(), &["script", "test"]).await;
    let said = text(&tested.stdout);
    assert_eq!(tested.status.code(), Some(1), "{said}");
    for part in [
        "FAILED plugins/x/sum_test.lua (0 passed, 2 failed",
        "plugins/x/sum_test.lua:3: error: ",
        "3 |   expect(1 + 1).to_be(3)",
        "expected: 3\n           got: 2",
        "plugins/x/sum_test.lua:6: error: did not end within its time",
        "0 passed, 2 failed, 0 skipped, in 1 file(s)",
    ] {
        assert!(said.contains(part), "no {part:?} in\n{said}");
    }
    let tested = json(&within(folder.path(), &["script", "test", "--json"]).await);
    let failed = &tested["files"][0]["tests"][0];
    assert_eq!(
        (&failed["status"], &failed["got"]),
        (&Value::from("failed"), &Value::from("2"))
    );
    let none = within(folder.path(), &["script", "test", "--plugins", "/nowhere"]).await;
    assert_eq!(none.status.code(), Some(1));
    assert!(
        text(&none.stderr).contains("there are no tests"),
        "{}",
        text(&none.stderr)
    );
}

#[tokio::test]
async fn a_test_may_have_a_real_page() {
    let folder = tempfile::tempdir().expect("a folder");
    save(
        folder.path(),
        "plugins/x/form.html",
        "<title>Form</title><script src=\"form.js\"></script><input id=a><button>Go</button>",
    );
    save(
        folder.path(),
        "plugins/x/form.js",
        "addEventListener('click', () => { document.title = 'Gone' })",
    );
    save(
        folder.path(),
        "plugins/x/form_test.lua",
        "-- A form.\nit('goes', function()\n  local ctx = test.browser({ url = 'form.html' })\n  \
            test.action('type')(ctx, { text = 'moon' })\n  test.action('click')(ctx, { index = 1 })\n  \
            expect(ctx.page:evaluate('document.title + a.value')).to_be('Gonemoon')\nend)\n\
            it('is alone', function()\n  local ctx = test.browser({ html = '<p>x' })\n  \
            expect(function() ctx.page:navigate('http://example.com/') end).to_raise('domain_blocked')\nend)\n",
    );
    let skipped = text(&within(folder.path(), &["script", "test"]).await.stdout);
    assert!(
        skipped.contains("2 skipped") && skipped.contains("run it with --browser"),
        "{skipped}"
    );
    let ran = within(folder.path(), &["script", "test", "--browser"]).await;
    assert!(ran.status.success(), "{}", text(&ran.stdout));
    assert!(
        text(&ran.stdout).contains("2 passed, 0 failed, 0 skipped"),
        "{}",
        text(&ran.stdout)
    );
}

#[tokio::test]
async fn the_scripts_of_this_repository_pass_their_own_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let checked = within(root, &["script", "check", "--scripts", "scripts"]).await;
    assert!(checked.status.success(), "{}", text(&checked.stdout));
    assert!(
        text(&checked.stdout).contains("0 error(s), 0 warning(s)"),
        "{}",
        text(&checked.stdout)
    );
    let tested = within(root, &["script", "test", "--scripts", "scripts", "--json"]).await;
    assert!(tested.status.success(), "{:#}", json(&tested));
    assert!(
        json(&tested)["passed"].as_u64().is_some_and(|passed| passed >= 35),
        "{:#}",
        json(&tested)
    );
}

/// Every block of Lua in the guide that begins with the path of a file is that file.
#[tokio::test]
async fn the_examples_of_the_guide_work() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scripting.md");
    let guide = fs::read_to_string(guide).expect("the guide");
    let folder = tempfile::tempdir().expect("a folder");
    let mut files = 0;
    for block in guide.split("```").skip(1).step_by(2) {
        let (language, code) = block.split_once('\n').expect("a language");
        let first = code.lines().next().unwrap_or_default();
        let path = first
            .trim_start_matches(['-', '#', ' '])
            .split(':')
            .next()
            .unwrap_or_default();
        if ["lua", "toml"].contains(&language) && path.starts_with("plugins/") {
            save(folder.path(), path, code);
            files += 1;
        }
    }
    assert!(files >= 4, "{files} files in the guide");
    let checked = within(folder.path(), &["script", "check"]).await;
    assert!(checked.status.success(), "{}", text(&checked.stdout));
    let tested = within(folder.path(), &["script", "test"]).await;
    assert!(
        tested.status.success(),
        "{}{}",
        text(&tested.stdout),
        text(&tested.stderr)
    );
}

#[tokio::test]
async fn a_recorded_page_can_be_tested_against() {
    let page = "<title>Shop</title><label>Amount <input name=amount value=3></label><button id=buy>Buy</button>\
        <input type=password value=secret>";
    let site = Site::start(&[("/", page)]).await;
    let host = Host::start().await;
    host.open("r", &site.url("/")).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("plugins/x/shop.json");
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    let arguments = ["script", "record", "r", "-o", file.to_str().expect("a path")];
    let recorded = perilune(Some(&host), &arguments).await;
    assert!(recorded.status.success(), "{}", text(&recorded.stderr));
    assert!(!fs::read_to_string(&file).expect("a file").contains("secret"));
    let again = perilune(Some(&host), &arguments).await;
    assert!(!again.status.success(), "a file is never written over");
    save(
        folder.path(),
        "plugins/x/shop_test.lua",
        "-- On the recorded page.\nit('buys', function()\n  local ctx = test.page('shop.json')\n\
         expect(ctx.page:locate({ selector = '#buy' }):text()).to_be('Buy')\n\
         expect(test.action('click')(ctx, { index = 1 }).title).to_be('Shop')\nend)\n",
    );
    let tested = within(folder.path(), &["script", "test"]).await;
    assert!(
        tested.status.success(),
        "{}{}",
        text(&tested.stdout),
        text(&tested.stderr)
    );
}
