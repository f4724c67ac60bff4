//! A stream seen by a subscriber that decodes it.

use std::time::{Duration, Instant};

use tokio::time::timeout;
use vp8::proof::{self, Decoder};

use super::*;

const RED: [u8; 3] = [230, 20, 20];
const BLUE: [u8; 3] = [10, 20, 240];

fn settings() -> config::Stream {
    config::Stream {
        max_fps: 30,
        jpeg_quality: 80,
        bitrate: 1_500_000,
        max_bitrate: 4_000_000,
        max_viewers: 2,
        public_address: "auto".to_owned(),
        udp_port: 0,
    }
}

fn frame(width: usize, height: usize, colour: [u8; 3]) -> Frame {
    // Something like small print beside the colour, which takes more than one frame to become sharp.
    let print = |x: usize, y: usize| ((x / 2 * 37) ^ (y / 3 * 91)) % 7 < 3 && y % 16 < 11;
    let paint = |x, y| match () {
        () if x < 128 => colour,
        () if print(x, y) => [30, 30, 40],
        () => [255, 255, 255],
    };
    Frame {
        jpeg: proof::jpeg(width, height, 80, paint).into(),
        at: Instant::now(),
    }
}

async fn next(viewer: &mut Subscriber) -> Arc<EncodedFrame> {
    timeout(Duration::from_secs(5), viewer.next())
        .await
        .expect("a frame in time")
        .expect("the stream goes on")
}

async fn quiet(viewer: &mut Subscriber) -> bool {
    timeout(Duration::from_millis(700), viewer.next()).await.is_err()
}

/// How near the decoded luma is to what was captured, in decibels.
fn likeness(shown: &proof::Decoded, frame: &Frame) -> f64 {
    let mut picture = vp8::I420::new();
    vp8::JpegDecoder::new()
        .and_then(|mut jpeg| jpeg.decode(&frame.jpeg, &mut picture))
        .expect("valid");
    let (luma, stride) = picture.y();
    let rows = shown.luma().chunks(shown.width).zip(luma.chunks(stride));
    let errors = rows.flat_map(|(a, b)| a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)));
    20.0 * 255f64.log10() - 10.0 * (errors.sum::<f64>() / shown.luma().len() as f64).log10()
}

/// Takes all frames until there are no more for a while; gives the last one, and how many there were.
async fn settled(viewer: &mut Subscriber, decoder: &mut Decoder) -> (Option<proof::Decoded>, usize) {
    let (mut shown, mut count) = (None, 0);
    while let Ok(Some(frame)) = timeout(Duration::from_millis(500), viewer.next()).await {
        count += 1;
        shown = decoder.decode(&frame.data).expect("decodes");
        assert!(count < 60, "a page at rest must come to rest");
    }
    (shown, count)
}

fn colour(shown: Option<proof::Decoded>) -> [u8; 3] {
    shown.expect("a picture").rgb(40, 40)
}

fn near(got: [u8; 3], want: [u8; 3]) -> bool {
    got.into_iter().zip(want).all(|(got, want)| got.abs_diff(want) <= 14)
}

#[tokio::test]
async fn nothing_is_encoded_while_nobody_watches() {
    let stream = Stream::start(&settings());
    stream.push(frame(320, 192, RED));
    assert!(timeout(Duration::from_millis(300), stream.wanted()).await.is_err());
    assert_eq!(stream.stats(), StreamStats::default());
    let viewer = stream.fanout().join();
    timeout(Duration::from_secs(2), stream.wanted())
        .await
        .expect("wanted once somebody watches");
    assert_eq!(stream.stats().watchers, 1);
    drop(viewer);
    stream.stop().await;
}

