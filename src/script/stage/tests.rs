//! Saves, one after another, without files: what is published, what is refused, and why.

use super::super::generation::Origin;
use super::*;

/// Builds one generation after another from texts.
struct Bench {
    stage: Stage,
    last: Generation,
    texts: BTreeMap<String, String>,
}

impl Bench {
    fn new(texts: &[(&str, &str)]) -> (Self, Built) {
        let stage = Stage {
            libraries: Vec::new(),
            memory: 32 << 20,
            versions: 0,
        };
        let mut bench = Self {
            stage,
            last: Generation::empty(),
            texts: BTreeMap::new(),
        };
        let built = bench.save(texts);
        (bench, built)
    }

    /// Saves files (an empty text removes one) and builds; keeps the generation if something changed.
    fn save(&mut self, texts: &[(&str, &str)]) -> Built {
        for (file, text) in texts {
            match text.is_empty() {
                true => drop(self.texts.remove(*file)),
                false => drop(self.texts.insert((*file).to_owned(), (*text).to_owned())),
            }
        }
        let sources = self.texts.iter().map(|(file, text)| (file.clone(), source(file, text)));
        let scan = Scan {
            sources: sources.collect(),
            ..Scan::default()
        };
        let mut built = self.stage.build(&self.last, scan).expect("a machine");
        if !built.changed.is_empty() {
            self.last = std::mem::replace(&mut built.generation, Generation::empty());
        }
        built
    }

    fn version(&self, file: &str) -> u64 {
        self.last.versions[file].id
    }
}

fn source(file: &str, text: &str) -> Source {
    let parts: Vec<&str> = file.split('/').collect();
    let origin = if parts[0] == "plugins" {
        Origin::Plugin(parts[1].to_owned())
    } else {
        Origin::Shipped
    };
    let folder = parts[parts.len() - 2];
    let kind = Kind::ALL
        .into_iter()
        .find(|kind| kind.folder() == folder)
        .expect("a kind");
    Source {
        file: file.to_owned(),
        kind,
        origin,
        plugin: None,
        text: text.into(),
    }
}

fn problems(built: &Built) -> Vec<(String, Option<u32>, String)> {
    built
        .problems
        .iter()
        .map(|p| (p.file.clone(), p.line, p.error.clone()))
        .collect()
}

const RUN: &str = "return { description = 'd', run = function() end }";

#[test]
fn broken_files_are_named_with_their_line_and_do_not_block_others() {
    let (bench, built) = Bench::new(&[
        ("actions/good.lua", RUN),
        ("actions/syntax.lua", "local x = 1\n\nreturn { run = function( end }"),
        ("actions/raises.lua", "local t = nil\nreturn t.field"),
        ("actions/shape.lua", "return { description = 'no run' }"),
        ("actions/nothing.lua", "local x = 1"),
        ("actions/missing.lua", "\nlocal x = require('lib.nope')\nreturn {}"),
        ("actions/escape.lua", "return require('../../etc/passwd')"),
        (
            "actions/schema.lua",
            "return { params = { type = 'array' }, run = function() end }",
        ),
        ("actions/loop.lua", "\nwhile true do end"),
        ("policies/empty.lua", "return {}"),
    ]);
    let names: Vec<_> = bench.last.scripts().map(|script| script.name.as_str()).collect();
    assert_eq!(names, ["good"]);
    for (file, line, said) in [
        (
            "actions/syntax.lua",
            Some(3),
            "actions/syntax.lua:3: Expected identifier",
        ),
        (
            "actions/raises.lua",
            Some(2),
            "actions/raises.lua:2: attempt to index nil with 'field'",
        ),
        (
            "actions/shape.lua",
            None,
            "actions/shape.lua: an action must return a table with a function `run`",
        ),
        ("actions/nothing.lua", None, "the script returns nothing"),
        ("actions/missing.lua", Some(2), "there is no lib/nope.lua"),
        ("actions/escape.lua", Some(1), "require takes \"lib.NAME\""),
        ("actions/schema.lua", None, "`params` must describe an object"),
        (
            "actions/loop.lua",
            Some(2),
            "did not end within 500ms while it was loaded",
        ),
        (
            "policies/empty.lua",
            None,
            "a policy must return a table with a function",
        ),
    ] {
        let problem = built.problems.iter().find(|problem| problem.file == file).expect(file);
        assert!(problem.error.contains(said), "{file}: {}", problem.error);
        assert_eq!(problem.line, line, "{file}: {}", problem.error);
    }
    assert_eq!(built.problems.len(), 9);
}

