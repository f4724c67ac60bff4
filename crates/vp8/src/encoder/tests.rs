//! What the encoder makes, seen through libvpx's decoder.

use super::*;
use crate::{JpegDecoder, proof};

fn picture(paint: impl Fn(usize, usize) -> [u8; 3]) -> I420 {
    sized(320, 192, paint)
}

fn sized(width: usize, height: usize, paint: impl Fn(usize, usize) -> [u8; 3]) -> I420 {
    let mut picture = I420::new();
    let jpeg = proof::jpeg(width, height, 95, paint);
    JpegDecoder::new()
        .and_then(|mut d| d.decode(&jpeg, &mut picture))
        .expect("valid");
    picture
}

fn encoder(picture: &I420) -> Encoder {
    let config = EncoderConfig {
        width: picture.width(),
        height: picture.height(),
        bitrate: 1_500_000,
        fps: 15,
    };
    Encoder::new(&config).expect("an encoder")
}

fn near(got: [u8; 3], want: [u8; 3]) -> bool {
    got.into_iter().zip(want).all(|(got, want)| got.abs_diff(want) <= 12)
}

/// Stripes of four colours, 80 pixels wide.
fn stripes(shift: usize) -> impl Fn(usize, usize) -> [u8; 3] {
    move |x, _| [[230, 20, 20], [20, 200, 30], [10, 20, 240], [250, 250, 250]][(x / 80 + shift) % 4]
}

#[test]
fn the_decoded_picture_is_the_one_that_was_encoded() {
    for (width, height) in [(320, 192), (322, 190), (16, 16), (1278, 718)] {
        let picture = sized(width, height, stripes(0));
        let mut encoder = encoder(&picture);
        let mut decoder = proof::Decoder::new().expect("a decoder");
        let frame = encoder
            .encode(&picture, &Damage::full(&picture), true)
            .expect("encoded")
            .expect("not left out");
        assert!(frame.key);
        let decoded = decoder.decode(&frame.data).expect("decodes").expect("a picture");
        assert_eq!((decoded.width, decoded.height), (width, height));
        for x in (8..width).step_by(40) {
            let (got, want) = (decoded.rgb(x, height / 2), stripes(0)(x, 0));
            assert!(near(got, want), "{width}x{height} at {x}: {got:?} is not {want:?}");
        }
    }
}

#[test]
fn only_active_blocks_change_and_a_key_frame_renews_all() {
    let (first, second) = (picture(stripes(0)), picture(stripes(1)));
    let mut encoder = encoder(&first);
    let mut decoder = proof::Decoder::new().expect("a decoder");
    let mut shown = |encoder: &mut Encoder, picture: &I420, active: &Damage, key: bool| {
        let frame = encoder
            .encode(picture, active, key)
            .expect("encoded")
            .expect("not left out");
        assert_eq!(frame.key, key);
        decoder.decode(&frame.data).expect("decodes").expect("a picture")
    };
    shown(&mut encoder, &first, &Damage::full(&first), true);
    let mut half = Damage::full(&second);
    half.blocks_mut()
        .iter_mut()
        .enumerate()
        .for_each(|(i, block)| *block = u8::from(i % 20 < 10));
    let decoded = shown(&mut encoder, &second, &half, false);
    assert!(
        near(decoded.rgb(40, 90), stripes(1)(40, 0)),
        "{:?}",
        decoded.rgb(40, 90)
    );
    assert!(
        near(decoded.rgb(280, 90), stripes(0)(280, 0)),
        "{:?}",
        decoded.rgb(280, 90)
    );
    let decoded = shown(&mut encoder, &second, &half, true);
    assert!(
        near(decoded.rgb(280, 90), stripes(1)(280, 0)),
        "{:?}",
        decoded.rgb(280, 90)
    );
}

#[test]
fn the_rate_is_kept_and_can_be_changed() {
    let noise = |seed: usize| {
        move |x: usize, y: usize| {
            let mut n = (x / 2 * 7919 + y / 2 * 104_729 + seed * 1_299_709) as u32;
            n = (n ^ (n >> 13)).wrapping_mul(0x5bd1_e995);
            [(n >> 8) as u8, (n >> 16) as u8, (n >> 24) as u8]
        }
    };
    let pictures: Vec<I420> = (0..8).map(|seed| picture(noise(seed))).collect();
    let mut encoder = encoder(&pictures[0]);
    let rate = |bps: u32, encoder: &mut Encoder| {
        encoder.set_bitrate(bps).expect("changed");
        let frames = (0..60).map(|i| encoder.encode(&pictures[i % 8], &Damage::full(&pictures[0]), false));
        let sizes: Vec<usize> = frames
            .map(|f| f.expect("encoded").map_or(0, |f| f.data.len()))
            .collect();
        sizes[15..].iter().sum::<usize>() * 8 / 3
    };
    let (fast, slow) = (rate(1_500_000, &mut encoder), rate(400_000, &mut encoder));
    assert!(
        fast < 2_000_000 && slow < 600_000 && slow < fast / 2,
        "{fast} and {slow} bit/s"
    );
}

#[test]
fn wrong_sizes_are_errors() {
    let (small, large) = (picture(stripes(0)), sized(640, 480, stripes(0)));
    let mut encoder = encoder(&small);
    assert!(matches!(
        encoder.encode(&large, &Damage::full(&large), false),
        Err(Error::OtherSize { .. })
    ));
    assert!(encoder.encode(&small, &Damage::full(&large), false).is_err());
    assert!(
        Encoder::new(&EncoderConfig {
            width: 0,
            height: 1,
            bitrate: 1,
            fps: 1
        })
        .is_err()
    );
}
