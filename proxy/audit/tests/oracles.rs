//! Trees, proofs and tiles, held against code that nobody here wrote.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use palisade_audit::proof::{consistency, goes_on, includes, inclusion};
use palisade_audit::tiles::Tiles;
use palisade_audit::tree::{Hash, leaf_hash, root};
use std::collections::HashMap;
use tlog_tiles::tlog::{self, check_record, check_tree, prove_record, prove_tree, record_hash};
use tlog_tiles::{Tile, TileHashReader, TileReader};

/// Sizes around what changes the shape of a tree, and of tiles.
const SIZES: [u64; 14] = [
    1, 2, 3, 7, 8, 200, 255, 256, 257, 512, 700, 65_535, 65_536, 66_000,
];

fn record(number: u64) -> Vec<u8> {
    format!("{{\"index\":{number}}}").into_bytes()
}

/// The files of a log of so many records.
struct Files(HashMap<String, Vec<u8>>);

impl Files {
    fn new(size: u64) -> Self {
        let mut tiles = Tiles::default();
        let mut files = HashMap::new();
        for number in 0..size {
            let full = tiles.push(&record(number)).unwrap_or_default();
            files.extend(full.into_iter().map(|file| (file.path, file.bytes)));
        }
        files.extend(tiles.partial().into_iter().map(|file| (file.path, file.bytes)));
        Self(files)
    }
}

impl TileReader for Files {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog::Error> {
        let read = |tile: &Tile| {
            // The specification leaves out the height, which that code has in its paths.
            let path = tile
                .path()
                .replacen("tile/8/", "tile/", 1)
                .replace("data", "entries");
            self.0.get(&path).cloned().ok_or(tlog::Error::InvalidTile)
        };
        tiles.iter().map(read).collect()
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

fn hashes(proof: &[tlog::Hash]) -> Vec<Hash> {
    proof.iter().map(|hash| hash.0).collect()
}

#[test]
fn proofs_of_our_tiles_by_tlog_tiles_are_ours_and_each_believes_the_other_s() {
    for size in SIZES {
        let files = Files::new(size);
        let leaves: Vec<Hash> = (0..size).map(|number| leaf_hash(&record(number))).collect();
        let root = tlog::Hash(root(&leaves));
        let reader = TileHashReader::new(size, root, &files);
        for index in [0, size / 3, size / 2, size - 1] {
            let theirs = prove_record(size, index, &reader).unwrap();
            let ours = inclusion(leaves.as_slice(), index, size).unwrap();
            assert_eq!(hashes(&theirs), ours);
            assert!(check_record(&theirs, size, root, index, record_hash(&record(index))).is_ok());
            assert!(includes(
                &root.0,
                size,
                index,
                leaf_hash(&record(index)),
                &hashes(&theirs)
            ));
        }
        for old in [1, size / 3, size / 2, size - 1, size] {
            if old == 0 {
                continue;
            }
            let before = tlog::Hash(palisade_audit::tree::root(&leaves[..old as usize]));
            let theirs = prove_tree(size, old, &reader).unwrap();
            assert_eq!(
                hashes(&theirs),
                consistency(leaves.as_slice(), old, size).unwrap()
            );
            assert!(check_tree(&theirs, size, root, old, before).is_ok());
            assert!(goes_on((old, &before.0), (size, &root.0), &hashes(&theirs)));
        }
    }
}

#[test]
fn bundles_hold_the_records_behind_their_lengths() {
    let files = Files::new(600).0;
    let mut found = Vec::new();
    for path in ["tile/entries/000", "tile/entries/001", "tile/entries/002.p/88"] {
        let mut rest = files[path].as_slice();
        while let [high, low, behind @ ..] = rest {
            let (record, further) = behind.split_at(usize::from(u16::from_be_bytes([*high, *low])));
            found.push(record.to_vec());
            rest = further;
        }
    }
    assert_eq!(found, (0..600).map(record).collect::<Vec<_>>());
}

#[test]
fn roots_are_those_of_ct_merkle() {
    let mut theirs = MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
    let mut leaves = Vec::new();
    for number in 0..300 {
        theirs.push(record(number));
        leaves.push(leaf_hash(&record(number)));
        assert_eq!(theirs.root().as_bytes().as_slice(), root(&leaves));
    }
}
