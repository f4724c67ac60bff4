//! Tabs: opened by commands and by pages, switched, closed, and limited.

use perilune::browser::{BrowserEvent, Error};
use serde_json::{Value, json};

use super::{HOME, TWO};
use crate::support::Site;
use crate::support::bench::{Bench, Room, SHELL, parsed, until};

/// Waits until the tab at that place shows the second page in front.
async fn shown(room: &Room, place: usize) {
    let fits = || {
        let tabs = room.context.tabs();
        tabs.get(place).is_some_and(|tab| tab.title == "two" && tab.active)
    };
    until("the new tab is shown", fits).await;
}

on_both!(tabs_open_switch_and_close);
async fn tabs_open_switch_and_close(executable: &str) {
    let site = Site::start(&[HOME, TWO]).await;
    let bench = Bench::new(executable);
    let mut room = bench.open().await;
    let second = room.context.new_tab(Some(&parsed(&site.url("/")))).await;
    assert_eq!(second.expect("a tab").index(), Some(1));
    assert_eq!(room.tab().title(), "home");
    room.js("window.open('/two'); 0").await;
    room.event("a popup", |e| matches!(e, BrowserEvent::TabOpened { index: 2, .. }))
        .await;
    room.event("a switch", |e| matches!(e, BrowserEvent::TabSwitched { index: 2 }))
        .await;
    shown(&room, 2).await;
    let missing = room.context.switch_tab(9).await;
    assert!(matches!(missing, Err(Error::NoTab { index: 9, count: 3 })));
    room.context.switch_tab(1).await.expect("switched");
    room.js("a.target = '_blank'; a.click()").await;
    shown(&room, 3).await;
    room.context.close_tab(None).await.expect("closed");
    let tabs = room.context.tabs();
    assert!(tabs[1].active, "the opener is shown again: {tabs:?}");
    for _ in 0..3 {
        room.context.close_tab(Some(0)).await.expect("closed");
    }
    let tabs = room.context.tabs();
    assert_eq!(
        (tabs.len(), tabs[0].url.as_str()),
        (1, "about:blank"),
        "never without a tab"
    );
    room.context.close().await;
    bench.finish().await;
}

on_both!(the_last_tab_that_closes_itself_is_replaced);
async fn the_last_tab_that_closes_itself_is_replaced(executable: &str) {
    let site = Site::start(&[HOME, TWO]).await;
    let bench = Bench::new(executable);
    let mut room = bench.open().await;
    room.go(&site.url("/")).await;
    // Only a window that a script opened may close itself.
    room.js("window.open('/two'); 0").await;
    shown(&room, 1).await;
    room.context.close_tab(Some(0)).await.expect("closed");
    let close = json!({ "expression": "window.close()" });
    // The answer gets lost with the page.
    drop(room.tab().target().call_json::<Value>("Runtime.evaluate", &close).await);
    until("an empty tab is there", || {
        let tabs = room.context.tabs();
        tabs.len() == 1 && tabs[0].url == "about:blank"
    })
    .await;
    for _ in 0..2 {
        room.event("a closed tab", |e| matches!(e, BrowserEvent::TabClosed { index: 0 }))
            .await;
    }
    assert_eq!(room.go(&site.url("/")).await.title, "home");
    room.context.close().await;
    bench.finish().await;
}

on_both!(a_flood_of_windows_is_cut_off);
async fn a_flood_of_windows_is_cut_off(executable: &str) {
    let site = Site::start(&[HOME, TWO]).await;
    let bench = Bench::new(executable);
    let room = bench.open().await;
    let tab = room.tab();
    room.go(&site.url("/")).await;
    room.js("for (let i = 0; i < 80; i++) window.open('/two?' + i); 0")
        .await;
    // The whole Chromium has a popup blocker, which lets one through.
    let most = if executable == SHELL { 32 } else { 2 };
    until("the flood comes", || {
        let count = room.context.tabs().len();
        assert!(count <= 32, "{count} tabs");
        count >= most
    })
    .await;
    let front = tab.index().expect("it is still there");
    room.context.switch_tab(front).await.expect("switched");
    assert_eq!(room.go(&site.url("/")).await.title, "home");
    assert!(room.context.tabs().len() <= 32);
    if executable == SHELL {
        let refused = room.context.new_tab(None).await.err().expect("there is no place");
        assert!(matches!(refused, Error::TooManyTabs { limit: 32 }), "{refused}");
    }
    room.context.close().await;
    bench.finish().await;
}
