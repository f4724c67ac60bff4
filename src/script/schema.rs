//! The parameters of an action against its JSON Schema: checks, defaults, and sentences that name what is wrong.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::{Value, json};

use crate::protocol::{ErrorType, Failure, Object};

/// Keys of a schema whose value is a list; Lua cannot tell an empty list from an empty object.
const LISTS: [&str; 7] = ["required", "enum", "anyOf", "oneOf", "allOf", "examples", "prefixItems"];

/// A schema ready for checking.
pub(super) struct Params {
    validator: Validator,
    schema: Value,
    /// Whether names that the schema does not know are refused here, with the nearest known one.
    closed: bool,
}

impl Params {
    /// Takes what a script wrote under `params`; nothing means no parameters.
    pub(super) fn new(schema: Option<Value>) -> Result<Self, String> {
        let mut schema = schema.unwrap_or_else(|| json!({}));
        normalise(&mut schema);
        let Some(top) = schema.as_object_mut() else {
            return Err("`params` must be a JSON Schema object".to_owned());
        };
        if top.entry("type").or_insert_with(|| json!("object")) != "object" {
            return Err("`params` must describe an object: leave out `type`, or make it \"object\"".to_owned());
        }
        let properties = top.entry("properties").or_insert_with(|| json!({}));
        if !properties
            .as_object()
            .is_some_and(|all| all.values().all(|one| one.is_object() || one.is_boolean()))
        {
            return Err("`params.properties` must hold one JSON Schema a parameter".to_owned());
        }
        let closed = !["additionalProperties", "patternProperties", "unevaluatedProperties"]
            .iter()
            .any(|key| top.contains_key(*key));
        if closed {
            top.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
        let validator =
            jsonschema::validator_for(&schema).map_err(|error| format!("`params` is no valid JSON Schema: {error}"))?;
        Ok(Self {
            validator,
            schema,
            closed,
        })
    }

    /// The schema as callers see it.
    pub(super) fn schema(&self) -> &Value {
        &self.schema
    }

    /// The parameters with defaults filled in; nulls of parameters that know no null count as absent.
    pub(super) fn check(&self, action: &str, params: &Object) -> Result<Object, Failure> {
        let mut params = params.clone();
        if self.closed {
            self.refuse_unknown(action, &params)?;
        }
        drop_nulls(&self.schema, &mut params);
        fill(&self.schema, &mut params);
        let params = Value::Object(params);
        if let Some(error) = self.validator.iter_errors(&params).next() {
            return Err(self.explain(action, &error));
        }
        let Value::Object(params) = params else {
            unreachable!("an object was put in")
        };
        Ok(params)
    }

    fn refuse_unknown(&self, action: &str, params: &Object) -> Result<(), Failure> {
        let known: Vec<&str> = self
            .properties()
            .map(|all| all.keys().map(String::as_str).collect())
            .unwrap_or_default();
        let Some(unknown) = params.keys().find(|key| !known.contains(&key.as_str())) else {
            return Ok(());
        };
        let takes = match known.as_slice() {
            [] => "it takes no parameters".to_owned(),
            known => format!("it takes {}", list(known, "and")),
        };
        let hint = nearest(unknown, &known)
            .map(|near| format!("did you mean `{near}`? "))
            .unwrap_or_default();
        let takes = if hint.is_empty() { takes } else { capital(&takes) };
        Err(invalid(
            format!("`{action}` knows no parameter `{unknown}`; {hint}{takes}."),
            unknown,
        ))
    }

    fn properties(&self) -> Option<&Object> {
        self.schema.get("properties").and_then(Value::as_object)
    }

    fn explain(&self, action: &str, error: &ValidationError<'_>) -> Failure {
        let path = error.instance_path().as_str();
        let place = place(path);
        let owner = if place.is_empty() {
            format!("`{action}`")
        } else {
            format!("`{place}` of `{action}`")
        };
        let schema = at(&self.schema, path);
        match error.kind() {
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let known = schema
                    .and_then(|schema| schema.get("properties"))
                    .and_then(|all| all.get(name));
                let wanted = known.map(|known| format!(": {}", describe(known))).unwrap_or_default();
                let what = if place.is_empty() { "parameter" } else { "field" };
                invalid(
                    format!("{owner} needs the {what} `{name}`{wanted}."),
                    &join(&place, name),
                )
            }
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let name = unexpected.first().map(String::as_str).unwrap_or_default();
                let all = schema
                    .and_then(|schema| schema.get("properties"))
                    .and_then(Value::as_object);
                let known: Vec<&str> = all
                    .map(|all| all.keys().map(String::as_str).collect())
                    .unwrap_or_default();
                let hint = nearest(name, &known).map(|near| format!("; did you mean `{near}`?"));
                invalid(
                    format!("{owner} knows no field `{name}`{}", hint.unwrap_or(".".to_owned())),
                    &join(&place, name),
                )
            }
            ValidationErrorKind::AnyOf { .. } | ValidationErrorKind::OneOfNotValid { .. }
                if error.instance().is_object() =>
            {
                let choices = choices(schema);
                match choices.as_slice() {
                    [] => invalid(
                        format!("{owner} has parameters that do not fit together: {error}."),
                        &place,
                    ),
                    choices => invalid(format!("{owner} needs {}.", list_plain(choices, "or")), &place),
                }
            }
            ValidationErrorKind::OneOfMultipleValid { .. } if error.instance().is_object() => invalid(
                format!("{owner} takes only one of {}.", list_plain(&choices(schema), "and")),
                &place,
            ),
            _ if place.is_empty() => invalid(format!("The parameters of `{action}` do not fit: {error}."), &place),
            _ => {
                let expected = schema.map(expected).unwrap_or_else(|| error.to_string());
                let got = got(error.instance());
                invalid(
                    format!("`{place}` of `{action}` must be {expected}, not {got}."),
                    &place,
                )
            }
        }
    }
}

