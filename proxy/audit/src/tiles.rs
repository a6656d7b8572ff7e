//! A log as files that any client of c2sp.org/tlog-tiles reads: tiles of 256 hashes, and bundles of 256 records.

use crate::tree::{Hash, leaf_hash, root};

/// So many hashes or records are in a full tile or bundle.
pub const TILE: usize = 256;

/// Makes the files of a log from its records, one after the other.
#[derive(Debug, Default)]
pub struct Tiles {
    records: u64,
    /// Of the bundle that is not full yet.
    bundle: Vec<u8>,
    /// Of the tiles that are not full yet, by level.
    levels: Vec<Vec<Hash>>,
}

/// A file of a log, under its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileFile {
    /// From the folder of the log.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A record has no place in a bundle.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a record is longer than 65535 bytes")]
pub struct TooLong;

impl Tiles {
    /// Adds a record. Gives the files that are full now.
    ///
    /// # Errors
    /// When the record is too long.
    pub fn push(&mut self, record: &[u8]) -> Result<Vec<TileFile>, TooLong> {
        let length = u16::try_from(record.len()).map_err(|_| TooLong)?;
        self.bundle.extend(length.to_be_bytes());
        self.bundle.extend_from_slice(record);
        self.records += 1;
        let mut full = Vec::new();
        if self.records.is_multiple_of(TILE as u64) {
            full.push(TileFile {
                path: format!("tile/entries/{}", number(self.records / TILE as u64 - 1)),
                bytes: std::mem::take(&mut self.bundle),
            });
        }
        self.add(leaf_hash(record), &mut full);
        Ok(full)
    }

    fn add(&mut self, leaf: Hash, full: &mut Vec<TileFile>) {
        let mut hash = leaf;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::with_capacity(TILE));
            }
            let Some(hashes) = self.levels.get_mut(level) else {
                return;
            };
            hashes.push(hash);
            if hashes.len() < TILE {
                return;
            }
            let tile = std::mem::take(hashes);
            hash = root(&tile);
            full.push(TileFile {
                path: format!("tile/{level}/{}", number(self.tiles(level) - 1)),
                bytes: tile.concat(),
            });
        }
    }

    /// How many tiles of a level are full.
    fn tiles(&self, level: usize) -> u64 {
        let bits = (level + 1) * TILE.ilog2() as usize;
        u32::try_from(bits)
            .ok()
            .and_then(|bits| self.records.checked_shr(bits))
            .unwrap_or_default()
    }

    /// The files that are not full, which a checkpoint over all records needs too.
    #[must_use]
    pub fn partial(&self) -> Vec<TileFile> {
        let mut files = Vec::new();
        let width = self.records % TILE as u64;
        if width > 0 {
            files.push(TileFile {
                path: format!("tile/entries/{}.p/{width}", number(self.records / TILE as u64)),
                bytes: self.bundle.clone(),
            });
        }
        for (level, hashes) in self
            .levels
            .iter()
            .enumerate()
            .filter(|(_, hashes)| !hashes.is_empty())
        {
            files.push(TileFile {
                path: format!("tile/{level}/{}.p/{}", number(self.tiles(level)), hashes.len()),
                bytes: hashes.concat(),
            });
        }
        files
    }
}

/// The number of a tile in its path: groups of three digits, all but the last marked.
fn number(number: u64) -> String {
    let mut text = format!("{:03}", number % 1000);
    let mut rest = number / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::RECORD_BYTES_MAX;

    #[test]
    fn numbers_are_written_as_the_specification_says() {
        assert_eq!(number(0), "000");
        assert_eq!(number(67), "067");
        assert_eq!(number(1_234_067), "x001/x234/067");
    }

    #[test]
    fn a_record_that_is_too_long_is_refused() {
        let mut tiles = Tiles::default();
        assert_eq!(tiles.push(&vec![b'x'; RECORD_BYTES_MAX]), Ok(Vec::new()));
        assert_eq!(tiles.push(&vec![b'x'; RECORD_BYTES_MAX + 1]), Err(TooLong));
    }
}
