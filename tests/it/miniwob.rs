//! MiniWoB++ by index only, with the policies of tests/miniwob: a few tasks of each kind, two episodes each.
//!
//! All of them, ten episodes each: `target/tools/venv/bin/python tests/peers/miniwob.py`.

use std::path::Path;
use std::time::Duration;

use crate::support::{Host, Python};

/// Buttons and fields, a native list, what only scripts listen on, shapes, fields without labels, a date picker.
const TASKS: &str =
    "click-checkboxes,choose-list,email-inbox-star-reply,grid-coordinate,multi-layouts,choose-date-easy";

#[tokio::test]
async fn tasks_of_each_kind_are_solved_by_index() {
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/miniwob");
    let plugins = ("script.plugins", policies.display().to_string());
    let host = Host::with_settings(vec![plugins]).await;
    let arguments = ["--url", &host.base, "--tasks", TASKS, "--seeds", "2"];
    let mut lines = Python::start("miniwob.py", &arguments);
    let sum = lines
        .until("the sum", Duration::from_secs(120), |line| !line["ok"].is_null())
        .await;
    assert_eq!((&sum["ok"], &sum["passed"]), (&true.into(), &12.into()), "{sum:#}");
}
