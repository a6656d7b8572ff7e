//! The hashes of the log's tree, in files beside it: what a proof needs, without reading the log.
//!
//! One file a level, each hash of which is the root over 256 of the level below; the lowest has the leaves. What is missing of them after a crash
//! is made anew from the segments.

use super::segment::{limited, segments};
use palisade_audit::frame::Piece;
use palisade_audit::proof::{Nodes, range};
use palisade_audit::tree::{Hash, leaf_hash, root};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The folder of a log in which they are.
const FOLDER: &str = "hashes";

/// So many hashes make one of the next level: a power of two.
const FAN: u64 = 256;
const FAN_BITS: u32 = FAN.ilog2();

/// So many levels are enough for any log.
const LEVELS: u32 = u64::BITS / FAN_BITS;

/// Bytes of a hash.
const WIDTH: u64 = 32;

/// The hashes of a log on disk.
#[derive(Debug)]
pub(crate) struct Hashes {
    directory: PathBuf,
    levels: Vec<File>,
    /// How many leaves there are.
    size: u64,
}

impl Hashes {
    /// Those of the log in a folder, to be written. Only of the first `published` leaves they are known to be on disk: the rest is left out.
    pub(super) fn open(directory: &Path, published: u64) -> io::Result<Self> {
        let folder = directory.join(FOLDER);
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        let mut levels = Vec::new();
        for level in 0..LEVELS {
            let mut options = OpenOptions::new();
            let options = options
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600);
            levels.push(options.open(folder.join(level.to_string()))?);
        }
        File::open(&folder)?.sync_all()?;
        File::open(directory)?.sync_all()?;
        let mut hashes = Self::over(directory, levels)?;
        hashes.size = hashes.size.min(published);
        for level in 0..LEVELS {
            let file = hashes.level(level)?;
            let whole = hashes.size >> (level * FAN_BITS);
            let kept = whole.min(file.metadata()?.len() / WIDTH);
            file.set_len(kept * WIDTH)?;
            if level > 0 {
                // A crash can have left the last ones without their bytes.
                hashes.rise(level, kept.saturating_sub(FAN))?;
            }
        }
        Ok(hashes)
    }

    /// Those of the log in a folder, to be read; `None` if there are none.
    pub(crate) fn read(directory: &Path) -> io::Result<Option<Self>> {
        let mut levels = Vec::new();
        for level in 0..LEVELS {
            match File::open(directory.join(FOLDER).join(level.to_string())) {
                Ok(file) => levels.push(file),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Self::over(directory, levels).map(Some)
    }

    fn over(directory: &Path, levels: Vec<File>) -> io::Result<Self> {
        let mut hashes = Self {
            directory: directory.to_owned(),
            levels,
            size: 0,
        };
        hashes.size = hashes.level(0)?.metadata()?.len() / WIDTH;
        Ok(hashes)
    }

    /// How many leaves there are.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    fn level(&self, level: u32) -> io::Result<&File> {
        let file = usize::try_from(level)
            .ok()
            .and_then(|level| self.levels.get(level));
        file.ok_or_else(|| io::Error::other("a tree has not so many levels"))
    }

    /// Adds leaves. They are on disk afterwards, or none of them counts.
    pub(super) fn append(&mut self, leaves: &[Hash]) -> io::Result<()> {
        let before = self.size;
        self.put(0, before, leaves)?;
        self.size += leaves.len() as u64;
        self.rise_from(before).inspect_err(|_| self.size = before)
    }

    /// Makes what is above the leaves from `before` on.
    fn rise_from(&self, before: u64) -> io::Result<()> {
        for level in 1..LEVELS {
            if self.size >> (level * FAN_BITS) == before >> (level * FAN_BITS) {
                break;
            }
            self.rise(level, before >> (level * FAN_BITS))?;
        }
        Ok(())
    }

    /// Makes the hashes of a level from the one below, from `from` on.
    fn rise(&self, level: u32, from: u64) -> io::Result<()> {
        let to = self.size >> (level * FAN_BITS);
        let mut made = Vec::new();
        for index in from..to {
            made.push(root(&self.get(level - 1, index * FAN, FAN)?));
        }
        self.put(level, from, &made)
    }

    fn put(&self, level: u32, at: u64, hashes: &[Hash]) -> io::Result<()> {
        if hashes.is_empty() {
            return Ok(());
        }
        let file = self.level(level)?;
        file.write_all_at(&hashes.concat(), at * WIDTH)?;
        file.sync_data()
    }

    /// So many hashes of a level.
    pub(crate) fn get(&self, level: u32, at: u64, count: u64) -> io::Result<Vec<Hash>> {
        let mut bytes = vec![0; usize::try_from(count * WIDTH).map_err(io::Error::other)?];
        self.level(level)?.read_exact_at(&mut bytes, at * WIDTH)?;
        let (hashes, _) = bytes.as_chunks::<32>();
        Ok(hashes.to_vec())
    }

    /// The root over the first `size` leaves.
    pub(crate) fn root(&self, size: u64) -> io::Result<Hash> {
        range(self, &(0..size))
    }

    /// Adds what is missing up to a number of records, from the segments.
    pub(super) fn catch_up(&mut self, size: u64) -> io::Result<()> {
        if self.size == size {
            return Ok(());
        }
        for segment in limited(segments(&self.directory)?) {
            if segment.end.is_some_and(|end| end <= self.size) {
                continue;
            }
            let bytes = segment.segment.read()?;
            let mut leaves = Vec::new();
            for piece in segment.pieces(&bytes) {
                let next = self.size + leaves.len() as u64;
                if let Piece::Record { index, bytes } = piece
                    && index == next
                    && index < size
                {
                    leaves.push(leaf_hash(bytes));
                }
            }
            self.append(&leaves)?;
        }
        match self.size == size {
            true => Ok(()),
            false => Err(io::Error::other(format!(
                "records are missing in the log, from {} on: `palisade audit verify` says more",
                self.size
            ))),
        }
    }
}

