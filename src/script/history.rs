//! The last generations, to look at and to go back to.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::generation::Generation;
use super::loader::{Scan, Source};

/// Generations that are kept.
const KEPT: usize = 20;

/// A generation and when it came into use.
#[derive(Clone, Debug)]
pub struct Past {
    /// The scripts.
    pub generation: Arc<Generation>,
    /// Since when.
    pub at: SystemTime,
    /// Files whose text it changed, or removed.
    pub changed: Vec<String>,
}

/// The last generations, oldest first; all clones are the same.
#[derive(Clone, Default)]
pub(super) struct History(Arc<Mutex<VecDeque<Past>>>);

impl History {
    pub(super) fn add(&self, past: Past) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() == KEPT {
            all.pop_front();
        }
        all.push_back(past);
    }

    pub(super) fn all(&self) -> Vec<Past> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().cloned().collect()
    }

    pub(super) fn get(&self, id: u64) -> Option<Arc<Generation>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter()
            .find(|past| past.generation.id() == id)
            .map(|past| Arc::clone(&past.generation))
    }
}

/// Files that were taken back to an earlier text: that text counts until somebody saves the file again.
#[derive(Default)]
pub(super) struct Held(BTreeMap<String, Hold>);

struct Hold {
    /// What lay on the disk when it was taken back.
    disk: Option<[u8; 32]>,
    /// What counts instead; none: as if it were not there.
    source: Option<Source>,
}

impl Held {
    /// Takes everything back to a generation.
    pub(super) fn go_back(&mut self, to: &Generation, scan: &Scan) {
        let wanted: BTreeMap<&String, Source> = to
            .versions
            .iter()
            .map(|(file, version)| (file, version.as_source()))
            .collect();
        let files = scan.sources.keys().chain(wanted.keys().copied());
        self.0 = files
            .filter_map(|file| {
                let (disk, source) = (scan.sources.get(file).map(hash), wanted.get(file).cloned());
                let hold = (disk != source.as_ref().map(hash)).then_some(Hold { disk, source })?;
                Some((file.clone(), hold))
            })
            .collect();
    }

    /// Puts the held texts into a scan, and lets go of those whose file has changed since.
    pub(super) fn apply(&mut self, scan: &mut Scan) {
        self.0
            .retain(|file, hold| scan.sources.get(file).map(hash) == hold.disk);
        for (file, hold) in &self.0 {
            match &hold.source {
                Some(source) => scan.sources.insert(file.clone(), source.clone()),
                None => scan.sources.remove(file),
            };
        }
    }
}

fn hash(source: &Source) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(source.text.as_bytes());
    hash.update(format!("{:?}", source.plugin));
    hash.finalize().into()
}
