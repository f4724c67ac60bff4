//! VP8 encoding by libvpx, JPEG to I420 planes, damage between two pictures.
//!
//! A leaf crate: it holds the only `unsafe` of the program and is optimised in development builds too, so that tests see real frames in real time.
//!
//! A picture's way: [`JpegDecoder::decode`] to an [`I420`], [`Damage::compare`] with the one before, [`Encoder::encode`] of what changed.
//! [`proof`] is the way back, for tests and self-checks.

mod damage;
mod encoder;
mod error;
mod jpeg;
mod picture;
pub mod proof;

pub use damage::Damage;
pub use encoder::{Encoded, Encoder, EncoderConfig};
pub use error::Error;
pub use jpeg::JpegDecoder;
pub use picture::I420;
