//! Scripts that want to run for ever, take all memory or hang their thread: stopped, while others go on.

use std::time::Duration;

use perilune::protocol::ErrorType;
use perilune::script::{Caller, ScriptEvent};
use serde_json::json;

use super::bed::{Bed, PATIENCE, action, run};

/// Each must be stopped, whatever it catches and wherever it computes.
const HOSTILE: &[(&str, &str)] = &[
    ("while", "while true do end"),
    ("repeat", "repeat until false"),
    (
        "coroutine",
        "local co = coroutine.create(function() while true do end end) while true do coroutine.resume(co) end",
    ),
    (
        "nested_wrap",
        "local f = function() while true do end end for i = 1, 20 do f = coroutine.wrap(f) end f()",
    ),
    (
        "pcall_loop",
        "while true do pcall(function() while true do end end) end",
    ),
    (
        "pcall_tree",
        "local function tree() pcall(tree) pcall(tree) while true do end end tree()",
    ),
    (
        "xpcall_handler",
        "while true do xpcall(error, function() while true do end end) end",
    ),
    (
        "coroutine_maker",
        "while true do local c = coroutine.create(function() for i = 1, 100 do end end) coroutine.resume(c) end",
    ),
    (
        "index_recursion",
        "local t = {} setmetatable(t, { __index = function(t, k) return t[k] end }) return t.x",
    ),
    ("recursion", "local function f() return 1 + f() end return f()"),
    (
        "parentheses",
        "local f = host.json.decode(string.rep('[', 100000)) return f",
    ),
    ("rep_memory", "return #string.rep('x', 1e9)"),
    ("doubling", "local s = 'x' while true do s = s .. s end"),
    ("tables", "local t = {} while true do t[#t + 1] = { t } end"),
    (
        "rep_empty",
        "for i = 1, 100 do string.rep('', 1e9) end while true do end",
    ),
    (
        "pattern",
        "return string.find(string.rep('a', 40000), '.-.-.-.-.-.-b$')",
    ),
    ("gsub", "return string.gsub(string.rep('a', 200000), '.-b', '')"),
    (
        "plain_find",
        "local t = string.rep('a', 4e6) while true do string.find(t, string.rep('a', 2e6) .. 'b', 1, true) end",
    ),
    (
        "split",
        "local t = string.rep('a', 4e6) while true do string.split(t, string.rep('a', 2e6) .. 'b') end",
    ),
    (
        "find_no_specials",
        "local t = string.rep('a', 4e6) while true do t:find(string.rep('a', 2e6) .. 'b') end",
    ),
    (
        "comparator",
        "local t = {} for i = 1, 100 do t[i] = i end table.sort(t, function() while true do end end)",
    ),
    (
        "big_sort",
        "while true do local t = {} for i = 1, 1.5e6 do t[i] = -i end table.sort(t) end",
    ),
    ("move", "local t = {} while true do table.move(t, 1, 1e8, 2) end"),
    (
        "concat",
        "local t = {} for i = 1, 1e5 do t[i] = 'x' end while true do table.concat(t, string.rep(',', 1000)) end",
    ),
    ("unpack", "while true do pcall(table.unpack, {}, 1, 1e8) end"),
    ("format", "while true do string.format('%99s', 'x') end"),
    (
        "metamethod",
        "local t = setmetatable({}, { __eq = function() while true do end end }) return t == setmetatable({}, getmetatable(t))",
    ),
    (
        "gsub_callback",
        "return (string.gsub('abc', '.', function() while true do end end))",
    ),
    // Small in Lua, endless as JSON.
    ("result_tree", "local t = {} for i = 1, 60 do t = { t, t } end return t"),
];

/// Those that take all memory of their thread; who shares the thread at that moment finds none either.
const HUNGRY: &[&str] = &["rep_memory", "doubling", "tables"];

