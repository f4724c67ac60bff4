//! `ctx.dialogs`: what pages ask in dialogs, and what they are answered.

use mlua::Lua;
use serde::{Deserialize, Serialize};

use super::{noun, value};
use crate::browser::{Context, DialogAnswer};

/// The dialogs of the session's pages.
pub(super) struct Dialogs(pub(super) Context);

noun! { Dialogs, DIALOGS, "perilune.Dialogs", "What pages ask in dialogs. Each is answered at once, so that nothing hangs; the answer can be said in advance.";
    read "answer" answer "fun(self, answer?: perilune.DialogAnswer)" "How the next questions (confirm, prompt, leaving a page) are answered; nothing: as usual.";
    read "next" next "fun(self): perilune.DialogAnswer?" "The answer that is ready.";
    read "list" list "fun(self): perilune.Dialog[]" "The latest dialogs with their answers, the oldest first.";
}

/// The answer as scripts write it.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    accept: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

fn answer(lua: &Lua, dialogs: &Dialogs, answer: Option<mlua::Value>) -> mlua::Result<()> {
    use mlua::LuaSerdeExt;
    let answer: Option<Answer> = answer.map(|answer| lua.from_value(answer)).transpose()?;
    dialogs
        .0
        .answer_dialogs(answer.map(|Answer { accept, text, times }| DialogAnswer { accept, text, times }));
    Ok(())
}

fn next(lua: &Lua, dialogs: &Dialogs, (): ()) -> mlua::Result<mlua::Value> {
    let next = dialogs.0.next_dialog_answer();
    value(
        lua,
        &next.map(|DialogAnswer { accept, text, times }| Answer { accept, text, times }),
    )
}

fn list(lua: &Lua, dialogs: &Dialogs, (): ()) -> mlua::Result<mlua::Value> {
    value(lua, &dialogs.0.dialogs())
}
