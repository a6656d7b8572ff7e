//! What keeps the entries.

use crate::entry::Entry;
use crate::error::StoreError;
use crate::plan::Step;

/// All that a store holds, at one time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Contents {
    /// Grows by one with each change; 0 when nothing was ever written.
    pub revision: u64,
    /// The entries, by kind and id.
    pub entries: Vec<Entry>,
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
