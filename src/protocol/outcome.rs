//! The answer to a command: data or failure, in the same envelope at every entry point.

use std::time::Duration;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{ErrorType, Object};

/// Why a command failed: a code for programs, a sentence for people.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The code of the table.
    pub error_type: ErrorType,
    /// What happened and what to do next.
    pub message: String,
    /// Whether trying again may help.
    pub retryable: bool,
    /// How long the other side asked to wait.
    pub retry_after: Option<Duration>,
    /// Facts for programs, for instance the new revision of a stale index; becomes the outcome's `data`.
    pub details: Object,
}

impl Failure {
    /// A failure with the table's default for `retryable`.
    pub fn new(error_type: ErrorType, message: impl Into<String>) -> Self {
        Self {
            error_type,
            message: message.into(),
            retryable: error_type.retryable(),
            retry_after: None,
            details: Object::new(),
        }
    }

    /// The same failure with one more fact.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.details.insert(key.to_owned(), value.into());
        self
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.error_type, self.message)
    }
}

impl std::error::Error for Failure {}

/// What a command came to.
///
/// On the wire: `{"success", "error", "error_type", "data", "timestamp", "duration_ms", "attempts"}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The data of a success, or why there is none.
    pub result: Result<Object, Failure>,
    /// When it ended, in seconds since 1970 with fractions.
    pub timestamp: f64,
    /// How long it took, all attempts together.
    pub duration: Duration,
    /// How often it was tried.
    pub attempts: u32,
}

impl Outcome {
    /// An outcome of a command that never began to run.
    pub fn refused(failure: Failure, timestamp: f64) -> Self {
        Self {
            result: Err(failure),
            timestamp,
            duration: Duration::ZERO,
            attempts: 0,
        }
    }

    /// Whether the command did what it was asked to.
    pub fn is_success(&self) -> bool {
        self.result.is_ok()
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(7))?;
        map.serialize_entry("success", &self.is_success())?;
        match &self.result {
            Ok(data) => {
                map.serialize_entry("error", &Value::Null)?;
                map.serialize_entry("error_type", &Value::Null)?;
                map.serialize_entry("data", data)?;
            }
            Err(failure) => {
                map.serialize_entry("error", &failure.message)?;
                map.serialize_entry("error_type", &failure.error_type)?;
                map.serialize_entry("data", &failure.details)?;
            }
        }
        map.serialize_entry("timestamp", &self.timestamp)?;
        map.serialize_entry("duration_ms", &(self.duration.as_micros() as f64 / 1000.0))?;
        map.serialize_entry("attempts", &self.attempts)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_has_the_seven_keys_either_way() {
        let failure = Failure::new(ErrorType::StaleIndex, "index 3 is old").with("revision", 7);
        for result in [Ok(Object::new()), Err(failure)] {
            let outcome = Outcome {
                result,
                timestamp: 1.5,
                duration: Duration::from_micros(2500),
                attempts: 1,
            };
            let json = serde_json::to_value(&outcome).expect("an outcome is JSON");
            let keys: Vec<_> = json.as_object().expect("an object").keys().cloned().collect();
            assert_eq!(
                keys,
                [
                    "success",
                    "error",
                    "error_type",
                    "data",
                    "timestamp",
                    "duration_ms",
                    "attempts"
                ]
            );
            assert_eq!(json["duration_ms"], 2.5);
            assert_eq!(
                json["data"].get("revision"),
                (!outcome.is_success()).then_some(&Value::from(7))
            );
        }
    }
}
