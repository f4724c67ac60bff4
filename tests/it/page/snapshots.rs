//! Snapshots: what is numbered and how it reads, and that an index never means another element.

use perilune::browser::{Click, Element, Locator, PageError, TEXT_LIMIT};

use super::{Stage, index};

const ELEMENTS: (&str, &str) = ("/", include_str!("../../pages/elements.html"));
const LINES: [&str; 15] = [
    "Element 0: <a href='/b'>Link & bold</a>",
    "Element 1: <input type='email' placeholder='Email'>",
    "Element 2: <input type='text' value='v'> Name",
    "Element 3: <div>Handler</div>",
    "Element 4: <div>Card</div>",
    "Element 5: <div role='tab'>Tab</div> (selected)",
    "Element 6: <summary>More</summary> (collapsed)",
    "Element 7: <button>Close</button>",
    "Element 8: <button>No</button> (disabled)",
    "Element 9: <input type='checkbox'> (checked)",
    "Element 10: <div value='edit' role='textbox'>",
    "Element 11: <a href='#'>Picture</a>",
    "Element 12: <select name='country' value='B' options='A|B'>",
    "Element 13: <a href='#'>in</a>",
    "Element 14: <video value='paused'>",
];
const DRAW_ANEW: &str = "document.querySelector('a').outerHTML = document.querySelector('a').outerHTML";

fn is_stale(found: Result<Element, PageError>) -> bool {
    matches!(found, Err(PageError::StaleIndex { .. }))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_acted_on_is_numbered() {
    let stage = Stage::new(&[ELEMENTS]).await;
    let first = stage.tab.locate(index(0)).await;
    let first = first.expect("an index without a snapshot takes one");
    assert_eq!(first.text().await.expect("a text"), "Link & bold");
    let snapshot = stage.snapshot().await;
    let text = snapshot.text(TEXT_LIMIT);
    let lines: Vec<&str> = text.lines().take(LINES.len()).collect();
    assert_eq!(lines, LINES);
    assert_eq!(snapshot.elements.len(), LINES.len());
    let beyond = stage.tab.locate(index(99)).await;
    assert!(matches!(beyond, Err(PageError::NotFound { .. })));
    // Another task may hold the tab as well.
    let tab = stage.tab.clone();
    let other = tokio::spawn(async move { tab.snapshot(Default::default()).await });
    other.await.expect("no panic").expect("a snapshot");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_never_means_another_element() {
    let other = "<!doctype html><title>b</title><button>Other</button>";
    let stage = Stage::new(&[ELEMENTS, ("/b", other)]).await;
    stage.snapshot().await;
    let before = stage.tab.locate(index(0)).await.expect("the link");
    let snapshot = stage.snapshot().await;
    let old = Locator::Index {
        index: 1,
        revision: Some(snapshot.revision - 1),
    };
    let old = stage.tab.locate(old).await.map(drop);
    assert!(
        matches!(old, Err(PageError::StaleIndex { index: 1, current, .. }) if current == snapshot.revision),
        "{old:?}"
    );
    // The same words, but another element.
    stage.js(DRAW_ANEW).await;
    assert!(is_stale(stage.tab.locate(index(0)).await));
    let clicked = before.click(Click::default()).await;
    assert!(matches!(clicked, Err(PageError::StaleIndex { .. })), "{clicked:?}");
    stage.tab.locate(index(1)).await.expect("the others are still there");
    stage.go("/b").await;
    assert!(is_stale(stage.tab.locate(index(0)).await));
    let next = stage.snapshot().await;
    assert_eq!(next.revision, snapshot.revision + 1);
    let button = stage.tab.locate(index(0)).await.expect("the button");
    assert_eq!(button.text().await.expect("a text"), "Other");
    stage.end().await;
}
