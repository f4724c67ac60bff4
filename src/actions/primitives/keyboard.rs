//! `ctx.keyboard`: keys, to whatever has the focus.

use mlua::{Lua, UserDataRef};

use super::{noun, raise};
use crate::browser::Context;

/// The keyboard of the page that the session shows.
pub(super) struct Keyboard(pub(super) Context);

noun! { Keyboard, KEYBOARD, "perilune.Keyboard", "Keys, to whatever has the focus.";
    await "type" type_text "fun(self, text: string)" "Types a text by real key events; what has no key is inserted as an input method would.";
    await "press" press "fun(self, keys: string)" "Presses a key or a combination, for instance Enter or Control+A.";
}

async fn type_text(_: Lua, keyboard: UserDataRef<Keyboard>, text: String) -> mlua::Result<()> {
    keyboard
        .0
        .active()
        .map_err(raise)?
        .type_text(&text)
        .await
        .map_err(raise)
}

async fn press(_: Lua, keyboard: UserDataRef<Keyboard>, keys: String) -> mlua::Result<()> {
    keyboard.0.active().map_err(raise)?.press(&keys).await.map_err(raise)
}
