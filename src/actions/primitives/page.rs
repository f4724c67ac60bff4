//! `ctx.page`: the document that the session shows, whichever tab that is at the moment.

use std::time::{Duration, Instant};

use mlua::{Lua, LuaSerdeExt, UserDataRef};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::picture::screenshot;
use super::reading::{article, wait_for};
use super::target::Element;
use super::{invalid, noun, raise, value};
use crate::browser::{Context, Locator, Navigation, ScriptOptions, ScriptWorld, SnapshotOptions, Tab};

/// JavaScript's answers beyond this are refused: they would fill the Lua state.
const MAX_VALUE: usize = 2 * 1024 * 1024;
/// How long an action that may have opened a page waits for it when it does not say.
const SETTLE: Duration = Duration::from_secs(10);

/// What the session shows.
#[derive(Clone)]
pub(super) struct Page {
    pub(super) context: Context,
    pub(super) navigation_timeout: Duration,
    /// When the call must have ended; JavaScript of the page is given that long.
    pub(super) until: Instant,
}

noun! { Page, PAGE, "perilune.Page", "The document that the session shows, whichever tab that is at the moment.";
    await "navigate" navigate "fun(self, url: string): perilune.Navigation" "Opens an address and waits until it has loaded.";
    read "check" check "fun(self, url: string)" "Raises what navigate would raise about an address that is none or is forbidden.";
    await "back" back "fun(self): perilune.Navigation" "Goes back one page in the history.";
    await "forward" forward "fun(self): perilune.Navigation" "Goes forward one page in the history.";
    await "reload" reload "fun(self): perilune.Navigation" "Loads the page again.";
    await "wait_for_load" wait_for_load "fun(self, ms?: number): boolean" "Waits until nothing loads any more; false when something still does after ms (10,000 when not given).";
    read "url" url "fun(self): string" "Its address.";
    read "title" title "fun(self): string" "Its title.";
    await "state" state "fun(self): perilune.PageState" "Address, title, ready state, scroll position, viewport and mouse.";
    await "snapshot" snapshot "fun(self): perilune.Snapshot" "Numbers the interactive elements anew; raises the revision.";
    await "locate" locate "fun(self, target: perilune.Target): perilune.Element" "The element that a target means.";
    await "evaluate" evaluate "fun(self, code: string, world?: 'main'|'isolated', limits?: perilune.ScriptLimits): any" "Runs JavaScript as a console does and gives its awaited value; null is host.json.null.";
    await "wait_for" wait_for "fun(self, condition: perilune.Condition, ms: number): string?" "Waits until a text, an element, an address or a state of loading is there; gives what it was; raises timeout with what is there instead.";
    await "article" article "fun(self, options?: perilune.ArticleOptions): perilune.Article" "What the page says, as Markdown; without what is hidden and what fields hold.";
    await "screenshot" screenshot "fun(self, options?: perilune.Screenshot): perilune.Picture" "Takes a picture; its data is base64.";
}

impl Page {
    pub(super) fn tab(&self) -> mlua::Result<Tab> {
        self.context.active().map_err(raise)
    }
}

/// How scripts name an element or a place.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Target {
    index: Option<u32>,
    revision: Option<u64>,
    selector: Option<String>,
    x: Option<f64>,
    y: Option<f64>,
    focused: bool,
    first_input: bool,
}

/// What a script may bound of JavaScript that it runs.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ScriptLimits {
    timeout_ms: Option<f64>,
    max_bytes: Option<usize>,
}

impl Target {
    /// What it points at.
    pub(super) fn locator(self) -> mlua::Result<Locator> {
        match self {
            Target {
                index: Some(index),
                revision,
                selector: None,
                ..
            } => Ok(Locator::Index { index, revision }),
            Target {
                selector: Some(selector),
                index: None,
                ..
            } => Ok(Locator::Selector(selector)),
            Target {
                x: Some(x), y: Some(y), ..
            } => Ok(Locator::Point { x, y }),
            Target { focused: true, .. } => Ok(Locator::Focused),
            Target { first_input: true, .. } => Ok(Locator::FirstInput),
            _ => Err(invalid(
                "a target is one of index (with revision), selector, x and y, focused, first_input",
            )),
        }
    }
}

async fn navigate(lua: Lua, page: UserDataRef<Page>, text: String) -> mlua::Result<mlua::Value> {
    let url = address(&text)?;
    let done = page
        .tab()?
        .navigate(&url, page.navigation_timeout)
        .await
        .map_err(raise)?;
    navigation(&lua, done)
}

fn check(_: &Lua, page: &Page, text: String) -> mlua::Result<()> {
    let url = address(&text)?;
    page.tab()?.rules().check_url(&url).map_err(raise)
}

async fn back(lua: Lua, page: UserDataRef<Page>, (): ()) -> mlua::Result<mlua::Value> {
    navigation(&lua, page.tab()?.back(page.navigation_timeout).await.map_err(raise)?)
}

async fn forward(lua: Lua, page: UserDataRef<Page>, (): ()) -> mlua::Result<mlua::Value> {
    navigation(&lua, page.tab()?.forward(page.navigation_timeout).await.map_err(raise)?)
}

async fn reload(lua: Lua, page: UserDataRef<Page>, (): ()) -> mlua::Result<mlua::Value> {
    navigation(&lua, page.tab()?.reload(page.navigation_timeout).await.map_err(raise)?)
}

