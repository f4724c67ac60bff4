//! Test files and what is said about them.

use super::*;
use crate::config::{Config, EMBEDDED};

struct Nothing;

impl TestLibrary for Nothing {
    fn install(&self, _: &Kit<'_>) -> mlua::Result<()> {
        Ok(())
    }

    fn deadline(&self) -> Duration {
        Duration::from_millis(500)
    }
}

async fn run(files: &[(&str, &str)], test: &str) -> FileReport {
    let root = tempfile::tempdir().expect("a folder");
    for (file, text) in files.iter().chain([&("plugins/x/actions/a_test.lua", test)]) {
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("a file");
    }
    let config: Config = toml::from_str(EMBEDDED).expect("the embedded settings");
    let offline = Offline::load(&config.script, root.path(), Vec::new()).expect("scripts");
    let tests = offline.tests();
    offline.test(&tests[0], &Nothing).await
}

/// The sentence about each test.
fn said(report: &FileReport) -> Vec<String> {
    let one = |test: &TestReport| match &test.verdict {
        Verdict::Passed => format!("{}: ok", test.name),
        Verdict::Skipped { why } => format!("{}: skipped, {why}", test.name),
        Verdict::Failed { at, .. } => format!("{}: {}:{} {}", test.name, at.file, at.line.unwrap_or(0), at.error),
    };
    assert_eq!(report.broken, None);
    report.tests.iter().map(one).collect()
}

#[tokio::test]
async fn every_check_says_yes_and_no() {
    for (check, other) in [
        ("expect(1).to_be(1)", "expect(1).to_be(2)"),
        ("expect(nil).to_be(nil)", "expect(nil).to_be(false)"),
        (
            "expect({ 1, { a = 2 } }).to_equal({ 1, { a = 2 } })",
            "expect({ 1, { a = 2 } }).to_equal({ 1, { a = 2, b = 3 } })",
        ),
        ("expect('abc').to_contain('b')", "expect('abc').to_contain('B')"),
        (
            "expect({ 1, { a = 2, b = 3 } }).to_contain({ a = 2, b = 3 })",
            "expect({ 1, 2 }).to_contain(3)",
        ),
        (
            "expect({ a = { b = 1, c = 2 } }).to_contain({ a = { b = 1 } })",
            "expect({ a = 1 }).to_contain({ a = 2 })",
        ),
        ("expect('a1').to_match('^%a%d$')", "expect('1a').to_match('^%a%d$')"),
        ("expect(error).to_raise()", "expect(print).to_raise()"),
        (
            "expect(function() host.fail('busy', 'full') end).to_raise('busy')",
            "expect(function() host.fail('busy') end).to_raise('timeout')",
        ),
        (
            "expect(function() error('no way') end).to_raise('no way')",
            "expect(function() error('x') end).to_raise('y')",
        ),
        ("expect('x').to_be_a('string')", "expect('x').to_be_a('table')"),
        ("expect(5).to_be_between(1, 5)", "expect(5).to_be_between(1, 4)"),
        ("expect(0).to_be_truthy()", "expect(nil).to_be_truthy()"),
        ("expect(1).never.to_be(2)", "expect(1).never.to_be(1)"),
        ("expect(print).never.to_raise()", "expect(error).never.to_raise()"),
        ("expect(1):to_be(1)", "expect(1):to_be(2)"),
    ] {
        let text = format!("it('yes', function() {check} end)\nit('no', function()\n {other}\nend)");
        let report = run(&[], &text).await;
        let told = said(&report);
        assert_eq!(told[0], "yes: ok", "{check}");
        assert!(
            told[1].starts_with("no: plugins/x/actions/a_test.lua:3 expected "),
            "{other}: {told:?}"
        );
    }
}

#[tokio::test]
async fn a_failed_test_tells_what_it_expected_and_got() {
    let report = run(
        &[],
        "it('a', function() expect({ b = { 1, 'x' } }).to_equal({ b = {} }) end)",
    )
    .await;
    let Verdict::Failed { at, expected, got } = &report.tests[0].verdict else {
        panic!("{report:?}")
    };
    assert_eq!(expected.as_deref(), Some("equal to { b = {} }"));
    assert_eq!(got.as_deref(), Some("{ b = { 1, \"x\" } }"));
    assert!(
        at.text.as_deref().is_some_and(|text| text.contains("to_equal")),
        "{at:?}"
    );
    assert_eq!(report.failed(), 1);
}

