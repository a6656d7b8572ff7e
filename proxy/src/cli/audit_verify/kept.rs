//! The hashes that are kept beside a log: they name the record that was changed, where a checkpoint only says that one was.

use super::told::Told;
use crate::trail::Hashes;
use palisade_audit::checkpoint::Checkpoint;
use palisade_audit::tree::{Hash, Tree};
use std::io;
use std::path::{Path, PathBuf};

/// So many hashes are read at a time.
const READ: u64 = 4_096;

/// The hashes beside a log, held against its records.
pub(super) struct Kept {
    hashes: Hashes,
    /// Some that were read, and the index of the first.
    read: (u64, Vec<Hash>),
    /// Records that are not theirs.
    differ: Vec<u64>,
    more: u64,
}

impl Kept {
    /// Those beside a log, if there are any.
    pub(super) fn beside(log: &Path) -> io::Result<Option<Self>> {
        Ok(Hashes::read(log)?.map(|hashes| Self {
            hashes,
            read: (0, Vec::new()),
            differ: Vec::new(),
            more: 0,
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
        match self.at(index) == Some(leaf) {
            true => {}
            false if self.differ.len() < Told::MAX => self.differ.push(index),
            false => self.more += 1,
        }
        Ok(())
    }

    fn at(&self, index: u64) -> Option<&Hash> {
        let (first, read) = &self.read;
        let behind = index.checked_sub(*first)?;
        usize::try_from(behind).ok().and_then(|behind| read.get(behind))
    }

    /// Tells what is not as it was. The hashes are believed as far as a checkpoint bears them out.
    pub(super) fn conclude(&self, tree: Option<&Tree>, signed: &[(PathBuf, Checkpoint)], told: &mut Told) {
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
        for index in &self.differ {
            told.push(match sure {
                Some(sure) if *index < sure => format!("record {index} is not the one that was signed"),
                _ => format!("record {index} and the hash that is kept of it are not of each other"),
            });
        }
        told.more(self.more);
        let size = tree.map_or(0, Tree::size).min(self.hashes.size());
        let whole = tree.filter(|tree| tree.size() == size && self.differ.is_empty());
        if let Some(tree) = whole
            && !self.hashes.root(size).is_ok_and(|root| root == tree.root())
        {
            told.push(
                "hashes: are not those of the records, which are as they were. Without this folder a gateway makes it anew".to_owned(),
            );
        }
    }
}
