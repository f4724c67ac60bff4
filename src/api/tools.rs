//! The tools: their list with schemas, and the call.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::App;
use super::error::CallError;
use super::sessions::room_of;
use crate::protocol::{Command, CommandId, ErrorType, Failure, Lifecycle, Limits, Object, Origin, Room, Verb};
use crate::session::Session;

/// What a tool does; its names and schemas stand here once.
#[derive(Clone, Copy)]
enum Tool {
    Lifecycle(Lifecycle),
    ExecuteAction,
    Context,
    Screen,
}

/// Actions that are tools by themselves: description and parameters are the action's own.
const ACTIONS: [&str; 6] = [
    "snapshot",
    "wait_for",
    "find_form_fields",
    "extract_markdown",
    "list_tabs",
    "batch",
];

const TOOLS: [(&str, Tool, &str); 8] = [
    (
        Lifecycle::Start.name(),
        Tool::Lifecycle(Lifecycle::Start),
        "Start a browser session in a room and show its first page.",
    ),
    (
        Lifecycle::Pause.name(),
        Tool::Lifecycle(Lifecycle::Pause),
        "Take the picture out of the room; the browser goes on.",
    ),
    (
        Lifecycle::Resume.name(),
        Tool::Lifecycle(Lifecycle::Resume),
        "Publish the picture again.",
    ),
    (
        Lifecycle::Close.name(),
        Tool::Lifecycle(Lifecycle::Close),
        "Close the browser and leave the room.",
    ),
    (
        Lifecycle::Recover.name(),
        Tool::Lifecycle(Lifecycle::Recover),
        "Bring a session back whose browser died.",
    ),
    (
        "execute_action",
        Tool::ExecuteAction,
        "Run an action on the room's page.",
    ),
    (
        "get_browser_context",
        Tool::Context,
        "Address, title, load state, scroll and cursor position of the page.",
    ),
    (
        "get_screen_content",
        Tool::Screen,
        "The numbered interactive elements of the page, what is visible first.",
    ),
];

pub(super) async fn list(State(app): State<App>) -> Json<Value> {
    let tool = |name: &str, description: &str, schema: Value| json!({ "name": name, "description": description, "inputSchema": schema });
    let own = TOOLS
        .iter()
        .map(|(name, kind, description)| tool(name, description, schema(&app, *kind)));
    let catalog = app.directory.actions().catalog();
    let actions = ACTIONS
        .iter()
        .filter_map(|name| catalog.iter().find(|action| action.name == *name))
        .map(|action| tool(&action.name, &action.description, action_schema(&action.params)));
    let tools: Vec<_> = own.chain(actions).collect();
    Json(json!({ "tools": tools }))
}

