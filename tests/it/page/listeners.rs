//! What only a listener of the page's scripts gives away, and fields that only words beside them name.

use std::time::Duration;

use perilune::browser::{Click, Snapshot, TEXT_LIMIT};

use super::{Stage, index};

/// For what a loaded machine may take its time over.
const SOON: Duration = Duration::from_secs(30);
const PAGE: (&str, &str) = ("/", include_str!("../../pages/listeners.html"));
const LINES: [&str; 14] = [
    "Element 0: <div>Card Star</div>",
    "Element 1: <button>Star</button>",
    "Element 2: <button>Only</button>",
    "Element 3: <button>1</button>",
    "Element 4: <button>2</button>",
    "Element 5: <button>3</button>",
    "Element 6: <button>4</button>",
    "Element 7: <span class='listens trash'>",
    "Element 8: <circle>Dot</circle>",
    "Element 9: <input type='text'> Genre",
    "Element 10: <input type='text'> Year",
    "Element 11: <input type='checkbox'> Agree (not checked)",
    "Element 12: <input type='text' class='lonely'>",
    "Element 13: <button>Go</button>",
];

/// A snapshot with so many elements: a frame that is slow to answer comes in a later one.
async fn numbered(stage: &Stage, elements: usize) -> Snapshot {
    loop {
        let snapshot = stage.snapshot().await;
        if snapshot.elements.len() >= elements {
            return snapshot;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_listens_is_numbered_and_can_be_clicked() {
    let stage = Stage::new(&[PAGE]).await;
    let whole = numbered(&stage, LINES.len() + 1);
    let text = tokio::time::timeout(SOON, whole)
        .await
        .expect("in time")
        .text(TEXT_LIMIT);
    let mut lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines.pop(),
        Some("Element 14: <div>Inner</div> [frame about:srcdoc]"),
        "{text}"
    );
    assert_eq!(lines, LINES);
    for number in [7, 8] {
        let element = stage.tab.locate(index(number)).await.expect("an element");
        element.click(Click::default()).await.expect("it can be clicked");
    }
    assert_eq!(stage.js("hits.join()").await, "span,circle");
    // A listener that comes later is found by the next snapshot.
    stage.js("plain.addEventListener('mousedown', () => 1), 1").await;
    let snapshot = stage.snapshot().await;
    assert_eq!(snapshot.elements[0].text.as_deref(), Some("Plain"));
    // And at once those of the next page, although its frame is the same.
    stage.go("/").await;
    assert_eq!(stage.snapshot().await.elements[0].tag, "div");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_listeners_are_found_bit_by_bit_and_the_page_lives() {
    let many = "<script>for (let i = 0; i < 2000; i++) {
        const item = document.createElement('div');
        item.textContent = 'Item ' + i;
        item.addEventListener('click', () => i);
        document.documentElement.append(item);
    }</script>";
    let stage = Stage::new(&[("/", &format!("<!doctype html><body>{many}"))]).await;
    stage
        .js("document.body.append(...document.querySelectorAll('div')), 1")
        .await;
    let found = tokio::time::timeout(SOON, numbered(&stage, 2000)).await;
    assert!(!found.expect("in time").truncated);
    // Handles of listeners of other worlds have killed renderers at a later garbage collection.
    for _ in 0..6 {
        assert_eq!(stage.snapshot().await.elements.len(), 2000);
    }
    stage.end().await;
}
