//! A job to a command, in each of the three shapes that producers write. Pure; trusts nothing.

use std::time::Duration;

use serde_json::Value;

use super::job::Job;
use crate::protocol::{Command, CommandId, ErrorType, Failure, Object, Origin, Room, Verb};

/// More data than this is no command.
const MAX_DATA: usize = 16 * 1024 * 1024;
/// The longest name of an action.
const MAX_NAME: usize = 128;

/// Understands a job, or says in one sentence why not.
///
/// | shape | verb | parameters |
/// | --- | --- | --- |
/// | `{room_name, ...params}` | the job's name | the other keys |
/// | `{action_type, params, room_name}` | `action_type`, else the job's name | `params` |
/// | `{session_id, action: {type, ...params}}` | `action.type` | the action's other keys, or its `params` |
///
/// Without a `room_name` the `session_id` names the room.
pub(super) fn decode(queue: &str, job: &Job, max_backoff: Duration) -> Result<Command, Failure> {
    let mut data = parse(&job.data)?;
    let room = take_room(&mut data)?;
    let (name, params) = match data.remove("action") {
        Some(Value::Object(action)) if !data.contains_key("action_type") => from_action(&job.name, action)?,
        Some(other) => {
            data.insert("action".to_owned(), other);
            from_keys(&job.name, data)?
        }
        None => from_keys(&job.name, data)?,
    };
    check_name(&name)?;
    Ok(Command {
        id: CommandId::of_job(queue, &job.id),
        room,
        verb: Verb::from_name(&name),
        params,
        origin: Origin::Queue {
            job_id: job.id.to_string(),
        },
        limits: job.limits(max_backoff),
    })
}

fn parse(data: &str) -> Result<Object, Failure> {
    if data.len() > MAX_DATA {
        return Err(invalid(format!(
            "the job's data has {} bytes; {MAX_DATA} is the most",
            data.len()
        )));
    }
    match serde_json::from_str(data) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(other) => Err(invalid(format!(
            "the job's data is {}; give an object with room_name",
            kind(&other)
        ))),
        Err(error) => Err(invalid(format!(
            "the job's data is no JSON ({error}); give an object with room_name"
        ))),
    }
}

fn take_room(data: &mut Object) -> Result<Room, Failure> {
    let session = data.remove("session_id");
    let name = match data.remove("room_name") {
        None | Some(Value::Null) => session,
        named => named,
    };
    match name {
        Some(Value::String(name)) => Room::new(&name).map_err(|error| invalid(error.to_string())),
        Some(other) => Err(invalid(format!(
            "room_name is {}; give the name of a room as text",
            kind(&other)
        ))),
        None => Err(invalid("room_name is missing; give the name of a room".to_owned())),
    }
}

fn from_action(job_name: &str, mut action: Object) -> Result<(String, Object), Failure> {
    let name = match action.remove("type").or_else(|| action.remove("action_type")) {
        None => job_name.to_owned(),
        Some(Value::String(name)) => name,
        Some(other) => {
            return Err(invalid(format!(
                "action.type is {}; give an action's name",
                kind(&other)
            )));
        }
    };
    let params = if action.keys().all(|key| key == "params") {
        take_params(&mut action)?.unwrap_or_default()
    } else {
        action
    };
    Ok((name, params))
}

fn from_keys(job_name: &str, mut data: Object) -> Result<(String, Object), Failure> {
    let name = match data.remove("action_type") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name),
        Some(other) => {
            return Err(invalid(format!(
                "action_type is {}; give an action's name",
                kind(&other)
            )));
        }
    };
    // A flat command may have a parameter of its own that is called `params`: it is the envelope only beside an
    // action_type or alone.
    let nested = data.contains_key("params") && (name.is_some() || data.len() == 1);
    let params = if nested {
        take_params(&mut data)?.unwrap_or_default()
    } else {
        data
    };
    Ok((name.unwrap_or_else(|| job_name.to_owned()), params))
}

fn take_params(data: &mut Object) -> Result<Option<Object>, Failure> {
    match data.remove("params") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(params)) => Ok(Some(params)),
        Some(other) => Err(invalid(format!("params is {}; give an object", kind(&other)))),
    }
}

fn check_name(name: &str) -> Result<(), Failure> {
    match name {
        "" => Err(invalid(
            "the job has no name and no action_type; name an action".to_owned(),
        )),
        _ if name.len() > MAX_NAME => Err(invalid(format!(
            "the action's name has {} bytes; {MAX_NAME} is the most",
            name.len()
        ))),
        _ if name.chars().any(char::is_control) => Err(invalid("the action's name has a control character".to_owned())),
        _ => Ok(()),
    }
}

fn invalid(sentence: String) -> Failure {
    Failure::new(ErrorType::InvalidCommand, sentence)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests;
