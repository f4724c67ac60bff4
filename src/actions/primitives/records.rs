//! `ctx.records`: what the page's console said and what the page requested.

use mlua::{Lua, LuaSerdeExt, UserDataRef};
use serde::Deserialize;
use serde_json::json;

use super::{noun, raise, value};
use crate::browser::{Context, Level, RecordFilter};

/// The recordings of the tab that is shown.
pub(super) struct Records(pub(super) Context);

noun! { Records, RECORDS, "perilune.Records", "What the shown tab's console said and what the tab requested, over its navigations; the latest 500 of each. Recorded from the first question on, which still learns of the present document.";
    await "console" console "fun(self, filter?: perilune.RecordFilter): perilune.ConsoleRecord" "Messages of the console, uncaught exceptions and the browser's remarks, the oldest first.";
    await "requests" requests "fun(self, filter?: perilune.RecordFilter): perilune.RequestRecord" "Requests, the oldest first.";
}

/// Entries that are given when the caller does not say how many.
const LIMIT: usize = 100;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Filter {
    since: Option<f64>,
    level: Option<Level>,
    url: Option<String>,
    limit: Option<usize>,
    clear: bool,
}

fn filter(lua: &Lua, filter: Option<mlua::Value>) -> mlua::Result<RecordFilter> {
    let filter: Filter = filter.map_or(Ok(Filter::default()), |filter| lua.from_value(filter))?;
    Ok(RecordFilter {
        since: filter.since,
        level: filter.level,
        url: filter.url,
        limit: filter.limit.unwrap_or(LIMIT),
        clear: filter.clear,
    })
}

async fn console(lua: Lua, records: UserDataRef<Records>, wanted: Option<mlua::Value>) -> mlua::Result<mlua::Value> {
    let tab = records.0.active().map_err(raise)?;
    let (entries, total) = tab.console(&filter(&lua, wanted)?).await.map_err(raise)?;
    value(&lua, &json!({ "entries": entries, "total": total }))
}

async fn requests(lua: Lua, records: UserDataRef<Records>, wanted: Option<mlua::Value>) -> mlua::Result<mlua::Value> {
    let tab = records.0.active().map_err(raise)?;
    let (entries, total) = tab.requests(&filter(&lua, wanted)?).await.map_err(raise)?;
    value(&lua, &json!({ "entries": entries, "total": total }))
}
