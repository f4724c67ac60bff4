//! What scripts keep between calls: JSON values by key, one name-space for each plugin.
//!
//! Pure memory behind one lock that is held for a look-up, never for a conversion. All Lua threads see the same values, and
//! a reload of scripts does not touch them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Number, Value};

use crate::protocol::{ErrorType, Failure};

/// Keys of one name-space.
const MOST_KEYS: usize = 1000;
/// Bytes of one name-space, keys and values as JSON text.
const MOST_BYTES: usize = 1 << 20;
/// Bytes of one key.
const MOST_KEY: usize = 256;
/// Largest whole number that Lua's numbers hold exactly.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

/// Values by name-space and key; cheap to clone, and all clones are the same store.
#[derive(Clone, Default)]
pub(super) struct Store(Arc<Mutex<HashMap<String, Space>>>);

/// One plugin's values.
#[derive(Default)]
struct Space {
    kept: BTreeMap<String, Kept>,
    bytes: usize,
}

struct Kept {
    value: Arc<Value>,
    bytes: usize,
}

/// Why a value was not kept.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(super) enum Refused {
    #[error("a key has 1 to {MOST_KEY} bytes, this one has {0}")]
    Key(usize),
    #[error("a plugin may keep {MOST_KEYS} keys here; delete some with set(key, nil)")]
    Keys,
    #[error("a plugin may keep {MOST_BYTES} bytes here, and these would be {0}; delete some with set(key, nil)")]
    Bytes(usize),
    #[error("{key:?} holds {what}, and only a number can be counted up")]
    NoNumber { key: String, what: &'static str },
    #[error("{0} is no number that can be kept")]
    Endless(f64),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        let failure = Self::new(ErrorType::InvalidParams, refused.to_string());
        match refused {
            Refused::Key(_) => failure.with("limit", MOST_KEY),
            Refused::Keys => failure.with("limit", MOST_KEYS),
            Refused::Bytes(_) => failure.with("limit", MOST_BYTES),
            Refused::NoNumber { .. } | Refused::Endless(_) => failure,
        }
    }
}

impl Store {
    /// What is kept under a key.
    pub(super) fn get(&self, space: &str, key: &str) -> Option<Arc<Value>> {
        Some(Arc::clone(&self.lock().get(space)?.kept.get(key)?.value))
    }

    /// Keeps a value in place of what was there; null deletes.
    pub(super) fn set(&self, space: &str, key: &str, value: Value) -> Result<(), Refused> {
        self.lock().entry(space.to_owned()).or_default().put(key, value)
    }

    /// Adds to a number, which begins at 0, and gives the sum.
    pub(super) fn incr(&self, space: &str, key: &str, by: f64) -> Result<Value, Refused> {
        let mut spaces = self.lock();
        let space = spaces.entry(space.to_owned()).or_default();
        let old = match space.kept.get(key).map(|kept| &*kept.value) {
            None => 0.0,
            Some(Value::Number(number)) => number.as_f64().unwrap_or_default(),
            Some(other) => {
                return Err(Refused::NoNumber {
                    key: key.to_owned(),
                    what: kind(other),
                });
            }
        };
        let sum = number(old + by).ok_or(Refused::Endless(old + by))?;
        space.put(key, sum.clone())?;
        Ok(sum)
    }

    /// Keeps `new` if `old` is what is kept now; null stands for nothing. Tells whether it did.
    pub(super) fn cas(&self, space: &str, key: &str, old: &Value, new: Value) -> Result<bool, Refused> {
        let mut spaces = self.lock();
        let space = spaces.entry(space.to_owned()).or_default();
        let now = space.kept.get(key).map_or(&Value::Null, |kept| &*kept.value);
        if now != old {
            return Ok(false);
        }
        space.put(key, new).map(|()| true)
    }

