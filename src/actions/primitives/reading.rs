//! Parts of `ctx.page` that read: waiting for what it shows, and what it says as Markdown.

use std::time::Duration;

use mlua::{Lua, LuaSerdeExt, UserDataRef};
use serde::Deserialize;

use super::page::Page;
use super::{invalid, raise, value};
use crate::browser::{ArticleOptions, Load, Presence, Shown, Shows, Until};

/// Characters of Markdown when nothing else is said, and the most.
const CHARACTERS: (usize, usize) = (100_000, 1_000_000);
/// The longest wait.
const LONGEST: f64 = 3_600_000.0;

/// How scripts name what they wait for.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Condition {
    text: Option<String>,
    selector: Option<String>,
    state: Option<String>,
    url: Option<String>,
    load_state: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    main_only: bool,
    max_chars: Option<usize>,
}

pub(super) async fn wait_for(
    lua: Lua,
    page: UserDataRef<Page>,
    (condition, ms): (mlua::Value, f64),
) -> mlua::Result<Option<String>> {
    let until = until(lua.from_value(condition)?)?;
    let timeout = Duration::from_secs_f64(ms.clamp(0.0, LONGEST) / 1000.0);
    page.tab()?.wait_until(&until, timeout).await.map_err(raise)
}

fn until(condition: Condition) -> mlua::Result<Until> {
    let state = match condition.state.as_deref() {
        None | Some("visible") => Presence::Visible,
        Some("hidden") => Presence::Hidden,
        Some("attached") => Presence::Attached,
        Some(other) => {
            return Err(invalid(format!(
                "state is \"visible\", \"hidden\" or \"attached\", not {other:?}"
            )));
        }
    };
    let shows = |what| Ok(Until::Shows(Shown { what, state }));
    match condition {
        Condition {
            text: Some(text),
            selector: None,
            url: None,
            load_state: None,
            ..
        } if !text.trim().is_empty() => shows(Shows::Text(text)),
        Condition {
            selector: Some(selector),
            text: None,
            url: None,
            load_state: None,
            ..
        } => shows(Shows::Selector(selector)),
        Condition {
            url: Some(url),
            text: None,
            selector: None,
            load_state: None,
            ..
        } => Ok(Until::Url(url)),
        Condition {
            load_state: Some(name),
            text: None,
            selector: None,
            url: None,
            ..
        } => match name.as_str() {
            "load" => Ok(Until::Load(Load::Done)),
            "network_idle" => Ok(Until::Load(Load::Idle)),
            other => Err(invalid(format!(
                "load_state is \"load\" or \"network_idle\", not {other:?}"
            ))),
        },
        _ => Err(invalid(
            "a condition is exactly one of text (not empty), selector, url and load_state",
        )),
    }
}

pub(super) async fn article(
    lua: Lua,
    page: UserDataRef<Page>,
    options: Option<mlua::Value>,
) -> mlua::Result<mlua::Value> {
    let options: Options = options.map_or(Ok(Options::default()), |options| lua.from_value(options))?;
    let options = ArticleOptions {
        main_only: options.main_only,
        max_chars: options.max_chars.unwrap_or(CHARACTERS.0).min(CHARACTERS.1),
    };
    value(&lua, &page.tab()?.article(options).await.map_err(raise)?)
}