fn invalid(sentence: String, parameter: &str) -> Failure {
    let failure = Failure::new(ErrorType::InvalidParams, sentence);
    if parameter.is_empty() {
        failure
    } else {
        failure.with("parameter", parameter)
    }
}

/// `/a/0/b` as people write it: `a[0].b`.
fn place(pointer: &str) -> String {
    let mut place = String::new();
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        if part.bytes().all(|b| b.is_ascii_digit()) {
            place.push_str(&format!("[{part}]"));
        } else {
            place = join(&place, &part);
        }
    }
    place
}

fn join(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}.{name}")
    }
}

/// The schema of the value at a path of the instance, where it can be followed.
fn at<'a>(schema: &'a Value, pointer: &str) -> Option<&'a Value> {
    pointer.split('/').skip(1).try_fold(schema, |schema, part| {
        let property = schema.get("properties").and_then(|all| all.get(part));
        property
            .or_else(|| schema.get("items"))
            .or_else(|| schema.get("additionalProperties"))
    })
}

/// What each branch of `anyOf` or `oneOf` asks for, as "`index`" or "`x` with `y`".
fn choices(schema: Option<&Value>) -> Vec<String> {
    let branches = schema
        .and_then(|schema| schema.get("anyOf").or_else(|| schema.get("oneOf")))
        .and_then(Value::as_array);
    let required = |branch: &Value| {
        let names: Vec<String> = branch
            .get("required")?
            .as_array()?
            .iter()
            .filter_map(|n| Some(format!("`{}`", n.as_str()?)))
            .collect();
        (!names.is_empty()).then(|| names.join(" with "))
    };
    branches
        .and_then(|branches| branches.iter().map(required).collect::<Option<Vec<_>>>())
        .unwrap_or_default()
}

/// "an integer of at least 0 (its index)"
fn describe(schema: &Value) -> String {
    match schema.get("description").and_then(Value::as_str) {
        Some(text) => format!("{} ({})", expected(schema), text.trim_end_matches('.')),
        None => expected(schema),
    }
}

