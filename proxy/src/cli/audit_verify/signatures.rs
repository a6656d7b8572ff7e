//! Whose signatures are believed: the key that is trusted, and those that the log leads to from it.

use palisade_audit::checkpoint::Checkpoint;
use palisade_audit::note::Verifier;
use palisade_audit::{Entry, Record, read_line};
use std::path::PathBuf;

/// The keys, and the notes whose signatures are looked at when all keys are known.
pub(super) struct Signatures {
    /// Each with the largest log that it may sign: one that was replaced signs nothing any more.
    keys: Vec<(Verifier, u64)>,
    notes: Vec<(PathBuf, String)>,
}

impl Signatures {
    pub(super) fn new(trusted: Verifier) -> Self {
        Self {
            keys: vec![(trusted, u64::MAX)],
            notes: Vec::new(),
        }
    }

    /// Takes a note.
    pub(super) fn note(&mut self, path: PathBuf, note: String) {
        self.notes.push((path, note));
    }

    /// Follows the log to its next key, from its record. Gives why it does not lead there.
    pub(super) fn rotated(&mut self, text: &str) -> Option<&'static str> {
        let Ok(Entry::Known(record)) = read_line(text) else {
            return Some("is no record as they are written");
        };
        let Record::KeyRotated(rotated) = *record else {
            return None;
        };
        let previous = |(key, _): &&mut (Verifier, u64)| key.encoded() == rotated.previous;
        // One that is not believed leads nowhere; who trusts a later key need not follow.
        let (key, until) = self.keys.iter_mut().find(previous)?;
        let Some(next) = key.next(&rotated.next, &rotated.certificate) else {
            return Some("names a key that the one before has not certified");
        };
        *until = rotated.index;
        self.keys.push((next, u64::MAX));
        None
    }

    /// The notes that are signed with none of the keys.
    pub(super) fn not_believed(&self) -> impl Iterator<Item = &PathBuf> {
        let signs = |(key, until): &(Verifier, u64), note: &str| {
            Checkpoint::open(note, key).is_ok_and(|checkpoint| checkpoint.size <= *until)
        };
        let believed = move |note: &str| self.keys.iter().any(|key| signs(key, note));
        self.notes
            .iter()
            .filter_map(move |(path, note)| (!believed(note)).then_some(path))
    }
}
