//! The Merkle tree over a log: SHA-256, as RFC 6962 section 2.1 (and RFC 9162 section 2.1) has it.
//!
//! A [`Tree`] holds what is needed to go on (at most 64 hashes), not the leaves.

use ring::digest::{Context, SHA256};
use std::fmt::Write as _;

/// A node of the tree.
pub type Hash = [u8; 32];

/// What stands before the bytes of a leaf, and before the two halves of a node, so that neither passes for the other.
const LEAF: u8 = 0;
const NODE: u8 = 1;

/// A tree that grows at its right edge.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    size: u64,
    /// The roots of the perfect trees that it is made of, the largest first: one for each bit of `size`.
    peaks: Vec<Hash>,
}

/// The hash of a leaf.
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    hash(&[&[LEAF], bytes])
}

pub(crate) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    hash(&[&[NODE], left, right])
}

fn hash(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = Hash::default();
    for (to, from) in hash.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    hash
}

impl Tree {
    /// A tree of so many leaves from its [`peaks`](Self::peaks); `None` if their number is not that of the bits of `size`.
    #[must_use]
    pub fn from_peaks(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// Adds a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut right = leaf;
        for _ in 0..self.size.trailing_ones() {
            // There is a peak for each bit of the size.
            let Some(left) = self.peaks.pop() else { break };
            right = node_hash(&left, &right);
        }
        self.peaks.push(right);
        self.size += 1;
    }

    /// How many leaves there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the perfect trees that it is made of, the largest first.
    #[must_use]
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// The root; of no leaves the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else {
            return hash(&[]);
        };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// The root of the tree over these leaves.
#[must_use]
pub fn root(leaves: &[Hash]) -> Hash {
    let mut tree = Tree::default();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree.root()
}

/// A hash in lower-case hexadecimal.
#[must_use]
pub fn hex(hash: &Hash) -> String {
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The hash that [`hex`] wrote so.
#[must_use]
pub fn unhex(text: &str) -> Option<Hash> {
    let mut hash = Hash::default();
    let plain = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    for (to, at) in hash.iter_mut().zip((0..64).step_by(2)) {
        *to = u8::from_str_radix(text.get(at..at + 2).filter(|_| plain)?, 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The hashes of so many leaves, no two alike.
    pub(crate) fn leaves(count: u64) -> Vec<Hash> {
        (0..count)
            .map(|number| leaf_hash(&number.to_be_bytes()))
            .collect()
    }

    #[test]
    fn the_roots_of_certificate_transparency_s_own_tests_come_out() {
        // The eight leaves and roots of the reference implementation (github.com/google/certificate-transparency, merkle_tree_test).
        let data: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut tree = Tree::default();
        assert_eq!(
            hex(&tree.root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        for (data, root) in data.iter().zip(roots) {
            tree.push(leaf_hash(data));
            assert_eq!(hex(&tree.root()), root);
        }
    }

    #[test]
    fn a_hash_is_read_as_it_is_written_and_in_no_other_way() {
        let hash = leaf_hash(b"x");
        let text = hex(&hash);
        assert_eq!(unhex(&text), Some(hash));
        for wrong in [
            &text[1..],
            &text.to_uppercase(),
            &text.replace(&text[..2], "+1"),
            "",
        ] {
            assert_eq!(unhex(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_tree_goes_on_from_its_peaks() {
        let leaves = leaves(300);
        let mut tree = Tree::default();
        for leaf in &leaves {
            tree = Tree::from_peaks(tree.size(), tree.peaks().to_vec()).unwrap();
            tree.push(*leaf);
        }
        assert_eq!((tree.size(), tree.root()), (300, root(&leaves)));
        assert_eq!(Tree::from_peaks(3, vec![Hash::default()]), None);
    }
}
