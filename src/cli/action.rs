//! `perilune action ROOM NAME [key=value ... | JSON]`.

use std::process::ExitCode;

use anyhow::{Context, bail};
use serde_json::{Map, Value, json};

use super::args::Action;
use super::client::Client;

pub(super) async fn run(options: &Action, client: &Client, json: bool) -> anyhow::Result<ExitCode> {
    let params = params(&options.params)?;
    let arguments = json!({ "room_name": options.room, "action_type": options.name, "params": params });
    let answer = client.call("execute_action", arguments).await?;
    if !json && answer["success"] == true {
        println!("{:#}", answer["data"]);
        return Ok(ExitCode::SUCCESS);
    }
    Ok(super::session::report(&answer, json))
}

/// `key=value` pairs, each value read as JSON if it is JSON and as text if not; or one JSON object.
fn params(words: &[String]) -> anyhow::Result<Map<String, Value>> {
    if let [word] = words
        && word.trim_start().starts_with('{')
    {
        return serde_json::from_str(word).context("the parameters are no JSON object");
    }
    let mut params = Map::new();
    for word in words {
        let Some((key, value)) = word.split_once('=') else {
            bail!("`{word}` is neither key=value nor a JSON object");
        };
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        params.insert(key.to_owned(), value);
    }
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_in_both_forms() {
        let words = |words: &[&str]| params(&words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>());
        let pairs = words(&["index=5", "text=a b", "deep={\"x\":1}"]).expect("pairs");
        assert_eq!(
            Value::from(pairs),
            json!({ "index": 5, "text": "a b", "deep": { "x": 1 } })
        );
        assert_eq!(
            Value::from(words(&["{\"index\":5}"]).expect("JSON")),
            json!({ "index": 5 })
        );
        assert!(words(&["5"]).is_err());
    }
}
