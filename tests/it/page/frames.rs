//! One space of indexes over frames, wherever they run: clicks, typing, hits and what goes stale.

use perilune::browser::{Check, Choice, Click, Locator, PageError};

use super::{SHORT, Stage, index};
use crate::support::bench::LONG;
use crate::support::eventually;

/// The top page; `HOST` is where the frame's page comes from.
const OUTER: &str = "<!doctype html><title>outer</title><style>body{height:3000px;margin:0}</style>
<script>var hits = 0; addEventListener('message', () => hits++)</script><button>Top</button>
<div style='height:900px'></div>
<iframe id=f style='border:7px solid;padding:3px;margin-left:50px' width=400 height=300></iframe>
<script>f.src = 'http://HOST:' + location.port + '/middle'</script>";
const MIDDLE: &str = "<!doctype html><body style='margin:0'><input placeholder=Name><div style='height:400px'></div>
<iframe id=g width=300 height=200></iframe>
<script>g.src = 'http://127.0.0.1:' + location.port + '/inner'</script>";
const INNER: &str = "<!doctype html><div style='height:300px'></div>
<button id=b onclick='parent.parent.postMessage(\"hit\", \"*\")'>Inner</button>
<select><option>a<option>b</select>";
const LID: &str = "document.body.insertAdjacentHTML('beforeend',
    '<div id=lid style=\"position:fixed;inset:0;background:#0008\"></div>')";

#[tokio::test(flavor = "multi_thread")]
async fn frames_of_one_site() {
    frames("127.0.0.1", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_of_another_site() {
    frames("localhost", &["--disable-site-isolation-trials"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_of_another_process() {
    frames("localhost", &["--site-per-process"]).await;
}

async fn frames(middle: &str, flags: &[&str]) {
    let outer = OUTER.replace("HOST", middle);
    let stage = Stage::with_flags(&[("/", &outer), ("/middle", MIDDLE), ("/inner", INNER)], flags).await;
    one_space_of_indexes(&stage).await;
    actions_reach_into_frames(&stage).await;
    frames_are_covered_and_go(&stage).await;
    stage.end().await;
}

async fn one_space_of_indexes(stage: &Stage) {
    let snapshot = eventually("all frames have their pages", LONG, || async {
        let snapshot = stage.snapshot().await;
        (snapshot.elements.len() >= 4).then_some(snapshot)
    })
    .await;
    let names: Vec<_> = snapshot
        .elements
        .iter()
        .map(|e| (e.tag.as_str(), e.in_viewport))
        .collect();
    assert_eq!(
        names,
        [("button", true), ("input", false), ("button", false), ("select", false)]
    );
    // Below the button and the gap, within border and padding.
    assert_eq!(snapshot.elements[1].rect.y.round(), 900.0 + 21.0 + 10.0);
}

async fn actions_reach_into_frames(stage: &Stage) {
    let button = stage.tab.locate(index(2)).await.expect("the inner button");
    let click = Click {
        check: Check::default().within(LONG),
        ..Click::default()
    };
    let point = button.click(click).await.expect("a click through two frames");
    assert!(point.y > 0.0 && point.y < 720.0, "{point:?}");
    eventually("the click arrives", LONG, || async {
        (stage.js("hits").await == 1).then_some(())
    })
    .await;
    // Typing reaches the frame that has the focus.
    let input = stage.tab.locate(index(1)).await.expect("the field");
    input.focus_at_end().await.expect("focused");
    stage.tab.type_text("Aé→z").await.expect("typed");
    assert_eq!(input.value().await.expect("a value"), "Aé→z");
    let focused = stage.tab.locate(Locator::Focused).await.expect("the focused one");
    assert_eq!(focused.value().await.expect("a value"), "Aé→z");
    let first = stage.tab.locate(Locator::FirstInput).await.expect("the first field");
    assert_eq!(first.describe(), input.describe());
    // A point finds the element behind it.
    let at = button.point(Check::default().within(LONG)).await.expect("a point");
    let hit = stage.tab.locate(Locator::Point { x: at.x, y: at.y }).await;
    assert_eq!(hit.expect("an element").text().await.expect("a text"), "Inner");
    let list = stage.tab.locate(index(3)).await.expect("a list");
    let chosen = list.select(&[Choice::Label("b".into())]).await.expect("chosen");
    assert_eq!(chosen[0].index, 1);
}

async fn frames_are_covered_and_go(stage: &Stage) {
    let button = stage.tab.locate(index(2)).await.expect("the inner button");
    stage.js(LID).await;
    match button.point(Check::default().within(SHORT)).await {
        Err(PageError::NotInteractable { why, .. }) => {
            assert!(why.contains("frame is covered by <div id='lid'"), "{why}");
        }
        other => panic!("{other:?}"),
    }
    stage.js("f.remove()").await;
    let gone = button.point(Check::default().within(SHORT)).await;
    assert!(matches!(gone, Err(PageError::StaleIndex { index: 2, .. })), "{gone:?}");
    let gone = stage
        .tab
        .locate(index(1))
        .await
        .map(|element| element.describe().to_owned());
    assert!(matches!(gone, Err(PageError::StaleIndex { index: 1, .. })), "{gone:?}");
}
