//! VP8 frames to RTP payloads (RFC 7741): made once per frame, sent to every viewer.

use std::sync::Arc;

use super::fanout::Payload;

/// The largest payload; leaves room for the RTP header, its extensions, SRTP and retransmission within an ordinary MTU.
pub const MAX_PAYLOAD: usize = 1160;

/// Octets of the payload descriptor: flags, extension flags, picture id, TL0PICIDX, TID.
const DESCRIPTOR: usize = 6;

/// Ticks of the RTP clock in a second.
pub const CLOCK_RATE: u32 = 90_000;

/// Numbers that run through all frames of a stream.
#[derive(Clone, Copy, Debug)]
pub struct PictureNumbers {
    picture_id: u16,
    tl0: u8,
}

impl PictureNumbers {
    /// Starts anywhere.
    pub fn new(start: u16) -> Self {
        Self {
            picture_id: start & 0x7fff,
            tl0: start as u8,
        }
    }

    /// Goes on to the next frame: its picture id and TL0PICIDX.
    pub fn advance(&mut self) -> (u16, u8) {
        self.picture_id = (self.picture_id + 1) & 0x7fff;
        self.tl0 = self.tl0.wrapping_add(1);
        (self.picture_id, self.tl0)
    }
}

/// Cuts one frame into payloads of about equal size, each with its descriptor.
pub fn packetize(frame: &[u8], key: bool, picture_id: u16, tl0: u8) -> Arc<[Payload]> {
    let count = frame.len().div_ceil(MAX_PAYLOAD - DESCRIPTOR).max(1);
    let size = frame.len().div_ceil(count).max(1);
    let mut packet = Vec::with_capacity(MAX_PAYLOAD);
    let mut payload = |start: bool, part: &[u8]| {
        packet.clear();
        packet.extend_from_slice(&descriptor(start, key, picture_id, tl0));
        packet.extend_from_slice(part);
        Payload::from(packet.as_slice())
    };
    frame
        .chunks(size)
        .enumerate()
        .map(|(index, part)| payload(index == 0, part))
        .collect()
}

/// One temporal layer: TID 0, and the sync bit on key frames.
fn descriptor(start: bool, key: bool, picture_id: u16, tl0: u8) -> [u8; DESCRIPTOR] {
    let [high, low] = (picture_id | 0x8000).to_be_bytes();
    [
        0x80 | u8::from(start) << 4,
        0x80 | 0x40 | 0x20,
        high,
        low,
        tl0,
        u8::from(key) << 5,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_carry_the_frame_in_order() {
        let frame: Vec<u8> = (0..40_000u32).map(|i| i as u8).collect();
        let packets = packetize(&frame, true, 0x1234, 7);
        assert!(packets.iter().all(|p| p.len() <= MAX_PAYLOAD));
        assert_eq!(&packets[0][..6], &[0x90, 0xe0, 0x92, 0x34, 7, 0x20]);
        assert_eq!(packets[1][0], 0x80);
        let joined: Vec<u8> = packets.iter().flat_map(|p| p[DESCRIPTOR..].to_vec()).collect();
        assert_eq!(joined, frame);
        assert!(packets.last().is_some_and(|p| p.len() > MAX_PAYLOAD / 2), "evenly cut");
    }

    #[test]
    fn numbers_wrap() {
        let mut numbers = PictureNumbers::new(0x7ffe);
        assert_eq!(numbers.advance(), (0x7fff, 0xff));
        assert_eq!(numbers.advance(), (0, 0));
    }

    #[test]
    fn a_tiny_frame_is_one_payload() {
        assert_eq!(packetize(&[1, 2, 3], false, 1, 1).len(), 1);
    }
}
