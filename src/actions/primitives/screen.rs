//! `ctx.screen`: what people who watch see beside the page, out of the sight of the page's script.

use std::time::Duration;

use mlua::{Lua, LuaSerdeExt, UserDataRef};
use serde::Deserialize;

use super::target::Element;
use super::{invalid, noun, raise, value};
use crate::browser::{Context, Ink, Point, Rect};

/// The longest that a mark is seen, and the longest slow scroll.
const LONGEST: f64 = 60_000.0;
/// The thinnest and the thickest line.
const WIDTH: (f64, f64) = (0.5, 100.0);

/// What people see beside the page.
pub(super) struct Screen(pub(super) Context);

noun! { Screen, SCREEN, "perilune.Screen", "What people who watch see beside the page; the page's own script can neither see nor change it.";
    await "present" present "fun(self, enabled: boolean)" "Turns presentation mode on or off: a large pointer, and marks on what is acted upon, on every page that is shown.";
    read "presents" presents "fun(self): boolean" "Whether presentation mode is on.";
    await "pointer" pointer "fun(self, at?: perilune.Point)" "Draws a pointer at a point of the viewport, from where it follows the mouse; nil takes it away.";
    await "mark_element" mark_element "fun(self, element: perilune.Element, ink: perilune.Ink): perilune.Rect" "Scrolls to an element and puts a frame around it that follows it.";
    await "mark_box" mark_box "fun(self, box: perilune.Rect, ink: perilune.Ink): perilune.Rect" "Puts a frame around a box of the viewport.";
    await "mark_path" mark_path "fun(self, points: perilune.Point[], width: number, ink: perilune.Ink): perilune.Rect" "Draws a line through points of the viewport.";
    await "glide" glide "fun(self, dx: number, dy: number, ms: number, element?: perilune.Element): perilune.Glided" "Scrolls slowly what is in the middle of the view, or around the element.";
}

/// How scripts describe a mark's look.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Look {
    color: String,
    ms: f64,
}

async fn present(_: Lua, screen: UserDataRef<Screen>, enabled: bool) -> mlua::Result<()> {
    screen.0.present(enabled).await.map_err(raise)
}

fn presents(_: &Lua, screen: &Screen, (): ()) -> mlua::Result<bool> {
    Ok(screen.0.is_presenting())
}

async fn pointer(lua: Lua, screen: UserDataRef<Screen>, at: Option<mlua::Value>) -> mlua::Result<()> {
    let at: Option<Point> = at.map(|at| lua.from_value(at)).transpose()?;
    screen.0.show_pointer(at).await.map_err(raise)
}

async fn mark_element(
    lua: Lua,
    screen: UserDataRef<Screen>,
    (element, look): (UserDataRef<Element>, mlua::Value),
) -> mlua::Result<mlua::Value> {
    let ink = ink(&lua, look)?;
    // The element knows its own tab; the screen is that of the context it is in.
    let _ = screen;
    value(&lua, &element.0.highlight(&ink).await.map_err(raise)?)
}

async fn mark_box(
    lua: Lua,
    screen: UserDataRef<Screen>,
    (area, look): (mlua::Value, mlua::Value),
) -> mlua::Result<mlua::Value> {
    let (area, ink): (Rect, Ink) = (lua.from_value(area)?, ink(&lua, look)?);
    let tab = screen.0.active().map_err(raise)?;
    value(&lua, &tab.mark_box(area, &ink).await.map_err(raise)?)
}

async fn mark_path(
    lua: Lua,
    screen: UserDataRef<Screen>,
    (points, width, look): (mlua::Value, f64, mlua::Value),
) -> mlua::Result<mlua::Value> {
    let (points, ink): (Vec<Point>, Ink) = (lua.from_value(points)?, ink(&lua, look)?);
    if points.len() < 2 || points.len() > 10_000 {
        return Err(invalid(format!(
            "a line goes through 2 to 10000 points, not {}",
            points.len()
        )));
    }
    if !(WIDTH.0..=WIDTH.1).contains(&width) {
        return Err(invalid(format!(
            "a line is {} to {} pixels wide, not {width}",
            WIDTH.0, WIDTH.1
        )));
    }
    let tab = screen.0.active().map_err(raise)?;
    value(&lua, &tab.mark_path(&points, width, &ink).await.map_err(raise)?)
}

async fn glide(
    lua: Lua,
    screen: UserDataRef<Screen>,
    (x, y, ms, element): (f64, f64, f64, Option<UserDataRef<Element>>),
) -> mlua::Result<mlua::Value> {
    let (by, duration) = (Point { x, y }, time(ms)?);
    let done = match element {
        Some(element) => element.0.glide(by, duration).await,
        None => screen.0.active().map_err(raise)?.glide(by, duration).await,
    };
    value(&lua, &done.map_err(raise)?)
}

fn ink(lua: &Lua, look: mlua::Value) -> mlua::Result<Ink> {
    let look: Look = lua.from_value(look)?;
    Ok(Ink {
        colour: look.color,
        duration: time(look.ms)?,
    })
}

fn time(ms: f64) -> mlua::Result<Duration> {
    if (0.0..=LONGEST).contains(&ms) {
        return Ok(Duration::from_secs_f64(ms / 1000.0));
    }
    Err(invalid(format!("a time is 0 to {LONGEST} milliseconds, not {ms}")))
}
