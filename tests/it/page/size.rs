//! Large pages: snapshots and texts stay bounded, in size and in time.

use std::time::Duration;

use perilune::browser::{SnapshotOptions, TEXT_LIMIT};

use super::Stage;

/// A small part of what anything that grows with the square of the page would take.
const SOON: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn many_elements_are_counted_and_cut() {
    let rows = "<script>for (let i = 0; i < 5000; i++)
        document.write(`<div class=row><a href='/item/${i}'>Item ${i}</a> <span>text</span></div>`)</script>";
    let stage = Stage::new(&[("/", rows)]).await;
    let snapshot = tokio::time::timeout(SOON, stage.snapshot()).await.expect("in time");
    assert_eq!((snapshot.elements.len(), snapshot.truncated), (5000, false));
    let text = snapshot.text(TEXT_LIMIT);
    assert!(
        text.chars().count() <= TEXT_LIMIT,
        "{} characters",
        text.chars().count()
    );
    assert!(text.contains("further elements are left out"), "{text}");
    let ten = stage.tab.snapshot(SnapshotOptions { max_elements: 10 }).await;
    let ten = ten.expect("a snapshot");
    assert_eq!(
        (ten.elements.len(), ten.total_elements, ten.truncated),
        (10, 5000, true)
    );
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn megabytes_of_text_are_not_carried_along() {
    let prose = "<script>document.write('<p>' + 'word '.repeat(2e6) + '</p><button>End</button>' +
        '<div style=\"cursor:pointer\">' + 'x '.repeat(3e6) + '</div>')</script>";
    let stage = Stage::new(&[("/", prose)]).await;
    let snapshot = tokio::time::timeout(SOON, stage.snapshot()).await.expect("in time");
    assert_eq!(snapshot.elements.len(), 2);
    let json = serde_json::to_string(&snapshot).expect("JSON");
    assert!(json.len() < 10_000, "{} bytes", json.len());
    let body = stage.find("body").await;
    assert!(body.text().await.expect("a text").chars().count() <= 200_000);
    stage.end().await;
}
