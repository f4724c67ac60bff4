//! `ctx.keyboard`: keys, to whatever has the focus.

use std::time::Duration;

use mlua::{Lua, UserDataRef};

use super::{invalid, noun, raise};
use crate::browser::Context;

/// The keyboard of the page that the session shows.
pub(super) struct Keyboard(pub(super) Context);

noun! { Keyboard, KEYBOARD, "perilune.Keyboard", "Keys, to whatever has the focus.";
    await "type" type_text "fun(self, text: string, delay_ms?: number)" "Types a text by real key events, with a pause between them; what has no key is inserted as an input method would.";
    await "press" press "fun(self, keys: string)" "Presses a key or a combination, for instance Enter or Control+A.";
}

async fn type_text(
    _: Lua,
    keyboard: UserDataRef<Keyboard>,
    (text, delay_ms): (String, Option<f64>),
) -> mlua::Result<()> {
    let tab = keyboard.0.active().map_err(raise)?;
    let Some(delay_ms) = delay_ms else {
        return tab.type_text(&text).await.map_err(raise);
    };
    let delay = Duration::try_from_secs_f64(delay_ms / 1000.0)
        .map_err(|_| invalid(format!("a pause is some milliseconds, not {delay_ms}")))?;
    tab.type_slowly(&text, delay).await.map_err(raise)
}

async fn press(_: Lua, keyboard: UserDataRef<Keyboard>, keys: String) -> mlua::Result<()> {
    keyboard.0.active().map_err(raise)?.press(&keys).await.map_err(raise)
}