/// What a schema wants, in words.
fn expected(schema: &Value) -> String {
    if let Some(options) = schema.get("enum").and_then(Value::as_array) {
        let options: Vec<String> = options.iter().map(ToString::to_string).collect();
        return if options.len() == 1 {
            options.concat()
        } else {
            format!("one of {}", options.join(", "))
        };
    }
    if let Some(only) = schema.get("const") {
        return only.to_string();
    }
    let types = match schema.get("type") {
        Some(Value::String(one)) => word(one).to_owned(),
        Some(Value::Array(many)) => many
            .iter()
            .filter_map(Value::as_str)
            .map(word)
            .collect::<Vec<_>>()
            .join(" or "),
        _ => match schema
            .get("anyOf")
            .or_else(|| schema.get("oneOf"))
            .and_then(Value::as_array)
        {
            Some(branches) => branches.iter().map(expected).collect::<Vec<_>>().join(" or "),
            None => "a value that fits its schema".to_owned(),
        },
    };
    let bound = |key: &str, words: &str| schema.get(key).map(|limit| format!("{words} {limit}"));
    let bounds: Vec<String> = [
        bound("minimum", "at least"),
        bound("exclusiveMinimum", "more than"),
        bound("maximum", "at most"),
        bound("exclusiveMaximum", "less than"),
        bound("multipleOf", "a multiple of"),
        bound("minLength", "a length of at least"),
        bound("maxLength", "a length of at most"),
        bound("minItems", "a length of at least"),
        bound("maxItems", "a length of at most"),
        bound("pattern", "the form"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if bounds.is_empty() {
        types
    } else {
        format!("{types} of {}", bounds.join(" and "))
    }
}

fn word(kind: &str) -> &str {
    match kind {
        "string" => "a string",
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        "null" => "null",
        other => other,
    }
}

/// A value as a sentence shows it; long ones are cut.
fn got(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.chars().count() > 60 => {
            format!("the string \"{}…\"", text.chars().take(60).collect::<String>())
        }
        Value::String(text) => format!("the string \"{text}\""),
        other => other.to_string(),
    }
}

fn list(names: &[&str], last: &str) -> String {
    list_plain(&names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>(), last)
}

fn list_plain(items: &[String], last: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [init @ .., end] => format!("{} {last} {end}", init.join(", ")),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// The known name that is closest in spelling, if any is close.
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let scored = known
        .iter()
        .map(|one| (distance(&name.to_lowercase(), &one.to_lowercase()), *one));
    scored
        .min()
        .filter(|(distance, one)| *distance <= one.len().min(name.len()) / 3 + 1)
        .map(|(_, one)| one)
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// Fills in the defaults of missing parameters, also inside given objects.
fn fill(schema: &Value, params: &mut Object) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return;
    };
    for (name, property) in properties {
        match params.get_mut(name) {
            Some(Value::Object(inner)) => fill(property, inner),
            Some(_) => {}
            None => {
                if let Some(default) = property.get("default") {
                    params.insert(name.clone(), default.clone());
                }
            }
        }
    }
}

/// Clients send null for what they leave out; it stays only where the schema speaks of null.
fn drop_nulls(schema: &Value, params: &mut Object) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return;
    };
    params.retain(|name, value| !value.is_null() || properties.get(name).is_none_or(knows_null));
}

fn knows_null(schema: &Value) -> bool {
    let kind = schema.get("type");
    kind.is_some_and(|kind| kind == "null" || kind.as_array().is_some_and(|all| all.contains(&json!("null"))))
        || schema
            .get("enum")
            .and_then(Value::as_array)
            .is_some_and(|all| all.contains(&Value::Null))
        || (kind.is_none() && schema.get("enum").is_none())
}

/// Turns the empty objects that Lua's `{}` became back into lists where the schema language wants lists.
fn normalise(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else {
        if let Some(items) = schema.as_array_mut() {
            items.iter_mut().for_each(normalise);
        }
        return;
    };
    let is_list = object.get("type").is_some_and(|kind| kind == "array");
    for (key, value) in object.iter_mut() {
        let empty = value.as_object().is_some_and(|fields| fields.is_empty());
        if empty && (LISTS.contains(&key.as_str()) || (is_list && key == "default")) {
            *value = json!([]);
        } else if key == "properties" || key == "$defs" || key == "definitions" {
            if let Some(all) = value.as_object_mut() {
                all.values_mut().for_each(normalise);
            }
        } else if !matches!(key.as_str(), "default" | "const" | "enum" | "examples") {
            normalise(value);
        }
    }
}

#[cfg(test)]
mod tests;
