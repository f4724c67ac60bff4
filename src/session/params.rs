//! The parameters of a start, read and laid over those of an earlier one.

use crate::protocol::{ErrorType, Failure, Object, StartParams};

/// Reads the parameters of `start_browser_session`.
pub(super) fn start_params(params: &Object) -> Result<StartParams, Failure> {
    serde_json::from_value(serde_json::Value::Object(params.clone()))
        .map_err(|error| Failure::new(ErrorType::InvalidParams, format!("start_browser_session: {error}")))
}

/// The parameters of the first start, with those of the new one laid over them.
pub(super) fn merged(first: &StartParams, new: StartParams) -> StartParams {
    let object = |params: &StartParams| match serde_json::to_value(params) {
        Ok(serde_json::Value::Object(object)) => object,
        _ => Object::new(),
    };
    let mut all = object(first);
    all.extend(object(&new));
    serde_json::from_value(serde_json::Value::Object(all)).unwrap_or(new)
}
