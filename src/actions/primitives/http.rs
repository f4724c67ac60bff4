//! `ctx.http`: requests to sites without the browser.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use mlua::{Lua, Table, UserDataRef, Value};
use tokio_util::task::AbortOnDropHandle;

use super::grants::Allowed;
use super::request::Wanted;
use super::{invalid, noun, raise};
use crate::actions::Reach;
use crate::config::units::Secret;
use crate::http::{self, HeaderName, HeaderValue, Method};
use crate::policy::Rules;
use crate::policy::mask::STARS;
use crate::protocol::{ErrorType, Failure};
use crate::script::to_lua;

/// The way to sites.
pub(super) struct Http {
    pub(super) reach: Reach,
    pub(super) allowed: Arc<Allowed>,
    pub(super) rules: Rules,
    /// When the call must have ended.
    pub(super) until: Instant,
}

noun! { Http, HTTP, "perilune.Http", "Requests to sites without the browser: where the plugin's permission and the session's domain rules both allow it, redirects included.";
    await "request" request "fun(self, request: perilune.Request): perilune.Response" "Sends a request; raises when there is no answer. A status is data, whatever it says.";
    await "get" get "fun(self, url: string, options?: perilune.Request): perilune.Response" "The same with GET.";
    await "post" post "fun(self, url: string, options?: perilune.Request): perilune.Response" "The same with POST.";
}

async fn request(lua: Lua, http: UserDataRef<Http>, options: Table) -> mlua::Result<Table> {
    let wanted = Wanted::read(&lua, None, None, Some(options))?;
    send(&lua, &http, wanted).await
}

async fn get(lua: Lua, http: UserDataRef<Http>, (url, options): (String, Option<Table>)) -> mlua::Result<Table> {
    let wanted = Wanted::read(&lua, Some(Method::GET), Some(url), options)?;
    send(&lua, &http, wanted).await
}

async fn post(lua: Lua, http: UserDataRef<Http>, (url, options): (String, Option<Table>)) -> mlua::Result<Table> {
    let wanted = Wanted::read(&lua, Some(Method::POST), Some(url), options)?;
    send(&lua, &http, wanted).await
}

async fn send(lua: &Lua, http: &Http, mut wanted: Wanted) -> mlua::Result<Table> {
    // Before a key is touched: where the request may not go, no key goes either.
    http.rules.check_url(&wanted.request.url).map_err(raise)?;
    http.allowed.check_http(&wanted.request.url).map_err(raise)?;
    let hidden = sign(&mut wanted)?;
    let answer = exchange(http, wanted).await.map_err(raise)?;
    let answer = match &hidden {
        Some(key) => without(answer, key.reveal()),
        None => answer,
    };
    table(lua, &answer)
}

/// Puts the credential's key into its header; gives the key if the answer must not show it.
fn sign(wanted: &mut Wanted) -> mlua::Result<Option<Secret>> {
    let Some((handle, header)) = &wanted.credential else {
        return Ok(None);
    };
    let key = handle.key_for(&wanted.request.url).map_err(raise)?;
    handle.used("sent in a request").map_err(raise)?;
    let text = if *header == "authorization" {
        format!("Bearer {}", key.reveal())
    } else {
        key.reveal().to_owned()
    };
    let mut value = HeaderValue::from_str(&text).map_err(|_| {
        let sentence = format!(
            "the key for {} has characters that no header may have; store it again",
            handle.site()
        );
        raise(Failure::new(ErrorType::CredentialError, sentence))
    })?;
    value.set_sensitive(true);
    wanted.request.headers.insert(HeaderName::clone(header), value);
    Ok((!handle.may_be_read()).then(|| key.clone()))
}

