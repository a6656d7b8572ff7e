//! The hashes that are kept beside a log: they name the record that was changed, where a checkpoint only says that one was.

use super::told::Told;
use crate::trail::Hashes;
use palisade_audit::checkpoint::Checkpoint;
use palisade_audit::tree::Hash;
use std::io;
use std::path::{Path, PathBuf};

/// So many hashes are read at a time.
const READ: u64 = 4_096;

/// The hashes beside a log, held against its records.
pub(super) struct Kept {
    hashes: Hashes,
    /// Some that were read, and the index of the first.
    read: (u64, Vec<Hash>),
    /// The first records that are not theirs.
    differ: Vec<u64>,
}

impl Kept {
    /// Those beside a log, if there are any.
    pub(super) fn beside(log: &Path) -> io::Result<Option<Self>> {
        Ok(Hashes::read(log)?.map(|hashes| Self {
            hashes,
            read: (0, Vec::new()),
            differ: Vec::new(),
        }))
    }

    /// Holds the hash of a record against the one that is kept.
    pub(super) fn take(&mut self, index: u64, leaf: &Hash) -> io::Result<()> {
        if index >= self.hashes.size() {
            return Ok(());
        }
        if self.at(index).is_none() {
            let count = READ.min(self.hashes.size() - index);
            self.read = (index, self.hashes.get(0, index, count)?);
        }
        if self.at(index) != Some(leaf) && self.differ.len() < Told::MAX {
            self.differ.push(index);
        }
        Ok(())
    }

    fn at(&self, index: u64) -> Option<&Hash> {
        let (first, read) = &self.read;
        let behind = index.checked_sub(*first)?;
        usize::try_from(behind).ok().and_then(|behind| read.get(behind))
    }

    /// Names the records that are not those that were signed: hashes are believed as far as a checkpoint bears them out. Gives whether there is one.
    pub(super) fn conclude(&self, signed: &[(PathBuf, Checkpoint)], told: &mut Told) -> bool {
        let borne_out = |checkpoint: &&Checkpoint| {
            self.hashes
                .root(checkpoint.size)
                .is_ok_and(|root| root == checkpoint.root)
        };
        let checkpoints = signed.iter().map(|(_, checkpoint)| checkpoint);
        let sure = checkpoints
            .filter(borne_out)
            .map(|checkpoint| checkpoint.size)
            .max();
        let sure = sure.unwrap_or_default();
        for index in self.differ.iter().filter(|index| **index < sure) {
            told.push(format!("record {index} is not the one that was signed"));
        }
        sure > 0 || signed.is_empty()
    }
}