async fn wait_for_load(_: Lua, page: UserDataRef<Page>, ms: Option<f64>) -> mlua::Result<bool> {
    let timeout = ms.map_or(SETTLE, |ms| Duration::from_secs_f64((ms / 1000.0).clamp(0.0, 3600.0)));
    let until = Instant::now() + timeout;
    loop {
        let tab = page.tab()?;
        // That a key or click asked for a navigation is told by an event; one round trip later it has been read. A page
        // that cannot answer is on its way already.
        let _ = tokio::time::timeout_at(until.into(), tab.page_state()).await;
        if tab
            .wait_for_load(until.saturating_duration_since(Instant::now()))
            .await
            .is_err()
        {
            return Ok(false);
        }
        // A new tab may have come to the front meanwhile.
        if page.tab()?.target_id() == tab.target_id() {
            return Ok(true);
        }
    }
}

fn url(_: &Lua, page: &Page, (): ()) -> mlua::Result<String> {
    Ok(page.tab()?.url())
}

fn title(_: &Lua, page: &Page, (): ()) -> mlua::Result<String> {
    Ok(page.tab()?.title())
}

async fn state(lua: Lua, page: UserDataRef<Page>, (): ()) -> mlua::Result<mlua::Value> {
    value(&lua, &page.tab()?.page_state().await.map_err(raise)?)
}

async fn snapshot(lua: Lua, page: UserDataRef<Page>, (): ()) -> mlua::Result<mlua::Value> {
    value(
        &lua,
        &page.tab()?.snapshot(SnapshotOptions::default()).await.map_err(raise)?,
    )
}

async fn locate(lua: Lua, page: UserDataRef<Page>, target: mlua::Value) -> mlua::Result<Element> {
    let locator = lua.from_value::<Target>(target)?.locator()?;
    page.tab()?.locate(locator).await.map(Element).map_err(raise)
}

async fn evaluate(
    lua: Lua,
    page: UserDataRef<Page>,
    (code, world, limits): (String, Option<String>, Option<mlua::Value>),
) -> mlua::Result<mlua::Value> {
    let world = match world.as_deref() {
        None | Some("main") => ScriptWorld::Main,
        Some("isolated") => ScriptWorld::Isolated,
        Some(other) => return Err(invalid(format!("world is \"main\" or \"isolated\", not {other:?}"))),
    };
    let limits: ScriptLimits = limits.map_or(Ok(ScriptLimits::default()), |limits| lua.from_value(limits))?;
    let left = page.until.saturating_duration_since(Instant::now());
    let wanted = limits
        .timeout_ms
        .and_then(|ms| Duration::try_from_secs_f64(ms / 1000.0).ok());
    let options = ScriptOptions {
        world,
        timeout: wanted.map_or(left, |wanted| wanted.min(left)),
        max_bytes: limits.max_bytes.map_or(MAX_VALUE, |bytes| bytes.min(MAX_VALUE)),
    };
    let answer = page.tab()?.evaluate(&code, options).await.map_err(raise)?;
    // Nulls are kept as such: they have their place in lists, and the answer may be sent on as it is.
    lua.to_value(&answer)
}

fn navigation(lua: &Lua, done: Navigation) -> mlua::Result<mlua::Value> {
    let load_time_ms = done.load_time.as_micros() as f64 / 1000.0;
    value(
        lua,
        &json!({ "url": done.url, "title": done.title, "status": done.status, "load_time_ms": load_time_ms }),
    )
}

/// The address that a person means: a bare host name gets `https`, one of this machine `http`.
pub(super) fn address(text: &str) -> mlua::Result<Url> {
    let text = text.trim();
    let bare = || {
        let host = text.split(['/', '?', '#']).next().unwrap_or_default();
        let name = host
            .rsplit_once(':')
            .filter(|(_, port)| port.parse::<u16>().is_ok())
            .map_or(host, |(name, _)| name);
        let local = name == "localhost" || name.starts_with('[') || name.parse::<std::net::Ipv4Addr>().is_ok();
        let usable =
            local || (name.contains('.') && !name.contains(|c: char| c.is_whitespace() || c == ':' || c == '@'));
        usable
            .then(|| Url::parse(&format!("{}://{text}", if local { "http" } else { "https" })).ok())
            .flatten()
    };
    // `localhost:8000` parses as an address with the scheme `localhost`.
    let parsed = Url::parse(text);
    let parsed = match &parsed {
        Ok(url) if !text[url.scheme().len()..].starts_with("://") && bare().is_some() => bare().ok_or(()),
        Ok(_) => parsed.map_err(|_| ()),
        Err(url::ParseError::RelativeUrlWithoutBase) => bare().ok_or(()),
        Err(_) => Err(()),
    };
    parsed.map_err(|()| {
        let shown: String = text.chars().take(200).collect();
        invalid(format!(
            "{shown:?} is no address; write it like https://example.com/page"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        for (text, expect) in [
            ("https://example.com/a?b#c", Some("https://example.com/a?b#c")),
            ("example.com", Some("https://example.com/")),
            ("example.com:8443/x", Some("https://example.com:8443/x")),
            ("localhost:8000/x", Some("http://localhost:8000/x")),
            ("127.0.0.1:8000", Some("http://127.0.0.1:8000/")),
            (" about:blank ", Some("about:blank")),
            ("javascript:alert(1)", Some("javascript:alert(1)")),
            ("file:///etc/passwd", Some("file:///etc/passwd")),
            ("mailto:a@example.com", Some("mailto:a@example.com")),
            ("http://", None),
            ("what is this", None),
            ("nothing", None),
            ("", None),
        ] {
            assert_eq!(address(text).ok().as_ref().map(Url::as_str), expect, "{text:?}");
        }
    }
}
