//! What can go wrong with a picture.

/// Why a picture could not be decoded or encoded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are no JPEG, or a broken one.
    #[error("the picture is no valid JPEG")]
    Jpeg(#[from] turbojpeg::Error),
    /// A JPEG of a kind that no browser makes.
    #[error("the JPEG has the colours {0}, not YCbCr or grey")]
    Colours(String),
    /// Width or height outside of what VP8 and this program take.
    #[error("a picture of {width}x{height} pixels is too small or too large")]
    Size {
        /// Pixels.
        width: usize,
        /// Pixels.
        height: usize,
    },
    /// A picture or damage map that does not have the size of the encoder.
    #[error("the picture has {width}x{height} pixels, which is not the size of the encoder")]
    OtherSize {
        /// Pixels.
        width: usize,
        /// Pixels.
        height: usize,
    },
    /// libvpx refused a call.
    #[error("libvpx: {call} failed: {reason}")]
    Codec {
        /// The function.
        call: &'static str,
        /// libvpx's words.
        reason: String,
    },
}
