//! Downloads: what is in the files, where they lie, what is told, and the limits.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use perilune::browser::{BrowserEvent, Download, DownloadState};
use perilune::config::{self, DownloadMode};
use perilune::policy::Rules;
use perilune::protocol::{ErrorType, Failure};
use tempfile::TempDir;

use crate::support::Site;
use crate::support::bench::{Bench, Room, SHELL, entries, parsed, spec};

const PAGE: &str = "<title>files</title><a id=big href=/big.bin download>big</a>";

struct Setting {
    site: Site,
    bench: Bench,
    kept: TempDir,
}

async fn setting(change: impl FnOnce(&mut config::Browser)) -> Setting {
    let named = |name: &'static str, body: &'static str| {
        get(move || async move {
            let disposition = format!("attachment; filename=\"{name}\"");
            ([(header::CONTENT_DISPOSITION, disposition)], body).into_response()
        })
    };
    let big = get(|| async {
        (
            ([(header::CONTENT_TYPE, "application/octet-stream")]),
            vec![7u8; 3 << 20],
        )
    });
    let endless = get(|| async {
        let begin = futures_util::stream::once(async { Ok::<_, std::io::Error>("begin".repeat(2000)) });
        let body = Body::from_stream(futures_util::StreamExt::chain(begin, futures_util::stream::pending()));
        ([(header::CONTENT_TYPE, "application/octet-stream")], body)
    });
    let cookie = get(|headers: axum::http::HeaderMap| async move {
        let value = headers.get(header::COOKIE).and_then(|value| value.to_str().ok());
        value.unwrap_or("no cookie").to_owned()
    });
    let routes = Router::new()
        .route("/hostile", named("..\\..\\.ssh/authorized_keys", "key"))
        .route("/big.bin", big)
        .route("/endless.bin", endless)
        .route("/cookie.txt", cookie);
    let kept = tempfile::tempdir().expect("a folder");
    Setting {
        site: Site::with_routes(&[("/files", PAGE)], routes).await,
        bench: Bench::keeping(SHELL, kept.path().join("downloads"), change),
        kept,
    }
}

impl Setting {
    async fn room(&self) -> Room {
        let mut room = self.bench.open().await;
        room.go(&self.site.url("/files")).await;
        let _ = room.dialogs();
        room
    }

    /// The files of all sessions.
    fn files(&self) -> Vec<String> {
        let all = self.kept.path().join("downloads");
        entries(&all)
            .iter()
            .flat_map(|session| entries(&all.join(session)))
            .collect()
    }
}

async fn fetch(room: &Room, url: &str) -> Result<Download, Failure> {
    room.context.download(&parsed(url)).await
}

async fn ended(room: &mut Room) -> Download {
    match room
        .event("a download ends", |e| matches!(e, BrowserEvent::DownloadEnded(_)))
        .await
    {
        BrowserEvent::DownloadEnded(download) => download,
        _ => unreachable!("only those are taken"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_lies_in_the_sessions_folder_and_nowhere_else() {
    let set = setting(|_| {}).await;
    let mut room = set.room().await;
    room.js("document.cookie = 'who=me'").await;
    let done = fetch(&room, &set.site.url("/cookie.txt")).await.expect("downloaded");
    let path = done.path.expect("a path");
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), "who=me");
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().expect("a folder"))), (0o600, 0o700));
    room.event(
        "it is told",
        |e| matches!(e, BrowserEvent::DownloadStarted(d) if d.suggested_name == "cookie.txt"),
    )
    .await;
    assert_eq!(ended(&mut room).await.bytes, 6);
    let hostile = fetch(&room, &set.site.url("/hostile")).await.expect("downloaded");
    let name = hostile.file_name.expect("a name");
    assert!(!name.contains(['/', '\\']) && !name.starts_with('.'), "{name}");
    assert_eq!(hostile.path.expect("a path").parent(), path.parent());
    assert_eq!(room.context.tabs().len(), 1, "no tab is left");
    room.context.close().await;
    assert_eq!(set.files().len(), 2, "files outlive the session");
    set.bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_begins_by_itself_is_kept_or_refused_as_the_setting_says() {
    for (mode, state) in [
        (DownloadMode::Keep, DownloadState::Completed),
        (DownloadMode::Asked, DownloadState::Failed),
    ] {
        let set = setting(|config| config.downloads = mode).await;
        let mut room = set.room().await;
        room.js("big.click()").await;
        let done = ended(&mut room).await;
        assert_eq!(done.state, state, "{done:?}");
        assert_eq!(
            set.files().len(),
            usize::from(state == DownloadState::Completed),
            "{:?}",
            set.files()
        );
        assert!(
            fetch(&room, &set.site.url("/hostile")).await.is_ok(),
            "what is asked for comes"
        );
        room.context.close().await;
        set.bench.finish().await;
    }
    let set = setting(|config| config.downloads = DownloadMode::Off).await;
    let room = set.room().await;
    let refused = fetch(&room, &set.site.url("/hostile")).await.expect_err("switched off");
    assert_eq!(refused.error_type, ErrorType::Unsupported);
    room.context.close().await;
    set.bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn size_and_time_are_limited_and_nothing_is_left_of_what_failed() {
    let set = setting(|config| {
        config.max_download = 1 << 20;
        config.download_timeout = Duration::from_secs(3);
    })
    .await;
    let room = set.room().await;
    for (path, says) in [("/big.bin", "larger"), ("/endless.bin", "within 3s")] {
        let failure = fetch(&room, &set.site.url(path)).await.expect_err(path);
        assert_eq!(failure.error_type, ErrorType::ActionFailed, "{failure}");
        assert!(failure.message.contains(says), "{failure}");
    }
    crate::support::bench::until("the parts are removed", || set.files().is_empty()).await;
    room.context.close().await;
    set.bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_domain_rules_hold_for_downloads() {
    let set = setting(|_| {}).await;
    let policy = toml::from_str::<config::Config>(config::EMBEDDED)
        .expect("settings")
        .policy;
    let rules = Rules::new(&policy, true).expect("rules");
    let rules = rules
        .tightened(Some(&["127.0.0.1".to_owned()]), &[], None)
        .expect("rules");
    let room = set.bench.open_with(spec(rules)).await;
    let moved = format!("/moved?http://localhost:{}/hostile", set.site.port);
    for url in [
        format!("http://localhost:{}/hostile", set.site.port),
        set.site.url(&moved),
    ] {
        let failure = fetch(&room, &url).await.expect_err("another host");
        assert_eq!(failure.error_type, ErrorType::DomainBlocked, "{url}: {failure}");
    }
    assert!(fetch(&room, &set.site.url("/hostile")).await.is_ok());
    assert_eq!(set.files().len(), 1);
    room.context.close().await;
    set.bench.finish().await;
}
