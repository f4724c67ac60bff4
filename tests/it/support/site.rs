//! A local site of a test's own that remembers who asked for what.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

/// A running site; ends with its test's runtime.
pub(crate) struct Site {
    pub(crate) port: u16,
    state: Arc<SiteState>,
}

struct SiteState {
    pages: HashMap<String, String>,
    asked: Mutex<Vec<String>>,
}

impl Site {
    /// Serves these pages (path, HTML). Beside them `/moved?URL` redirects, `/never` never answers, `/half` never ends.
    pub(crate) async fn start(pages: &[(&str, &str)]) -> Self {
        Self::with_routes(pages, Router::new()).await
    }

    /// The same with routes of the test's own, which come first; who asks for those is not remembered.
    pub(crate) async fn with_routes(pages: &[(&str, &str)], routes: Router) -> Self {
        let pages = pages
            .iter()
            .map(|(path, html)| ((*path).to_owned(), (*html).to_owned()))
            .collect();
        let state = Arc::new(SiteState {
            pages,
            asked: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let port = listener.local_addr().expect("bound").port();
        let router = routes.merge(Router::new().fallback(answer).with_state(state.clone()));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { port, state }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Every path that was asked for, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.state.asked.lock().expect("no panic").clone()
    }
}

async fn answer(State(state): State<Arc<SiteState>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    state.asked.lock().expect("no panic").push(path.clone());
    if let Some(html) = state.pages.get(&path) {
        let kind = match path.rsplit('.').next() {
            Some("js") => "text/javascript",
            Some("json") => "application/json",
            Some("svg") => "image/svg+xml",
            _ => "text/html; charset=utf-8",
        };
        return ([(header::CONTENT_TYPE, kind)], html.clone()).into_response();
    }
    match path.as_str() {
        "/moved" => {
            let to = request.uri().query().unwrap_or("/").to_owned();
            (StatusCode::FOUND, [(header::LOCATION, to)]).into_response()
        }
        "/never" => std::future::pending().await,
        "/half" => {
            let body = futures_util::stream::once(async { Ok::<_, std::io::Error>("<h1>half</h1>") });
            let rest = futures_util::stream::once(async {
                tokio::time::sleep(Duration::from_secs(3600)).await;
                Ok("")
            });
            let body = Body::from_stream(futures_util::StreamExt::chain(body, rest));
            ([(header::CONTENT_TYPE, "text/html")], body).into_response()
        }
        _ => (
            StatusCode::NOT_FOUND,
            [(header::CONTENT_TYPE, "text/html")],
            "<h1>not here</h1>",
        )
            .into_response(),
    }
}