#[tokio::test]
async fn a_page_at_rest_becomes_sharp_and_then_costs_nothing_until_somebody_joins() {
    let stream = Stream::start(&settings());
    let mut decoder = Decoder::new().expect("a decoder");
    let mut first = stream.fanout().join();
    let page = frame(640, 384, RED);
    stream.push(page.clone());
    let frame = next(&mut first).await;
    assert!(frame.key);
    let coarse = likeness(
        &decoder.decode(&frame.data).expect("decodes").expect("a picture"),
        &page,
    );
    let (sharp, refined) = settled(&mut first, &mut decoder).await;
    let sharp = likeness(&sharp.expect("refined"), &page);
    assert!(
        (1..=25).contains(&refined) && sharp > coarse && sharp > 40.0,
        "{coarse} to {sharp} dB in {refined} frames"
    );
    let before = stream.stats();
    assert!(quiet(&mut first).await);
    assert_eq!(stream.stats(), before);

    let start = Instant::now();
    let mut late = stream.fanout().join();
    let frame = next(&mut late).await;
    assert!(
        frame.key && start.elapsed() < Duration::from_millis(200),
        "at once: {:?}",
        start.elapsed()
    );
    let shown = decoder.decode(&frame.data).expect("decodes").expect("a picture");
    assert!(near(shown.rgb(40, 40), RED), "{:?}", shown.rgb(40, 40));
    stream.stop().await;
    while late.next().await.is_some() {}
}

#[tokio::test]
async fn changes_arrive_and_another_size_starts_anew() {
    let stream = Stream::start(&settings());
    let mut decoder = Decoder::new().expect("a decoder");
    let mut viewer = stream.fanout().join();
    stream.push(frame(640, 384, RED));
    assert!(near(colour(settled(&mut viewer, &mut decoder).await.0), RED));
    stream.push(frame(640, 384, BLUE));
    assert!(near(colour(settled(&mut viewer, &mut decoder).await.0), BLUE));
    assert_eq!(stream.stats().key_frames, 1);
    stream.push(frame(401, 301, RED));
    let frame = next(&mut viewer).await;
    assert_eq!((frame.key, frame.width, frame.height), (true, 400, 300));
    let shown = decoder.decode(&frame.data).expect("decodes").expect("a picture");
    assert!(near(shown.rgb(40, 40), RED));
    stream.stop().await;
}

#[tokio::test]
async fn broken_pictures_are_left_out_and_do_no_harm() {
    let stream = Stream::start(&settings());
    let mut decoder = Decoder::new().expect("a decoder");
    let mut viewer = stream.fanout().join();
    stream.push(Frame {
        jpeg: bytes::Bytes::from_static(b"\xff\xd8 no picture"),
        at: Instant::now(),
    });
    assert!(quiet(&mut viewer).await);
    assert_eq!(stream.stats().broken_pictures, 1);
    timeout(Duration::from_secs(1), stream.wanted())
        .await
        .expect("the next one is wanted");
    stream.push(frame(640, 384, BLUE));
    assert!(near(colour(settled(&mut viewer, &mut decoder).await.0), BLUE));
    stream.stop().await;
}

#[tokio::test]
async fn a_paused_stream_is_silent_and_resumes_at_a_key_frame() {
    let stream = Stream::start(&settings());
    let mut viewer = stream.fanout().join();
    stream.push(frame(320, 192, RED));
    settled(&mut viewer, &mut Decoder::new().expect("a decoder")).await;
    stream.pause();
    stream.push(frame(320, 192, BLUE));
    assert!(quiet(&mut viewer).await);
    stream.resume();
    let frame = next(&mut viewer).await;
    assert!(frame.key);
    let mut decoder = Decoder::new().expect("a decoder");
    assert!(near(
        decoder
            .decode(&frame.data)
            .expect("decodes")
            .expect("a picture")
            .rgb(40, 40),
        BLUE
    ));
    stream.stop().await;
    assert!(viewer.next().await.is_none());
}

#[tokio::test]
async fn who_comes_back_sees_the_last_picture_and_numbers_go_on() {
    let stream = Stream::start(&settings());
    let mut viewer = stream.fanout().join();
    stream.push(frame(320, 192, RED));
    let first = next(&mut viewer).await;
    settled(&mut viewer, &mut Decoder::new().expect("a decoder")).await;
    drop(viewer);
    let mut viewer = stream.fanout().join();
    let again = next(&mut viewer).await;
    assert!(again.key && again.rtp_time.wrapping_sub(first.rtp_time) < 90_000 * 5);
    let ahead = again.picture_id.wrapping_sub(first.picture_id) & 0x7fff;
    assert!((1..50).contains(&ahead), "{ahead}");
    stream.stop().await;
}
