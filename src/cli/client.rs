//! The command line's client of a running host.

use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use url::Url;

/// Longer than any command may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running host.
pub(super) struct Client {
    base: Url,
    token: Option<String>,
    http: reqwest::Client,
}

impl Client {
    /// The host that PERILUNE_URL names.
    pub(super) fn from_env() -> anyhow::Result<Self> {
        let base = std::env::var("PERILUNE_URL").unwrap_or_else(|_| "http://127.0.0.1:8000".to_owned());
        let base = Url::parse(&base).with_context(|| format!("PERILUNE_URL is no address: {base}"))?;
        let token = std::env::var("PERILUNE_TOKEN").ok().filter(|t| !t.is_empty());
        let http = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()?;
        Ok(Self { base, token, http })
    }

    /// Calls a tool.
    pub(super) async fn call(&self, tool: &str, arguments: Value) -> anyhow::Result<Value> {
        let request = self
            .http
            .post(self.url(&["mcp", "tools", "call"]))
            .json(&json!({ "tool": tool, "arguments": arguments }));
        self.send(request).await
    }

    /// Reads a resource; each part of the path is escaped.
    pub(super) async fn get(&self, path: &[&str]) -> anyhow::Result<Value> {
        self.send(self.http.get(self.url(path))).await
    }

    /// The same, with a query.
    pub(super) async fn get_with(&self, path: &[&str], query: &[(&str, u64)]) -> anyhow::Result<Value> {
        let mut url = self.url(path);
        url.query_pairs_mut()
            .extend_pairs(query.iter().map(|(key, value)| (key, value.to_string())));
        self.send(self.http.get(url)).await
    }

    /// Gives a resource something to do.
    pub(super) async fn post(&self, path: &[&str], body: &Value) -> anyhow::Result<Value> {
        self.send(self.http.post(self.url(path)).json(body)).await
    }

    /// The address of a resource.
    pub(super) fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// The token to give, if there is one.
    pub(super) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    async fn send(&self, mut request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.map_err(|error| {
            if error.is_connect() {
                anyhow::anyhow!(
                    "no host answers at {}; start one with `perilune serve` or set PERILUNE_URL",
                    self.base
                )
            } else {
                error.into()
            }
        })?;
        let status = response.status();
        let body: Value = response
            .json()
            .await
            .with_context(|| format!("{} did not answer with JSON", self.base))?;
        if !status.is_success() {
            bail!("{}", body["error"].as_str().unwrap_or(status.as_str()));
        }
        Ok(body)
    }
}