const TICK: &str = "ctx.sleep(1) return { n = ctx.add(1, 2) }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_scripts_are_stopped_while_others_go_on() {
    let file = |(name, body): &(&str, &str)| (format!("scripts/actions/{name}.lua"), action(body));
    let mut files: Vec<(String, String)> = HOSTILE.iter().map(file).collect();
    files.push(file(&("tick", TICK)));
    let files: Vec<_> = files.iter().map(|(at, text)| (at.as_str(), text.as_str())).collect();
    let bed = Bed::new(&files);
    let (mut beside, mut at_deadline) = (0, 0);
    for (name, _) in HOSTILE {
        let engine = bed.engine.clone();
        let stopped = tokio::spawn(async move { run(&engine, name, Duration::from_millis(300)).await });
        let guarded = async {
            while !stopped.is_finished() {
                match bed.run("tick").await {
                    Err(failure) if HUNGRY.contains(name) && failure.message.contains("not enough memory") => {}
                    answer => assert_eq!(answer, Ok(json!({ "n": 3 })), "beside {name}"),
                }
                beside += u32::from(!stopped.is_finished());
            }
        };
        tokio::time::timeout(PATIENCE, guarded).await.expect(name);
        let failure = stopped.await.expect("no panic").expect_err(name);
        match failure.error_type {
            ErrorType::HandlerError => {}
            ErrorType::HandlerTimeout => {
                at_deadline += 1;
                let line = failure.details.get("line");
                assert!(*name == "result_tree" || line == Some(&json!(2)), "{name}: {failure}");
            }
            _ => panic!("{name}: {failure}"),
        }
        assert_eq!(bed.run("tick").await, Ok(json!({ "n": 3 })), "after {name}");
    }
    assert_eq!(bed.engine.given_up(), 0, "each gave its thread back");
    assert!(at_deadline > HOSTILE.len() as u32 / 2, "{at_deadline} met the deadline");
    assert!(beside >= at_deadline, "only {beside} calls beside {at_deadline}");
    bed.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_that_computes_leaves_turns_to_others_on_its_thread() {
    let files = [
        ("scripts/actions/spin.lua", &*action("ctx.begin() while true do end")),
        ("scripts/actions/tick.lua", &*action(TICK)),
    ];
    let bed = Bed::with(&files, |config| config.workers = 1);
    let (begin, mut began) = tokio::sync::mpsc::channel(1);
    let engine = bed.engine.clone();
    let spinning = tokio::spawn(async move {
        let context = move |lua: &mlua::Lua, _: &Caller| {
            let ctx = lua.create_table()?;
            let begin = begin.clone();
            let begin = move |_: &mlua::Lua, ()| begin.try_send(()).map_err(mlua::Error::external);
            ctx.set("begin", lua.create_function(begin)?)?;
            Ok(ctx)
        };
        super::bed::run_in(&engine, "spin", Duration::from_secs(600), Box::new(context)).await
    });
    began.recv().await.expect("the script runs");
    for _ in 0..20 {
        assert_eq!(bed.run("tick").await, Ok(json!({ "n": 3 })));
    }
    assert!(!spinning.is_finished());
    bed.engine.shutdown().await;
    let ended = tokio::time::timeout(PATIENCE, spinning).await.expect("in time");
    ended.expect("no panic").expect_err("the engine has ended");
    assert_eq!(bed.engine.given_up(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_that_hangs_in_a_host_function_is_given_up() {
    let files = [
        ("scripts/actions/hang.lua", &*action("host.block()")),
        ("scripts/actions/ok.lua", &*action("return { ok = true }")),
    ];
    let mut bed = Bed::with(&files, |config| config.workers = 1);
    let hanging = run(&bed.engine, "hang", Duration::from_millis(100));
    let stopped = tokio::time::timeout(PATIENCE, hanging).await.expect("though it hangs");
    assert_eq!(stopped.expect_err("stopped").error_type, ErrorType::HandlerTimeout);
    assert_eq!(bed.engine.given_up(), 1);
    assert!(matches!(bed.event().await, ScriptEvent::Failed { file, .. } if file == "actions/hang.lua"));
    assert_eq!(bed.run("ok").await, Ok(json!({ "ok": true })));

    // A caller that goes away leaves the thread hanging too; the next one has it replaced.
    bed.blocked.recv().await.expect("the first has hung");
    let engine = bed.engine.clone();
    let hanging = tokio::spawn(async move { run(&engine, "hang", PATIENCE).await });
    bed.blocked.recv().await.expect("the second hangs");
    hanging.abort();
    assert_eq!(bed.run("ok").await, Ok(json!({ "ok": true })));
    assert_eq!(bed.engine.given_up(), 2);
    bed.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_stopped_script_has_left_is_not_the_next_ones_want_of_memory() {
    let hoard = "local t = {} for i = 1, 400 do t[i] = string.rep('x', 125000 + i) end while true do end";
    let files = [
        ("scripts/actions/hoard.lua", &*action(hoard)),
        (
            "scripts/actions/modest.lua",
            &*action("return { n = #string.rep('y', 30000000) }"),
        ),
    ];
    let bed = Bed::with(&files, |config| (config.workers, config.memory) = (1, 64 << 20));
    for _ in 0..3 {
        let stopped = run(&bed.engine, "hoard", Duration::from_secs(1)).await;
        assert_eq!(stopped.expect_err("stopped").error_type, ErrorType::HandlerTimeout);
        assert_eq!(bed.run("modest").await, Ok(json!({ "n": 30_000_000 })));
    }
    bed.engine.shutdown().await;
}
