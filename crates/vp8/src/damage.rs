//! Which 16x16 blocks differ between two pictures.

use crate::I420;

/// A block is the unit in which VP8 can leave things as they are.
const SIDE: usize = 16;

/// A map of 16x16 blocks; the marked ones are to be encoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    columns: usize,
    rows: usize,
    blocks: Vec<u8>,
}

impl Damage {
    /// A map of `columns` by `rows` blocks, all marked or none.
    pub fn new(columns: usize, rows: usize, marked: bool) -> Self {
        Self {
            columns,
            rows,
            blocks: vec![u8::from(marked); columns * rows],
        }
    }

    /// Everything of a picture.
    pub fn full(picture: &I420) -> Self {
        let (columns, rows) = picture.blocks();
        Self::new(columns, rows, true)
    }

    /// What of `next` is different from `prev`; everything if the sizes differ.
    pub fn compare(prev: &I420, next: &I420) -> Self {
        let mut damage = Self::full(next);
        damage.update(prev, next);
        damage
    }

    /// The same into an existing map, without allocating when the size stays.
    pub fn update(&mut self, prev: &I420, next: &I420) {
        (self.columns, self.rows) = next.blocks();
        self.blocks.clear();
        self.blocks
            .resize(self.columns * self.rows, u8::from(!prev.same_size(next)));
        if !prev.same_size(next) {
            return;
        }
        self.mark(prev.y(), next.y(), next.width(), next.height(), SIDE);
        self.mark(prev.u(), next.u(), next.width() / 2, next.height() / 2, SIDE / 2);
        self.mark(prev.v(), next.v(), next.width() / 2, next.height() / 2, SIDE / 2);
    }

    /// Columns and rows.
    pub fn size(&self) -> (usize, usize) {
        (self.columns, self.rows)
    }

    /// One octet a block in reading order; not 0: marked.
    pub fn blocks(&self) -> &[u8] {
        &self.blocks
    }

    /// The same, to change.
    pub fn blocks_mut(&mut self) -> &mut [u8] {
        &mut self.blocks
    }

    /// How many blocks are marked.
    pub fn count(&self) -> usize {
        self.blocks.iter().filter(|&&block| block != 0).count()
    }

    /// Whether nothing is marked.
    pub fn is_empty(&self) -> bool {
        self.blocks.iter().all(|&block| block == 0)
    }

    fn mark(&mut self, prev: (&[u8], usize), next: (&[u8], usize), width: usize, height: usize, side: usize) {
        let rows = prev
            .0
            .chunks_exact(prev.1)
            .zip(next.0.chunks_exact(next.1))
            .take(height);
        for (row, (prev, next)) in rows.enumerate() {
            let (prev, next) = (&prev[..width], &next[..width]);
            // Most rows of a page are equal: one comparison for the whole row first.
            if prev == next {
                continue;
            }
            let marks = &mut self.blocks[row / side * self.columns..][..self.columns];
            for ((mark, prev), next) in marks.iter_mut().zip(prev.chunks(side)).zip(next.chunks(side)) {
                *mark |= u8::from(prev != next);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{JpegDecoder, proof};

    fn picture(width: usize, height: usize, dot: Option<(usize, usize)>) -> I420 {
        let jpeg = proof::jpeg(width, height, 80, |x, y| {
            let inside = dot.is_some_and(|(dx, dy)| x / 4 == dx / 4 && y / 4 == dy / 4);
            if inside {
                [255, 30, 0]
            } else {
                [(x * 3) as u8, (y * 5) as u8, 77]
            }
        });
        let mut picture = I420::new();
        JpegDecoder::new()
            .and_then(|mut d| d.decode(&jpeg, &mut picture))
            .expect("valid");
        picture
    }

    #[test]
    fn only_the_changed_block_is_marked() {
        let (before, after) = (picture(200, 120, None), picture(200, 120, Some((100, 50))));
        let damage = Damage::compare(&before, &after);
        assert_eq!(damage.size(), (13, 8));
        let marked: Vec<_> = (0..13 * 8).filter(|&i| damage.blocks()[i] != 0).collect();
        assert_eq!(marked, [50 / 16 * 13 + 100 / 16]);
        assert!(Damage::compare(&after, &after.clone()).is_empty());
    }

    #[test]
    fn the_last_partial_block_counts_and_another_size_is_all_new() {
        let (before, after) = (picture(200, 120, None), picture(200, 120, Some((199, 119))));
        assert_eq!(Damage::compare(&before, &after).count(), 1);
        assert_eq!(Damage::compare(&before, &picture(208, 120, None)).count(), 13 * 8);
    }
}
