//! What each script's calls came to, by file.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::protocol::{ErrorType, Failure};

/// The calls of one script since the host started; reloads do not begin anew.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Statistics {
    /// Calls that have ended.
    pub calls: u64,
    /// Those that failed, by error type.
    pub failures: BTreeMap<ErrorType, u64>,
    /// Times that a call gave its thread to others because it had computed for long.
    pub slices: u64,
    /// Milliseconds of computing, host functions included.
    pub computed_ms: f64,
    /// Of the call that computed longest.
    pub longest_ms: f64,
}

/// One call's cost.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    pub(super) computed: Duration,
    pub(super) slices: u64,
}

/// All scripts' calls.
#[derive(Default)]
pub(super) struct Book(Mutex<BTreeMap<String, Statistics>>);

impl Book {
    /// Notes a call that has ended.
    pub(super) fn note(&self, file: &str, failure: Option<&Failure>, cost: Cost) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains_key(file) {
            all.insert(file.to_owned(), Statistics::default());
        }
        let Some(one) = all.get_mut(file) else { return };
        let computed = cost.computed.as_secs_f64() * 1000.0;
        one.calls += 1;
        one.slices += cost.slices;
        one.computed_ms += computed;
        one.longest_ms = one.longest_ms.max(computed);
        if let Some(failure) = failure {
            *one.failures.entry(failure.error_type).or_default() += 1;
        }
    }

    pub(super) fn all(&self) -> BTreeMap<String, Statistics> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
