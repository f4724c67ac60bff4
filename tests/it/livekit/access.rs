//! Who may publish, and what is said to who may not or may no longer.

use livekit_token::VideoGrants;
use perilune::media::livekit::{Error, LivekitState, StreamEvent, TokenSource};
use serde_json::json;

use super::screen::{ME, Published, RED, ROOM, SOON, Screen, Viewer, given, made, made_with};
use crate::support::{LiveKit, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_given_token_is_used_as_it_is() {
    let server = LiveKit::start().await;
    let screen = Screen::start();
    // With the right to subscribe, so that the server wants a second connection.
    let token = given("somebody", VideoGrants::default());
    let published = Published::new(server.url(), token, &screen).await;
    let mut viewer = Viewer::join(&server, 200);
    assert_eq!(viewer.fact("track_subscribed").await["identity"], "somebody");
    viewer.shows(RED).await;
    published.publisher.stop().await;
    assert_eq!(viewer.fact("participant_left").await["identity"], "somebody");
    screen.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_refused_is_told_why() {
    let server = LiveKit::start().await;
    let screen = Screen::start();
    let mute = VideoGrants {
        can_publish: Some(false),
        ..VideoGrants::default()
    };
    let cases: [(TokenSource, String, &str); 4] = [
        (made_with("another"), server.url(), "key and secret"),
        (given("mute", mute), server.url(), "does not allow publishing"),
        (made_with(""), server.url(), "token"),
        (made(), "gopher://example.com".to_owned(), "address"),
    ];
    for (token, url, words) in cases {
        let refused = Published::start(url, token, &screen);
        let error = refused.publisher.published(SOON).await.expect_err("refused");
        assert!(
            matches!(error, Error::Over(_)) && error.to_string().contains(words),
            "{error:?} says nothing of {words}"
        );
        refused
            .event("the session is told", |e| matches!(e, StreamEvent::Failed(_)))
            .await;
    }
    screen.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_sent_away_says_why() {
    let server = LiveKit::start().await;
    let screen = Screen::start();
    let first = Published::new(server.url(), made(), &screen).await;
    let second = Published::new(server.url(), made(), &screen).await;
    first
        .event(
            "it was replaced",
            |e| matches!(e, StreamEvent::Failed(why) if why.contains("same identity")),
        )
        .await;
    assert_eq!(first.publisher.state(), LivekitState::Failed);
    first.publisher.stop().await;

    let removal = json!({ "room": ROOM, "identity": ME });
    server.call(ROOM, "RemoveParticipant", &removal).await;
    second
        .event("it was removed", |e| matches!(e, StreamEvent::Failed(_)))
        .await;
    let why = eventually("it is over", SOON, || async {
        second
            .publisher
            .published(SOON)
            .await
            .err()
            .map(|error| error.to_string())
    })
    .await;
    assert!(why.contains("removed"), "{why}");
    assert!(second.publisher.resume().await.is_err());

    let third = Published::new(server.url(), made(), &screen).await;
    server.call(ROOM, "DeleteRoom", &json!({ "room": ROOM })).await;
    third.event("the room ended", |e| *e == StreamEvent::RoomEnded).await;
    screen.end().await;
}
