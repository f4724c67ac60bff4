//! Captured pictures that say what they are: a colour, and a number in black and white fields.

use std::time::Instant;

use perilune::media::{Frame, Stream};
use serde_json::Value;
use tokio::task::JoinHandle;
use vp8::proof;

const SIZE: (usize, usize) = (640, 384);

pub(super) const RED: [u8; 3] = [230, 20, 20];
pub(super) const GREEN: [u8; 3] = [20, 200, 30];

/// Whether a viewer saw this colour, as far as compression allows.
pub(super) fn near(got: &Value, want: [u8; 3]) -> bool {
    (0..3).all(|i| got[i].as_u64().is_some_and(|got| got.abs_diff(want[i].into()) <= 14))
}

/// A page in that colour, with sixteen bits of the counter as fields at the top and text that scrolls with it.
pub(super) fn painted(counter: usize, colour: [u8; 3], at: Instant) -> Frame {
    let paint = |x: usize, y: usize| match y {
        0..32 if x < 512 && counter >> (x / 32) & 1 == 1 => [255, 255, 255],
        0..32 => [0, 0, 0],
        _ if x < 300 && ((x / 3 * 31) ^ ((y + counter * 24) / 3 * 57)) % 5 < 2 => [40, 40, 48],
        _ => colour,
    };
    Frame {
        jpeg: proof::jpeg(SIZE.0, SIZE.1, 80, paint).into(),
        at,
    }
}

/// Pushes a new picture whenever one is wanted.
pub(super) fn moving(stream: Stream) -> JoinHandle<()> {
    tokio::spawn(async move {
        for counter in 0.. {
            stream.wanted().await;
            let paint = move || painted(counter, GREEN, Instant::now());
            let mut frame = tokio::task::spawn_blocking(paint).await.expect("painted");
            frame.at = Instant::now();
            stream.push(frame);
        }
    })
}
