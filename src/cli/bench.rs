//! `perilune bench`: the host's own figures, as a table.

use std::process::ExitCode;

use super::table::table;
use crate::ops::bench;

pub(super) async fn lua(json: bool) -> anyhow::Result<ExitCode> {
    let figures = bench::lua().await?;
    if json {
        println!("{:#}", serde_json::to_value(figures)?);
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = table(&["Lua", "p50", "p95", "p99", "Unit", "Goal"]);
    for figure in figures {
        let numbers = [figure.p50, figure.p95, figure.p99].map(|value| format!("{value:.1}"));
        let [p50, p95, p99] = numbers;
        rows.add_row([
            figure.name,
            p50,
            p95,
            p99,
            figure.unit.to_owned(),
            figure.goal.to_owned(),
        ]);
    }
    println!("{rows}");
    Ok(ExitCode::SUCCESS)
}
