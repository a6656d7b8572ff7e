//! The journal: numbers records, writes a batch, makes it durable.
//!
//! One owner, one thread. What the store has not synced is not acknowledged.

use crate::canonical;
use crate::record::Record;
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

/// An append-only log over a [`Store`].
#[derive(Debug)]
pub struct Journal<S> {
    store: S,
    next_index: u64,
    buffer: Vec<u8>,
    poisoned: bool,
}

impl<S: Store> Journal<S> {
    /// A journal that starts at index 0 of an empty store.
    pub fn new(store: S) -> Self {
        Self {
            store,
            next_index: 0,
            buffer: Vec::with_capacity(64 * 1024),
            poisoned: false,
        }
    }

    /// Writes a batch of records, in order.
    ///
    /// # Errors
    /// None of the batch may be relied upon. After a store failure the journal refuses everything.
    pub fn write<'a>(
        &mut self,
        batch: impl Iterator<Item = &'a mut Record>,
        durability: Durability,
    ) -> Result<(), Error> {
        if self.poisoned {
            return Err(Error::Poisoned);
        }
        self.buffer.clear();
        for record in batch {
            record.set_index(self.next_index);
            canonical::append(record, &mut self.buffer)?;
            self.buffer.push(b'\n');
            self.next_index += 1;
        }
        self.flush(durability).inspect_err(|_| {
            self.poisoned = true;
            self.store.cut_back();
        })?;
        Ok(())
    }

    fn flush(&mut self, durability: Durability) -> io::Result<()> {
        self.store.append(&self.buffer)?;
        match durability {
            Durability::Synced => self.store.sync(),
            Durability::Appended => Ok(()),
        }
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
        let mut journal = Journal::new(Memory::default());
        for _ in 0..2 {
            journal.write(batch().iter_mut(), Durability::Synced).unwrap();
        }
        assert_eq!(journal.store.durable, journal.store.bytes.len());
        let text = String::from_utf8(journal.store.bytes).unwrap();
        let indices: Vec<u64> = text
            .lines()
            .map(|line| match read_line(line).unwrap() {
                Entry::Known(record) => record.index(),
                Entry::Unknown { .. } => panic!("a record of our own is unknown"),
            })
            .collect();
        assert_eq!(indices, (0..6).collect::<Vec<_>>());
    }

    #[test]
    fn a_failed_sync_poisons_the_journal_for_good() {
        let mut journal = Journal::new(Memory {
            fail_sync: true,
            ..Memory::default()
        });
        let first = journal.write(batch().iter_mut(), Durability::Synced);
        assert!(matches!(first, Err(Error::Store(_))));
        assert!(
            journal.store.bytes.is_empty(),
            "the failed batch still stands in the store"
        );
        journal.store.fail_sync = false;
        let second = journal.write(batch().iter_mut(), Durability::Synced);
        assert!(matches!(second, Err(Error::Poisoned)));
    }
}
