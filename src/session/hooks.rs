//! Which scripts run by themselves in a session, and when: handlers of its events and timers, between two commands. Pure.
//!
//! What happens while a handler runs is not delivered to the same handler, so that its own doing cannot wake it again.
//! After [`IN_A_ROW`] of them a waiting command has its turn.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::actions::Hook;

/// Hooks that may wait; more are dropped.
const WAITING: usize = 64;
/// Hooks that run one after another while a command waits.
const IN_A_ROW: u32 = 8;

/// The hooks of one session.
#[derive(Debug, Default)]
pub(super) struct Hooks {
    waiting: VecDeque<Hook>,
    running: Option<String>,
    in_a_row: u32,
    /// Each timer with its time and when it is due.
    timers: BTreeMap<String, (Duration, Instant)>,
}

impl Hooks {
    /// These timers are in use now. One that was there before keeps its next time, unless its time between has changed.
    pub(super) fn set_timers(&mut self, timers: Vec<(String, Duration)>, now: Instant) {
        let before = std::mem::take(&mut self.timers);
        self.timers = timers
            .into_iter()
            .map(|(file, every)| {
                let due = before.get(&file).filter(|(was, _)| *was == every).map(|(_, due)| *due);
                (file, (every, due.unwrap_or(now + every)))
            })
            .collect();
    }

    /// Something has happened that these handlers are for; gives the files of those that had to be dropped.
    pub(super) fn happened(&mut self, files: Vec<String>, event: &Value) -> Vec<String> {
        let mut dropped = Vec::new();
        for file in files.into_iter().filter(|file| self.running.as_ref() != Some(file)) {
            if self.waiting.len() >= WAITING {
                dropped.push(file);
                continue;
            }
            let event = event.clone();
            self.waiting.push_back(Hook::Event { file, event });
        }
        dropped
    }

    /// When the next timer is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.timers.values().map(|(_, due)| *due).min()
    }

    /// Puts the timers that are due among those that wait; one that has been missed several times runs once.
    pub(super) fn tick(&mut self, now: Instant) {
        for (file, (every, due)) in &mut self.timers {
            if *due > now {
                continue;
            }
            *due = now + *every;
            let waits = |hook: &Hook| matches!(hook, Hook::Timer { file: other } if other == file);
            if self.running.as_ref() != Some(file) && !self.waiting.iter().any(waits) {
                self.waiting.push_back(Hook::Timer { file: file.clone() });
            }
        }
    }

    /// Whether one is to run before the next command.
    pub(super) fn is_next(&self, a_command_waits: bool) -> bool {
        !self.waiting.is_empty() && (!a_command_waits || self.in_a_row < IN_A_ROW)
    }

    /// The one to run now.
    pub(super) fn begin(&mut self) -> Option<Hook> {
        let hook = self.waiting.pop_front()?;
        self.in_a_row += 1;
        self.running = Some(hook.file().to_owned());
        Some(hook)
    }

    /// The one that ran has ended.
    pub(super) fn ended(&mut self) {
        self.running = None;
    }

    /// A command has its turn.
    pub(super) fn yielded(&mut self) {
        self.in_a_row = 0;
    }

    /// The session has no page any more.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn files(hooks: &mut Hooks) -> Vec<String> {
        std::iter::from_fn(|| hooks.begin())
            .map(|hook| hook.file().to_owned())
            .collect()
    }

    #[test]
    fn a_handler_does_not_hear_of_its_own_doing() {
        let mut hooks = Hooks::default();
        let both = || vec!["a".to_owned(), "b".to_owned()];
        hooks.happened(both(), &Value::Null);
        assert_eq!(hooks.begin().map(|hook| hook.file().to_owned()).as_deref(), Some("a"));
        hooks.happened(both(), &Value::Null);
        hooks.ended();
        assert_eq!(files(&mut hooks), ["b", "b"]);
    }

    #[test]
    fn what_is_too_much_is_dropped_and_told() {
        let mut hooks = Hooks::default();
        for _ in 0..WAITING {
            assert!(hooks.happened(vec!["a".to_owned()], &Value::Null).is_empty());
        }
        assert_eq!(hooks.happened(vec!["a".to_owned()], &Value::Null), ["a"]);
    }

    #[test]
    fn a_waiting_command_has_its_turn() {
        let mut hooks = Hooks::default();
        for _ in 0..IN_A_ROW + 1 {
            hooks.happened(vec!["a".to_owned()], &Value::Null);
        }
        for _ in 0..IN_A_ROW {
            assert!(hooks.is_next(true));
            hooks.begin();
            hooks.ended();
        }
        assert!(!hooks.is_next(true) && hooks.is_next(false));
        hooks.yielded();
        assert!(hooks.is_next(true));
    }

    #[test]
    fn timers_keep_their_time_over_reloads_and_do_not_pile_up() {
        let (mut hooks, start) = (Hooks::default(), Instant::now());
        hooks.set_timers(vec![("t".to_owned(), SECOND)], start);
        hooks.set_timers(
            vec![("t".to_owned(), SECOND), ("u".to_owned(), 3 * SECOND)],
            start + SECOND / 2,
        );
        assert_eq!(hooks.deadline(), Some(start + SECOND));
        hooks.tick(start + SECOND / 2);
        assert!(!hooks.is_next(false));
        hooks.tick(start + 5 * SECOND);
        hooks.tick(start + 10 * SECOND);
        assert_eq!(files(&mut hooks), ["t", "u"]);
        hooks.set_timers(vec![("t".to_owned(), 2 * SECOND)], start);
        assert_eq!(hooks.deadline(), Some(start + 2 * SECOND));
        hooks.set_timers(Vec::new(), start);
        assert_eq!(hooks.deadline(), None);
    }
}
