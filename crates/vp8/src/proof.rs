//! The way back from an encoded frame to its pixels, and pictures to encode: for tests and self-checks that look at the picture itself.

use std::mem::MaybeUninit;
use std::ptr;

use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};
use vpx_sys as vpx;

use crate::Error;
use crate::encoder::check;

/// A JPEG as a browser makes them, painted by a function of column and row.
pub fn jpeg(width: usize, height: usize, quality: i32, paint: impl Fn(usize, usize) -> [u8; 3]) -> Vec<u8> {
    jpeg_sampled(width, height, quality, Subsamp::Sub2x2, paint)
}

/// The same with the colour sampling chosen.
pub(crate) fn jpeg_sampled(
    width: usize,
    height: usize,
    quality: i32,
    subsamp: Subsamp,
    paint: impl Fn(usize, usize) -> [u8; 3],
) -> Vec<u8> {
    let pixels: Vec<u8> = (0..width * height).flat_map(|i| paint(i % width, i / width)).collect();
    let image = Image {
        pixels: pixels.as_slice(),
        width,
        pitch: 3 * width,
        height,
        format: PixelFormat::RGB,
    };
    let mut compressor = Compressor::new().expect("a JPEG compressor needs nothing but memory");
    compressor
        .set_quality(quality.clamp(1, 100))
        .expect("a quality within its limits");
    compressor.set_subsamp(subsamp).expect("a sampling of the library");
    compressor
        .compress_to_vec(image)
        .expect("a picture of the announced size")
}

/// A decoded picture.
pub struct Decoded {
    /// Pixels.
    pub width: usize,
    /// Pixels.
    pub height: usize,
    y: Vec<u8>,
    u: Vec<u8>,
    v: Vec<u8>,
}

impl Decoded {
    /// Luma, chroma, chroma of a pixel.
    pub fn yuv(&self, x: usize, y: usize) -> [u8; 3] {
        let chroma = y / 2 * self.width.div_ceil(2) + x / 2;
        [self.y[y * self.width + x], self.u[chroma], self.v[chroma]]
    }

    /// Luma in reading order.
    pub fn luma(&self) -> &[u8] {
        &self.y
    }

    /// The colour of a pixel as a viewer shows it.
    pub fn rgb(&self, x: usize, y: usize) -> [u8; 3] {
        let [y, u, v] = self.yuv(x, y).map(f32::from);
        let (y, u, v) = (
            (y - 16.0) * 255.0 / 219.0,
            (u - 128.0) * 255.0 / 224.0,
            (v - 128.0) * 255.0 / 224.0,
        );
        [y + 1.402 * v, y - 0.344_136 * u - 0.714_136 * v, y + 1.772 * u].map(|c| c.round() as u8)
    }
}

/// libvpx's VP8 decoder.
pub struct Decoder {
    context: Box<vpx::vpx_codec_ctx_t>,
}

// SAFETY: libvpx's context is bound to no thread; `&mut self` keeps calls apart.
unsafe impl Send for Decoder {}

impl Decoder {
    /// Starts a decoder.
    pub fn new() -> Result<Self, Error> {
        let mut context = Box::new(MaybeUninit::<vpx::vpx_codec_ctx_t>::zeroed());
        // SAFETY: the context is valid for writing, no settings is allowed, the version is that of the bindings.
        let code = unsafe {
            let version = vpx::VPX_DECODER_ABI_VERSION as i32;
            vpx::vpx_codec_dec_init_ver(context.as_mut_ptr(), vpx::vpx_codec_vp8_dx(), ptr::null(), 0, version)
        };
        check("vpx_codec_dec_init", code)?;
        // SAFETY: initialised by the successful call.
        let context = unsafe { context.assume_init() };
        Ok(Self { context })
    }

    /// Decodes one frame.
    pub fn decode(&mut self, frame: &[u8]) -> Result<Option<Decoded>, Error> {
        // SAFETY: the context is live, pointer and length belong together.
        let code = unsafe {
            vpx::vpx_codec_decode(
                &mut *self.context,
                frame.as_ptr(),
                frame.len() as u32,
                ptr::null_mut(),
                0,
            )
        };
        check("vpx_codec_decode", code)?;
        let mut iterator = ptr::null();
        // SAFETY: the iterator starts as null; the image is null or valid until the next call.
        let image = unsafe { vpx::vpx_codec_get_frame(&mut *self.context, &mut iterator).as_ref() };
        Ok(image.map(copy))
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the context is live and not used after this.
        unsafe { vpx::vpx_codec_destroy(&mut *self.context) };
    }
}

fn copy(image: &vpx::vpx_image_t) -> Decoded {
    let (width, height) = (image.d_w as usize, image.d_h as usize);
    let plane = |index: usize, width: usize, height: usize| {
        let stride = image.stride[index] as usize;
        // SAFETY: a plane has `height` rows of `width` octets, `stride` apart.
        let row = |row: usize| unsafe { std::slice::from_raw_parts(image.planes[index].add(row * stride), width) };
        (0..height).flat_map(row).copied().collect()
    };
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    Decoded {
        width,
        height,
        y: plane(0, width, height),
        u: plane(1, half_width, half_height),
        v: plane(2, half_width, half_height),
    }
}
