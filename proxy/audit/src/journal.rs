//! The journal: numbers records, writes a batch, makes it durable.
//!
//! One owner, one thread. What the store has not synced is not acknowledged.

use crate::canonical;
use crate::frame::{Framing, Place, RECORD_BYTES_MAX};
use crate::record::Record;
use crate::tree::{Hash, Tree, leaf_hash};
use std::io;

/// A frame is ended when its entries are longer, in bytes.
const FRAME_BYTES: usize = 4 * 1024 * 1024;

/// Where a journal keeps its frames: a segment.
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
}

/// An append-only log over a [`Store`]: one segment of it.
#[derive(Debug)]
pub struct Journal<S> {
    store: S,
    segment: u64,
    /// Over all records of the log, those of segments before included.
    tree: Tree,
    /// Over the records that are durable.
    synced: Tree,
    buffer: Vec<u8>,
    /// Of the records of the last batch.
    leaves: Vec<Hash>,
    /// What was appended, in bytes.
    bytes: u64,
    poisoned: bool,
}

impl<S: Store> Journal<S> {
    /// A journal on an empty store that goes on after the records that `tree` is over, all of them durable. No two segments of a log have
    /// the same number.
    pub fn new(store: S, segment: u64, tree: Tree) -> Self {
        Self {
            store,
            segment,
            synced: tree.clone(),
            tree,
            buffer: Vec::with_capacity(64 * 1024),
            leaves: Vec::new(),
            bytes: 0,
            poisoned: false,
        }
    }

    /// The tree over all records that were written.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The hashes of the records of the last batch, if it was written.
    pub fn leaves(&self) -> &[Hash] {
        &self.leaves
    }

    /// How much was appended to this store, in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The tree over the records that are durable: after a failure, all that is known of the log.
    pub fn synced(&self) -> &Tree {
        &self.synced
    }

    /// Whether all that was written is durable.
    pub fn is_durable(&self) -> bool {
        self.synced.size() == self.tree.size()
    }

    /// Where it writes.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Writes a batch of records, in order. Gives the places in the batch of those that are no part of the log, because they are too long or
    /// have no canonical form.
    ///
    /// # Errors
    /// None of the batch may be relied upon. After a store failure the journal refuses everything; its tree is that of before the batch.
    pub fn write<'a>(
        &mut self,
        batch: impl Iterator<Item = &'a mut Record>,
        durability: Durability,
    ) -> Result<Vec<usize>, Error> {
        if self.poisoned {
            return Err(Error::Poisoned);
        }
        self.buffer.clear();
        self.leaves.clear();
        let refused = self.frame(batch);
        self.flush(durability).inspect_err(|_| {
            self.poisoned = true;
            self.store.cut_back();
        })?;
        for leaf in &self.leaves {
            self.tree.push(*leaf);
        }
        if durability == Durability::Synced {
            self.synced.clone_from(&self.tree);
        }
        Ok(refused)
    }

    /// Fills the buffer with the frames of a batch.
    fn frame<'a>(&mut self, batch: impl Iterator<Item = &'a mut Record>) -> Vec<usize> {
        let mut refused = Vec::new();
        let mut open: Option<Framing> = None;
        for (number, record) in batch.enumerate() {
            let index = self.tree.size() + self.leaves.len() as u64;
            record.set_index(index);
            let place = Place {
                segment: self.segment,
                first: index,
                synced: self.synced.size(),
            };
            let buffer = &mut self.buffer;
            let framing = open.get_or_insert_with(|| Framing::begin(buffer, place));
            match framing.record(buffer, |out| canonical_and_short(record, out)) {
                Ok(bytes) => self.leaves.push(leaf_hash(bytes)),
                Err(TooLong) => refused.push(number),
            }
            if let Some(full) = open.take_if(|framing| framing.bytes(buffer) > FRAME_BYTES) {
                full.end(buffer);
            }
        }
        if let Some(last) = open {
            last.end(&mut self.buffer);
        }
        refused
    }

    /// Makes everything written so far durable, if it is not.
    ///
    /// # Errors
    /// The journal refuses everything afterwards.
    pub fn sync(&mut self) -> Result<(), Error> {
        if self.poisoned {
            return Err(Error::Poisoned);
        }
        if !self.is_durable() {
            self.store.sync().inspect_err(|_| self.poisoned = true)?;
            self.synced.clone_from(&self.tree);
        }
        Ok(())
    }

    fn flush(&mut self, durability: Durability) -> io::Result<()> {
        self.store.append(&self.buffer)?;
        self.bytes += self.buffer.len() as u64;
        match durability {
            Durability::Synced => self.store.sync(),
            Durability::Appended => Ok(()),
        }
    }
}