impl Nodes for Hashes {
    type Error = io::Error;

    fn node(&self, level: u32, index: u64) -> io::Result<Hash> {
        let (file, above) = (level / FAN_BITS, level % FAN_BITS);
        if (index + 1).checked_shl(level).is_none_or(|end| end > self.size) {
            return Err(io::Error::other("there are not so many hashes"));
        }
        Ok(root(&self.get(file, index << above, 1 << above)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use palisade_audit::proof::{consistency, inclusion};

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count)
            .map(|number| leaf_hash(&number.to_be_bytes()))
            .collect()
    }

    #[test]
    fn proofs_from_files_are_those_from_all_leaves_however_these_came() {
        let all = leaves(66_100);
        let folder = tempfile::tempdir().unwrap();
        let mut at = 0;
        for piece in [1, 254, 1, 1, 600, 64_000, 700, 543] {
            // Opened anew each time, as after a crash, with upper levels that are not whole.
            let mut hashes = Hashes::open(folder.path(), u64::MAX).unwrap();
            assert_eq!(hashes.size(), at as u64);
            hashes.append(&all[at..at + piece]).unwrap();
            at += piece;
            if at < 60_000 {
                hashes.level(1).unwrap().set_len(32).unwrap();
            }
        }
        let hashes = Hashes::read(folder.path()).unwrap().unwrap();
        let size = all.len() as u64;
        for size in [1, 255, 256, 257, 65_536, 65_537, size] {
            let end = usize::try_from(size).unwrap();
            assert_eq!(hashes.root(size).unwrap(), root(&all[..end]), "{size}");
        }
        for index in [0, 300, 65_535, 65_536, size - 1] {
            let proof = inclusion(&hashes, index, size).unwrap();
            assert_eq!(Ok(proof), inclusion(all.as_slice(), index, size));
            let proof = consistency(&hashes, index, size).unwrap();
            assert_eq!(Ok(proof), consistency(all.as_slice(), index, size));
        }
        assert!(hashes.root(size + 1).is_err());
    }
}