#[test]
fn dependants_get_a_new_version_with_their_helper_and_others_keep_theirs() {
    let (mut bench, _) = Bench::new(&[
        ("lib/a.lua", "return { n = 1 }"),
        ("lib/b.lua", "local a = require('lib.a') return { n = a.n }"),
        (
            "actions/uses.lua",
            "local b = require('lib.b') return { run = function() return b.n end }",
        ),
        (
            "actions/late.lua",
            "return { run = function() return require(\"lib.b\").n end }",
        ),
        ("actions/other.lua", RUN),
    ]);
    let before: Vec<_> = ["actions/uses.lua", "actions/late.lua", "actions/other.lua"]
        .map(|f| bench.version(f))
        .into();
    let built = bench.save(&[("lib/a.lua", "return { n = 2 }")]);
    assert_eq!(built.changed, ["lib/a.lua"]);
    assert!(bench.version("actions/uses.lua") > before[0]);
    assert!(bench.version("actions/late.lua") > before[1]);
    assert_eq!(bench.version("actions/other.lua"), before[2]);
}

#[test]
fn a_helper_that_breaks_its_dependants_is_refused() {
    let (mut bench, _) = Bench::new(&[
        ("lib/a.lua", "return { make = function() return 1 end }"),
        (
            "actions/uses.lua",
            "local a = require('lib.a')\nlocal x = a.make()\nreturn { run = function() return x end }",
        ),
    ]);
    let built = bench.save(&[("lib/a.lua", "return { made = function() return 1 end }")]);
    assert!(built.changed.is_empty());
    let said = "this change breaks actions/uses.lua: actions/uses.lua:2: attempt to call a nil value";
    assert_eq!(problems(&built), [("lib/a.lua".to_owned(), None, said.to_owned())]);
    let built = bench.save(&[("lib/a.lua", "")]);
    assert!(built.changed.is_empty());
    assert!(
        built.problems[0]
            .error
            .starts_with("its removal breaks actions/uses.lua"),
        "{:?}",
        built.problems
    );
    let both = bench.save(&[
        ("lib/a.lua", "return { made = function() return 1 end }"),
        (
            "actions/uses.lua",
            "local a = require('lib.a')\nlocal x = a.made()\nreturn { run = function() return x end }",
        ),
    ]);
    assert_eq!((both.changed.len(), both.problems.len()), (2, 0));
}

#[test]
fn a_helper_that_breaks_two_is_refused_once_and_both_stay() {
    let uses = "local x = require('lib.a').make() return { run = print }";
    let (mut bench, _) = Bench::new(&[
        ("lib/a.lua", "return { make = function() end }"),
        ("actions/one.lua", uses),
        ("actions/two.lua", uses),
    ]);
    let built = bench.save(&[("lib/a.lua", "return {}")]);
    assert_eq!(
        (built.changed.len(), built.problems.len()),
        (0, 1),
        "{:?}",
        built.problems
    );
    assert_eq!(bench.last.scripts().count(), 3);
}

/// A plugin's helper that takes a shipped one's place and does not fit is refused; it is new, so it just stays out.
#[test]
fn a_replacing_helper_that_breaks_a_shipped_script_stays_out() {
    let (mut bench, _) = Bench::new(&[
        ("lib/a.lua", "return { make = function() end }"),
        (
            "actions/one.lua",
            "local x = require('lib.a').make() return { run = print }",
        ),
    ]);
    let built = bench.save(&[("plugins/x/lib/a.lua", "return {}")]);
    assert_eq!(
        bench
            .last
            .scripts()
            .map(|script| script.file.as_str())
            .collect::<Vec<_>>(),
        ["actions/one.lua", "lib/a.lua"]
    );
    assert_eq!(built.problems[0].file, "plugins/x/lib/a.lua", "{:?}", built.problems);
}

