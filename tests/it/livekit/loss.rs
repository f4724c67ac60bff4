//! The connection for signals is lost while the media goes on: the viewer notices nothing.

use std::cell::RefCell;

use livekit_token::VideoGrants;
use perilune::media::livekit::{LivekitState, TokenSource};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::screen::{BLUE, GREEN, ME, Published, RED, Screen, Viewer, given, is_frame_in, made};
use crate::support::LiveKit;

/// Forwards TCP to the server until it is cut; gives its port.
async fn gateway(to: u16) -> (u16, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    let (cut, cuts) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((mut inner, _)) = listener.accept().await {
            let mut cuts = cuts.clone();
            tokio::spawn(async move {
                let Ok(mut outer) = TcpStream::connect(("127.0.0.1", to)).await else {
                    return;
                };
                cuts.mark_unchanged();
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut inner, &mut outer) => {}
                    _ = cuts.changed() => {}
                }
            });
        }
    });
    (port, cut)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_signal_does_not_interrupt_the_picture() {
    survives_a_lost_signal(made()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_does_it_with_a_token_that_lets_us_subscribe() {
    survives_a_lost_signal(given(ME, VideoGrants::default())).await;
}

async fn survives_a_lost_signal(token: TokenSource) {
    let server = LiveKit::start().await;
    let screen = Screen::start();
    let (port, cut) = gateway(server.port).await;
    let published = Published::new(format!("ws://127.0.0.1:{port}"), token, &screen).await;
    let mut viewer = Viewer::join(&server, 0);
    viewer.shows(RED).await;
    let seen = RefCell::new(Vec::new());
    for colour in [GREEN, BLUE] {
        published.forget();
        cut.send_replace(true);
        published.reaches(LivekitState::Reconnecting).await;
        published.reaches(LivekitState::Published).await;
        screen.show(colour);
        viewer
            .until("the picture goes on", |fact| {
                seen.borrow_mut().push(fact.clone());
                is_frame_in(fact, colour)
            })
            .await;
    }
    let seen = seen.into_inner();
    let others: Vec<_> = seen.iter().filter(|fact| fact["fact"] != "frame").collect();
    assert!(others.is_empty(), "the viewer noticed: {others:?}");
    let times: Vec<f64> = seen.iter().filter_map(|fact| fact["t"].as_f64()).collect();
    let gap = times.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
    assert!(gap < 5.0, "the viewer saw a gap of {gap} s");
    published.publisher.pause().await.expect("paused after two resumes");
    viewer.fact("track_unsubscribed").await;
    published.publisher.stop().await;
    screen.end().await;
}