    /// All keys in order.
    pub(super) fn keys(&self, space: &str) -> Vec<String> {
        let spaces = self.lock();
        spaces
            .get(space)
            .map(|space| space.kept.keys().cloned().collect())
            .unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Space>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Space {
    fn put(&mut self, key: &str, value: Value) -> Result<(), Refused> {
        if key.is_empty() || key.len() > MOST_KEY {
            return Err(Refused::Key(key.len()));
        }
        let old = self.kept.get(key).map(|kept| kept.bytes);
        if value.is_null() {
            self.kept.remove(key);
            self.bytes -= old.unwrap_or_default();
            return Ok(());
        }
        if old.is_none() && self.kept.len() >= MOST_KEYS {
            return Err(Refused::Keys);
        }
        let bytes = key.len() + value.to_string().len();
        let all = self.bytes - old.unwrap_or_default() + bytes;
        if all > MOST_BYTES {
            return Err(Refused::Bytes(all));
        }
        self.bytes = all;
        let value = Arc::new(value);
        self.kept.insert(key.to_owned(), Kept { value, bytes });
        Ok(())
    }
}

/// A number as scripts' values are read: whole ones without a fraction.
fn number(sum: f64) -> Option<Value> {
    if sum.fract() == 0.0 && sum.abs() <= MOST_EXACT {
        return Some(Value::from(sum as i64));
    }
    Number::from_f64(sum).map(Value::Number)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_come_back_and_spaces_are_apart() {
        let store = Store::default();
        store.set("a", "k", json!({ "n": [1, null] })).expect("room");
        assert_eq!(store.get("a", "k").as_deref(), Some(&json!({ "n": [1, null] })));
        assert_eq!(store.get("b", "k"), None);
        assert_eq!(store.clone().keys("a"), ["k"]);
        store.set("a", "k", Value::Null).expect("room");
        assert!(store.keys("a").is_empty());
    }

    #[test]
    fn counting_is_exact_and_only_for_numbers() {
        let store = Store::default();
        assert_eq!(store.incr("a", "n", 1.0), Ok(json!(1)));
        assert_eq!(store.incr("a", "n", 0.5), Ok(json!(1.5)));
        assert_eq!(store.incr("a", "n", -1.5), Ok(json!(0)));
        store.set("a", "t", json!("x")).expect("room");
        assert!(matches!(store.incr("a", "t", 1.0), Err(Refused::NoNumber { .. })));
        assert!(matches!(store.incr("a", "n", f64::INFINITY), Err(Refused::Endless(_))));
        assert_eq!(store.get("a", "n").as_deref(), Some(&json!(0)));
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let store = store.clone();
                std::thread::spawn(move || (0..250).for_each(|_| drop(store.incr("a", "n", 1.0))))
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
        assert_eq!(store.get("a", "n").as_deref(), Some(&json!(1000)));
    }

    #[test]
    fn only_the_expected_value_is_replaced() {
        let store = Store::default();
        assert_eq!(store.cas("a", "k", &json!(1), json!(2)), Ok(false));
        assert_eq!(store.cas("a", "k", &Value::Null, json!({ "x": 1, "y": 2 })), Ok(true));
        assert_eq!(store.cas("a", "k", &Value::Null, json!(3)), Ok(false));
        assert_eq!(store.cas("a", "k", &json!({ "y": 2, "x": 1 }), Value::Null), Ok(true));
        assert_eq!(store.get("a", "k"), None);
    }

    #[test]
    fn limits_are_told_and_room_is_given_back() {
        let store = Store::default();
        for n in 0..MOST_KEYS {
            store.set("a", &format!("k{n}"), json!(n)).expect("room");
        }
        assert_eq!(store.set("a", "one more", json!(1)), Err(Refused::Keys));
        assert_eq!(store.set("b", "one more", json!(1)), Ok(()));
        assert_eq!(store.set("a", "k7", json!("longer than before")), Ok(()));
        store.set("a", "k7", Value::Null).expect("room");
        assert_eq!(store.set("a", "one more", json!(1)), Ok(()));
        assert_eq!(store.set("a", "", json!(1)), Err(Refused::Key(0)));
        assert_eq!(store.set("a", &"k".repeat(257), json!(1)), Err(Refused::Key(257)));
        let half = "x".repeat(MOST_BYTES / 2);
        store.set("c", "1", json!(half)).expect("room");
        let failure = Failure::from(store.set("c", "2", json!(half)).expect_err("no room"));
        assert_eq!(
            (failure.error_type, failure.details["limit"].as_u64()),
            (ErrorType::InvalidParams, Some(1 << 20))
        );
        for _ in 0..5 {
            store.set("c", "1", json!(half)).expect("room for the same again");
        }
    }
}
