//! What tests of scripts have beside the engine's words: `test.page`, a page described in Lua, and `test.browser`, a real
//! one.
//!
//! The fake is Lua. It has the methods of [`nouns`](super::nouns) and no others, so that a test cannot call what a host
//! does not have; what it cannot do by itself it refuses with a sentence.

mod browser;
mod site;

use std::fs;
use std::path::{Component, Path, PathBuf};

use mlua::{Lua, Table, Value};

use super::primitives::{fields_of_context, nouns, nouns_of_context};
use crate::script::{Kit, TestFile, TestLibrary, to_lua};
pub use browser::Browser;

/// The parts of the fake, in the order in which they build on each other.
const PARTS: [(&str, &str); 9] = [
    ("nouns", include_str!("nouns.lua")),
    ("selectors", include_str!("selectors.lua")),
    ("pages", include_str!("pages.lua")),
    ("snapshots", include_str!("snapshots.lua")),
    ("input", include_str!("input.lua")),
    ("elements", include_str!("elements.lua")),
    ("tabs", include_str!("tabs.lua")),
    ("services", include_str!("services.lua")),
    ("context", include_str!("context.lua")),
];

/// Pages for tests.
pub struct Pages {
    browser: Option<Browser>,
}

impl Pages {
    /// Fake ones, and real ones where there is a browser for them.
    pub fn new(browser: Option<Browser>) -> Self {
        Self { browser }
    }

    /// Ends the browser.
    pub async fn close(self) {
        if let Some(browser) = self.browser {
            browser.close().await;
        }
    }
}

impl TestLibrary for Pages {
    fn install(&self, kit: &Kit<'_>) -> mlua::Result<()> {
        describe(kit.lua, kit.table)?;
        let file = kit.file.clone();
        let read = move |lua: &Lua, name: String| {
            let text = fs::read_to_string(beside(&file, &name)?).map_err(|error| said(format!("{name}: {error}")))?;
            let json: serde_json::Value =
                serde_json::from_str(&text).map_err(|error| said(format!("{name}: {error}")))?;
            to_lua(lua, &json)
        };
        kit.table.set("read_json", kit.lua.create_function(read)?)?;
        for (name, code) in PARTS {
            kit.run(name, code)?;
        }
        browser::install(kit, self.browser.as_ref())
    }

    fn deadline(&self) -> std::time::Duration {
        // A real page has to be opened and loaded.
        std::time::Duration::from_secs(if self.browser.is_some() { 60 } else { 5 })
    }
}

/// Tells Lua which nouns there are, what they can do, and where they stand in `ctx`.
fn describe(lua: &Lua, kit: &Table) -> mlua::Result<()> {
    let known = lua.create_table()?;
    for noun in nouns() {
        let methods = lua.create_table()?;
        for primitive in noun.primitives {
            // What is no function is a field.
            let is_function = primitive.signature.starts_with("fun(");
            methods.set(primitive.name, if is_function { "method" } else { "field" })?;
        }
        known.set(short(noun.class), methods)?;
    }
    kit.set("nouns", known)?;
    let places = lua.create_table()?;
    for (field, class) in nouns_of_context() {
        places.set(field, short(&class))?;
    }
    kit.set("context_nouns", places)?;
    let fields = lua.create_table()?;
    for field in fields_of_context() {
        fields.set(field, true)?;
    }
    kit.set("fields", fields)
}

/// `perilune.Page` to `page`.
fn short(class: &str) -> String {
    class.rsplit('.').next().unwrap_or(class).to_lowercase()
}

/// A file in the test's folder or below it.
fn beside(test: &TestFile, name: &str) -> mlua::Result<PathBuf> {
    let inside = |name: &Path| {
        name.components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
    };
    match test.path.parent() {
        Some(folder) if inside(Path::new(name)) => Ok(folder.join(name)),
        _ => Err(said(format!(
            "{name:?} does not lie beside the test; give a path relative to its folder"
        ))),
    }
}

fn said(message: String) -> mlua::Error {
    mlua::Error::RuntimeError(message)
}

/// A value that Lua hands over as a table with named fields.
fn field(options: &Value, name: &str) -> mlua::Result<Option<String>> {
    match options {
        Value::Table(options) => options.get(name),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests;
