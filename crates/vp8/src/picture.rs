//! A picture as three planes, chroma at half the width and height, in one buffer that is used again and again.

use crate::Error;

/// Rows start at multiples of this, for the vector units.
pub(crate) const ALIGN: usize = 32;

/// The widest and highest picture that is taken. VP8 itself ends at 16,383.
const MAX_SIDE: usize = 8192;

/// The most pixels of a picture: a JPEG of a few bytes can claim any size.
const MAX_PIXELS: usize = 1 << 24;

/// Planes Y, U, V of BT.601 in video range (16 to 235), as VP8 viewers expect it. Sizes are even.
#[derive(Clone, Debug, Default)]
pub struct I420 {
    width: usize,
    height: usize,
    /// Of luma and of chroma rows.
    strides: (usize, usize),
    luma_rows: usize,
    pub(crate) data: Vec<u8>,
}

impl I420 {
    /// An empty picture, to be decoded into.
    pub fn new() -> Self {
        Self::default()
    }

    /// Pixels, even.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels, even.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Whether nothing was decoded into it yet.
    pub fn is_empty(&self) -> bool {
        self.width == 0
    }

    /// Whether both have the same size.
    pub fn same_size(&self, other: &Self) -> bool {
        (self.width, self.height) == (other.width, other.height)
    }

    /// The luma plane and its stride.
    pub fn y(&self) -> (&[u8], usize) {
        (&self.data[..self.luma_len()], self.strides.0)
    }

    /// The first chroma plane and its stride.
    pub fn u(&self) -> (&[u8], usize) {
        let from = self.luma_len();
        (&self.data[from..from + self.chroma_len()], self.strides.1)
    }

    /// The second chroma plane and its stride.
    pub fn v(&self) -> (&[u8], usize) {
        let from = self.luma_len() + self.chroma_len();
        (&self.data[from..from + self.chroma_len()], self.strides.1)
    }

    /// Columns and rows of 16x16 blocks.
    pub fn blocks(&self) -> (usize, usize) {
        (self.width.div_ceil(16), self.height.div_ceil(16))
    }

    /// Gives it the size of a coded picture; odd sizes lose their last column or row. The content is undefined afterwards.
    pub(crate) fn resize(&mut self, coded_width: usize, coded_height: usize) -> Result<(), Error> {
        check_size(coded_width, coded_height)?;
        self.width = coded_width & !1;
        self.height = coded_height & !1;
        // The planes as the JPEG library lays them out: luma padded to whole pairs, rows aligned each for itself.
        let luma_width = coded_width.next_multiple_of(2);
        self.strides = (
            luma_width.next_multiple_of(ALIGN),
            (luma_width / 2).next_multiple_of(ALIGN),
        );
        self.luma_rows = coded_height.next_multiple_of(2);
        self.data.resize(self.luma_len() + 2 * self.chroma_len(), 0);
        Ok(())
    }

    /// The three planes to write into.
    pub(crate) fn planes_mut(&mut self) -> [&mut [u8]; 3] {
        let (luma, chroma) = (self.luma_len(), self.chroma_len());
        let (y, rest) = self.data.split_at_mut(luma);
        let (u, v) = rest.split_at_mut(chroma);
        [y, u, v]
    }

    fn luma_len(&self) -> usize {
        self.strides.0 * self.luma_rows
    }

    fn chroma_len(&self) -> usize {
        self.strides.1 * (self.luma_rows / 2)
    }
}

/// Refuses sizes that no page has.
pub(crate) fn check_size(width: usize, height: usize) -> Result<(), Error> {
    let fits = (2..=MAX_SIDE).contains(&width) && (2..=MAX_SIDE).contains(&height) && width * height <= MAX_PIXELS;
    if fits {
        Ok(())
    } else {
        Err(Error::Size { width, height })
    }
}
