//! The stream in a room of a real LiveKit server, watched by the stock Python SDK.

mod access;
mod loss;
mod screen;

use std::time::Duration;

use perilune::media::livekit::{Error, LivekitState, StreamEvent};
use serde_json::json;
use tokio::time::sleep;

use crate::support::{LiveKit, eventually};
use screen::{BLUE, GREEN, ME, Published, RED, ROOM, Screen, Viewer, made, within_time};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_viewer_sees_the_page_the_pause_the_resume_and_the_end() {
    let server = LiveKit::start().await;
    let screen = Screen::start();
    let published = Published::new(server.url(), made(), &screen).await;
    assert_eq!(published.publisher.state(), LivekitState::Published);
    published.event("an empty room", |e| *e == StreamEvent::RoomEmpty).await;

    let mut viewer = Viewer::join(&server, 0);
    let subscribed = viewer.fact("track_subscribed").await;
    assert_eq!(
        (&subscribed["name"], &subscribed["identity"]),
        (&json!("browser"), &json!(ME))
    );
    assert_eq!(subscribed["source"], "SOURCE_SCREENSHARE");
    let frame = viewer.shows(RED).await;
    assert_eq!((&frame["width"], &frame["height"]), (&json!(640), &json!(360)));
    published.event("a viewer", |e| *e == StreamEvent::RoomOccupied).await;
    for colour in [GREEN, BLUE, RED] {
        screen.show(colour);
        viewer.shows(colour).await;
    }

    let publisher = &published.publisher;
    publisher.pause().await.expect("paused");
    viewer.fact("track_unsubscribed").await;
    assert_eq!(publisher.state(), LivekitState::Connected);
    let encoded = screen.stream.stats().frames_encoded;
    // For an absence: at most the frame that was under way is encoded.
    sleep(Duration::from_millis(500)).await;
    assert!(screen.stream.stats().frames_encoded <= encoded + 1, "paused");
    screen.show(GREEN);
    publisher.resume().await.expect("resumed");
    viewer.fact("track_subscribed").await;
    viewer.shows(GREEN).await;

    publisher.stop().await;
    assert_eq!(viewer.fact("participant_left").await["identity"], ME);
    assert_eq!(publisher.state(), LivekitState::Off);
    screen.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_waits_for_a_server_that_is_not_there_yet() {
    let mut server = LiveKit::start().await;
    server.kill().await;
    let screen = Screen::start();
    let waiting = Published::start(server.url(), made(), &screen);
    let error = waiting.publisher.published(Duration::from_secs(1)).await;
    assert!(matches!(error, Err(Error::Slow { .. })), "{error:?}");
    waiting.publisher.pause().await.expect("nothing to take away");
    server.restart().await;
    waiting.publisher.resume().await.expect("published");
    let mut viewer = Viewer::join(&server, 200);
    viewer.shows(RED).await;
    waiting.publisher.stop().await;
    viewer.fact("participant_left").await;
    screen.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_can_be_stopped_at_any_moment_and_leaves_nobody_behind() {
    let server = LiveKit::start().await;
    let screen = Screen::start();
    // Any moment of the joining will do, so these are no waits for something.
    for millis in [0, 1, 2, 4, 8, 16, 32, 64, 128] {
        let starting = Published::start(server.url(), made(), &screen);
        sleep(Duration::from_millis(millis)).await;
        within_time("it stops", starting.publisher.stop()).await;
        assert_eq!(starting.publisher.state(), LivekitState::Off);
    }
    // The server itself forgets who went without a word, but later than this.
    eventually("nobody is left behind", Duration::from_secs(10), || async {
        let listed = server.call(ROOM, "ListParticipants", &json!({ "room": ROOM })).await;
        let there = listed["participants"].as_array().map_or(0, Vec::len);
        (there == 0).then_some(())
    })
    .await;
    screen.end().await;
}
