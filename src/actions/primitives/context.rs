//! `ctx`: what an action's `run` gets beside its parameters.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mlua::{Lua, Table, Value, Variadic};
use serde::Serialize;

use super::clipboard::Clipboard;
use super::credentials::Credentials;
use super::dialogs::Dialogs;
use super::downloads::Downloads;
use super::events::Events;
use super::grants::Allowed;
use super::http::Http;
use super::keyboard::Keyboard;
use super::media::Media;
use super::mouse::Mouse;
use super::page::Page;
use super::records::Records;
use super::screen::Screen;
use super::store::Keep;
use super::tabs::Tabs;
use super::zoom::Zoom;
use crate::actions::Reach;
use crate::browser::Context;
use crate::policy::Rules;
use crate::protocol::Command;
use crate::script::{Library, MakeContext, from_lua, to_lua};

/// Where a Lua state keeps the functions that are the same for every call.
const SLEEP: &str = "perilune.sleep";
const NOW: &str = "perilune.now";

/// What actions need in every Lua state.
pub(in crate::actions) struct Primitives;

impl Library for Primitives {
    fn install(&self, lua: &Lua, _: &Table) -> mlua::Result<()> {
        lua.set_named_registry_value(SLEEP, lua.create_async_function(sleep)?)?;
        lua.set_named_registry_value(NOW, lua.create_function(now)?)
    }
}

/// How long, for which command, and how far a call may act.
pub(in crate::actions) struct Scope<'a> {
    pub(in crate::actions) reach: &'a Reach,
    /// The command and how often it was tried; none for scripts that run by themselves.
    pub(in crate::actions) command: Option<(&'a Command, u32)>,
    pub(in crate::actions) navigation_timeout: Duration,
    pub(in crate::actions) timeout: Duration,
}

/// `ctx.command`.
#[derive(Serialize)]
struct CommandRef {
    id: String,
    room_name: String,
    action: String,
    attempt: u32,
}

/// Builds `ctx` on the Lua thread when the call begins.
pub(in crate::actions) fn make_context(context: &Context, scope: &Scope<'_>) -> MakeContext {
    let (context, room) = (context.clone(), scope.reach.room.to_string());
    let command = scope.command.map(|(command, attempt)| CommandRef {
        id: command.id.to_string(),
        room_name: room.clone(),
        action: command.verb.name().to_owned(),
        attempt,
    });
    let page = Page {
        context: context.clone(),
        navigation_timeout: scope.navigation_timeout,
        until: Instant::now() + scope.timeout,
    };
    let around = Around {
        reach: scope.reach.clone(),
        rules: context.rules().clone(),
        until: page.until,
    };
    Box::new(move |lua, caller| {
        let ctx = lua.create_table_with_capacity(0, 24)?;
        let action = command.as_ref().map(|command| command.action.as_str());
        around.add(lua, &ctx, Allowed::of(caller), action)?;
        ctx.set("page", page.clone())?;
        ctx.set("mouse", Mouse(context.clone()))?;
        ctx.set("keyboard", Keyboard(context.clone()))?;
        ctx.set("screen", Screen(context.clone()))?;
        ctx.set("media", Media(context.clone()))?;
        ctx.set("zoom", Zoom(context.clone()))?;
        ctx.set("downloads", Downloads(context.clone()))?;
        ctx.set("dialogs", Dialogs(context.clone()))?;
        ctx.set("records", Records(context.clone()))?;
        ctx.set("tabs", Tabs(context.clone()))?;
        ctx.set("clipboard", Clipboard(context.clone()))?;
        ctx.set("sleep", lua.named_registry_value::<Value>(SLEEP)?)?;
        ctx.set("now", lua.named_registry_value::<Value>(NOW)?)?;
        ctx.set("log", log(lua, &room, command.as_ref())?)?;
        if let Some(command) = &command {
            ctx.set("command", super::value(lua, command)?)?;
        }
        Ok(ctx)
    })
}

/// What a call has beyond the page.
struct Around {
    reach: Reach,
    rules: Rules,
    until: Instant,
}

impl Around {
    /// Adds it to a `ctx`, as far as the script's plugin may use it.
    fn add(&self, lua: &Lua, ctx: &Table, allowed: Allowed, action: Option<&str>) -> mlua::Result<()> {
        let (reach, script, allowed) = (&self.reach, allowed.script(action), Arc::new(allowed));
        let session = lua.create_table_with_capacity(0, 2)?;
        session.set("id", reach.session_id.to_string())?;
        session.set("room_name", reach.room.as_str())?;
        ctx.set("session", session)?;
        ctx.set("config", to_lua(lua, &allowed.config())?)?;
        let space: Arc<str> = allowed.space().into();
        for (name, store) in [("state", &reach.state), ("shared", &reach.common.shared)] {
            let (store, space) = (store.clone(), Arc::clone(&space));
            ctx.set(name, Keep { store, space })?;
        }
        ctx.set(
            "events",
            Events {
                reach: reach.clone(),
                script: script.clone(),
            },
        )?;
        ctx.set(
            "http",
            Http {
                reach: reach.clone(),
                allowed: Arc::clone(&allowed),
                rules: self.rules.clone(),
                until: self.until,
            },
        )?;
        let reach = reach.clone();
        ctx.set("credentials", Credentials { reach, allowed, script })
    }
}

/// Milliseconds; the call's own deadline ends a longer wait.
async fn sleep(_: Lua, ms: f64) -> mlua::Result<()> {
    match Duration::try_from_secs_f64(ms / 1000.0) {
        // The timer would round it up to a millisecond.
        Ok(Duration::ZERO) => tokio::task::yield_now().await,
        Ok(wait) => tokio::time::sleep(wait).await,
        Err(_) => {
            return Err(super::invalid(format!(
                "ctx.sleep takes milliseconds from 0 on, not {ms}"
            )));
        }
    }
    Ok(())
}

/// Milliseconds since 1970.
fn now(_: &Lua, (): ()) -> mlua::Result<f64> {
    Ok(SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_micros() as f64 / 1000.0))
}

/// `ctx.log.info("clicked", { index = 3 })`: a line of the host's log that names the command.
fn log(lua: &Lua, room: &str, command: Option<&CommandRef>) -> mlua::Result<Table> {
    let id = command.map(|command| command.id.as_str()).unwrap_or_default();
    let action = command.map(|command| command.action.as_str()).unwrap_or_default();
    let log = lua.create_table_with_capacity(0, 4)?;
    for level in ["debug", "info", "warn", "error"] {
        let (id, room, action) = (id.to_owned(), room.to_owned(), action.to_owned());
        let write = lua.create_function(move |lua, words: Variadic<Value>| {
            let mut words = words.into_iter();
            let text = words
                .next()
                .map(|text| text.to_string())
                .transpose()?
                .unwrap_or_default();
            let fields = words
                .next()
                .map(|fields| from_lua(lua, fields))
                .transpose()?
                .unwrap_or_default();
            match level {
                "debug" => tracing::debug!(command = id, room, action, %fields, "{text}"),
                "info" => tracing::info!(command = id, room, action, %fields, "{text}"),
                "warn" => tracing::warn!(command = id, room, action, %fields, "{text}"),
                _ => tracing::error!(command = id, room, action, %fields, "{text}"),
            }
            Ok(())
        })?;
        log.set(level, write)?;
    }
    Ok(log)
}