/// The request on the host's own threads, within its deadline and the call's, and in its turn among the session's.
async fn exchange(http: &Http, wanted: Wanted) -> Result<http::Response, Failure> {
    let (request, reach) = (wanted.request, &http.reach);
    let timeout = wanted.timeout.min(http.until.saturating_duration_since(Instant::now()));
    let late = {
        let host = request.url.host_str().unwrap_or_default();
        let sentence =
            format!("{host} gave no complete answer within {timeout:?}; allow more with timeout_ms, or try later");
        Failure {
            retryable: request.method.is_idempotent(),
            ..Failure::new(ErrorType::Timeout, sentence)
        }
    };
    let (client, places) = (reach.common.http.clone(), Arc::clone(&reach.requests));
    let (rules, allowed) = (http.rules.clone(), Arc::clone(&http.allowed));
    let work = async move {
        // The semaphore is never closed.
        let _place = places.acquire().await;
        let gate = move |url: &url::Url| allowed.check_http(url);
        client.send(request, &rules, &gate).await.map_err(Failure::from)
    };
    let running = AbortOnDropHandle::new(reach.runtime.spawn(tokio::time::timeout(timeout, work)));
    match running.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(late),
        Err(error) => Err(Failure::new(
            ErrorType::Internal,
            format!("the request ended by a fault of perilune: {error}"),
        )),
    }
}

/// The answer with stars wherever the site repeats the key.
fn without(mut answer: http::Response, key: &str) -> http::Response {
    if let Some(clean) = starred(&answer.body, key.as_bytes()) {
        answer.body = clean;
    }
    for value in answer.headers.values_mut() {
        if let Some(clean) = starred(value.as_bytes(), key.as_bytes()) {
            *value = HeaderValue::from_bytes(&clean).unwrap_or(HeaderValue::from_static(STARS));
        }
    }
    if answer.url.as_str().contains(key) {
        let clean = answer.url.as_str().replace(key, STARS);
        answer.url = clean.parse().unwrap_or(answer.url);
    }
    answer
}

/// The text with stars in place of each copy of the key; none if there is none.
fn starred(text: &[u8], key: &[u8]) -> Option<Bytes> {
    let first = *key.first()?;
    let (mut clean, mut copied, mut at) = (Vec::new(), 0, 0);
    while let Some(found) = text[at..]
        .iter()
        .position(|byte| *byte == first)
        .map(|found| at + found)
    {
        at = found + 1;
        if text[found..].starts_with(key) {
            clean.extend_from_slice(&text[copied..found]);
            clean.extend_from_slice(STARS.as_bytes());
            copied = found + key.len();
            at = copied;
        }
    }
    if copied == 0 {
        return None;
    }
    clean.extend_from_slice(&text[copied..]);
    Some(clean.into())
}

/// `{ status, headers, body, json?, url }`.
fn table(lua: &Lua, answer: &http::Response) -> mlua::Result<Table> {
    let headers = lua.create_table()?;
    for name in answer.headers.keys() {
        let values = answer.headers.get_all(name).iter();
        let values: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        // Cookies have commas of their own.
        let between = if *name == "set-cookie" { "\n" } else { ", " };
        headers.raw_set(name.as_str(), values.join(between))?;
    }
    let table = lua.create_table()?;
    table.raw_set("status", answer.status.as_u16())?;
    table.raw_set("url", answer.url.as_str())?;
    table.raw_set("headers", headers)?;
    table.raw_set("body", lua.create_string(&answer.body)?)?;
    if is_json(answer) {
        table.raw_set("json", json(lua, &answer.body)?)?;
    }
    Ok(table)
}

fn is_json(answer: &http::Response) -> bool {
    let kind = answer
        .headers
        .get(http::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind
        .and_then(|kind| kind.split(';').next())
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    kind == "application/json" || kind == "text/json" || kind.ends_with("+json")
}

/// What the body says; nil when it is no JSON after all.
fn json(lua: &Lua, body: &[u8]) -> mlua::Result<Value> {
    match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(json) => to_lua(lua, &json).map_err(|error| invalid(format!("the answer's JSON: {error}"))),
        Err(_) => Ok(Value::Nil),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_comes_back_is_starred_wherever_it_stands() {
        for (text, expect) in [
            ("key_1", Some("***")),
            ("a key_1 b key_1key_1", Some("a *** b ******")),
            ("kkey_1 key_ key_2", Some("k*** key_ key_2")),
            ("key_2", None),
            ("", None),
        ] {
            let clean = starred(text.as_bytes(), b"key_1").map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            assert_eq!(clean.as_deref(), expect, "{text}");
        }
        assert_eq!(starred(b"text", b""), None);
    }
}
