//! The journal: numbers records, writes a batch, makes it durable.
//!
//! One owner, one thread. What the store has not synced is not acknowledged.

use crate::canonical;
use crate::record::Record;
use crate::tree::{Hash, Tree, leaf_hash};
use std::io;

/// Where a journal keeps its lines.
pub trait Store {
    /// Appends the bytes; they may still be lost in a crash.
    ///
    /// # Errors
    /// Any failure poisons the journal: how much was written is unknown.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Takes the last append back, as far as that can be done: what failed is written elsewhere, and should not stand here too.
    fn cut_back(&mut self);

    /// Makes everything appended so far durable.
    ///
    /// # Errors
    /// Any failure poisons the journal. CRASH: it is never retried on the same store, because the kernel may
    /// have dropped the dirty pages and would report success next time.
    fn sync(&mut self) -> io::Result<()>;
}

/// When a batch counts as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// After the store has synced it.
    Synced,
    /// After the store has taken it.
    Appended,
}

/// Why a batch was not written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An earlier failure left the store in an unknown state.
    #[error("audit store failed earlier and is not used again")]
    Poisoned,
    /// The store failed now.
    #[error("audit store: {0}")]
    Store(#[from] io::Error),
    /// A record has no canonical form.
    #[error(transparent)]
    Canonical(#[from] canonical::Error),
}

/// An append-only log over a [`Store`]: one file of it.
#[derive(Debug)]
pub struct Journal<S> {
    store: S,
    /// Over all records of the log, those of files before included.
    tree: Tree,
    buffer: Vec<u8>,
    /// Of the records in `buffer`.
    leaves: Vec<Hash>,
    /// What was appended, in bytes.
    bytes: u64,
    /// Whether something was appended since the last sync.
    dirty: bool,
    poisoned: bool,
}

impl<S: Store> Journal<S> {
    /// A journal on an empty store that goes on after the records that `tree` is over.
    pub fn new(store: S, tree: Tree) -> Self {
        Self {
            store,
            tree,
            buffer: Vec::with_capacity(64 * 1024),
            leaves: Vec::new(),
            bytes: 0,
            dirty: false,
            poisoned: false,
        }
    }

    /// The tree over all records that were written.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// How much was appended to this store, in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes a batch of records, in order.
    ///
    /// # Errors
    /// None of the batch may be relied upon. After a store failure the journal refuses everything; its tree is that of before the batch.
    pub fn write<'a>(
        &mut self,
        batch: impl Iterator<Item = &'a mut Record>,
        durability: Durability,
    ) -> Result<(), Error> {
        if self.poisoned {
            return Err(Error::Poisoned);
        }
        self.buffer.clear();
        self.leaves.clear();
        for record in batch {
            record.set_index(self.tree.size() + self.leaves.len() as u64);
            let from = self.buffer.len();
            canonical::append(record, &mut self.buffer)?;
            let line = self.buffer.get(from..).unwrap_or_default();
            self.leaves.push(leaf_hash(line));
            self.buffer.push(b'\n');
        }
        self.flush(durability).inspect_err(|_| {
            self.poisoned = true;
            self.store.cut_back();
        })?;
        for leaf in &self.leaves {
            self.tree.push(*leaf);
        }
        Ok(())
    }

    /// Makes everything written so far durable, if it is not.
    ///
    /// # Errors
    /// The journal refuses everything afterwards.
    pub fn sync(&mut self) -> Result<(), Error> {
        if self.poisoned {
            return Err(Error::Poisoned);
        }
        if self.dirty {
            self.store.sync().inspect_err(|_| self.poisoned = true)?;
            self.dirty = false;
        }
        Ok(())
    }

    fn flush(&mut self, durability: Durability) -> io::Result<()> {
        self.store.append(&self.buffer)?;
        self.bytes += self.buffer.len() as u64;
        match durability {
            Durability::Synced => {
                self.store.sync()?;
                self.dirty = false;
            }
            Durability::Appended => self.dirty = true,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::{Entry, read_line};
    use crate::record::{Completion, Decision, Lost};

    #[derive(Default)]
    struct Memory {
        bytes: Vec<u8>,
        durable: usize,
        fail_sync: bool,
    }

    impl Store for Memory {
        fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
            self.bytes.extend_from_slice(bytes);
            Ok(())
        }
        fn cut_back(&mut self) {
            self.bytes.truncate(self.durable);
        }
        fn sync(&mut self) -> io::Result<()> {
            if self.fail_sync {
                return Err(io::Error::other("disk gone"));
            }
            self.durable = self.bytes.len();
            Ok(())
        }
    }

    fn batch() -> Vec<Record> {
        vec![
            Record::Decision(Decision::default()),
            Record::Completion(Completion::default()),
            Record::Lost(Lost::default()),
        ]
    }

    #[test]
    fn numbers_records_without_gaps_and_syncs_the_batch() {
        let mut journal = Journal::new(Memory::default(), Tree::default());
        for _ in 0..2 {
            journal.write(batch().iter_mut(), Durability::Synced).unwrap();
        }
        assert_eq!(journal.store.durable, journal.store.bytes.len());
        assert_eq!(journal.bytes(), journal.store.bytes.len() as u64);
        let text = String::from_utf8(journal.store.bytes.clone()).unwrap();
        let indices: Vec<u64> = text
            .lines()
            .map(|line| match read_line(line).unwrap() {
                Entry::Known(record) => record.index(),
                Entry::Unknown { .. } => panic!("a record of our own is unknown"),
            })
            .collect();
        assert_eq!(indices, (0..6).collect::<Vec<_>>());
        let leaves: Vec<Hash> = text.lines().map(|line| leaf_hash(line.as_bytes())).collect();
        assert_eq!(journal.tree.root(), crate::tree::root(&leaves));
    }

    #[test]
    fn a_failed_sync_poisons_the_journal_for_good() {
        let mut journal = Journal::new(
            Memory {
                fail_sync: true,
                ..Memory::default()
            },
            Tree::default(),
        );
        let first = journal.write(batch().iter_mut(), Durability::Synced);
        assert!(matches!(first, Err(Error::Store(_))));
        assert!(
            journal.store.bytes.is_empty(),
            "the failed batch still stands in the store"
        );
        journal.store.fail_sync = false;
        let second = journal.write(batch().iter_mut(), Durability::Synced);
        assert!(matches!(second, Err(Error::Poisoned)));
        assert!(matches!(journal.sync(), Err(Error::Poisoned)));
        assert_eq!(journal.tree().size(), 0, "what failed is no part of the log");
    }
}
