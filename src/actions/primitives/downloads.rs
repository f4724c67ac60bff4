//! `ctx.downloads`: files that the session's pages hand out.

use mlua::{Lua, UserDataRef};

use super::page::address;
use super::target::Element;
use super::{noun, raise, value};
use crate::browser::Context;

/// The downloads of the session.
pub(super) struct Downloads(pub(super) Context);

noun! { Downloads, DOWNLOADS, "perilune.Downloads", "Files that the session's pages hand out; they are kept in a folder of the session.";
    await "fetch" fetch "fun(self, url: string): perilune.Download" "Downloads an address with the session's cookies and waits until the file is whole; the page that is shown stays.";
    await "from" from "fun(self, element: perilune.Element): perilune.Download" "Downloads what a link, a picture or a click on the element leads to.";
    read "list" list "fun(self): perilune.Download[]" "The latest downloads, the oldest first.";
}

async fn fetch(lua: Lua, downloads: UserDataRef<Downloads>, url: String) -> mlua::Result<mlua::Value> {
    let url = address(&url)?;
    value(&lua, &downloads.0.download(&url).await.map_err(raise)?)
}

async fn from(lua: Lua, downloads: UserDataRef<Downloads>, element: UserDataRef<Element>) -> mlua::Result<mlua::Value> {
    value(&lua, &downloads.0.download_from(&element.0).await.map_err(raise)?)
}

fn list(lua: &Lua, downloads: &Downloads, (): ()) -> mlua::Result<mlua::Value> {
    value(lua, &downloads.0.downloads())
}
