//! CPU and bits per frame for a page at rest, with a caret, and scrolling: `cargo run --release -p vp8 --example cost`.

use std::time::{Duration, Instant};

use vp8::{Damage, Encoder, EncoderConfig, I420, JpegDecoder, proof};

const SIZE: (usize, usize) = (1280, 720);
const FRAMES: usize = 90;

fn main() -> Result<(), vp8::Error> {
    println!(
        "{:<8} {:>9} {:>9} {:>9} {:>9} {:>9} {:>4}",
        "page", "jpeg ms", "damage ms", "encode ms", "total ms", "kbit/s", "q"
    );
    measure("still", |_| page(0, false))?;
    measure("caret", |frame| page(0, frame % 2 == 0))?;
    measure("scroll", |frame| page(frame * 24, false))
}

fn measure(name: &str, jpeg: impl Fn(usize) -> Vec<u8>) -> Result<(), vp8::Error> {
    let jpegs: Vec<Vec<u8>> = (0..FRAMES).map(jpeg).collect();
    let mut encoder = Encoder::new(&EncoderConfig {
        width: SIZE.0,
        height: SIZE.1,
        bitrate: 1_500_000,
        fps: 15,
    })?;
    let (mut decoder, mut previous, mut next) = (JpegDecoder::new()?, I420::new(), I420::new());
    let mut damage = Damage::default();
    let (mut times, mut bytes, mut quantizer) = ([Duration::ZERO; 3], 0, 0);
    for jpeg in &jpegs {
        let start = Instant::now();
        decoder.decode(jpeg, &mut next)?;
        let decoded = Instant::now();
        damage.update(&previous, &next);
        let compared = Instant::now();
        if let Some(frame) = encoder.encode(&next, &damage, previous.is_empty())? {
            bytes += frame.data.len();
            quantizer = frame.quantizer;
        }
        let spent = [decoded - start, compared - decoded, compared.elapsed()];
        times.iter_mut().zip(spent).for_each(|(sum, spent)| *sum += spent);
        std::mem::swap(&mut previous, &mut next);
    }
    let [jpeg, damage, encode] = times.map(|time| time.as_secs_f64() * 1000.0 / FRAMES as f64);
    let rate = bytes * 8 * 15 / FRAMES / 1000;
    println!(
        "{name:<8} {jpeg:>9.2} {damage:>9.2} {encode:>9.2} {:>9.2} {rate:>9} {quantizer:>4}",
        jpeg + damage + encode
    );
    Ok(())
}

/// Something like a page of text: dark marks of a few pixels in lines on white, and a coloured bar.
fn page(scrolled: usize, caret: bool) -> Vec<u8> {
    proof::jpeg(SIZE.0, SIZE.1, 80, |x, y| {
        let line = y + scrolled;
        let hash = ((x / 3 * 7919) ^ (line / 3 * 104_729)).wrapping_mul(0x9e37_79b9) >> 7;
        let text = line % 24 < 14 && x > 80 && x < 1100 && !(line / 24).is_multiple_of(7) && hash % 5 < 2;
        match () {
            () if caret && (200..202).contains(&x) && (100..116).contains(&y) => [0, 0, 0],
            () if text => [40, 40, 48],
            () if x < 60 => [20, 90, 200],
            () => [255, 255, 255],
        }
    })
}
