//! Which jobs this intake holds, under which token, and how far each has come.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::job::JobId;

/// How far a held job has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Fetched; its room is busy with another.
    Waiting,
    /// Its journal entry is being written.
    Beginning,
    /// Begun: from now on it must not be handed back.
    Running,
}

struct Entry {
    token: Arc<str>,
    bytes: usize,
    /// Place in the order of fetching.
    place: u64,
    phase: Phase,
}

/// The jobs whose locks are ours.
#[derive(Default)]
pub(super) struct Held(Mutex<Jobs>);

#[derive(Default)]
struct Jobs {
    map: HashMap<JobId, Entry>,
    bytes: usize,
    next_place: u64,
}

impl Held {
    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a fetched job in. False when it is held already: then Redis had forgotten that it gave it out (it lost its
    /// last writes), only the token changes, and the job must not run a second time.
    pub(super) fn insert(&self, id: &JobId, token: Arc<str>, bytes: usize) -> bool {
        let mut jobs = self.jobs();
        if let Some(entry) = jobs.map.get_mut(id) {
            entry.token = token;
            return false;
        }
        let place = jobs.next_place;
        jobs.next_place += 1;
        jobs.bytes += bytes;
        jobs.map.insert(
            Arc::clone(id),
            Entry {
                token,
                bytes,
                place,
                phase: Phase::Waiting,
            },
        );
        true
    }

    pub(super) fn remove(&self, id: &JobId) {
        let mut jobs = self.jobs();
        if let Some(entry) = jobs.map.remove(id) {
            jobs.bytes -= entry.bytes;
        }
    }

    pub(super) fn set(&self, id: &JobId, phase: Phase) {
        if let Some(entry) = self.jobs().map.get_mut(id) {
            entry.phase = phase;
        }
    }

    pub(super) fn token(&self, id: &JobId) -> Option<Arc<str>> {
        self.jobs().map.get(id).map(|entry| Arc::clone(&entry.token))
    }

    /// How many, and how many bytes of job data.
    pub(super) fn size(&self) -> (usize, usize) {
        let jobs = self.jobs();
        (jobs.map.len(), jobs.bytes)
    }

    pub(super) fn count(&self, phase: Phase) -> usize {
        self.jobs().map.values().filter(|entry| entry.phase == phase).count()
    }

    /// Id and token of all.
    pub(super) fn all(&self) -> Vec<(JobId, Arc<str>)> {
        self.jobs()
            .map
            .iter()
            .map(|(id, entry)| (Arc::clone(id), Arc::clone(&entry.token)))
            .collect()
    }

    /// Id and token of those that have not begun, from the newest to the oldest.
    pub(super) fn waiting(&self) -> Vec<(JobId, Arc<str>)> {
        let jobs = self.jobs();
        let mut waiting: Vec<_> = jobs
            .map
            .iter()
            .filter(|(_, entry)| entry.phase == Phase::Waiting)
            .collect();
        waiting.sort_by_key(|(_, entry)| std::cmp::Reverse(entry.place));
        waiting
            .into_iter()
            .map(|(id, entry)| (Arc::clone(id), Arc::clone(&entry.token)))
            .collect()
    }

    /// Forgets all.
    pub(super) fn clear(&self) {
        let mut jobs = self.jobs();
        jobs.map.clear();
        jobs.bytes = 0;
    }

    /// Forgets those that have not begun.
    pub(super) fn forget_waiting(&self) {
        for (id, _) in self.waiting() {
            self.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_delivery_changes_only_the_token() {
        let held = Held::default();
        let ids: Vec<JobId> = ["a", "b", "c"].map(Into::into).to_vec();
        assert!(ids.iter().all(|id| held.insert(id, "t1".into(), 10)));
        held.set(&ids[1], Phase::Running);
        assert!(!held.insert(&ids[1], "t2".into(), 10));
        assert_eq!(held.token(&ids[1]).as_deref(), Some("t2"));
        assert_eq!(held.size(), (3, 30));
        let waiting: Vec<_> = held.waiting().into_iter().map(|(id, _)| id.to_string()).collect();
        assert_eq!(waiting, ["c", "a"]);
        held.forget_waiting();
        assert_eq!((held.size(), held.count(Phase::Running)), ((1, 10), 1));
    }
}
