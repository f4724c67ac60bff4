//! Which blocks of the picture still have to be encoded: those that changed, and those that were sent too coarsely. Pure.

use vp8::Damage;

/// A frame at most this coarse (0 to 63) shows its blocks in full sharpness.
const SHARP: u32 = 12;

/// Rounds after which a block is left as it is. The rate control takes about ten to pay for a key frame, and seven more to become fine.
const ROUNDS: u8 = 25;

/// For every block of 16x16 pixels, how many more frames it may take part in.
#[derive(Default)]
pub(super) struct Sharpness {
    rounds: Damage,
}

impl Sharpness {
    /// Notes what changed; everything if the size is another one.
    pub(super) fn changed(&mut self, damage: &Damage) {
        if self.rounds.size() != damage.size() {
            self.rounds = damage.clone();
        }
        for (rounds, changed) in self.rounds.blocks_mut().iter_mut().zip(damage.blocks()) {
            if *changed != 0 {
                *rounds = ROUNDS;
            }
        }
    }

    /// The blocks to encode.
    pub(super) fn active(&self) -> &Damage {
        &self.rounds
    }

    /// Takes note of a frame that went out with the active blocks in it, all blocks if it was a key frame.
    pub(super) fn sent(&mut self, key: bool, quantizer: u32) {
        let sharp = quantizer <= SHARP;
        for rounds in self.rounds.blocks_mut() {
            if sharp {
                *rounds = 0;
            } else if key {
                *rounds = ROUNDS;
            } else {
                *rounds = rounds.saturating_sub(1);
            }
        }
    }

    /// Whether nothing is left to do.
    pub(super) fn is_sharp(&self) -> bool {
        self.rounds.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn damage(marked: &[usize]) -> Damage {
        let mut damage = Damage::new(4, 2, false);
        marked.iter().for_each(|&i| damage.blocks_mut()[i] = 1);
        damage
    }

    #[test]
    fn a_changed_block_is_sent_until_it_is_sharp() {
        let mut sharpness = Sharpness::default();
        sharpness.changed(&damage(&[3]));
        sharpness.sent(false, 40);
        sharpness.changed(&damage(&[5]));
        assert_eq!(sharpness.active().count(), 2);
        sharpness.sent(false, SHARP);
        assert!(sharpness.is_sharp());
    }

    #[test]
    fn a_coarse_key_frame_makes_every_block_due_and_rounds_are_bounded() {
        let mut sharpness = Sharpness::default();
        sharpness.changed(&damage(&[]));
        sharpness.sent(true, 50);
        assert_eq!(sharpness.active().count(), 8);
        (0..ROUNDS).for_each(|_| sharpness.sent(false, 60));
        assert!(sharpness.is_sharp());
    }
}
