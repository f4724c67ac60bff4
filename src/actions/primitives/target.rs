//! What `page:locate` gives: one element of the page, in whichever frame or shadow root.

use mlua::{Lua, UserDataRef};

use super::credentials::fill_credential;
use super::field::{
    fill, is_checked, is_selected, kind, modifiers, radio, reset, select, select_all, select_many, set_checked, submit,
    upload,
};
use super::{invalid, noun, raise, value};
use crate::browser::{self, Button, Check, Click};

/// One element of the page.
pub(super) struct Element(pub(super) browser::Element);

noun! { Element, ELEMENT, "perilune.Element", "One element of the page, in whichever frame or shadow root.";
    await "click" click "fun(self, button?: 'left'|'right'|'middle', count?: integer, held?: string[]): perilune.Point" "Clicks it where it can be hit, once it is visible, enabled, still and not covered; held are keys such as Control.";
    await "hover" hover "fun(self): perilune.Point" "Moves the mouse over it, once it is visible, still and not covered.";
    await "focus" focus "fun(self)" "Gives it the keyboard.";
    await "focus_at_end" focus_at_end "fun(self)" "Gives it the keyboard, the caret behind its text; raises not_interactable when no text can be typed into it.";
    await "clear" clear "fun(self)" "Empties the field.";
    await "kind" kind "fun(self): perilune.FieldKind" "What kind of field it is.";
    await "fill" fill "fun(self, text: string): 'same'|'other'|'empty'|'unchanged'" "Puts text in place of what the field holds; says what the page has made of it.";
    await "fill_credential" fill_credential "fun(self, credential: perilune.Credential)" "Puts the credential's key in place of what a text field holds, only on a page of the credential's own site; the script does not see the key.";
    await "select_all" select_all "fun(self): integer?" "Selects all that it holds; how many characters, nil when they are secret.";
    await "select" select "fun(self, option: perilune.Option): perilune.Chosen" "Chooses an option of a list, also of one made of ARIA roles.";
    await "select_many" select_many "fun(self, options: perilune.Option[]): perilune.Chosen[]" "Chooses exactly these options of a list that takes several.";
    await "is_checked" is_checked "fun(self): boolean" "Whether a tick box, radio button or switch is on.";
    await "set_checked" set_checked "fun(self, on: boolean)" "Turns a tick box, radio button or switch on or off by a click, if it is not so already.";
    await "is_selected" is_selected "fun(self): boolean?" "Whether it is chosen among others; nil for what says nothing about it.";
    await "radio" radio "fun(self, wanted: string): perilune.Element" "The radio button of its group that has this value or these words.";
    await "upload" upload "fun(self, paths: string[]): string[]" "Puts files of the upload folders into its file field or the one that it opens a dialog for; their names.";
    await "submit" submit "fun(self): perilune.Submitted" "Sends its form, if validation lets it through.";
    await "reset" reset "fun(self): string" "Gives the fields of its form their first content again; the form's tag.";
    await "scroll_into_view" scroll_into_view "fun(self)" "Scrolls until it is in the viewport.";
    await "point" point "fun(self): perilune.Point" "Where the mouse would hit it in the viewport.";
    await "text" text "fun(self): string" "Its text as a person sees it.";
    await "value" read_value "fun(self): any" "What the field holds; nil when it is no field, or holds a secret.";
    await "attribute" attribute "fun(self, name: string): string?" "An attribute's value.";
    read "describe" describe "fun(self): string" "Its tag with the attributes that tell it from others; never what it holds.";
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
    (name, count, held): (Option<String>, Option<u32>, Option<Vec<String>>),
) -> mlua::Result<mlua::Value> {
    let click = Click {
        button: button(name.as_deref())?,
        count: count.unwrap_or(1),
        modifiers: modifiers(held)?,
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