#[test]
fn a_broken_save_keeps_the_last_good_version() {
    let (mut bench, _) = Bench::new(&[
        ("lib/a.lua", "return {}"),
        ("actions/x.lua", "require('lib.a') return { run = print }"),
    ]);
    let before = bench.version("actions/x.lua");
    let built = bench.save(&[("lib/a.lua", "return {"), ("actions/y.lua", RUN)]);
    assert_eq!(built.changed, ["actions/y.lua"]);
    assert_eq!(built.problems.len(), 1);
    assert_eq!(bench.version("actions/x.lua"), before);
}

#[test]
fn plugins_replace_shipped_scripts_and_keep_their_helpers_to_themselves() {
    let (mut bench, _) = Bench::new(&[
        ("actions/click.lua", RUN),
        ("policies/retry.lua", "return { decide = print }"),
        ("lib/shared.lua", "return {}"),
        ("actions/uses.lua", "require('lib.shared') return { run = print }"),
        (
            "plugins/x/actions/click.lua",
            "require('lib.own') return { description = 'x', run = print }",
        ),
        ("plugins/x/policies/retry.lua", "return { decide = print }"),
        ("plugins/x/lib/own.lua", "return {}"),
    ]);
    let click = bench.last.get(Kind::Action, "click").expect("click");
    assert_eq!(
        (click.origin.to_string(), click.overrides.clone()),
        ("plugin x".to_owned(), Some(Origin::Shipped))
    );
    assert_eq!(
        bench.last.get(Kind::Policy, "retry").expect("retry").file,
        "plugins/x/policies/retry.lua"
    );
    assert!(bench.last.get(Kind::Lib, "own").is_none());
    assert!(
        bench
            .last
            .scripts()
            .any(|script| script.file == "plugins/x/lib/own.lua")
    );

    let uses = bench.version("actions/uses.lua");
    bench.save(&[("plugins/x/lib/shared.lua", "return { better = true }")]);
    assert!(
        bench.version("actions/uses.lua") > uses,
        "the plugin's helper replaces the shipped one"
    );
    bench.save(&[("plugins/x/actions/click.lua", "")]);
    assert_eq!(
        bench.last.get(Kind::Action, "click").expect("click").origin,
        Origin::Shipped
    );
}

#[test]
fn two_plugins_may_not_claim_one_name() {
    let (mut bench, built) = Bench::new(&[("plugins/a/actions/echo.lua", RUN), ("plugins/b/actions/echo.lua", RUN)]);
    assert!(bench.last.get(Kind::Action, "echo").is_none());
    let said = "the action `echo` is also claimed by plugins/b/actions/echo.lua, so neither is loaded";
    assert_eq!(built.problems[0].error, said);
    bench.save(&[("plugins/b/actions/echo.lua", "")]);
    let built = bench.save(&[("plugins/b/actions/echo.lua", RUN)]);
    assert_eq!(
        bench.last.get(Kind::Action, "echo").expect("the holder").file,
        "plugins/a/actions/echo.lua"
    );
    assert!(
        built.problems[0]
            .error
            .ends_with("plugins/a/actions/echo.lua, which keeps it"),
        "{:?}",
        built.problems
    );
}

#[test]
fn scripts_that_require_each_other_are_refused() {
    let (bench, built) = Bench::new(&[
        ("lib/a.lua", "local b = require('lib.b') return {}"),
        ("lib/b.lua", "local a = require('lib.a') return {}"),
    ]);
    assert_eq!(bench.last.scripts().count(), 0);
    assert!(
        built
            .problems
            .iter()
            .any(|problem| problem.error.contains("requires itself")),
        "{:?}",
        built.problems
    );
}
