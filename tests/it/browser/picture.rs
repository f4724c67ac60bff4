//! The picture: frames only when something changes, of the active tab, through everything; and single screenshots.

use std::time::Duration;

use perilune::browser::{Capture, CapturedFrame, ImageFormat, Rect, Screenshot};
use serde_json::{Value, json};

use super::HOME;
use crate::support::bench::{Bench, LONG, Room, parsed, until};
use crate::support::{Picture, Site};

const STILL: (&str, &str) = ("/still", "<title>still</title><body style='background:#0a0'>still");
const MOVING: (&str, &str) = (
    "/moving",
    "<title>moving</title>
    <div id=x style='position:absolute;width:200px;height:200px;background:#00f'></div><script>
    let n = 0; (function step() { x.style.left = (n++ % 800) + 'px'; requestAnimationFrame(step) })()</script>",
);

async fn frame(capture: &Capture) -> CapturedFrame {
    let frame = tokio::time::timeout(LONG, capture.next()).await;
    frame.expect("a frame comes").expect("the capture is open")
}

async fn frames(capture: &Capture, count: usize) {
    for _ in 0..count {
        frame(capture).await;
    }
}

/// Takes frames until none comes any more: an absence can only be waited for.
async fn comes_to_rest(capture: &Capture) {
    let rest = async {
        while tokio::time::timeout(Duration::from_millis(700), capture.next())
            .await
            .is_ok()
        {}
    };
    tokio::time::timeout(LONG, rest).await.expect("the picture rests");
}

on_both!(the_picture_follows_the_active_tab);
async fn the_picture_follows_the_active_tab(executable: &str) {
    let site = Site::start(&[STILL, MOVING]).await;
    let bench = Bench::new(executable);
    let room = bench.open().await;
    let capture = room.context.capture();
    room.go(&site.url("/still")).await;
    capture.start(1280, 720, 80).await.expect("started");
    let first = frame(&capture).await;
    assert_eq!((first.width, first.height), (1280, 720));
    assert_eq!(first.jpeg[..2], [0xff, 0xd8]);
    comes_to_rest(&capture).await;
    room.js("document.body.style.background = '#00a'").await;
    frame(&capture).await;
    comes_to_rest(&capture).await;

    // Another site means another renderer.
    room.go(&site.url("/moving").replace("127.0.0.1", "localhost")).await;
    frames(&capture, 20).await;
    let still = parsed(&site.url("/still"));
    room.context.new_tab(Some(&still)).await.expect("a tab");
    comes_to_rest(&capture).await;
    room.context.switch_tab(0).await.expect("switched");
    frames(&capture, 5).await;
    room.context.switch_tab(1).await.expect("switched");
    frame(&capture).await;
    comes_to_rest(&capture).await;
    room.context.close_tab(None).await.expect("closed");
    frames(&capture, 5).await;
    room.context.close().await;
    assert!(capture.next().await.is_none(), "the capture ends with its context");
    bench.finish().await;
}

on_both!(what_changes_under_a_frame_in_flight_is_shown_in_the_end);
async fn what_changes_under_a_frame_in_flight_is_shown_in_the_end(executable: &str) {
    let site = Site::start(&[STILL]).await;
    let bench = Bench::new(executable);
    let room = bench.open().await;
    let capture = room.context.capture();
    room.go(&site.url("/still")).await;
    capture.start(1280, 720, 80).await.expect("started");
    comes_to_rest(&capture).await;
    for (first, last) in [("#aa0000", "#0000aa"), ("#00aa00", "#aaaa00"), ("#aa00aa", "#00aaaa")] {
        paint(&room, first).await;
        frame(&capture).await;
        // The frame before is not acknowledged: nobody has asked for the next one.
        paint(&room, last).await;
        let shown = async { while !Picture::decode(&frame(&capture).await.jpeg).is(640, 360, last) {} };
        let shown = tokio::time::timeout(LONG, shown).await;
        shown.unwrap_or_else(|_| panic!("{last} was painted last, and no frame shows it"));
        comes_to_rest(&capture).await;
    }
    room.context.close().await;
    bench.finish().await;
}

/// Fills the page with a colour and lets it come to rest.
async fn paint(room: &Room, colour: &str) {
    let paint = format!(
        "document.body.style.background = '{colour}'; new Promise(drawn => requestAnimationFrame(() =>
        requestAnimationFrame(() => setTimeout(drawn, 200))))"
    );
    room.js(&paint).await;
}

on_both!(the_picture_stops_starts_again_and_survives_a_crash);
async fn the_picture_stops_starts_again_and_survives_a_crash(executable: &str) {
    let site = Site::start(&[MOVING]).await;
    let bench = Bench::new(executable);
    let room = bench.open().await;
    let capture = room.context.capture();
    room.go(&site.url("/moving")).await;
    capture.start(1280, 720, 80).await.expect("started");
    frames(&capture, 2).await;
    capture.stop().await;
    comes_to_rest(&capture).await;
    capture.start(640, 360, 50).await.expect("started");
    let small = frame(&capture).await;
    assert_eq!((small.width, small.height), (640, 360));

    // The same tab can be brought back, and its picture with it.
    let tab = room.tab();
    drop(tab.target().call_json::<Value>("Page.crash", &json!({})).await);
    until("the crash is known", || tab.is_crashed()).await;
    let back = tab.navigate(&parsed(&site.url("/moving")), LONG).await;
    back.expect("brought back");
    frames(&capture, 5).await;
    room.context.close().await;
    bench.finish().await;
}

/// Width and height as a PNG says them.
fn size(png: &[u8]) -> (u32, u32) {
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    (number(16), number(20))
}

on_both!(screenshots_have_the_size_and_format_asked_for);
async fn screenshots_have_the_size_and_format_asked_for(executable: &str) {
    let long = ("/long", "<title>long</title><body style='margin:0;height:2000px'>long");
    let site = Site::start(&[HOME, long]).await;
    let bench = Bench::new(executable);
    let room = bench.open().await;
    room.go(&site.url("/long")).await;
    let shot = async |what: Screenshot| room.tab().screenshot(what).await.expect("a picture");
    assert_eq!(size(&shot(Screenshot::default()).await), (1280, 720));
    let clip = Some(Rect {
        x: 0.0,
        y: 0.0,
        width: 100.0,
        height: 50.0,
    });
    let part = Screenshot {
        clip,
        ..Screenshot::default()
    };
    assert_eq!(size(&shot(part).await), (100, 50));
    let full = Screenshot {
        full_page: true,
        ..Screenshot::default()
    };
    assert_eq!(size(&shot(full).await).1, 2000);
    let jpeg = Screenshot {
        format: ImageFormat::Jpeg(80),
        ..Screenshot::default()
    };
    assert_eq!(shot(jpeg).await[..2], [0xff, 0xd8]);
    room.context.close().await;
    bench.finish().await;
}
