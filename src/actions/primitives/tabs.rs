//! `ctx.tabs`: the session's tabs.

use mlua::{Lua, UserDataRef};

use super::{noun, raise, value};
use crate::browser::Context;
use crate::protocol::{ErrorType, Failure, TabInfo};

/// The tabs of the session.
pub(super) struct Tabs(pub(super) Context);

noun! { Tabs, TABS, "perilune.Tabs", "The session's tabs, numbered from 0.";
    read "list" list "fun(self): perilune.Tab[]" "All open tabs.";
    await "open" open "fun(self): perilune.Tab" "Opens an empty tab and shows it.";
    await "switch" switch "fun(self, index: integer): perilune.Tab" "Shows a tab.";
    await "reopen" reopen "fun(self): perilune.Tab" "Opens the tab that was closed last once more, at its last address.";
    await "refresh" refresh "fun(self)" "Reads titles that pages have changed meanwhile.";
    await "close" close "fun(self, index?: integer): perilune.Tab" "Closes a tab, by default the one that is shown; gives what it was.";
}

fn list(lua: &Lua, tabs: &Tabs, (): ()) -> mlua::Result<mlua::Value> {
    value(lua, &tabs.0.tabs())
}

async fn open(lua: Lua, tabs: UserDataRef<Tabs>, (): ()) -> mlua::Result<mlua::Value> {
    tabs.0.new_tab(None).await.map_err(raise)?;
    value(&lua, &shown(&tabs.0)?)
}

async fn switch(lua: Lua, tabs: UserDataRef<Tabs>, index: usize) -> mlua::Result<mlua::Value> {
    tabs.0.switch_tab(index).await.map_err(raise)?;
    value(&lua, &shown(&tabs.0)?)
}

async fn reopen(lua: Lua, tabs: UserDataRef<Tabs>, (): ()) -> mlua::Result<mlua::Value> {
    tabs.0.reopen_tab().await.map_err(raise)?;
    value(&lua, &shown(&tabs.0)?)
}

async fn refresh(_: Lua, tabs: UserDataRef<Tabs>, (): ()) -> mlua::Result<()> {
    tabs.0.refresh().await.map_err(raise)
}

async fn close(lua: Lua, tabs: UserDataRef<Tabs>, index: Option<usize>) -> mlua::Result<mlua::Value> {
    let closed = match index {
        Some(index) => tabs.0.tabs().into_iter().nth(index),
        None => Some(shown(&tabs.0)?),
    };
    tabs.0
        .close_tab(closed.as_ref().map(|tab| tab.index).or(index))
        .await
        .map_err(raise)?;
    value(&lua, &closed)
}

/// The tab that is shown.
fn shown(context: &Context) -> mlua::Result<TabInfo> {
    let shown = context.tabs().into_iter().find(|tab| tab.active);
    shown.ok_or_else(|| {
        raise(Failure::new(
            ErrorType::BrowserCrashed,
            "the session shows no tab; start it again",
        ))
    })
}
