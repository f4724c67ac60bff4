//! Clicks and the wheel: only where a person could, and each counts once.

use perilune::browser::{Locator, PageError};
use serde_json::json;

use super::{SHORT, Stage};
use crate::support::bench::LONG;

const OBSTACLES: (&str, &str) = ("/", include_str!("../../pages/obstacles.html"));

impl Stage {
    /// Why an element cannot be clicked.
    async fn refusal(&self, selector: &str) -> String {
        match self.try_click(selector, SHORT).await {
            Err(PageError::NotInteractable { why, .. }) => why,
            other => panic!("{selector}: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_could_click_is_clicked() {
    let mut stage = Stage::new(&[OBSTACLES]).await;
    for selector in ["#plain", "#far", "#deep", "#inner", "#wrapped"] {
        stage.click(selector).await;
    }
    let log = json!(["plain", "far", "deep", "shadow", "host", "wrapped"]);
    assert_eq!(stage.js("log").await, log);
    stage.click("#tick").await;
    assert_eq!(stage.js("tick.checked").await, true, "by its label");
    // What becomes ready is waited for.
    stage
        .js("log.length = 0; setTimeout(() => off.disabled = false, 200)")
        .await;
    stage.click("#off").await;
    assert_eq!(stage.js("log").await, json!(["off"]));
    let alert = tokio::time::timeout(LONG, stage.click("#alert")).await;
    alert.expect("a dialog does not hold the click");
    assert_eq!(stage.js("log").await, json!(["off", "after", "alert"]));
    assert_eq!(stage.room.dialogs(), ["1"]);
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_could_click_is_refused_with_the_reason() {
    let stage = Stage::new(&[OBSTACLES]).await;
    for (selector, reason) in [
        ("#off", "disabled"),
        ("#hidden", "not visible"),
        ("#gone", "not visible"),
        ("#under", "covered by <div id='lid'"),
    ] {
        let why = stage.refusal(selector).await;
        assert!(why.contains(reason), "{selector}: {why}");
    }
    stage.js("mover.className = 'on'").await;
    let why = stage.refusal("#mover").await;
    assert!(why.contains("moving"), "{why}");
    stage.js("mover.className = ''; jump()").await;
    let why = stage.refusal("#jumper").await;
    assert!(why.contains("moving"), "{why}");
    assert_eq!(stage.js("log").await, json!([]), "nothing was clicked");
    let nothing = stage.try_click("#nothing", SHORT).await;
    assert!(matches!(nothing, Err(PageError::NotFound { .. })), "{nothing:?}");
    let wrong = stage.try_click("a[", SHORT).await;
    assert!(matches!(wrong, Err(PageError::InvalidSelector { .. })), "{wrong:?}");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_click_and_every_letter_counts_once() {
    let page = "<script>var n = 0</script><button onclick='n++'>B</button><input>";
    let stage = Stage::new(&[("/", page)]).await;
    for round in 1..=20 {
        stage.click("button").await;
        let input = stage.tab.locate(Locator::FirstInput).await.expect("a field");
        input.clear().await.expect("cleared");
        input.focus_at_end().await.expect("focused");
        stage.tab.type_text("twenty characters ok").await.expect("typed");
        assert_eq!(input.value().await.expect("a value"), "twenty characters ok");
        assert_eq!(stage.js("n").await, round);
    }
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wheel_scrolls_and_comes_to_rest() {
    let page = "<body style='height:5000px'><div id=i style='height:100px;overflow:auto'><div style='height:900px'>x";
    let stage = Stage::new(&[("/", page)]).await;
    let wheel = async |x, y, right, down| stage.tab.wheel(x, y, right, down).await.expect("the wheel turns");
    wheel(640.0, 500.0, 0.0, 700.0).await;
    assert_eq!(stage.tab.page_state().await.expect("a state").scroll_y, 700.0);
    wheel(640.0, 500.0, 0.0, -700.0).await;
    wheel(50.0, 50.0, 0.0, 200.0).await;
    assert_eq!(stage.js("[scrollY, i.scrollTop]").await, json!([0, 200]));
    let nothing = tokio::time::timeout(LONG, wheel(50.0, 50.0, 300.0, 0.0)).await;
    nothing.expect("it does not wait for a scroll that cannot come");
    stage.end().await;
}
