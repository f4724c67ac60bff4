//! The browser driver on real Chromium, through the library: what a host and its clients cannot see from outside.
//!
//! The small and the whole Chromium differ in dialogs, popups, frames and pictures; what depends on these runs on both.

/// The same test with the small Chromium and with the whole one.
macro_rules! on_both {
    ($name:ident) => {
        mod $name {
            #[tokio::test(flavor = "multi_thread")]
            async fn with_headless_shell() {
                super::$name(crate::support::bench::SHELL).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn with_chromium() {
                super::$name(crate::support::bench::BROWSER).await;
            }
        }
    };
}

mod crashes;
mod dialogs;
mod escapes;
mod failures;
mod frames;
mod hold_ups;
mod navigation;
mod picture;
mod pool;
mod rest;
mod tabs;

const HOME: (&str, &str) = (
    "/",
    "<!doctype html><title>home</title><link rel=icon href=data:,><h1>home</h1><a id=a href=/two>two</a>",
);
const TWO: (&str, &str) = (
    "/two",
    "<!doctype html><title>two</title><link rel=icon href=data:,><h1>two</h1>",
);
