//! Closed shadow roots: what lies in them is numbered, found, clicked and typed into as anything else.

use perilune::browser::{Locator, PageError};
use serde_json::json;

use super::{Stage, index};
use crate::support::bench::LONG;

/// A custom element, a bare host, a root in a root, a declared one, and one that holds a frame.
const PAGE: &str = "<!doctype html><title>roots</title><body style='margin:0'>
<script>var log = []; const closed = { mode: 'closed' };
customElements.define('x-card', class extends HTMLElement { constructor() { super();
  this.attachShadow(closed).innerHTML = '<slot></slot><button onclick=\"log.push(`card`)\">Card</button>' } });
</script>
<x-card><button onclick='log.push(`slotted`)'>Slotted</button></x-card>
<div id=bare></div><div id=outer></div>
<section><template shadowrootmode=closed><button onclick='log.push(`declared`)'>Declared</button></template></section>
<div id=late></div><div id=framed></div>
<script>
bare.attachShadow(closed).innerHTML = '<input id=field placeholder=Field><button onclick=\"log.push(`bare`)\">Bare</button>';
const mid = outer.attachShadow(closed); mid.innerHTML = '<div></div>';
mid.firstChild.attachShadow(closed).innerHTML = '<button id=inner onclick=\"log.push(`inner`)\">Inner</button>';
framed.attachShadow(closed).innerHTML = '<iframe src=/in width=300 height=100></iframe>';
function grow() { late.attachShadow(closed).innerHTML = '<button onclick=\"log.push(`late`)\">Late</button>' }
</script>";
const IN: &str = "<!doctype html><button onclick='top.log.push(`frame`)'>In the frame</button>";
const NAMES: [&str; 8] = [
    "Card",
    "Slotted",
    "",
    "Bare",
    "Inner",
    "Declared",
    "Late",
    "In the frame",
];

impl Stage {
    async fn names(&self) -> Vec<String> {
        let snapshot = self.snapshot().await;
        snapshot
            .elements
            .into_iter()
            .map(|element| element.text.unwrap_or_default())
            .collect()
    }

    async fn click_index(&self, at: u32) {
        let element = self.tab.locate(index(at)).await.expect("an element");
        element
            .click(super::patient())
            .await
            .unwrap_or_else(|error| panic!("{at}: {error}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_roots_are_looked_into() {
    let stage = Stage::new(&[("/", PAGE), ("/in", IN)]).await;
    let without_late: Vec<&str> = NAMES.into_iter().filter(|name| *name != "Late").collect();
    assert_eq!(stage.names().await, without_late);
    stage.js("grow()").await;
    assert_eq!(stage.names().await, NAMES, "a root that comes later");
    for at in [0, 1, 3, 4, 5, 6, 7] {
        stage.click_index(at).await;
    }
    let log = json!(["card", "slotted", "bare", "inner", "declared", "late", "frame"]);
    assert_eq!(stage.js("log").await, log);
    let field = stage.tab.locate(index(2)).await.expect("the field");
    field.focus_at_end().await.expect("focused");
    stage.tab.type_text("Adé").await.expect("typed");
    assert_eq!(field.value().await.expect("a value"), "Adé");
    let focused = stage.tab.locate(Locator::Focused).await.expect("the focused one");
    assert_eq!(focused.describe(), field.describe());
    assert_eq!(
        stage.js("document.querySelectorAll('button').length").await,
        1,
        "the page is as it was"
    );
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_looked_for_is_found_in_closed_roots() {
    let stage = Stage::new(&[("/", PAGE), ("/in", IN)]).await;
    let inner = stage.find("#inner").await;
    let at = inner.point(super::patient().check).await.expect("a point");
    let hit = stage.tab.locate(Locator::Point { x: at.x, y: at.y }).await;
    assert_eq!(hit.expect("an element").describe(), inner.describe());
    let first = stage.tab.locate(Locator::FirstInput).await.expect("the field");
    assert!(first.describe().contains("field"), "{first:?}");
    let none = tokio::time::timeout(LONG, stage.tab.locate(Locator::Selector("#none".to_owned()))).await;
    assert!(matches!(none, Ok(Err(PageError::NotFound { .. }))), "{none:?}");
    // What was in a root is gone with it.
    let index_of_inner = stage
        .names()
        .await
        .iter()
        .position(|name| name == "Inner")
        .expect("it is there");
    stage.js("outer.remove()").await;
    let gone = stage.tab.locate(index(index_of_inner as u32)).await;
    assert!(matches!(gone, Err(PageError::StaleIndex { .. })), "{gone:?}");
    stage.end().await;
}
