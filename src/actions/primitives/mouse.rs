//! `ctx.mouse`: pointing at places of the viewport.

use std::time::Duration;

use mlua::{Lua, Table, UserDataRef};
use serde_json::{Value, json};

use super::target::{Element, button};
use super::{invalid, noun, raise, value};
use crate::browser::{Context, Modifiers, Place, Point, ScriptOptions, ScriptWorld, Tab};

/// The mouse of the page that the session shows.
pub(super) struct Mouse(pub(super) Context);

noun! { Mouse, MOUSE, "perilune.Mouse", "Pointing at places of the viewport, whatever is there.";
    await "click" click "fun(self, x: number, y: number, button?: 'left'|'right'|'middle', count?: integer)" "Clicks a point of the viewport.";
    await "move" move_to "fun(self, x: number, y: number)" "Moves to a point of the viewport.";
    await "drag" drag "fun(self, from: perilune.Place, to: perilune.Place): perilune.Dragged" "Drags from one place to the other, by the page's drag events or by those of the mouse, as the page will have it.";
    await "scroll" scroll "fun(self, dx: number, dy: number, at?: perilune.Point): perilune.Scrolled" "Turns the wheel over a point (the middle of the viewport when not given) and waits until the page rests.";
}

/// What could scroll under a point, remembered in the page's isolated world while the wheel turns.
const REMEMBER: &str = r#"((x, y) => {
  const found = new Set([document.scrollingElement || document.documentElement]);
  let root = document;
  let hit = root.elementFromPoint(x, y);
  for (let depth = 0; hit && depth < 32; depth++) {
    for (let at = hit; at; at = at.assignedSlot || at.parentElement || (at.getRootNode() || {}).host) found.add(at);
    let inner = hit.shadowRoot;
    try {
      if (hit.contentDocument) {
        const box = hit.getBoundingClientRect();
        [x, y] = [x - box.left - hit.clientLeft, y - box.top - hit.clientTop];
        inner = hit.contentDocument;
        found.add(inner.scrollingElement || inner.documentElement);
      }
    } catch {}
    const next = inner && inner.elementFromPoint(x, y);
    if (!next || next === hit) break;
    hit = next;
  }
  globalThis.scrollers = [...found].map((at) => [at, at.scrollLeft, at.scrollTop]);
})"#;

/// Whether any of them has moved since, and where the page is.
const COMPARE: &str = "({ moved: (globalThis.scrollers || []).some(([at, left, top]) => \
    at.scrollLeft !== left || at.scrollTop !== top), scroll_x: scrollX, scroll_y: scrollY })";

/// How long the page may take to say where it is.
const ANSWER: Duration = Duration::from_secs(5);

async fn click(
    _: Lua,
    mouse: UserDataRef<Mouse>,
    (x, y, name, count): (f64, f64, Option<String>, Option<u32>),
) -> mlua::Result<()> {
    let tab = mouse.0.active().map_err(raise)?;
    inside(&tab, x, y).await?;
    let button = button(name.as_deref())?;
    tab.click_at(Point { x, y }, button, count.unwrap_or(1), Modifiers::default())
        .await
        .map_err(raise)
}

async fn move_to(_: Lua, mouse: UserDataRef<Mouse>, (x, y): (f64, f64)) -> mlua::Result<()> {
    let tab = mouse.0.active().map_err(raise)?;
    inside(&tab, x, y).await?;
    tab.mouse_move(x, y).await.map_err(raise)
}

async fn drag(
    lua: Lua,
    mouse: UserDataRef<Mouse>,
    (from, to): (mlua::Value, mlua::Value),
) -> mlua::Result<mlua::Value> {
    let tab = mouse.0.active().map_err(raise)?;
    let (from, to) = (place(&tab, from).await?, place(&tab, to).await?);
    let dragged = tab.drag(&from, &to).await.map_err(raise)?;
    let by = if dragged.by_drag_events { "drag" } else { "mouse" };
    value(&lua, &json!({ "from": dragged.from, "to": dragged.to, "events": by }))
}

/// An element, or a point of the viewport.
async fn place(tab: &Tab, place: mlua::Value) -> mlua::Result<Place> {
    match place {
        mlua::Value::UserData(element) => Ok(Place::Element(element.borrow::<Element>()?.0.clone())),
        mlua::Value::Table(point) => {
            let (x, y) = (point.get("x")?, point.get("y")?);
            inside(tab, x, y).await?;
            Ok(Place::Point(Point { x, y }))
        }
        _ => Err(invalid("a place is an element or a point { x, y }")),
    }
}

async fn scroll(
    lua: Lua,
    mouse: UserDataRef<Mouse>,
    (dx, dy, at): (f64, f64, Option<Table>),
) -> mlua::Result<mlua::Value> {
    let tab = mouse.0.active().map_err(raise)?;
    let (x, y) = match at {
        Some(at) => (at.get("x")?, at.get("y")?),
        None => {
            let state = tab.page_state().await.map_err(raise)?;
            (
                f64::from(state.viewport_width) / 2.0,
                f64::from(state.viewport_height) / 2.0,
            )
        }
    };
    inside(&tab, x, y).await?;
    ask(&tab, &format!("{REMEMBER}({x}, {y})")).await?;
    tab.wheel(x, y, dx, dy).await.map_err(raise)?;
    value(&lua, &ask(&tab, COMPARE).await?)
}

async fn ask(tab: &Tab, code: &str) -> mlua::Result<Value> {
    tab.evaluate(
        code,
        ScriptOptions {
            world: ScriptWorld::Isolated,
            timeout: ANSWER,
            max_bytes: 4096,
        },
    )
    .await
    .map_err(raise)
}

/// A point outside the viewport would be no point of the page, and nothing would happen.
async fn inside(tab: &Tab, x: f64, y: f64) -> mlua::Result<()> {
    let state = tab.page_state().await.map_err(raise)?;
    let (width, height) = (state.viewport_width, state.viewport_height);
    if (0.0..f64::from(width)).contains(&x) && (0.0..f64::from(height)).contains(&y) {
        return Ok(());
    }
    Err(invalid(format!(
        "the point {x}, {y} is outside the viewport, which is {width} by {height} pixels; scroll first"
    )))
}
