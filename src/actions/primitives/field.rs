//! What an element can do as a form's field: take values, be chosen from, take files, send its form.

use mlua::{Lua, LuaSerdeExt, UserDataRef};
use serde::Deserialize;
use serde_json::json;

use super::target::Element;
use super::{invalid, raise, value};
use crate::browser::{Became, Choice, Chosen, Modifiers};
use crate::protocol::{ErrorType, Failure};

/// How scripts name an option of a list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    value: Option<String>,
    text: Option<String>,
    option_index: Option<u32>,
    any: Option<String>,
}

/// One option of a list that scripts name.
fn choice(lua: &Lua, option: mlua::Value) -> mlua::Result<Choice> {
    let Named {
        value,
        text,
        option_index,
        any,
    } = lua.from_value(option)?;
    let named = [
        value.map(Choice::Value),
        text.map(Choice::Label),
        option_index.map(Choice::Index),
        any.map(Choice::Any),
    ];
    let mut named = named.into_iter().flatten();
    match (named.next(), named.next()) {
        (Some(choice), None) => Ok(choice),
        _ => Err(invalid(
            "an option is named by exactly one of value, text, option_index and any",
        )),
    }
}

fn chosen(chosen: &Chosen) -> serde_json::Value {
    json!({ "value": chosen.value, "text": chosen.label, "option_index": chosen.index })
}

pub(super) async fn select(lua: Lua, element: UserDataRef<Element>, option: mlua::Value) -> mlua::Result<mlua::Value> {
    let choice = choice(&lua, option)?;
    let first = element.0.choose(&[choice]).await.map_err(raise)?.into_iter().next();
    let first = first.ok_or_else(|| {
        raise(Failure::new(
            ErrorType::ActionFailed,
            "the page took the choice back at once; read it with get_screen_content",
        ))
    })?;
    value(&lua, &chosen(&first))
}

pub(super) async fn select_many(
    lua: Lua,
    element: UserDataRef<Element>,
    options: Vec<mlua::Value>,
) -> mlua::Result<mlua::Value> {
    let choices = options.into_iter().map(|option| choice(&lua, option));
    let choices = choices.collect::<mlua::Result<Vec<_>>>()?;
    let all = element.0.choose(&choices).await.map_err(raise)?;
    value(&lua, &all.iter().map(chosen).collect::<Vec<_>>())
}

pub(super) async fn kind(_: Lua, element: UserDataRef<Element>, (): ()) -> mlua::Result<String> {
    element.0.kind().await.map_err(raise)
}

pub(super) async fn fill(_: Lua, element: UserDataRef<Element>, text: String) -> mlua::Result<&'static str> {
    Ok(match element.0.put(&text).await.map_err(raise)? {
        Became::Same => "same",
        Became::Other => "other",
        Became::Empty => "empty",
        Became::Unchanged => "unchanged",
    })
}

pub(super) async fn is_checked(_: Lua, element: UserDataRef<Element>, (): ()) -> mlua::Result<bool> {
    element.0.is_checked().await.map_err(raise)
}

pub(super) async fn set_checked(_: Lua, element: UserDataRef<Element>, on: bool) -> mlua::Result<()> {
    element.0.set_checked(on).await.map_err(raise)
}

pub(super) async fn is_selected(_: Lua, element: UserDataRef<Element>, (): ()) -> mlua::Result<Option<bool>> {
    element.0.is_selected().await.map_err(raise)
}

pub(super) async fn select_all(_: Lua, element: UserDataRef<Element>, (): ()) -> mlua::Result<Option<u64>> {
    element.0.select_all().await.map_err(raise)
}

pub(super) async fn radio(_: Lua, element: UserDataRef<Element>, wanted: String) -> mlua::Result<Element> {
    element.0.radio(&wanted).await.map(Element).map_err(raise)
}

pub(super) async fn submit(lua: Lua, element: UserDataRef<Element>, (): ()) -> mlua::Result<mlua::Value> {
    value(&lua, &element.0.submit().await.map_err(raise)?)
}

pub(super) async fn reset(_: Lua, element: UserDataRef<Element>, (): ()) -> mlua::Result<String> {
    element.0.reset().await.map_err(raise)
}

pub(super) async fn upload(_: Lua, element: UserDataRef<Element>, paths: Vec<String>) -> mlua::Result<Vec<String>> {
    element.0.upload(&paths).await.map_err(raise)
}

/// The keys that scripts want held, by their names.
pub(super) fn modifiers(names: Option<Vec<String>>) -> mlua::Result<Modifiers> {
    let mut held = Modifiers::default();
    for name in names.unwrap_or_default() {
        match name.as_str() {
            "Alt" => held.alt = true,
            "Control" => held.control = true,
            "Meta" => held.meta = true,
            "Shift" => held.shift = true,
            _ => {
                return Err(invalid(format!(
                    "a held key is \"Alt\", \"Control\", \"Meta\" or \"Shift\", not {name:?}"
                )));
            }
        }
    }
    Ok(held)
}
