//! What `page:locate` gives: one element of the page, in whichever frame or shadow root.

use mlua::{Lua, LuaSerdeExt, UserDataRef};
use serde::Deserialize;
use serde_json::json;

use super::{invalid, noun, raise, value};
use crate::browser::{self, Button, Check, Choice, Click};
use crate::protocol::{ErrorType, Failure};

/// One element of the page.
pub(super) struct Element(pub(super) browser::Element);

noun! { Element, ELEMENT, "perilune.Element", "One element of the page, in whichever frame or shadow root.";
    await "click" click "fun(self, button?: 'left'|'right'|'middle', count?: integer): perilune.Point" "Clicks it where it can be hit, once it is visible, enabled, still and not covered.";
    await "hover" hover "fun(self): perilune.Point" "Moves the mouse over it, once it is visible, still and not covered.";
    await "focus" focus "fun(self)" "Gives it the keyboard.";
    await "focus_at_end" focus_at_end "fun(self)" "Gives it the keyboard, the caret behind its text; raises not_interactable when no text can be typed into it.";
    await "clear" clear "fun(self)" "Empties the field.";
    await "select" select "fun(self, option: perilune.Option): perilune.Chosen" "Chooses an option of a dropdown list.";
    await "scroll_into_view" scroll_into_view "fun(self)" "Scrolls until it is in the viewport.";
    await "point" point "fun(self): perilune.Point" "Where the mouse would hit it in the viewport.";
    await "text" text "fun(self): string" "Its text as a person sees it.";
    await "value" read_value "fun(self): any" "What the field holds; nil when it is no field, or holds a secret.";
    await "attribute" attribute "fun(self, name: string): string?" "An attribute's value.";
    read "describe" describe "fun(self): string" "Its tag with the attributes that tell it from others; never what it holds.";
}

/// How scripts name an option of a dropdown list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choose {
    value: Option<String>,
    text: Option<String>,
    option_index: Option<u32>,
}

/// The button of that name; the left one when none is named.
pub(super) fn button(name: Option<&str>) -> mlua::Result<Button> {
    match name {
        None | Some("left") => Ok(Button::Left),
        Some("right") => Ok(Button::Right),
        Some("middle") => Ok(Button::Middle),
        Some(other) => Err(invalid(format!(
            "a mouse button is \"left\", \"right\" or \"middle\", not {other:?}"
        ))),
    }
}

async fn click(
    lua: Lua,
    element: UserDataRef<Element>,
    (name, count): (Option<String>, Option<u32>),
) -> mlua::Result<mlua::Value> {
    let click = Click {
        button: button(name.as_deref())?,
        count: count.unwrap_or(1),
        ..Click::default()
    };
    value(&lua, &element.0.click(click).await.map_err(raise)?)
}

async fn hover(lua: Lua, element: UserDataRef<Element>, (): ()) -> mlua::Result<mlua::Value> {
    value(&lua, &element.0.hover().await.map_err(raise)?)
}

async fn focus(_: Lua, element: UserDataRef<Element>, (): ()) -> mlua::Result<()> {
    element.0.focus().await.map_err(raise)
}

async fn focus_at_end(_: Lua, element: UserDataRef<Element>, (): ()) -> mlua::Result<()> {
    element.0.focus_at_end().await.map_err(raise)
}

async fn clear(_: Lua, element: UserDataRef<Element>, (): ()) -> mlua::Result<()> {
    element.0.clear().await.map_err(raise)
}

async fn select(lua: Lua, element: UserDataRef<Element>, option: mlua::Value) -> mlua::Result<mlua::Value> {
    let choice = match lua.from_value(option)? {
        Choose {
            value: Some(value),
            text: None,
            option_index: None,
        } => Choice::Value(value),
        Choose {
            value: None,
            text: Some(text),
            option_index: None,
        } => Choice::Label(text),
        Choose {
            value: None,
            text: None,
            option_index: Some(index),
        } => Choice::Index(index),
        _ => {
            return Err(invalid(
                "an option is named by exactly one of value, text and option_index",
            ));
        }
    };
    let chosen = element.0.select(&[choice]).await.map_err(raise)?.into_iter().next();
    let chosen = chosen.ok_or_else(|| {
        raise(Failure::new(
            ErrorType::ActionFailed,
            "the page took the choice back at once; read it with get_screen_content",
        ))
    })?;
    value(
        &lua,
        &json!({ "value": chosen.value, "text": chosen.label, "option_index": chosen.index }),
    )
}

async fn scroll_into_view(_: Lua, element: UserDataRef<Element>, (): ()) -> mlua::Result<()> {
    element.0.scroll_into_view().await.map_err(raise)
}

async fn point(lua: Lua, element: UserDataRef<Element>, (): ()) -> mlua::Result<mlua::Value> {
    value(&lua, &element.0.point(Check::hover()).await.map_err(raise)?)
}

async fn text(_: Lua, element: UserDataRef<Element>, (): ()) -> mlua::Result<String> {
    element.0.text().await.map_err(raise)
}

async fn read_value(lua: Lua, element: UserDataRef<Element>, (): ()) -> mlua::Result<mlua::Value> {
    value(&lua, &element.0.value().await.map_err(raise)?)
}

async fn attribute(_: Lua, element: UserDataRef<Element>, name: String) -> mlua::Result<Option<String>> {
    element.0.attribute(&name).await.map_err(raise)
}

fn describe(_: &Lua, element: &Element, (): ()) -> mlua::Result<String> {
    Ok(element.0.describe().to_owned())
}
