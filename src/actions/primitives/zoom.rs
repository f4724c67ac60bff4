//! `ctx.zoom`: how large the page is drawn.

use mlua::{Lua, UserDataRef};

use super::{invalid, noun, raise};
use crate::browser::{self, Context};

/// The zoom of the tab that is shown.
pub(super) struct Zoom(pub(super) Context);

noun! { Zoom, ZOOM, "perilune.Zoom", "How large the tab that is shown draws its pages, in percent.";
    read "get" get "fun(self): integer" "The percentage.";
    await "larger" larger "fun(self): integer" "One of a browser's steps larger, 500 at most; gives the new percentage.";
    await "smaller" smaller "fun(self): integer" "One step smaller, 25 at least.";
    await "set" set "fun(self, percent: integer): integer" "To a percentage from 25 to 500.";
}

fn get(_: &Lua, zoom: &Zoom, (): ()) -> mlua::Result<u32> {
    Ok(zoom.0.active().map_err(raise)?.zoom())
}

async fn larger(_: Lua, zoom: UserDataRef<Zoom>, (): ()) -> mlua::Result<u32> {
    to(&zoom.0, browser::Zoom::In).await
}

async fn smaller(_: Lua, zoom: UserDataRef<Zoom>, (): ()) -> mlua::Result<u32> {
    to(&zoom.0, browser::Zoom::Out).await
}

async fn set(_: Lua, zoom: UserDataRef<Zoom>, percent: u32) -> mlua::Result<u32> {
    if !(25..=500).contains(&percent) {
        return Err(invalid(format!("a page is drawn at 25 to 500 percent, not {percent}")));
    }
    to(&zoom.0, browser::Zoom::To(percent)).await
}

async fn to(context: &Context, zoom: browser::Zoom) -> mlua::Result<u32> {
    let tab = context.active().map_err(raise)?;
    tab.set_zoom(zoom).await.map_err(raise)
}
