//! `ctx.clipboard`: what the room has copied; other rooms and the machine have clipboards of their own.

use mlua::{Lua, UserDataRef};
use serde_json::json;

use super::{noun, raise, value};
use crate::browser::{Context, Copied, Pasted};

/// The clipboard of the room.
pub(super) struct Clipboard(pub(super) Context);

noun! { Clipboard, CLIPBOARD, "perilune.Clipboard", "What the room has copied; other rooms and the machine have clipboards of their own.";
    await "copy" copy "fun(self): perilune.Copied" "Copies what is selected where the focus is; from secret fields nothing.";
    await "cut" cut "fun(self): perilune.Copied" "Copies what is selected and removes it.";
    await "paste" paste "fun(self): perilune.Pasted" "Inserts what was copied where the caret is.";
    await "selected" selected "fun(self): integer?" "How many characters are selected where the focus is; nil for secret fields.";
}

async fn copy(lua: Lua, clipboard: UserDataRef<Clipboard>, (): ()) -> mlua::Result<mlua::Value> {
    let copied = clipboard.0.active().map_err(raise)?.copy().await;
    value(&lua, &told(copied.map_err(raise)?))
}

async fn cut(lua: Lua, clipboard: UserDataRef<Clipboard>, (): ()) -> mlua::Result<mlua::Value> {
    let copied = clipboard.0.active().map_err(raise)?.cut().await;
    value(&lua, &told(copied.map_err(raise)?))
}

fn told(copied: Copied) -> serde_json::Value {
    match copied {
        Copied::Text(characters) => json!({ "state": "copied", "characters": characters }),
        Copied::Nothing => json!({ "state": "nothing" }),
        Copied::Secret => json!({ "state": "secret" }),
        Copied::Fixed => json!({ "state": "fixed" }),
    }
}

async fn paste(lua: Lua, clipboard: UserDataRef<Clipboard>, (): ()) -> mlua::Result<mlua::Value> {
    let pasted = clipboard.0.active().map_err(raise)?.paste().await;
    let told = match pasted.map_err(raise)? {
        Pasted::Inserted(characters) => json!({ "state": "inserted", "characters": characters }),
        Pasted::Taken(characters) => json!({ "state": "taken", "characters": characters }),
        Pasted::Refused => json!({ "state": "refused" }),
        Pasted::Empty => json!({ "state": "empty" }),
    };
    value(&lua, &told)
}

async fn selected(_: Lua, clipboard: UserDataRef<Clipboard>, (): ()) -> mlua::Result<Option<usize>> {
    let tab = clipboard.0.active().map_err(raise)?;
    tab.selected().await.map_err(raise)
}
