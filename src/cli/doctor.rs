//! `perilune doctor`: what the host needs, what is missing, what to do.

use std::process::ExitCode;

use serde_json::json;

use super::args::Settings;
use super::serve::load_config;
use super::table::{plain, table};
use crate::actions::Actions;
use crate::ops::doctor::{Verdict, examine};

pub(super) async fn run(settings: &Settings, json: bool) -> anyhow::Result<ExitCode> {
    let config = load_config(settings)?;
    let findings = examine(&config, Actions::libraries()).await;
    let word = |verdict| match verdict {
        Verdict::Good => "good",
        Verdict::Lacking => "lacking",
        Verdict::Bad => "bad",
    };
    if json {
        let all: Vec<_> = findings
            .iter()
            .map(|f| json!({ "part": f.part, "verdict": word(f.verdict), "says": f.says }))
            .collect();
        println!("{:#}", json!(all));
    } else {
        let mut rows = table(&["Part", "", "Finding"]);
        for finding in &findings {
            rows.add_row([
                finding.part.to_owned(),
                word(finding.verdict).to_owned(),
                plain(&finding.says),
            ]);
        }
        println!("{rows}");
    }
    let bad = findings.iter().any(|finding| finding.verdict == Verdict::Bad);
    if bad && !json {
        eprintln!("the host could not do its work here");
    }
    Ok(ExitCode::from(u8::from(bad)))
}
