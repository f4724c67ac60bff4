//! A host with plugins whose one action does whatever a test asks for, and sites that remember what they were sent.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::{Value, json};

use crate::support::{Host, Site, eventually};

/// An action of this name that calls one of these functions (Lua source, `function tries.NAME(ctx, params)`).
pub(crate) fn tries(functions: &str) -> String {
    format!(
        "-- What a test asks for.\nlocal tries = {{}}\n{functions}\nreturn {{\n  description = \"Try something\",\n  \
         params = {{ type = \"object\", additionalProperties = true }},\n  \
         run = function(ctx, params) return tries[params.try](ctx, params) end,\n}}\n"
    )
}

/// Drops plugins into a running host and waits until their actions are there.
pub(crate) async fn plug(host: &Host, plugins: &[(&str, &str, String)]) {
    for (name, manifest, action) in plugins {
        let folder = host.folder.path().join("plugins").join(name);
        fs::create_dir_all(folder.join("actions")).expect("a folder");
        if !manifest.is_empty() {
            fs::write(folder.join("plugin.toml"), format!("# A plugin of a test.\n{manifest}")).expect("a file");
        }
        fs::write(folder.join(format!("actions/try_{name}.lua")), action).expect("a file");
    }
    eventually("the plugins' actions are there", Duration::from_secs(20), || async {
        let scripts = host.get("/mcp/tools").await.1.to_string();
        let there = |(name, _, _): &(&str, &str, String)| scripts.contains(&format!("try_{name}"));
        plugins.iter().all(there).then_some(())
    })
    .await;
}

/// Runs a function of a plugin's action.
pub(crate) async fn ask(host: &Host, room: &str, plugin: &str, what: &str, mut params: Value) -> Value {
    params["try"] = what.into();
    host.action(room, &format!("try_{plugin}"), params).await
}

/// The data of an answer that must be a success.
pub(crate) fn data(answer: &Value) -> &Value {
    assert_eq!(answer["success"], true, "{answer}");
    &answer["data"]
}

/// The sentence of an answer that must be this failure.
pub(crate) fn failure<'a>(answer: &'a Value, kind: &str) -> &'a str {
    assert_eq!(answer["error_type"], kind, "{answer}");
    answer["error"].as_str().expect("a sentence")
}

/// One request as a site got it.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) path: String,
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
}

/// A site with a few special paths that remembers every request to them.
pub(crate) struct Recording {
    pub(crate) site: Site,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Recording {
    /// `/echo` tells what it got, `/to?URL` redirects (307), `/loop` to itself, `/huge` and `/endless` are too large, `/slow` takes
    /// its time, `/cut` ends too early; other paths are those of [`Site`].
    pub(crate) async fn start(pages: &[(&str, &str)]) -> Self {
        let got = Arc::<Mutex<Vec<Got>>>::default();
        let paths = ["/echo", "/to", "/loop", "/huge", "/endless", "/slow", "/cut", "/teapot"];
        let routes = paths
            .iter()
            .fold(Router::new(), |router, path| router.route(path, any(answer)))
            .with_state(got.clone());
        Self {
            site: Site::with_routes(pages, routes).await,
            got,
        }
    }

    /// The site under a name.
    pub(crate) fn at(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.site.port)
    }

    /// What came to the special paths.
    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().expect("no panic").clone()
    }

    /// Whether nobody has asked for anything at all.
    pub(crate) fn is_untouched(&self) -> bool {
        self.got().is_empty() && self.site.asked().is_empty()
    }
}

async fn answer(
    State(got): State<Arc<Mutex<Vec<Got>>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().to_owned();
    let query = uri.query().unwrap_or_default().to_owned();
    got.lock().expect("no panic").push(Got {
        path: path.clone(),
        method: method.clone(),
        headers: headers.clone(),
    });
    let moved = |to: &str| (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to.to_owned())]).into_response();
    match path.as_str() {
        "/to" => moved(&query),
        "/loop" => moved("/loop"),
        "/teapot" => (StatusCode::IM_A_TEAPOT, [("x-note", "short and stout")], "no coffee").into_response(),
        "/huge" => "x".repeat(5 << 20).into_response(),
        "/endless" => {
            let piece = || async { Some((Ok::<_, std::io::Error>("x".repeat(64 << 10)), ())) };
            Body::from_stream(futures_util::stream::unfold((), move |()| piece())).into_response()
        }
        "/slow" => {
            tokio::time::sleep(Duration::from_millis(query.parse().unwrap_or(60_000))).await;
            "at last".into_response()
        }
        "/cut" => {
            let pieces = futures_util::stream::iter([Ok("{\"half\""), Err(std::io::Error::other("cut"))]);
            ([(header::CONTENT_LENGTH, "1000")], Body::from_stream(pieces)).into_response()
        }
        _ => {
            let headers: serde_json::Map<String, Value> = headers
                .iter()
                .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()))
                .collect();
            let told = json!({ "method": method.as_str(), "query": query, "headers": headers,
                "body": String::from_utf8_lossy(&body) });
            ([(header::CONTENT_TYPE, "application/json")], told.to_string()).into_response()
        }
    }
}

/// Every text file that the host has written and a person may read.
pub(crate) fn written(folder: &Path) -> String {
    ["host.log", "data/audit.jsonl"]
        .iter()
        .map(|file| fs::read_to_string(folder.join(file)).unwrap_or_default())
        .collect()
}
