//! The site that real pages of tests come from: what a test wrote, and the files beside it; loopback only.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

/// A running site; ends when dropped.
pub(super) struct Site {
    address: SocketAddr,
    served: Arc<Mutex<Served>>,
    _task: AbortOnDropHandle<std::io::Result<()>>,
}

/// What there is to be seen.
#[derive(Default)]
struct Served {
    pages: Vec<String>,
    folders: Vec<PathBuf>,
}

impl Site {
    pub(super) async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let served = Arc::new(Mutex::new(Served::default()));
        let site = Router::new().fallback(answer).with_state(Arc::clone(&served));
        let task = tokio::spawn(async move { axum::serve(listener, site).await });
        Ok(Self {
            address,
            served,
            _task: AbortOnDropHandle::new(task),
        })
    }

    /// The address of a page with this text.
    pub(super) fn page(&self, html: String) -> String {
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        served.pages.push(html);
        format!("http://{}/pages/{}", self.address, served.pages.len() - 1)
    }

    /// The address of a file in a folder; the folder's other files are there too.
    pub(super) fn file(&self, folder: &Path, name: &str) -> String {
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        let known = served.folders.iter().position(|known| known == folder);
        let at = known.unwrap_or_else(|| {
            served.folders.push(folder.to_owned());
            served.folders.len() - 1
        });
        format!("http://{}/files/{at}/{name}", self.address)
    }
}

async fn answer(State(served): State<Arc<Mutex<Served>>>, uri: Uri) -> Response {
    let found = {
        let served = served.lock().unwrap_or_else(PoisonError::into_inner);
        find(&served, uri.path())
    };
    match found {
        Some(Found::Page(html)) => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response(),
        Some(Found::File(path)) => match tokio::fs::read(&path).await {
            Ok(bytes) => ([(header::CONTENT_TYPE, kind(&path))], bytes).into_response(),
            Err(_) => StatusCode::NOT_FOUND.into_response(),
        },
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

enum Found {
    Page(String),
    File(PathBuf),
}

fn find(served: &Served, path: &str) -> Option<Found> {
    if let Some(at) = path.strip_prefix("/pages/") {
        return served.pages.get(at.parse::<usize>().ok()?).cloned().map(Found::Page);
    }
    let (at, name) = path.strip_prefix("/files/")?.split_once('/')?;
    let folder = served.folders.get(at.parse::<usize>().ok()?)?;
    let is_inside = Path::new(name)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    is_inside.then(|| Found::File(folder.join(name)))
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("html" | "htm") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        _ => "application/octet-stream",
    }
}
