//! What Lua stands on: one noun a file, each a list of functions with their signatures and meanings.
//!
//! A noun's list is both what is registered in Lua and what the editor annotations (`scripts/types/perilune.lua`) are
//! written from, so that neither can have what the other lacks.
//! **Invariant:** every function acts on the page through `browser` and raises a [`Failure`]; none knows an action.

mod annotations;
mod clipboard;
mod context;
mod credentials;
mod dialogs;
mod downloads;
mod events;
mod field;
mod grants;
mod http;
mod keyboard;
mod media;
mod mouse;
mod page;
mod picture;
mod reading;
mod records;
mod request;
mod screen;
mod store;
mod tabs;
mod target;
mod zoom;

pub use annotations::{annotations, context_names, definitions};
pub(super) use annotations::{fields_of_context, nouns_of_context};
pub(super) use context::{Primitives, Scope, make_context};

use mlua::Lua;

use crate::protocol::{ErrorType, Failure};
use crate::script::to_lua;

/// One function that scripts can call, or a value that they can read.
#[derive(Clone, Copy, Debug)]
pub struct Primitive {
    /// Its name in Lua.
    pub name: &'static str,
    /// Parameters and result, as Lua's language servers write them.
    pub signature: &'static str,
    /// What it does.
    pub meaning: &'static str,
}

/// A thing that scripts act on, and what can be done with it.
#[derive(Clone, Copy, Debug)]
pub struct Noun {
    /// Its type in annotations, for instance `perilune.Page`.
    pub class: &'static str,
    /// What it stands for.
    pub meaning: &'static str,
    /// Its functions, called with a colon, and its fields.
    pub primitives: &'static [Primitive],
}

/// Every noun, in the order of the reference.
pub fn nouns() -> [Noun; 17] {
    [
        page::PAGE,
        target::ELEMENT,
        mouse::MOUSE,
        keyboard::KEYBOARD,
        clipboard::CLIPBOARD,
        tabs::TABS,
        media::MEDIA,
        zoom::ZOOM,
        downloads::DOWNLOADS,
        dialogs::DIALOGS,
        records::RECORDS,
        screen::SCREEN,
        store::STORE,
        events::EVENTS,
        http::HTTP,
        credentials::CREDENTIALS,
        credentials::CREDENTIAL,
    ]
}

/// Lists a noun's functions once: for Lua (`await` suspends the script, `read` answers at once, `field` is no function but
/// a value) and for the reference.
macro_rules! noun {
    ($type:ty, $constant:ident, $class:literal, $meaning:literal;
     $($kind:ident $name:literal $function:ident $signature:literal $doc:literal;)*) => {
        #[doc = $meaning]
        pub(super) const $constant: super::Noun = super::Noun {
            class: $class,
            meaning: $meaning,
            primitives: &[$(super::Primitive { name: $name, signature: $signature, meaning: $doc },)*],
        };

        impl mlua::UserData for $type {
            fn add_fields<F: mlua::UserDataFields<Self>>(fields: &mut F) {
                let _ = &fields; // most nouns have none
                $(noun!(@ fields $kind fields $name $function);)*
            }

            fn add_methods<M: mlua::UserDataMethods<Self>>(methods: &mut M) {
                $(noun!(@ $kind methods $name $function);)*
            }
        }
    };
    (@ fields field $fields:ident $name:literal $function:ident) => {
        $fields.add_field_method_get($name, $function);
    };
    (@ fields $kind:ident $fields:ident $name:literal $function:ident) => {};
    (@ field $methods:ident $name:literal $function:ident) => {};
    (@ await $methods:ident $name:literal $function:ident) => {
        $methods.add_async_method($name, $function);
    };
    (@ read $methods:ident $name:literal $function:ident) => {
        $methods.add_method($name, $function);
    };
}
use noun;

/// A failure as an error that passes through Lua unchanged.
fn raise(failure: impl Into<Failure>) -> mlua::Error {
    mlua::Error::external(failure.into())
}

/// A fault in what a script handed over.
fn invalid(message: impl Into<String>) -> mlua::Error {
    raise(Failure::new(ErrorType::InvalidParams, message))
}

/// A Lua value of anything that serialises; absent fields stay absent.
fn value(lua: &Lua, of: &impl serde::Serialize) -> mlua::Result<mlua::Value> {
    let json = serde_json::to_value(of).map_err(mlua::Error::external)?;
    to_lua(lua, &json)
}
