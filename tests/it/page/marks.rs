//! Marks over the page in the stream's frames, through navigations, tabs and frames of other sites.

use std::time::Duration;

use perilune::browser::{BrowserEvent, Capture, Ink, Point, Rect};

use super::{Stage, index};
use crate::support::bench::LONG;
use crate::support::{Picture, eventually};

const MARKS: (&str, &str) = ("/", include_str!("../../pages/marks.html"));
const WHITE: &str = "<!doctype html><title>white</title><body style='background:#fff'>";

fn ink(colour: &str, seconds: u64) -> Ink {
    Ink {
        colour: colour.to_owned(),
        duration: Duration::from_secs(seconds),
    }
}

impl Stage {
    /// Waits until the still picture has this colour at a point.
    async fn shows(&self, x: usize, y: usize, colour: &str) {
        let what = format!("{colour} at {x},{y}");
        eventually(&what, LONG, || async {
            Picture::of(&self.room.tab()).await.is(x, y, colour).then_some(())
        })
        .await;
    }
}

/// Reads the stream's frames until one has this colour at a point.
async fn viewed(capture: &Capture, (x, y): (usize, usize), colour: &str) {
    let mut others = 0;
    let frames = async {
        while let Some(frame) = capture.next().await {
            if Picture::decode(&frame.jpeg).is(x, y, colour) {
                return;
            }
            others += 1;
        }
    };
    let seen = tokio::time::timeout(LONG, frames).await;
    assert!(
        seen.is_ok(),
        "no frame shows {colour} at {x},{y}, but {others} others came"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_are_in_the_frames_that_viewers_get() {
    let stage = Stage::new(&[MARKS]).await;
    let capture = stage.room.context.capture();
    capture.start(1280, 720, 90).await.expect("started");
    let area = Rect {
        x: 100.0,
        y: 100.0,
        width: 200.0,
        height: 100.0,
    };
    stage.tab.mark_box(area, &ink("#00ff00", 2)).await.expect("a mark");
    // It comes, and it goes by itself. The page has a box that moves all the time: a change while a frame waits for its
    // reader has no frame of its own.
    for colour in ["#00ff00", "#ffffff"] {
        viewed(&capture, (97, 150), colour).await;
    }
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn presentation_mode_follows_the_work() {
    let mut stage = Stage::new(&[MARKS, ("/white", WHITE)]).await;
    stage.room.context.present(true).await.expect("on");
    let told = |event: &BrowserEvent| matches!(event, BrowserEvent::Presenting { enabled: true });
    stage.room.event("that it is on", told).await;
    // What is clicked is marked, and the pointer is where the mouse is.
    let button = stage.find("#b").await;
    let capture = stage.room.context.capture();
    capture.start(1280, 720, 90).await.expect("started");
    // A viewer sees the mark while it lasts; afterwards it would be too late to look.
    let (clicked, ()) = tokio::join!(button.click(super::patient()), viewed(&capture, (297, 325), "#ff9900"));
    clicked.expect("clicked");
    capture.stop().await;
    stage.shows(355, 345, "#dd0000").await;
    stage.shows(297, 325, "#ffffff").await;
    // A page of another site, and a new tab, have the pointer too.
    stage
        .room
        .go(&stage.site.url("/white").replace("127.0.0.1", "localhost"))
        .await;
    stage.shows(355, 345, "#dd0000").await;
    let tab = stage.room.tab();
    tab.mouse_move(700.0, 200.0).await.expect("moved");
    stage.shows(705, 220, "#dd0000").await;
    stage.shows(355, 345, "#ffffff").await;
    let url = crate::support::bench::parsed(&stage.site.url("/white"));
    stage.room.context.new_tab(Some(&url)).await.expect("a tab");
    stage.shows(705, 220, "#dd0000").await;
    stage.room.context.present(false).await.expect("off");
    stage.shows(705, 220, "#ffffff").await;
    stage.room.context.switch_tab(0).await.expect("switched");
    stage.shows(705, 220, "#ffffff").await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_a_frame_of_another_process_is_marked() {
    let outer = "<!doctype html><title>outer</title><body style='margin:0;background:#fff;height:3000px'>
      <iframe id=f style='position:absolute;left:200px;top:1500px;border:0' width=400 height=300></iframe>
      <script>f.src = 'http://localhost:' + location.port + '/inner'</script>";
    let inner = "<!doctype html><body style='margin:0;height:2000px'>
      <button style='position:absolute;left:50px;top:1000px;width:100px;height:50px;border:0;background:#fff'>In</button>";
    let stage = Stage::with_flags(&[("/", outer), ("/inner", inner)], &["--site-per-process"]).await;
    eventually("the frame has its page", LONG, || async {
        (stage.snapshot().await.elements.len() == 1).then_some(())
    })
    .await;
    let button = stage.tab.locate(index(0)).await.expect("the button");
    let at = button.highlight(&ink("#0000ff", 60)).await.expect("a mark");
    assert_eq!((at.width, at.height), (100.0, 50.0));
    stage
        .shows((at.x - 3.0) as usize, (at.y + 25.0) as usize, "#0000ff")
        .await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_marked_says_why() {
    let own = "<!doctype html><title>own</title><body><script>document.body.attachShadow({ mode: 'closed' })</script>";
    let bare = "<!doctype html><title>bare</title><script>document.body.remove()</script>";
    let bare = bare.replace("<script>", "<body><script>");
    let stage = Stage::new(&[("/", own), ("/bare", &bare)]).await;
    let points = [Point { x: 1.0, y: 1.0 }, Point { x: 90.0, y: 90.0 }];
    let refused = stage
        .tab
        .mark_path(&points, 2.0, &ink("red", 1))
        .await
        .expect_err("no marks");
    assert!(refused.to_string().contains("shadow tree of its own"), "{refused}");
    let refused = stage.room.context.present(true).await.expect_err("no pointer");
    assert!(refused.to_string().contains("shadow tree"), "{refused}");
    assert!(
        !stage.room.context.is_presenting(),
        "what is not seen is not said to be on"
    );
    stage.go("/bare").await;
    let refused = stage
        .tab
        .mark_path(&points, 2.0, &ink("red", 1))
        .await
        .expect_err("no marks");
    assert!(refused.to_string().contains("no body"), "{refused}");
    stage.end().await;
}
