//! The picture as a real browser receives it by WHEP: read back from the video element, not counted.

mod painter;
mod viewers;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use perilune::media::{Error, Frame};
use tokio::time::sleep;

use painter::{GREEN, RED, moving, near, painted};
use viewers::{Browser, Gallery, ROOM};

/// A picture at rest.
fn still(counter: usize, colour: [u8; 3]) -> Frame {
    painted(counter, colour, Instant::now())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_sees_the_page_and_a_late_one_too() {
    let gallery = Gallery::open(10).await;
    let stream = &gallery.stream;
    stream.push(still(1, RED));
    let _first = Browser::open(&gallery.url("?audio=1"));
    gallery.shows(0, RED).await;
    assert_eq!(gallery.last(0).expect("seen")["counter"], 1);

    let before = at_rest(&gallery).await;
    stream.push(still(2, GREEN));
    gallery.shows(0, GREEN).await;
    assert_eq!(stream.stats().key_frames, before, "a change needs no key frame");

    // A late one, while nothing changes.
    at_rest(&gallery).await;
    let _second = Browser::open(&gallery.url("?first=1"));
    gallery.shows(1, GREEN).await;
    assert_eq!(gallery.whep.viewers(ROOM), 2);

    stream.pause();
    stream.push(still(3, RED));
    // For an absence: nothing is shown while it is paused.
    sleep(Duration::from_millis(700)).await;
    assert!(near(&gallery.last(0).expect("seen")["colour"], GREEN));
    stream.resume();
    gallery.shows(0, RED).await;
    gallery.shows(1, RED).await;

    // Closed by the viewers.
    gallery.dismiss();
    stream.push(still(4, GREEN));
    gallery
        .until("the viewers leave", |g| g.whep.viewers(ROOM) == 0 && g.watchers() == 0)
        .await;
    stream.stop().await;
    gallery.whep.shutdown().await;
}

/// Waits until a picture at rest is sharp and costs nothing any more; gives the number of key frames.
async fn at_rest(gallery: &Gallery) -> u64 {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let before = gallery.stream.stats();
        // For an absence: no frame goes out in this time.
        sleep(Duration::from_secs(1)).await;
        if gallery.stream.stats() == before {
            return before.key_frames;
        }
        assert!(Instant::now() < deadline, "a page at rest goes on costing: {before:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_viewers_share_one_encode_of_a_moving_page() {
    const VIEWERS: usize = 8;
    let gallery = Gallery::open(10).await;
    let pump = moving(gallery.stream.clone());
    let _browser = Browser::open(&gallery.url(&format!("?viewers={VIEWERS}")));
    gallery
        .until("all see it", |g| (0..VIEWERS).all(|viewer| g.last(viewer).is_some()))
        .await;
    gallery.forget();
    let (began, before) = (Instant::now(), gallery.stream.stats());
    gallery
        .until("all see it move", |g| {
            (0..VIEWERS).all(|viewer| g.counters(viewer).len() >= 20)
        })
        .await;
    let (spent, after) = (began.elapsed(), gallery.stream.stats());
    let frames = after.frames_encoded - before.frames_encoded;
    assert!(
        frames as f64 <= spent.as_secs_f64() * 15.0 + 5.0,
        "{frames} frames in {spent:?}: more than max_fps, so not one encode for all"
    );
    let keys = after.key_frames - before.key_frames;
    assert!(keys * 4 <= frames, "{keys} of {frames} frames are key frames");
    let distinct: BTreeSet<_> = (0..VIEWERS).flat_map(|viewer| gallery.counters(viewer)).collect();
    assert!(
        distinct.len() as u64 <= frames + 5,
        "more pictures were shown than encoded"
    );
    for viewer in 0..VIEWERS {
        let counters = gallery.counters(viewer);
        assert!(counters.is_sorted(), "viewer {viewer} was led back: {counters:?}");
    }
    assert!(gallery.seen().iter().all(|seen| near(&seen["colour"], GREEN)));

    pump.abort();
    gallery.whep.shutdown().await;
    gallery.until("shutdown ends all", |g| g.watchers() == 0).await;
    gallery.stream.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_offers_are_refused() {
    let gallery = Gallery::open(1).await;
    let offer = |sdp: String| {
        let gallery = gallery.clone();
        async move { gallery.whep.offer(gallery.stream.fanout(), &sdp, ROOM).await }
    };
    let empty_session = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n".to_owned();
    let long = "v".repeat(200_000);
    for sdp in [
        String::new(),
        "nonsense".to_owned(),
        "v=0\r\n".to_owned(),
        empty_session,
        long,
    ] {
        assert!(matches!(offer(sdp.clone()).await, Err(Error::Offer(_))), "{sdp:.80?}");
    }
    assert_eq!((gallery.whep.viewers(ROOM), gallery.watchers()), (0, 0));
    gallery.stream.stop().await;
    assert!(matches!(offer(String::new()).await, Err(Error::Ended)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn viewers_are_counted_however_they_go() {
    let gallery = Gallery::open(1).await;
    gallery.stream.push(still(1, RED));
    // Sent away by DELETE.
    let sent_away = Browser::open(&gallery.url(""));
    gallery.shows(0, RED).await;
    let id = gallery.ids()[0].clone();
    assert!(gallery.whep.leave(&id).await && !gallery.whep.leave(&id).await);
    gallery.until("nobody watches", |g| g.watchers() == 0).await;
    drop(sent_away);

    // Two come, there is room for one.
    gallery.forget();
    let browser = Browser::open(&gallery.url("?viewers=2"));
    let somebody = |g: &Gallery| g.last(0).or(g.last(1)).is_some();
    gallery
        .until("one sees it, one is refused", |g| somebody(g) && g.refused() == 1)
        .await;
    assert_eq!(gallery.whep.viewers(ROOM), 1);
    let both: BTreeSet<_> = gallery.seen().iter().map(|seen| seen["viewer"].as_u64()).collect();
    assert_eq!(both.len(), 1);

    // Gone without a word: killed.
    drop(browser);
    gallery
        .until("a killed browser is noticed", |g| g.whep.viewers(ROOM) == 0)
        .await;
    assert!(!gallery.whep.leave("nobody").await);
    gallery.stream.stop().await;
}
