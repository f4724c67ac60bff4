//! What is found in folders of scripts.

use super::*;
use crate::config::{Config, EMBEDDED};

fn offline(files: &[(&str, &str)]) -> (Offline, tempfile::TempDir) {
    let root = tempfile::tempdir().expect("a folder");
    for (file, text) in files {
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("a file");
    }
    let config: Config = toml::from_str(EMBEDDED).expect("the embedded settings");
    let offline = Offline::load(&config.script, root.path(), Vec::new()).expect("scripts");
    (offline, root)
}

fn told(files: &[(&str, &str)]) -> Vec<String> {
    let (offline, _root) = offline(files);
    let names = |path: &str, names: &[&str]| (path.to_owned(), names.iter().map(|name| (*name).to_owned()).collect());
    let given = [
        names("ctx", &["page", "sleep"]),
        names("ctx.page", &["click", "url", "title"]),
    ];
    let found = offline.check(&given).expect("a check");
    found.into_iter().map(|one| one.to_string()).collect()
}

#[test]
fn good_scripts_have_nothing_wrong() {
    let action = "-- Says what it got.\nlocal answer = require(\"lib.answer\")\nreturn { run = function(ctx, params)\n  \
        return answer.with_page(ctx, { text = string.upper(params.text), now = host.json.null }) end }";
    assert_eq!(told(&[("plugins/x/actions/echo.lua", action)]), Vec::<String>::new());
}

#[test]
fn names_that_are_nowhere_are_told_with_the_nearest() {
    let text = "local x = tostrng(1)\nreturn { run = function(ctx)\n  host.fial('busy')\n  io.open('x')\n  \
        total = 1\n  return { a = total, b = math.floor(x), c = host.json.encod({}) }\nend }";
    let said = told(&[("plugins/x/actions/echo.lua", text)]);
    assert_eq!(said.len(), 5, "{said:#?}");
    for parts in [
        ["echo.lua:1: error: there is no `tostrng`", "did you mean `tostring`?"],
        ["echo.lua:3: error: `host` has no `fial`", "did you mean `host.fail`?"],
        ["echo.lua:4: error: there is no `io`", "  4 |   io.open('x')\n    |   ^"],
        [
            "echo.lua:5: warning: `total` is assigned without `local`",
            "write `local total`",
        ],
        [
            "echo.lua:6: error: `host.json` has no `encod`",
            "did you mean `host.json.encode`?",
        ],
    ] {
        let one = said.iter().find(|one| one.contains(parts[0]));
        let one = one.unwrap_or_else(|| panic!("{said:#?}"));
        assert!(one.contains(parts[1]), "{one}");
    }
}

#[test]
fn what_ctx_does_not_have_is_told() {
    let text = "-- Clicks.\nreturn { run = function(ctx)\n  ctx.page:clik(ctx.slep)\n  ctx.extra = 1\n  \
        return { extra = ctx.extra, url = ctx.page:url() }\nend }";
    let said = told(&[("plugins/x/actions/a.lua", text)]);
    assert_eq!(said.len(), 2, "{said:#?}");
    assert!(
        said[0].contains("a.lua:3: error: `ctx.page` has no `clik`"),
        "{said:#?}"
    );
    assert!(said[0].contains("did you mean `click`?"), "{said:#?}");
    assert!(said[1].contains("a.lua:3: warning: `ctx` has no `slep`"), "{said:#?}");
    let policy = "-- Decides.\nreturn { decide = function(attempt, err, ctx) return ctx.attempts end }";
    assert_eq!(told(&[("plugins/x/policies/a.lua", policy)]), Vec::<String>::new());
}

#[test]
fn what_is_not_loaded_is_told_with_a_hint() {
    let said = told(&[
        (
            "plugins/x/actions/a.lua",
            "return { run = function() if a != 1 then end end }",
        ),
        (
            "plugins/x/actions/b.lua",
            "local t = require('lib.tarqet') return { run = function() return t end }",
        ),
        ("plugins/x/policies/c.lua", "return { description = 'nothing' }"),
    ]);
    let all = said.join("\n");
    for part in [
        "Lua writes ~=",
        "did you mean require(\"lib.target\")?",
        "a policy must return",
    ] {
        assert!(all.contains(part), "no {part:?} in {all}");
    }
}

#[test]
fn tests_are_found_beside_scripts_and_know_their_words() {
    let files = [
        (
            "plugins/x/actions/echo_test.lua",
            "describe('echo', function() it('is', function() expect(1).to_be(tset) end) end)",
        ),
        ("plugins/x/all_test.lua", "it('works', function() end)"),
    ];
    let (offline, _root) = offline(&files);
    let found: Vec<_> = offline.tests().into_iter().map(|test| test.file).collect();
    assert_eq!(found, ["plugins/x/actions/echo_test.lua", "plugins/x/all_test.lua"]);
    let said = told(&files);
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(said[0].contains("did you mean `test`?"), "{said:#?}");
}
