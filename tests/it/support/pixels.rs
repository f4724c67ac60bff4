//! Colours in pictures of a page.

use perilune::browser::{ImageFormat, Screenshot, Tab};
use vp8::{I420, JpegDecoder};

/// How far a channel may be off: JPEG and the picture of the stream blur colours.
const NEAR: i32 = 48;

/// A decoded picture.
pub(crate) struct Picture(I420);

impl Picture {
    pub(crate) fn decode(jpeg: &[u8]) -> Self {
        let mut picture = I420::new();
        let mut decoder = JpegDecoder::new().expect("a decoder");
        decoder.decode(jpeg, &mut picture).expect("a JPEG");
        Self(picture)
    }

    /// What a still image of the tab shows.
    pub(crate) async fn of(tab: &Tab) -> Self {
        let what = Screenshot {
            format: ImageFormat::Jpeg(100),
            ..Screenshot::default()
        };
        Self::decode(&tab.screenshot(what).await.expect("a screenshot"))
    }

    /// Red, green and blue at a point.
    pub(crate) fn at(&self, x: usize, y: usize) -> [i32; 3] {
        let sample = |(plane, stride): (&[u8], usize), x: usize, y: usize| f64::from(plane[y * stride + x]);
        let luma = 1.164 * (sample(self.0.y(), x, y) - 16.0);
        let u = sample(self.0.u(), x / 2, y / 2) - 128.0;
        let v = sample(self.0.v(), x / 2, y / 2) - 128.0;
        let rgb = [luma + 1.596 * v, luma - 0.392 * u - 0.813 * v, luma + 2.017 * u];
        rgb.map(|channel| (channel.round() as i32).clamp(0, 255))
    }

    /// Whether the point has nearly the colour `#rrggbb`.
    pub(crate) fn is(&self, x: usize, y: usize, colour: &str) -> bool {
        let wanted = (0..3).map(|at| i32::from_str_radix(&colour[1 + 2 * at..3 + 2 * at], 16).expect("#rrggbb"));
        wanted
            .zip(self.at(x, y))
            .all(|(wanted, got)| (wanted - got).abs() <= NEAR)
    }
}