#[tokio::test]
async fn groups_and_hooks_run_in_their_order_and_after_each_also_after_a_failure() {
    let text = "local log = {}\nlocal function note(x) return function() table.insert(log, x) end end\n\
        before_each(note('1')) after_each(note('6'))\n\
        describe('g', function()\n before_each(note('2')) after_each(note('5'))\n\
        it('fails', function() note('3')() error('on purpose') end) end)\n\
        it('sees', function() expect(table.concat(log)).to_be('123561') end)";
    let told = said(&run(&[], text).await);
    assert_eq!(
        told,
        ["g > fails: plugins/x/actions/a_test.lua:6 on purpose", "sees: ok"]
    );
}

#[tokio::test]
async fn a_test_that_does_not_end_is_stopped_and_the_next_one_runs() {
    let text = "it('loops', function() while true do pcall(function() while true do end end) end end)\n\
        it('runs', function() expect(1).to_be(1) end)";
    let told = said(&run(&[], text).await);
    assert!(told[0].contains("did not end within"), "{told:?}");
    assert_eq!(told[1], "runs: ok");
}

#[tokio::test]
async fn scripts_are_loaded_as_the_host_loads_them() {
    let action = "local lib = require('lib.own')\nreturn { params = { type = 'object', properties = { n = { type = 'integer', default = 2 } } },\n\
        run = function(ctx, params) return { twice = lib.twice(params.n), test = tostring(test) } end }";
    let files = [
        ("plugins/x/actions/a.lua", action),
        (
            "plugins/x/lib/own.lua",
            "return { twice = function(n) return n * 2 end }",
        ),
        ("plugins/x/actions/bad.lua", "return {"),
    ];
    let text = "local a = test.action('a')\nit('has defaults', function() expect(a({}).twice).to_be(4) end)\n\
        it('checks', function() expect(function() a.run({}, { n = 'x' }) end).to_raise('invalid_params') end)\n\
        it('requires', function() expect(require('lib.own').twice(4)).to_be(8) end)\n\
        it('keeps its words to itself', function() expect(a({}).test).to_be('nil') end)\n\
        it('broken', function() test.action('bad') end)\n\
        it('unknown', function() test.action('aa') end)\n\
        it('policy', function() expect(#test.attempts(test.policy('retry'), { attempts = 5, err = { code = 'busy', retryable = true } })).to_be(4) end)";
    let told = said(&run(&files, text).await);
    assert_eq!(
        told[..4],
        [
            "has defaults: ok",
            "checks: ok",
            "requires: ok",
            "keeps its words to itself: ok"
        ]
    );
    assert!(told[4].contains("actions/bad is not loaded: "), "{told:?}");
    assert!(
        told[5].contains("there is no action `aa`; did you mean \"a\"?"),
        "{told:?}"
    );
    assert_eq!(told[6], "policy: ok");
}

#[tokio::test]
async fn the_clock_stands_still_until_somebody_waits() {
    let text = "local clock = test.clock\nlocal began = os.clock()\n\
        it('sleeps', function() local at = clock.now() clock.sleep(3600000) expect(clock.now() - at).to_be(3600000) end)\n\
        it('runs tasks', function() local log = {}\n\
        local a = clock.spawn(function() clock.sleep(10) table.insert(log, 'a') return 1, 2 end)\n\
        local b = clock.spawn(function() clock.sleep(5) table.insert(log, 'b') host.fail('busy', 'no') end)\n\
        local x, y = a:wait() expect({ x, y }).to_equal({ 1, 2 })\nend)\n\
        it('waits', function() local b = clock.spawn(function() clock.sleep(5) host.fail('busy', 'no') end)\n\
        expect(function() b:wait() end).to_raise('busy') end)\n\
        it('advances', function() local n = 0 clock.spawn(function() while true do clock.sleep(100) n = n + 1 end end)\n\
        clock:advance(1050) expect(n).to_be(10) clock.advance(50) expect(n).to_be(11) end)";
    let told = said(&run(&[], text).await);
    assert_eq!(told[0], "sleeps: ok");
    assert!(
        told[1].contains("no"),
        "a task that fails and is awaited by nobody fails the test: {told:?}"
    );
    assert_eq!(told[2..], ["waits: ok", "advances: ok"]);
}

#[tokio::test]
async fn a_file_that_cannot_be_loaded_says_why() {
    let report = run(&[], "it('a', function()\n  expect(1).to_be(1)\nend").await;
    let broken = report.broken.as_ref().expect("a fault");
    assert!(broken.line.is_some() && broken.error.contains("xpected"), "{broken:?}");
    assert_eq!(report.failed(), 1);
}
