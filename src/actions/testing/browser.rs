//! `test.browser{...}`: a `ctx` over a real page, in a browser context of its own that ends with the test.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mlua::{Lua, Table, Value};
use url::Url;

use super::site::Site;
use super::{beside, field, said};
use crate::actions::primitives::{Scope, make_context};
use crate::actions::reach::{Common, Reach};
use crate::actions::store::Store;
use crate::browser::{Context, ContextSpec, Pool};
use crate::config::Config;
use crate::http;
use crate::policy::Rules;
use crate::protocol::{Room, SessionId};
use crate::registry::Registry;
use crate::script::{Caller, Kit};

/// The part in Lua: what a real page's `ctx` shares with a fake one's.
const PART: &str = include_str!("browser.lua");
/// How long one test may act on its page.
const TIME: Duration = Duration::from_secs(60);

/// Chromium for tests, and the site that its pages come from.
pub struct Browser {
    inner: Arc<Inner>,
}

struct Inner {
    pool: Pool,
    site: Site,
    rules: Rules,
    navigation_timeout: Duration,
    common: Common,
    /// The contexts of the test that runs.
    open: Mutex<Vec<Context>>,
}

impl Browser {
    /// Starts the site; Chromium starts with the first test that needs it. Profiles stand in `profiles`.
    pub async fn start(config: &Config, profiles: PathBuf) -> anyhow::Result<Self> {
        let mut registry = config.registry.clone();
        // No test uses what somebody is registered as at a site.
        registry.file = profiles.join("no-credentials.json").display().to_string();
        let inner = Inner {
            common: Common {
                shared: Store::default(),
                http: http::Client::default(),
                registry: Registry::new(&registry),
            },
            pool: Pool::new(config.browser.clone(), profiles),
            site: Site::start().await?,
            // A test reaches its own pages and nothing else, wherever it runs.
            rules: Rules::open().tightened(Some(&["127.0.0.1".to_owned()]), &[], None)?,
            navigation_timeout: config.browser.navigation_timeout,
            open: Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    pub(super) async fn close(self) {
        self.inner.end_all();
        self.inner.pool.shutdown().await;
    }
}

impl Inner {
    /// Contexts of earlier tests close when nobody holds them.
    fn end_all(&self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    async fn open(&self, url: &Url) -> mlua::Result<Context> {
        let spec = ContextSpec {
            rules: self.rules.clone(),
            width: 1280,
            height: 720,
            locale: "en-US".to_owned(),
        };
        let (context, mut events) = self.pool.open(spec).await.map_err(mlua::Error::external)?;
        // What the page tells is nobody's business here; the receiver ends with the context.
        tokio::spawn(async move { while events.recv().await.is_some() {} });
        let tab = context.active().map_err(mlua::Error::external)?;
        tab.navigate(url, self.navigation_timeout)
            .await
            .map_err(mlua::Error::external)?;
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(context.clone());
        Ok(context)
    }

    /// The real part of `ctx`.
    fn ctx(&self, lua: &Lua, context: &Context) -> mlua::Result<Table> {
        let room = Room::new("test").map_err(mlua::Error::external)?;
        // What lies beyond the page is described by the test; nothing comes out here.
        let (reach, _) = Reach::new(self.common.clone(), SessionId::random(), &room);
        let scope = Scope {
            reach: &reach,
            command: None,
            navigation_timeout: self.navigation_timeout,
            timeout: TIME,
        };
        let caller = Caller {
            origin: crate::script::Origin::Folder,
            plugin: None,
        };
        make_context(context, &scope)(lua, &caller)
    }
}

/// Adds `test.browser`.
pub(super) fn install(kit: &Kit<'_>, browser: Option<&Browser>) -> mlua::Result<()> {
    let inner = browser.map(|browser| Arc::clone(&browser.inner));
    let resets: Table = kit.table.get("resets")?;
    if let Some(inner) = inner.clone() {
        let reset = kit.lua.create_function(move |_, ()| {
            inner.end_all();
            Ok(())
        })?;
        resets.raw_push(reset)?;
    }
    let file = Rc::new(kit.file.clone());
    let open = kit.lua.create_async_function(move |lua, options: Value| {
        let (inner, file) = (inner.clone(), Rc::clone(&file));
        async move {
            let Some(inner) = inner else {
                return Ok(None);
            };
            let address = match (field(&options, "html")?, field(&options, "url")?) {
                (Some(html), None) => inner.site.page(html),
                (None, Some(name)) => {
                    beside(&file, &name)?;
                    let folder = file.path.parent().map(PathBuf::from).unwrap_or_default();
                    inner.site.file(&folder, &name)
                }
                _ => {
                    return Err(said(
                        "test.browser takes either html = \"...\" or url = \"a file beside the test\"".to_owned(),
                    ));
                }
            };
            let url = Url::parse(&address).map_err(mlua::Error::external)?;
            let context = inner.open(&url).await?;
            inner.ctx(&lua, &context).map(Some)
        }
    })?;
    kit.table.set("open_browser", open)?;
    kit.run("browser", PART).map(drop)
}
