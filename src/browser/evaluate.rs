//! The caller's JavaScript, run as a console runs it, and the page's own state.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Instant;

use super::Tab;
use super::cdp::CdpError;
use super::page_error::PageError;
use super::wire::{
    Argument, CallFunctionOn, Evaluate, Evaluated, Exception, ReleaseObject, Remote, TerminateExecution,
};
use super::world::{CALL, GROUP, WorldError};

/// What a command may take longer than the script's own time.
const SPARE: Duration = Duration::from_millis(500);
/// A page that does not answer within this runs a script.
const PROBE: Duration = Duration::from_millis(300);
/// Turns a value of the page into JSON text.
const VALUE: &str = include_str!("js/value.js");

/// Whose variables a script sees; the document is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptWorld {
    /// The page's own.
    Main,
    /// Ours: the page neither sees nor disturbs the script.
    Isolated,
}

/// How a script is run.
#[derive(Clone, Copy, Debug)]
pub struct ScriptOptions {
    /// Whose variables it sees.
    pub world: ScriptWorld,
    /// After this it is stopped.
    pub timeout: Duration,
    /// The largest result, as JSON.
    pub max_bytes: usize,
}

/// What a page is and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageState {
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: String,
    /// `loading`, `interactive` or `complete`.
    pub ready_state: String,
    /// How far it is scrolled to the right.
    pub scroll_x: f64,
    /// How far it is scrolled down.
    pub scroll_y: f64,
    /// Width of the visible part.
    pub viewport_width: u32,
    /// Height of the visible part.
    pub viewport_height: u32,
    /// Width of the whole page.
    pub scroll_width: f64,
    /// Height of the whole page.
    pub scroll_height: f64,
    /// Where the pointer was last put.
    #[serde(default)]
    pub cursor_x: f64,
    /// Where the pointer was last put.
    #[serde(default)]
    pub cursor_y: f64,
}

impl Tab {
    /// Runs JavaScript as a console does: an expression or statements, `await` included; the last value, awaited.
    ///
    /// What JSON cannot say (functions, elements, cycles) is described in a few words. A script that does not end in
    /// time is stopped and the page goes on.
    pub async fn evaluate(&self, code: &str, options: ScriptOptions) -> Result<Value, PageError> {
        let end = Instant::now() + options.timeout;
        let context_id = match options.world {
            ScriptWorld::Main => None,
            ScriptWorld::Isolated => Some(self.isolated_context().await?),
        };
        let result = match self.run_forms(code, context_id, end).await {
            Ok(remote) => self.read(remote, end, options.max_bytes).await,
            Err(error) => Err(error),
        };
        match result {
            Err(PageError::Cdp(CdpError::Deadline { .. })) => {
                self.interrupt().await;
                Err(PageError::Timeout {
                    what: "the script",
                    after: options.timeout,
                })
            }
            // Chromium's own watch has stopped it; it only says "Internal error".
            Err(PageError::Cdp(CdpError::Refused { .. })) if Instant::now() >= end => Err(PageError::Timeout {
                what: "the script",
                after: options.timeout,
            }),
            Err(PageError::Cdp(CdpError::Refused { message, .. })) => Err(PageError::Script {
                // A navigation that the script itself began, or that came from outside.
                message: format!("the page went away while it ran ({message})"),
                line: None,
            }),
            other => other,
        }
    }

    async fn isolated_context(&self) -> Result<i64, PageError> {
        let frame = self
            .frames()
            .into_iter()
            .next()
            .ok_or(PageError::Cdp(CdpError::Detached))?;
        // Asks, so that a world which is gone by now is made anew.
        self.world_call::<Value>(&frame, "page", &[(); 0], CALL).await?;
        match self.ensure_world(&frame).await {
            Ok(world) => Ok(world.context),
            Err(WorldError::Lost) => Err(PageError::Gone {
                what: "the page".to_owned(),
            }),
            Err(WorldError::Other(error)) => Err(error),
        }
    }

    /// The forms in which people write a script, tried in order while one cannot even be parsed: `{...}` as an object,
    /// the text as it is, and with `return` as the body of a function.
    async fn run_forms(&self, code: &str, context: Option<i64>, end: Instant) -> Result<Remote, PageError> {
        let trimmed = code.trim().trim_end_matches(';');
        let object = trimmed.starts_with('{') && trimmed.ends_with('}');
        if object {
            let answer = self.run(Cow::Owned(format!("({trimmed})")), context, end).await?;
            match answer.exception_details {
                Some(exception) if is_unparsable(&exception) => {}
                Some(exception) => return Err(script_error(exception)),
                None => return Ok(answer.result),
            }
        }
        let answer = self.run(Cow::Borrowed(code), context, end).await?;
        let Some(exception) = answer.exception_details else {
            return Ok(answer.result);
        };
        let words = exception
            .exception
            .as_ref()
            .and_then(|e| e.description.as_deref())
            .unwrap_or_default();
        if !(is_unparsable(&exception) && words.contains("Illegal return")) {
            return Err(script_error(exception));
        }
        let answer = self
            .run(Cow::Owned(format!("(async () => {{{code}\n}})()")), context, end)
            .await?;
        answer
            .exception_details
            .map_or(Ok(answer.result), |exception| Err(script_error(exception)))
    }

