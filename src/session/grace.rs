//! When a session whose LiveKit room is empty or has ended is closed; pure.
//!
//! The wait begins when the last other participant leaves or the room ends, never before somebody was there: an agent
//! may start a session first and join later. Whoever comes back, or a command, ends or renews it.

use std::time::{Duration, Instant};

/// The decision of one session.
#[derive(Debug)]
pub(super) struct Grace {
    grace: Duration,
    occupied_once: bool,
    until: Option<Instant>,
}

impl Grace {
    /// A grace time of zero means never.
    pub(super) fn new(grace: Duration) -> Self {
        Self {
            grace,
            occupied_once: false,
            until: None,
        }
    }

    /// Somebody else is in the room.
    pub(super) fn occupied(&mut self) {
        self.occupied_once = true;
        self.until = None;
    }

    /// Nobody else is in the room.
    pub(super) fn empty(&mut self, now: Instant) {
        if self.occupied_once && !self.grace.is_zero() && self.until.is_none() {
            self.until = Some(now + self.grace);
        }
    }

    /// The room was ended at the server.
    pub(super) fn ended(&mut self, now: Instant) {
        if !self.grace.is_zero() && self.until.is_none() {
            self.until = Some(now + self.grace);
        }
    }

    /// A command ran: the session is in use.
    pub(super) fn used(&mut self, now: Instant) {
        if self.until.is_some() {
            self.until = Some(now + self.grace);
        }
    }

    /// When the session is to be closed, as things stand.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_room_counts_only_after_somebody_was_there() {
        let (now, minute) = (Instant::now(), Duration::from_secs(60));
        let mut grace = Grace::new(minute);
        grace.empty(now);
        assert_eq!(grace.deadline(), None);
        grace.occupied();
        grace.empty(now);
        assert_eq!(grace.deadline(), Some(now + minute));
        grace.used(now + minute / 2);
        assert_eq!(grace.deadline(), Some(now + minute * 3 / 2));
        grace.occupied();
        assert_eq!(grace.deadline(), None);
        let mut never = Grace::new(Duration::ZERO);
        never.ended(now);
        assert_eq!(never.deadline(), None);
    }
}