/// A record that stands in no log.
struct TooLong;

/// Appends the bytes of a record, if they are not too many.
fn canonical_and_short(record: &Record, out: &mut Vec<u8>) -> Result<(), TooLong> {
    let from = out.len();
    canonical::append(record, out).map_err(|_| TooLong)?;
    match out.len() - from <= RECORD_BYTES_MAX {
        true => Ok(()),
        false => Err(TooLong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Piece, Pieces};
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

    fn records(store: &Memory) -> Vec<(u64, &[u8])> {
        Pieces::new(&store.bytes, 1, 0)
            .map(|piece| match piece {
                Piece::Record { index, bytes } => (index, bytes),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    fn index_in(line: &[u8]) -> u64 {
        match read_line(std::str::from_utf8(line).unwrap()).unwrap() {
            Entry::Known(record) => record.index(),
            Entry::Unknown { .. } => panic!("a record of our own is unknown"),
        }
    }

    #[test]
    fn numbers_records_without_gaps_and_syncs_the_batch() {
        let mut journal = Journal::new(Memory::default(), 1, Tree::default());
        for _ in 0..2 {
            journal.write(batch().iter_mut(), Durability::Synced).unwrap();
        }
        assert_eq!(journal.store.durable, journal.store.bytes.len());
        assert_eq!(journal.bytes(), journal.store.bytes.len() as u64);
        let records = records(&journal.store);
        assert_eq!(records.len(), 6);
        let leaves: Vec<Hash> = records.iter().map(|(_, line)| leaf_hash(line)).collect();
        assert_eq!(journal.tree.root(), crate::tree::root(&leaves));
        for (index, line) in records {
            assert_eq!(index_in(line), index);
        }
    }

    #[test]
    fn a_record_that_is_too_long_is_no_part_of_the_log() {
        let long = |bytes: usize| {
            Record::Decision(Decision {
                request_id: "x".repeat(bytes),
                ..Decision::default()
            })
        };
        let mut journal = Journal::new(Memory::default(), 1, Tree::default());
        let mut batch = [long(1), long(60_000), long(RECORD_BYTES_MAX), long(2)];
        let refused = journal.write(batch.iter_mut(), Durability::Synced).unwrap();
        assert_eq!(refused, [2]);
        let indices: Vec<u64> = records(&journal.store)
            .iter()
            .map(|(_, line)| index_in(line))
            .collect();
        assert_eq!(indices, [0, 1, 2]);
        let refused = journal
            .write([long(RECORD_BYTES_MAX)].iter_mut(), Durability::Synced)
            .unwrap();
        assert_eq!(refused, [0]);
        assert_eq!((journal.tree().size(), records(&journal.store).len()), (3, 3));
    }

    #[test]
    fn a_batch_that_is_large_is_several_frames() {
        let mut batch = Vec::new();
        for _ in 0..150 {
            batch.push(Record::Decision(Decision {
                request_id: "x".repeat(60_000),
                ..Decision::default()
            }));
        }
        let mut journal = Journal::new(Memory::default(), 1, Tree::default());
        journal.write(batch.iter_mut(), Durability::Appended).unwrap();
        assert_eq!(records(&journal.store).len(), 150);
        assert!(journal.bytes() > 2 * FRAME_BYTES as u64);
    }

    #[test]
    fn a_failed_sync_poisons_the_journal_for_good() {
        let mut journal = Journal::new(
            Memory {
                fail_sync: true,
                ..Memory::default()
            },
            1,
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