    async fn run(&self, code: Cow<'_, str>, context_id: Option<i64>, end: Instant) -> Result<Evaluated, PageError> {
        let left = end.saturating_duration_since(Instant::now());
        let command = Evaluate {
            expression: code,
            context_id,
            await_promise: true,
            repl_mode: true,
            user_gesture: true,
            include_command_line_api: true,
            object_group: GROUP,
            timeout: Some((left.as_millis() as u64).max(1)),
            ..Evaluate::default()
        };
        Ok(self.target().call_within(left + SPARE, command).await?)
    }

    /// The value as JSON. Objects are read by a function on the page, which also awaits a promise.
    async fn read(&self, remote: Remote, end: Instant, max_bytes: usize) -> Result<Value, PageError> {
        #[derive(Deserialize)]
        struct Read {
            #[serde(default)]
            value: Value,
            over: Option<usize>,
        }
        let too_large = |bytes| PageError::TooLarge {
            what: "the result",
            bytes,
            limit: max_bytes,
        };
        let Some(object_id) = &remote.object_id else {
            let value = primitive(remote);
            let bytes = value.as_str().map_or(0, str::len);
            return if bytes > max_bytes {
                Err(too_large(bytes))
            } else {
                Ok(value)
            };
        };
        let command = CallFunctionOn {
            object_id,
            function_declaration: VALUE,
            arguments: vec![Argument {
                value: max_bytes.into(),
            }],
            await_promise: true,
            return_by_value: true,
            user_gesture: true,
        };
        let left = end.saturating_duration_since(Instant::now()) + SPARE;
        let answer = self.target().call_within(left, command).await;
        drop(self.target().post(ReleaseObject { object_id }));
        let answer = answer?;
        if let Some(exception) = answer.exception_details {
            return Err(script_error(exception));
        }
        let text = answer.result.value.as_ref().and_then(Value::as_str).unwrap_or("{}");
        if text.len() > max_bytes + 12 {
            return Err(too_large(text.len()));
        }
        let read: Read = serde_json::from_str(text).map_err(|error| PageError::Script {
            message: format!("its result cannot be told as JSON ({error})"),
            line: None,
        })?;
        read.over.map_or(Ok(read.value), |bytes| Err(too_large(bytes)))
    }

    /// Stops what runs on the page now. Only if something does: else the next script of the page would be stopped.
    async fn interrupt(&self) {
        let probe = Evaluate {
            expression: Cow::Borrowed("0"),
            object_group: GROUP,
            ..Evaluate::default()
        };
        if let Err(CdpError::Deadline { .. }) = self.target().call_within(PROBE, probe).await
            && let Err(error) = self.target().call_within(CALL, TerminateExecution {}).await
        {
            tracing::warn!(%error, "a script that does not end could not be stopped");
        }
    }

    /// What the page is and where it stands.
    pub async fn page_state(&self) -> Result<PageState, PageError> {
        let frame = self
            .frames()
            .into_iter()
            .next()
            .ok_or(PageError::Cdp(CdpError::Detached))?;
        let mut state: PageState = self.world_call(&frame, "page", &[(); 0], CALL).await?;
        let cursor = self.page_ops().cursor();
        (state.cursor_x, state.cursor_y) = (cursor.x, cursor.y);
        Ok(state)
    }
}

/// A value that is no object.
fn primitive(remote: Remote) -> Value {
    match remote {
        Remote {
            unserializable_value: Some(words),
            ..
        } => words.into(),
        Remote { value: Some(value), .. } => value,
        Remote { kind, .. } if kind == "undefined" || kind == "object" => Value::Null,
        Remote { description, .. } => description.map_or(Value::Null, Value::from),
    }
}

/// Whether nothing of the script has run.
fn is_unparsable(exception: &Exception) -> bool {
    let class = exception
        .exception
        .as_ref()
        .and_then(|error| error.class_name.as_deref());
    class == Some("SyntaxError") && exception.stack_trace.is_none()
}

fn script_error(exception: Exception) -> PageError {
    let line = line_of(&exception);
    let message = match exception.exception {
        Some(Remote {
            description: Some(words),
            ..
        }) => words.lines().next().unwrap_or_default().to_owned(),
        Some(Remote {
            value: Some(Value::String(words)),
            ..
        }) => words,
        Some(Remote { value: Some(value), .. }) => value.to_string(),
        _ => exception.text,
    };
    PageError::Script { message, line }
}

/// The line of the caller's script, from 1. Scripts with `await` end as promises, whose errors only tell it in their
/// stack: as `at <anonymous>:3:6`.
fn line_of(exception: &Exception) -> Option<u32> {
    let mut frames = exception.stack_trace.iter().flat_map(|trace| &trace.call_frames);
    if let Some(frame) = frames.rfind(|frame| frame.url.is_empty()) {
        return Some(frame.line_number + 1);
    }
    let stack = exception
        .exception
        .as_ref()
        .and_then(|error| error.description.as_deref())
        .unwrap_or_default();
    let told = stack
        .rsplit_once("<anonymous>:")
        .and_then(|(_, place)| place.split(':').next()?.parse().ok());
    told.or((exception.line_number > 0).then_some(exception.line_number + 1))
}
