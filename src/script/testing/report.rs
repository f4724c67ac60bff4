//! What became of tests.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::protocol::Failure;
use crate::script::Diagnosis;
use crate::script::error::{Fault, Place, first_place, leading_place};
use crate::script::loader::Problem;
use crate::script::offline::Offline;
use crate::script::vm::{Raise, Vm, is_stop};

/// The tests of one file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileReport {
    /// The file.
    pub file: String,
    /// Why none of its tests could run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<Diagnosis>,
    /// Its tests, in order.
    pub tests: Vec<TestReport>,
    /// How long all took.
    #[serde(rename = "took_ms", serialize_with = "milliseconds")]
    pub took: Duration,
}

/// One test.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TestReport {
    /// Its name, behind those of its groups.
    pub name: String,
    /// How long it took.
    #[serde(rename = "took_ms", serialize_with = "milliseconds")]
    pub took: Duration,
    /// What became of it.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// What became of a test.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum Verdict {
    /// Everything was as expected.
    Passed,
    /// Something was not.
    Failed {
        /// Where, and what.
        at: Box<Diagnosis>,
        /// What the test expected.
        expected: Option<String>,
        /// What it got.
        got: Option<String>,
    },
    /// It needs something that is not there.
    Skipped {
        /// What.
        why: String,
    },
}

impl FileReport {
    pub(super) fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            broken: None,
            tests: Vec::new(),
            took: Duration::ZERO,
        }
    }

    /// How many tests passed.
    pub fn passed(&self) -> usize {
        self.tests.iter().filter(|test| test.verdict == Verdict::Passed).count()
    }

    /// How many tests need something that is not there.
    pub fn skipped(&self) -> usize {
        self.tests.len() + usize::from(self.broken.is_some()) - self.passed() - self.failed()
    }

    /// Names files as `name` does, for instance as paths.
    pub fn rename(&mut self, name: impl Fn(&str) -> String) {
        self.file = name(&self.file);
        let failures = self.tests.iter_mut().filter_map(|test| match &mut test.verdict {
            Verdict::Failed { at, .. } => Some(&mut **at),
            _ => None,
        });
        for diagnosis in failures.chain(&mut self.broken) {
            diagnosis.file = name(&diagnosis.file);
        }
    }

    /// How many tests failed; a file that cannot be run counts as one.
    pub fn failed(&self) -> usize {
        let failed = self
            .tests
            .iter()
            .filter(|test| matches!(test.verdict, Verdict::Failed { .. }));
        failed.count() + usize::from(self.broken.is_some())
    }
}

/// One line for the file, then what is to be said about its tests.
impl fmt::Display for FileReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut counts = format!("{} passed", self.passed());
        for (count, word) in [(self.failed(), "failed"), (self.skipped(), "skipped")] {
            if count > 0 {
                counts += &format!(", {count} {word}");
            }
        }
        let word = if self.failed() == 0 { "ok" } else { "FAILED" };
        writeln!(
            f,
            "{word} {} ({counts}, {:.0} ms)",
            self.file,
            self.took.as_secs_f64() * 1000.0
        )?;
        if let Some(broken) = &self.broken {
            writeln!(f, "{}", indented(&broken.to_string()))?;
        }
        for test in &self.tests {
            match &test.verdict {
                Verdict::Passed => {}
                Verdict::Skipped { why } => writeln!(f, "  skipped: {} ({why})", test.name)?,
                Verdict::Failed { at, expected, got } => {
                    writeln!(f, "  failed: {}\n{}", test.name, indented(&at.to_string()))?;
                    if let (Some(expected), Some(got)) = (expected, got) {
                        writeln!(f, "      expected: {expected}\n           got: {got}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| format!("    {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn milliseconds<S: Serializer>(took: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((took.as_secs_f64() * 1e5).round() / 100.0)
}

/// Raised by `expect`.
#[derive(Debug, thiserror::Error)]
#[error("expected {expected}, got {got}")]
pub(super) struct Mismatch {
    pub(super) place: Option<Place>,
    pub(super) expected: String,
    pub(super) got: String,
}

/// Raised by what needs something that is not there.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Skip(pub(super) String);

/// Why a test did not come to its end.
pub(super) struct Ended {
    fault: Fault,
    failure: Option<Failure>,
    expected: Option<(String, String)>,
    skip: Option<String>,
    /// Where Lua was, outermost last.
    trace: String,
}

impl Ended {
    pub(super) fn new(vm: &Vm, raise: Raise) -> Self {
        let (mut mismatch, mut skip, mut trace, mut late) = (None, None, String::new(), false);
        let error = match &raise {
            Raise::Error(error) => Some(error),
            Raise::Value(mlua::Value::Error(error)) => Some(&**error),
            Raise::Value(_) => None,
        };
        if let Some(error) = error {
            late = is_stop(error);
            mismatch = find::<Mismatch>(error).map(|m| (m.place.clone(), m.expected.clone(), m.got.clone()));
            skip = find::<Skip>(error).map(|skip| skip.0.clone());
            if let mlua::Error::CallbackError { traceback, .. } = error {
                trace.clone_from(traceback);
            }
        }
        let (mut fault, failure) = vm.failure(raise);
        if late {
            fault.message = "did not end within its time".to_owned();
        }
        if let Some((place, ..)) = &mismatch {
            fault.place.clone_from(place);
        }
        Self {
            fault,
            failure,
            expected: mismatch.map(|(_, expected, got)| (expected, got)),
            skip,
            trace,
        }
    }

    pub(super) fn late(deadline: Duration) -> Self {
        Self {
            fault: Fault {
                place: None,
                message: format!("did not end within {deadline:?}"),
            },
            failure: None,
            expected: None,
            skip: None,
            trace: String::new(),
        }
    }

    pub(super) fn verdict(self, offline: &Offline, file: &str) -> Verdict {
        if let Some(why) = self.skip {
            return Verdict::Skipped { why };
        }
        let place = self.fault.place.clone().or_else(|| first_place(&self.trace));
        let message = match &self.failure {
            Some(failure) => format!("raised {failure}"),
            None => self.fault.message.clone(),
        };
        let mut problem = Problem::new(file, message);
        if let Some(place) = place {
            problem.file = place.file;
            problem.line = Some(place.line);
        }
        let mut at = offline.diagnose(&problem);
        if problem.file != file && at.hint.is_none() {
            let lines = self
                .trace
                .lines()
                .filter_map(|line| leading_place(line.trim_start(), ""));
            let mine = lines.map(|(place, _)| place).find(|place| place.file == file);
            at.hint = mine.map(|place| format!("called from {}:{}", place.file, place.line));
        }
        let (expected, got) = self.expected.unzip();
        Verdict::Failed {
            at: Box::new(at),
            expected,
            got,
        }
    }
}

/// An error of ours in what Lua made of it.
fn find<T: std::error::Error + 'static>(error: &mlua::Error) -> Option<&T> {
    match error {
        mlua::Error::CallbackError { cause, .. } | mlua::Error::WithContext { cause, .. } => find(cause),
        mlua::Error::ExternalError(error) => error.downcast_ref::<T>(),
        _ => None,
    }
}
