//! What keeps the entries.

use crate::entry::Entry;
use crate::plan::Step;

/// All that a store holds, at one time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Contents {
    /// Grows by one with each change; 0 when nothing was ever written.
    pub revision: u64,
    /// The entries, by kind and id.
    pub entries: Vec<Entry>,
}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else has changed it since.
    #[error(
        "it was changed meanwhile: it is at revision {found}, not {expected}. Look at it again, then apply again"
    )]
    Conflict {
        /// The revision that the change was meant for.
        expected: u64,
        /// The one that the store is at.
        found: u64,
    },
    /// Somebody else is writing to it.
    #[error("another process is writing to it; try again")]
    Busy,
    /// It is not one of this version.
    #[error(
        "its format is {found}, and this version reads {known}: use the version that wrote it, or export with that and apply with this"
    )]
    Version {
        /// What it says it is.
        found: u64,
        /// What is known.
        known: u64,
    },
    /// An entry is none.
    #[error("{kind} {id}: {why}")]
    Entry {
        /// Its kind.
        kind: &'static str,
        /// Its id.
        id: String,
        /// What is wrong with it.
        why: String,
    },
    /// It cannot be read or written.
    #[error("{0}")]
    Unavailable(String),
}

/// Keeps entries. Its calls wait for disk or network.
pub trait Store: Send + Sync {
    /// Its revision, without the entries.
    ///
    /// # Errors
    /// Why it cannot be told.
    fn revision(&self) -> Result<u64, StoreError>;

    /// Hands on all entries, as they were at one time, in no order. Returns the revision that they are of.
    ///
    /// # Errors
    /// Why they cannot be read, or what `each` says.
    fn read(&self, each: &mut dyn FnMut(Entry) -> Result<(), StoreError>) -> Result<u64, StoreError>;

    /// All entries, by kind and id.
    ///
    /// # Errors
    /// Why they cannot be read.
    fn load(&self) -> Result<Contents, StoreError> {
        let mut entries = Vec::new();
        let revision = self.read(&mut |entry| {
            entries.push(entry);
            Ok(())
        })?;
        entries.sort_by(|a: &Entry, b| a.name().cmp(&b.name()));
        Ok(Contents { revision, entries })
    }

    /// Carries out all steps, or none, and returns the new revision. Without steps the revision stays.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the store is not at the revision `expected`; else why it cannot be written.
    fn apply(&self, expected: u64, steps: &[Step]) -> Result<u64, StoreError>;
}
