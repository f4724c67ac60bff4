//! The engine with this tree's scripts over a Chromium, and the pages that the specs are about.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use perilune::actions::{Actions, Attempt, Reach};
use perilune::browser::Context;
use perilune::config::{Config, EMBEDDED};
use perilune::policy::Rules;
use perilune::protocol::{Command, CommandId, Limits, Origin, Outcome, Room, SessionId, Verb};
use perilune::script::Engine;
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::support::Site;
use crate::support::bench::{Bench, spec};

pub(crate) struct Workbench {
    pub(crate) actions: Actions,
    pub(crate) site: Site,
    browsers: Bench,
    engine: Engine,
    reach: Reach,
    rules: Rules,
    folder: TempDir,
}

impl Workbench {
    /// With the shipped actions and these of a plugin (name, text).
    pub(crate) async fn start(plugin: &[(&str, &str)]) -> Self {
        let mut config: Config = toml::from_str(EMBEDDED).expect("the embedded settings");
        config.script.scripts = root("scripts");
        // A busy machine may take longer for a policy than the shipped setting allows; that is another test's.
        config.script.policy_timeout = Duration::from_secs(20);
        let folder = tempfile::tempdir().expect("a folder");
        let actions = folder.path().join("plugins/test/actions");
        fs::create_dir_all(&actions).expect("a plugin's folder");
        for (name, text) in plugin {
            fs::write(actions.join(format!("{name}.lua")), text).expect("a plugin's script");
        }
        let (engine, mut events) =
            Engine::start(&config.script, folder.path(), Actions::libraries()).expect("the engine starts");
        assert_eq!(events.try_recv().ok(), None, "all scripts are good");
        let actions = Actions::new(engine.clone(), &config);
        let room = Room::new("test").expect("a room");
        let (reach, mut notices) = actions.reach(SessionId::random(), &room);
        tokio::spawn(async move { while notices.recv().await.is_some() {} });
        Self {
            actions,
            reach,
            site: pages().await,
            browsers: Bench::keeping(&executable(), folder.path().join("downloads"), |browser| {
                browser.upload_folders = vec![uploads(folder.path()).to_string_lossy().into_owned()];
            }),
            engine,
            rules: Rules::new(&config.policy, true).expect("the embedded rules"),
            folder,
        }
    }

    /// Where files for uploads are.
    pub(crate) fn uploads(&self) -> PathBuf {
        self.folder.path().join("uploads")
    }

    pub(crate) async fn open(&self) -> Context {
        let opened = self.browsers.pool.open(spec(self.rules.clone())).await;
        let (context, mut events) = opened.expect("Chromium opens a context");
        tokio::spawn(async move { while events.recv().await.is_some() {} });
        context
    }

    /// Once, as a caller without wishes.
    pub(crate) async fn run(&self, context: &Context, action: &str, params: Value) -> Outcome {
        let command = command(action, params, Limits::default());
        self.run_command(context, &command, CancellationToken::new(), |_| {})
            .await
    }

    pub(crate) async fn run_command(
        &self,
        context: &Context,
        command: &Command,
        cancel: CancellationToken,
        heard: impl FnMut(Attempt<'_>) + Send,
    ) -> Outcome {
        self.actions.run(context, &self.reach, command, cancel, heard).await
    }

    pub(crate) async fn stop(self) {
        self.engine.shutdown().await;
        self.browsers.finish().await;
    }
}

/// A folder with files, and a link that leads to one outside.
fn uploads(folder: &Path) -> PathBuf {
    let uploads = folder.join("uploads");
    fs::create_dir_all(uploads.join("inner")).expect("a folder");
    for (name, text) in [
        ("uploads/hello.txt", "hello"),
        ("uploads/world.txt", "world"),
        ("uploads/inner/deep.txt", "deep"),
        ("secret.txt", "secret"),
    ] {
        fs::write(folder.join(name), text).expect("a file");
    }
    std::os::unix::fs::symlink(folder.join("secret.txt"), uploads.join("link.txt")).expect("a link");
    uploads
}

/// The Chromium that a host would take here.
fn executable() -> String {
    std::env::var("BROWSER_EXECUTABLE_PATH").unwrap_or_else(|_| "auto".to_owned())
}

pub(crate) fn command(action: &str, params: Value, limits: Limits) -> Command {
    Command {
        id: CommandId::random(),
        room: Room::new("test").expect("a room"),
        verb: Verb::from_name(action),
        params: params.as_object().cloned().unwrap_or_default(),
        origin: Origin::Host,
        limits,
    }
}

/// A folder of this repository.
pub(crate) fn root(folder: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    path.to_str().expect("a path in UTF-8").to_owned()
}

/// A site that serves `tests/pages`.
async fn pages() -> Site {
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.expect("a file").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        (format!("/{name}"), fs::read_to_string(&path).expect("a page"))
    };
    let pages: Vec<(String, String)> = fs::read_dir(root("tests/pages")).expect("pages").map(read).collect();
    let pages: Vec<_> = pages.iter().map(|(at, html)| (at.as_str(), html.as_str())).collect();
    Site::start(&pages).await
}
