//! Whether this machine can encode: one small picture all the way, for `perilune doctor`.

use vp8::{Damage, Encoder, EncoderConfig, I420, JpegDecoder, proof};

/// Encodes a picture and decodes it again; says what was done or why it could not be.
pub fn encoder_check() -> Result<String, String> {
    check().map_err(|error| format!("VP8 cannot be encoded: {error}"))
}

fn check() -> Result<String, vp8::Error> {
    const WIDTH: usize = 64;
    const HEIGHT: usize = 48;
    let jpeg = proof::jpeg(WIDTH, HEIGHT, 90, |_, _| [200, 20, 20]);
    let mut picture = I420::new();
    JpegDecoder::new()?.decode(&jpeg, &mut picture)?;
    let config = EncoderConfig {
        width: WIDTH,
        height: HEIGHT,
        bitrate: 500_000,
        fps: 15,
    };
    let encoded = Encoder::new(&config)?.encode(&picture, &Damage::full(&picture), true)?;
    let bytes = encoded.map_or(0, |frame| frame.data.len());
    Ok(format!("VP8 works: a picture of {WIDTH}x{HEIGHT} took {bytes} bytes"))
}