pub(super) async fn call(
    State(app): State<App>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, CallError> {
    let (name, arguments) = parse(body)?;
    let tool = TOOLS
        .iter()
        .find(|(known, ..)| *known == name)
        .map(|(_, tool, _)| *tool);
    if tool.is_none() && !ACTIONS.contains(&name.as_str()) {
        return Err(Failure::new(ErrorType::UnknownTool, format!("Unknown tool: {name}")).into());
    }
    let room = match arguments.get("room_name") {
        Some(Value::String(room)) => room_of(room)?,
        Some(_) => return Err(Failure::new(ErrorType::InvalidParams, "room_name has to be a string").into()),
        None => return Err(Failure::new(ErrorType::InvalidParams, "room_name is required").into()),
    };
    let answer = match tool {
        Some(Tool::Lifecycle(verb)) => flat(run(&app, Verb::Lifecycle(verb), room, arguments).await),
        Some(Tool::ExecuteAction) => execute(&app, room, arguments).await?,
        Some(Tool::Context) => flat(read(&app, &room, async |session| session.page_state().await).await),
        Some(Tool::Screen) => flat(read(&app, &room, async |session| session.screen_content().await).await),
        None => flat(run(&app, Verb::from_name(&name), room, arguments).await),
    };
    Ok(Json(answer))
}

fn parse(body: Result<Bytes, BytesRejection>) -> Result<(String, Object), CallError> {
    let body = body.map_err(|rejection| {
        let status = rejection.status();
        let sentence = match status {
            StatusCode::PAYLOAD_TOO_LARGE => "the request is larger than api.max_body".to_owned(),
            _ => rejection.body_text(),
        };
        CallError::with_status(status, ErrorType::InvalidCommand, sentence)
    })?;
    let bad = |sentence: &str| CallError::with_status(StatusCode::BAD_REQUEST, ErrorType::InvalidCommand, sentence);
    let Ok(Value::Object(mut call)) = serde_json::from_slice(&body) else {
        return Err(bad("Invalid JSON in request body"));
    };
    // `name` is how MCP itself spells it.
    let name = match call.remove("tool").or_else(|| call.remove("name")) {
        Some(Value::String(name)) if !name.is_empty() => name,
        _ => return Err(bad("tool name is required")),
    };
    match call.remove("arguments") {
        Some(Value::Object(arguments)) => Ok((name, arguments)),
        None | Some(Value::Null) => Ok((name, Object::new())),
        Some(_) => Err(bad("arguments has to be an object")),
    }
}

/// Runs a verb whose parameters stand beside the room's name.
async fn run(app: &App, verb: Verb, room: Room, mut arguments: Object) -> Result<Object, Failure> {
    arguments.remove("room_name");
    app.directory.run(command(room, verb, arguments)).await.result
}

async fn execute(app: &App, room: Room, mut arguments: Object) -> Result<Value, CallError> {
    let action = match arguments.remove("action_type") {
        Some(Value::String(action)) if !action.is_empty() => action,
        Some(_) => {
            return Err(Failure::new(ErrorType::InvalidParams, "action_type has to be a non-empty string").into());
        }
        None => return Err(Failure::new(ErrorType::InvalidParams, "action_type is required").into()),
    };
    let params = match arguments.remove("params") {
        Some(Value::Object(params)) => params,
        None | Some(Value::Null) => Object::new(),
        Some(_) => return Err(Failure::new(ErrorType::InvalidParams, "params has to be an object").into()),
    };
    let outcome = app.directory.run(command(room, Verb::from_name(&action), params)).await;
    Ok(serde_json::to_value(&outcome).expect("an outcome is JSON"))
}

pub(super) fn command(room: Room, verb: Verb, params: Object) -> Command {
    Command {
        id: CommandId::random(),
        room,
        verb,
        params,
        origin: Origin::Http,
        limits: Limits::default(),
    }
}

/// Reads from a session beside the commands that run in it.
async fn read(
    app: &App,
    room: &Room,
    look: impl AsyncFnOnce(Session) -> Result<Object, Failure>,
) -> Result<Object, Failure> {
    look(app.directory.find(room)?).await
}

/// An answer whose fields stand bare beside `success`, as the seed's clients read them.
fn flat(result: Result<Object, Failure>) -> Value {
    match result {
        Ok(data) => {
            let mut answer = Object::new();
            answer.insert("success".into(), true.into());
            answer.extend(data);
            answer.into()
        }
        Err(failure) => json!({
            "success": false,
            "status": "error",
            "error": failure.message,
            "error_type": failure.error_type,
            "data": failure.details,
        }),
    }
}

fn schema(app: &App, tool: Tool) -> Value {
    let (extra, required) = match tool {
        Tool::Lifecycle(Lifecycle::Start) => (start_properties(), json!(["room_name"])),
        Tool::ExecuteAction => {
            let catalog = app.directory.actions().catalog();
            let names: Vec<_> = catalog.iter().map(|action| action.name.clone()).collect();
            let shapes: Vec<_> = catalog
                .iter()
                .map(|action| {
                    let kind = json!({ "const": action.name, "description": action.description });
                    json!({ "properties": { "action_type": kind, "params": action.params } })
                })
                .collect();
            let properties = json!({
                "action_type": { "type": "string", "description": "The action", "enum": names },
                "params": { "type": "object", "description": "The action's parameters" },
            });
            let mut schema = base(properties, json!(["room_name", "action_type"]));
            schema["oneOf"] = shapes.into();
            return schema;
        }
        _ => (json!({}), json!(["room_name"])),
    };
    base(extra, required)
}

/// An action's own parameters beside the room's name.
fn action_schema(params: &Value) -> Value {
    let mut required = vec![json!("room_name")];
    required.extend(params["required"].as_array().into_iter().flatten().cloned());
    base(params["properties"].clone(), required.into())
}

fn base(extra: Value, required: Value) -> Value {
    let room = json!({ "type": "string", "description": "The room", "minLength": 1, "maxLength": 256 });
    let mut properties = json!({ "room_name": room });
    if let (Some(all), Value::Object(extra)) = (properties.as_object_mut(), extra) {
        all.extend(extra);
    }
    json!({ "type": "object", "properties": properties, "required": required })
}

fn start_properties() -> Value {
    let text = |what: &str| json!({ "type": "string", "description": what });
    let list = |what: &str| json!({ "type": "array", "items": { "type": "string" }, "description": what });
    json!({
        "initial_url": text("The first page"),
        "livekit_url": text("LiveKit server, in place of the configured one"),
        "livekit_api_key": text("Key for making an access token"),
        "livekit_api_secret": text("Secret of that key"),
        "livekit_token": text("A ready access token, in place of key and secret"),
        "participant_identity": text("Identity in the room"),
        "participant_name": text("Name in the room"),
        "viewport_width": { "type": "integer", "minimum": 16, "maximum": 4096, "description": "Width of the page" },
        "viewport_height": { "type": "integer", "minimum": 16, "maximum": 4096, "description": "Height of the page" },
        "fps": { "type": "integer", "minimum": 1, "maximum": 60, "description": "The most frames per second" },
        "allowed_domains": list("Only these domains, within what the host allows"),
        "prohibited_domains": list("Not these domains"),
        "private_addresses": { "type": "boolean", "description": "false forbids loopback and private addresses" },
    })
}
