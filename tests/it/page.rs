//! What is done on a page, on real Chromium: finding, clicking, typing, snapshots, frames, scripts.

mod clicks;
mod covers;
mod fields;
mod frames;
mod listeners;
mod marks;
mod roots;
mod scripts;
mod size;
mod snapshots;

use std::time::Duration;

use perilune::browser::{
    Check, Click, Element, Locator, PageError, ScriptOptions, ScriptWorld, Snapshot, SnapshotOptions, Tab,
};
use serde_json::Value;

use crate::support::Site;
use crate::support::bench::{Bench, LONG, Room, SHELL};

/// For what must fail by its deadline.
const SHORT: Duration = Duration::from_millis(600);

/// A page in a Chromium of its own.
struct Stage {
    bench: Bench,
    room: Room,
    tab: Tab,
    site: Site,
}

impl Stage {
    /// Shows the first of these pages.
    async fn new(pages: &[(&str, &str)]) -> Self {
        Self::with_flags(pages, &[]).await
    }

    async fn with_flags(pages: &[(&str, &str)], flags: &[&str]) -> Self {
        let site = Site::start(pages).await;
        let bench = Bench::with(SHELL, |browser| {
            browser.extra_args = flags.iter().map(|flag| (*flag).to_owned()).collect();
        });
        let room = bench.open().await;
        room.go(&site.url(pages[0].0)).await;
        let tab = room.tab();
        Self { bench, room, tab, site }
    }

    async fn go(&self, path: &str) {
        self.room.go(&self.site.url(path)).await;
    }

    async fn js(&self, code: &str) -> Value {
        let value = self.try_js(code).await;
        value.unwrap_or_else(|error| panic!("{code}: {error}"))
    }

    async fn try_js(&self, code: &str) -> Result<Value, PageError> {
        let options = ScriptOptions {
            world: ScriptWorld::Main,
            timeout: LONG,
            max_bytes: 1 << 20,
        };
        self.tab.evaluate(code, options).await
    }

    async fn find(&self, selector: &str) -> Element {
        let found = self.tab.locate(Locator::Selector(selector.to_owned())).await;
        found.unwrap_or_else(|error| panic!("{selector}: {error}"))
    }

    async fn click(&self, selector: &str) {
        let clicked = self.try_click(selector, LONG).await;
        clicked.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    async fn try_click(&self, selector: &str, timeout: Duration) -> Result<(), PageError> {
        let element = self.tab.locate(Locator::Selector(selector.to_owned())).await?;
        let click = Click {
            check: Check::default().within(timeout),
            ..Click::default()
        };
        element.click(click).await.map(drop)
    }

    async fn snapshot(&self) -> Snapshot {
        self.tab.snapshot(SnapshotOptions::default()).await.expect("a snapshot")
    }

    async fn end(self) {
        self.room.context.close().await;
        self.bench.finish().await;
    }
}

/// A click that gives a loaded machine time.
fn patient() -> Click {
    Click {
        check: Check::default().within(LONG),
        ..Click::default()
    }
}

/// By the numbers of the latest snapshot.
fn index(index: u32) -> Locator {
    Locator::Index { index, revision: None }
}
