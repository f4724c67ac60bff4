//! When a session whose browser has died is brought back by itself; pure. What `scripts/policies/recovery.lua` says is
//! bounded here.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Deaths longer ago than this count no more.
pub(super) const WINDOW: Duration = Duration::from_secs(600);
/// A policy may not wait longer.
const LONGEST: Duration = Duration::from_secs(600);
/// Deaths that are remembered.
const REMEMBERED: usize = 100;

/// The deaths of one session's browser.
#[derive(Debug, Default)]
pub(super) struct Recovery {
    deaths: VecDeque<Instant>,
    due: Option<Instant>,
}

impl Recovery {
    /// The browser has died; how often it has lately, this time included.
    pub(super) fn died(&mut self, now: Instant) -> usize {
        self.due = None;
        self.deaths.push_back(now);
        while self.deaths.len() > REMEMBERED || self.deaths.front().is_some_and(|at| now.duration_since(*at) > WINDOW) {
            self.deaths.pop_front();
        }
        self.deaths.len()
    }

    /// It is to be brought back after a while.
    pub(super) fn wait(&mut self, after: Duration, now: Instant) {
        self.due = Some(now + after.min(LONGEST));
    }

    /// It is being brought back, or is not wanted any more.
    pub(super) fn begun(&mut self) {
        self.due = None;
    }

    /// When to bring it back.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_late_deaths_count_and_one_wait_at_a_time() {
        let (mut recovery, start) = (Recovery::default(), Instant::now());
        assert_eq!(recovery.died(start), 1);
        recovery.wait(Duration::from_secs(1), start);
        assert_eq!(recovery.deadline(), Some(start + Duration::from_secs(1)));
        assert_eq!(recovery.died(start + WINDOW / 2), 2);
        assert_eq!(recovery.deadline(), None);
        assert_eq!(recovery.died(start + WINDOW + Duration::from_secs(1)), 2);
        recovery.wait(Duration::MAX, start);
        assert_eq!(recovery.deadline(), Some(start + LONGEST));
        recovery.begun();
        assert_eq!(recovery.deadline(), None);
    }
}
