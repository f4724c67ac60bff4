//! JPEG to I420: straight to planes, without a detour through RGB.

use turbojpeg::{Colorspace, DecompressHeader, Decompressor, Subsamp, YuvImage};

use crate::picture::{ALIGN, check_size};
use crate::{Error, I420};

/// Progressive pictures of very many scans cost hours; a browser's have at most ten.
const MAX_SCANS: u32 = 64;

/// Decodes JPEGs, one after the other. Broken or hostile ones are errors and leave nothing behind.
pub struct JpegDecoder {
    inner: Decompressor,
    scratch: Vec<u8>,
}

impl JpegDecoder {
    /// Makes a decoder.
    pub fn new() -> Result<Self, Error> {
        let mut inner = Decompressor::new()?;
        inner.set_scan_limit(MAX_SCANS)?;
        Ok(Self {
            inner,
            scratch: Vec::new(),
        })
    }

    /// Decodes `jpeg` into `picture`, which takes its size. After an error the picture's content is undefined.
    pub fn decode(&mut self, jpeg: &[u8], picture: &mut I420) -> Result<(), Error> {
        let header = self.inner.read_header(jpeg)?;
        check_size(header.width, header.height)?;
        if !matches!(header.colorspace, Colorspace::YCbCr | Colorspace::Gray) {
            return Err(Error::Colours(format!("{:?}", header.colorspace)));
        }
        picture.resize(header.width, header.height)?;
        if header.subsamp == Subsamp::Sub2x2 {
            self.inner.decompress_to_yuv(jpeg, image(&mut picture.data, &header))?;
        } else {
            let len = turbojpeg::yuv_pixels_len(header.width, ALIGN, header.height, header.subsamp)?;
            self.scratch.resize(len, 0);
            self.inner.decompress_to_yuv(jpeg, image(&mut self.scratch, &header))?;
            resample(&self.scratch, &header, picture);
        }
        let [y, u, v] = picture.planes_mut();
        luma_to_video_range(y);
        chroma_to_video_range(u);
        chroma_to_video_range(v);
        Ok(())
    }
}

/// The size and the sampling of the header: the library writes as the header says, so nothing else would be in bounds.
fn image<'a>(pixels: &'a mut [u8], header: &DecompressHeader) -> YuvImage<&'a mut [u8]> {
    YuvImage {
        pixels,
        width: header.width,
        align: ALIGN,
        height: header.height,
        subsamp: header.subsamp,
    }
}

/// Brings other samplings to half width and half height: the mean of what lies under each chroma sample.
fn resample(planes: &[u8], header: &DecompressHeader, picture: &mut I420) {
    let from = YuvImage {
        pixels: planes,
        width: header.width,
        align: ALIGN,
        height: header.height,
        subsamp: header.subsamp,
    };
    let (luma, chroma) = planes.split_at(from.y_width() * from.y_height());
    let (y_stride, uv_stride) = (picture.y().1, picture.u().1);
    let (width, height) = (picture.width(), picture.height());
    let [y, u, v] = picture.planes_mut();
    for (row, out) in y.chunks_exact_mut(y_stride).take(height).enumerate() {
        out[..width].copy_from_slice(&luma[row * from.y_width()..][..width]);
    }
    if header.subsamp == Subsamp::Gray {
        u.fill(128);
        v.fill(128);
        return;
    }
    let (stride, rows) = (from.uv_width(), from.uv_height());
    let (sx, sy) = (header.subsamp.width(), header.subsamp.height());
    for (plane, out) in chroma.chunks_exact(stride * rows).zip([u, v]) {
        for (row, out) in out.chunks_exact_mut(uv_stride).take(height / 2).enumerate() {
            let above = &plane[2 * row / sy * stride..][..stride];
            let below = &plane[(2 * row + 1) / sy * stride..][..stride];
            for (column, out) in out[..width / 2].iter_mut().enumerate() {
                let (left, right) = (2 * column / sx, (2 * column + 1) / sx);
                let sum =
                    u16::from(above[left]) + u16::from(above[right]) + u16::from(below[left]) + u16::from(below[right]);
                *out = ((sum + 2) / 4) as u8;
            }
        }
    }
}

// A JPEG uses 0 to 255. VP8 has no field to say so, and viewers assume 16 to 235 (luma) and 16 to 240 (chroma).

fn luma_to_video_range(plane: &mut [u8]) {
    for sample in plane {
        *sample = ((u16::from(*sample) * 220 + 128) >> 8) as u8 + 16;
    }
}

fn chroma_to_video_range(plane: &mut [u8]) {
    for sample in plane {
        *sample = ((u16::from(*sample) * 225 + 31 * 128 + 128) >> 8) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof;

    fn decoded(jpeg: &[u8]) -> Result<I420, Error> {
        let mut picture = I420::new();
        JpegDecoder::new()?.decode(jpeg, &mut picture)?;
        Ok(picture)
    }

    #[test]
    fn colours_arrive_in_video_range_for_every_sampling() {
        let subsamps = [
            Subsamp::None,
            Subsamp::Sub2x1,
            Subsamp::Sub2x2,
            Subsamp::Sub1x2,
            Subsamp::Sub4x1,
            Subsamp::Sub1x4,
        ];
        for subsamp in subsamps {
            for (rgb, want) in [
                ([255, 255, 255], [235, 128, 128]),
                ([0, 0, 0], [16, 128, 128]),
                ([255, 0, 0], [81, 90, 240]),
                ([0, 0, 255], [41, 240, 110]),
            ] {
                let picture = decoded(&proof::jpeg_sampled(83, 47, 95, subsamp, |_, _| rgb)).expect("valid");
                assert_eq!((picture.width(), picture.height()), (82, 46));
                let (y, u, v) = (picture.y(), picture.u(), picture.v());
                let got = [y.0[45 * y.1 + 81], u.0[22 * u.1 + 40], v.0[22 * v.1 + 40]];
                for (got, want) in got.into_iter().zip(want) {
                    assert!(got.abs_diff(want) <= 2, "{subsamp:?} {rgb:?}: {got} is not {want}");
                }
            }
        }
    }

    #[test]
    fn broken_pictures_are_errors() {
        let good = proof::jpeg(64, 64, 80, |x, y| [x as u8, y as u8, (x * y) as u8]);
        assert!(decoded(b"").is_err() && decoded(b"\xff\xd8\xff").is_err() && decoded(&[0x55; 4000]).is_err());
        for cut in 0..good.len() - 2 {
            assert!(decoded(&good[..cut]).is_err(), "cut at {cut}");
        }
        for at in 0..good.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut bad = good.clone();
                bad[at] ^= flip;
                let _ = decoded(&bad); // An error or a picture with faults, never a crash.
            }
        }
    }

    #[test]
    fn a_claim_of_huge_size_is_refused_before_memory_is_taken() {
        let mut jpeg = proof::jpeg(64, 64, 80, |_, _| [9, 9, 9]);
        let at = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).expect("frame header");
        jpeg[at + 5..at + 9].fill(0xfe);
        assert!(matches!(
            decoded(&jpeg),
            Err(Error::Size {
                width: 0xfefe,
                height: 0xfefe
            })
        ));
    }
}
