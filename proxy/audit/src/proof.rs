//! Proofs that somebody else can check without the log: that a record stands in it, and that one tree goes on from another.
//!
//! They are those of RFC 9162 sections 2.1.3 and 2.1.4, and travel as c2sp.org/tlog-proof has it.

use crate::tree::{Hash, Tree, node_hash, root};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;
use std::ops::Range;

/// Where the hashes of a tree can be had.
pub trait Nodes {
    /// Why one cannot be had.
    type Error;

    /// The root over the leaves from `index << level` on, of which there are `1 << level`.
    ///
    /// # Errors
    /// When it cannot be read, or there are not so many leaves.
    fn node(&self, level: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// There is no such leaf.
#[derive(Debug, PartialEq, Eq)]
pub struct NoLeaf;

/// The hashes of all leaves.
impl Nodes for [Hash] {
    type Error = NoLeaf;

    fn node(&self, level: u32, index: u64) -> Result<Hash, NoLeaf> {
        let from = usize::try_from(index << level).map_err(|_| NoLeaf)?;
        self.get(from..from + (1 << level)).map(root).ok_or(NoLeaf)
    }
}

/// The root over the leaves in a range that is a node of some tree, or the right edge of one.
///
/// # Errors
/// Those of `nodes`.
pub fn range<N: Nodes + ?Sized>(nodes: &N, range: &Range<u64>) -> Result<Hash, N::Error> {
    let size = range.end - range.start;
    let (mut at, mut peaks) = (range.start, Vec::new());
    for level in (0..u64::BITS).rev().filter(|level| size >> level & 1 == 1) {
        peaks.push(nodes.node(level, at >> level)?);
        at += 1 << level;
    }
    // There is a peak for each bit of the size.
    Ok(Tree::from_peaks(size, peaks).unwrap_or_default().root())
}

/// What proves that leaf `index` stands in the tree over the first `size` leaves, from the leaf up. Empty if there is no such leaf.
///
/// # Errors
/// Those of `nodes`.
pub fn inclusion<N: Nodes + ?Sized>(nodes: &N, index: u64, size: u64) -> Result<Vec<Hash>, N::Error> {
    let mut beside = Vec::new();
    let mut here = 0..size;
    while here.end - here.start > 1 && index < size {
        let middle = here.start + largest_below(here.end - here.start);
        if index < middle {
            beside.push(middle..here.end);
            here.end = middle;
        } else {
            beside.push(here.start..middle);
            here.start = middle;
        }
    }
    beside.iter().rev().map(|beside| range(nodes, beside)).collect()
}

/// What proves that the tree over the first `new` leaves goes on from that over the first `old`. Empty if `old` is none or not below `new`.
///
/// # Errors
/// Those of `nodes`.
pub fn consistency<N: Nodes + ?Sized>(nodes: &N, old: u64, new: u64) -> Result<Vec<Hash>, N::Error> {
    if old == 0 || old >= new {
        return Ok(Vec::new());
    }
    let mut beside = Vec::new();
    let mut here = 0..new;
    while here.end != old {
        let middle = here.start + largest_below(here.end - here.start);
        if old <= middle {
            beside.push(middle..here.end);
            here.end = middle;
        } else {
            beside.push(here.start..middle);
            here.start = middle;
        }
    }
    // Where the old tree is a node of the new one, whoever checks this has its root.
    if here.start > 0 {
        beside.push(here);
    }
    beside.iter().rev().map(|beside| range(nodes, beside)).collect()
}

/// The largest power of two below a number, which is at least 2.
fn largest_below(number: u64) -> u64 {
    1 << (u64::BITS - 1 - (number - 1).leading_zeros())
}

/// Whether `proof` shows that leaf `index` stands in the tree of `size` leaves under `root` (RFC 9162 section 2.1.3.2).
#[must_use]
pub fn includes(root: &Hash, size: u64, index: u64, leaf: Hash, proof: &[Hash]) -> bool {
    if index >= size {
        return false;
    }
    let mut edge = Edge::of(index, size);
    let mut hash = leaf;
    for other in proof {
        if edge.last == 0 {
            return false;
        }
        hash = match edge.is_right() {
            true => node_hash(other, &hash),
            false => node_hash(&hash, other),
        };
        edge.up();
    }
    edge.last == 0 && hash == *root
}

/// Whether `proof` shows that the tree of `new.0` leaves under `new.1` goes on from that of `old.0` under `old.1` (RFC 9162 section 2.1.4.2).
/// Every tree goes on from that of no leaves.
#[must_use]
pub fn goes_on(old: (u64, &Hash), new: (u64, &Hash), proof: &[Hash]) -> bool {
    if old.0 == 0 || old.0 >= new.0 {
        return proof.is_empty() && (old.0 == 0 || old == new);
    }
    let mut edge = Edge::of(old.0 - 1, new.0);
    let is_node = old.0.is_power_of_two();
    edge.up_by(edge.node.trailing_ones());
    let mut rest = proof.iter();
    let Some(first) = (if is_node { Some(old.1) } else { rest.next() }) else {
        return false;
    };
    let (mut before, mut after) = (*first, *first);
    for other in rest {
        if edge.last == 0 {
            return false;
        }
        if edge.is_right() {
            before = node_hash(other, &before);
            after = node_hash(other, &after);
        } else {
            after = node_hash(&after, other);
        }
        edge.up();
    }
    edge.last == 0 && before == *old.1 && after == *new.1
}

/// A node on the way up, and the last one of its level.
struct Edge {
    node: u64,
    last: u64,
}

impl Edge {
    fn of(index: u64, size: u64) -> Self {
        Self {
            node: index,
            last: size - 1,
        }
    }

    /// Whether what it is joined with stands to its left.
    fn is_right(&self) -> bool {
        self.node & 1 == 1 || self.node == self.last
    }

    fn up(&mut self) {
        // A right edge without a neighbour is its own parent.
        if self.is_right() && self.node & 1 == 0 && self.node != 0 {
            self.up_by(self.node.trailing_zeros());
        }
        self.up_by(1);
    }

    fn up_by(&mut self, levels: u32) {
        self.node = self.node.checked_shr(levels).unwrap_or_default();
        self.last = self.last.checked_shr(levels).unwrap_or_default();
    }
}

/// The text of a proof that record `index` stands in the tree of a signed checkpoint; `hashes` are those of [`inclusion`].
#[must_use]
pub fn text(index: u64, hashes: &[Hash], checkpoint: &str) -> String {
    let mut out = format!("c2sp.org/tlog-proof@v1\nindex {index}\n");
    out.push_str(&lines(hashes));
    out.push('\n');
    out.push_str(checkpoint);
    out
}

/// Hashes as proofs have them: base64, a line each.
#[must_use]
pub fn lines(hashes: &[Hash]) -> String {
    hashes.iter().fold(String::new(), |mut out, hash| {
        // Writing into a String cannot fail.
        let _ = writeln!(out, "{}", STANDARD.encode(hash));
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::leaf_hash;
    use crate::tree::tests::leaves;

    #[test]
    fn every_leaf_of_every_small_tree_is_proven_and_nothing_else_is() {
        for size in 1..=40_u64 {
            let leaves = leaves(size);
            let root = root(&leaves);
            for (index, leaf) in (0..).zip(&leaves) {
                let proof = inclusion(leaves.as_slice(), index, size).unwrap();
                assert!(includes(&root, size, index, *leaf, &proof));
                for other in 0..size {
                    assert_eq!(includes(&root, size, other, *leaf, &proof), other == index);
                }
                for spoilt in spoilt(&proof) {
                    assert!(!includes(&root, size, index, *leaf, &spoilt));
                }
            }
            assert_eq!(inclusion(leaves.as_slice(), size, size), Ok(Vec::new()));
            assert_eq!(inclusion(leaves.as_slice(), 0, size + 1), Err(NoLeaf));
            assert!(!includes(&root, size, size, leaves[0], &[]));
        }
    }

    #[test]
    fn every_small_tree_goes_on_from_every_smaller_one_and_from_no_other() {
        let leaves = leaves(33);
        let roots: Vec<Hash> = (0..=33).map(|size| root(&leaves[..size])).collect();
        for new in 0..=33_usize {
            for old in 0..=new {
                let (from, to) = ((old as u64, &roots[old]), (new as u64, &roots[new]));
                let proof = consistency(leaves.as_slice(), from.0, to.0).unwrap();
                assert!(goes_on(from, to, &proof), "{old} {new}");
                if old > 0 {
                    let other = leaf_hash(b"another");
                    assert!(!goes_on((from.0, &other), to, &proof));
                    assert!(!goes_on(from, (to.0, &other), &proof));
                    assert!(
                        !goes_on((from.0 - 1, &roots[old - 1]), to, &proof) || old == 1 && proof.is_empty()
                    );
                    assert!(!goes_on(to, from, &proof) || old == new);
                }
                for spoilt in spoilt(&proof) {
                    assert!(!goes_on(from, to, &spoilt), "{old} {new}");
                }
            }
        }
    }

    /// A proof with a hash that is changed, left out, or one more.
    fn spoilt(proof: &[Hash]) -> Vec<Vec<Hash>> {
        let mut all = vec![[proof, &[Hash::default()]].concat()];
        for number in 0..proof.len() {
            let mut changed = proof.to_vec();
            changed[number][7] ^= 1;
            all.push(changed.clone());
            changed.remove(number);
            all.push(changed);
        }
        all
    }

    #[test]
    fn numbers_without_bounds_do_no_harm() {
        let hash = leaf_hash(b"x");
        for (old, new) in [
            (u64::MAX, 1),
            (1, u64::MAX),
            (u64::MAX - 1, u64::MAX),
            (1 << 63, u64::MAX),
            (0, u64::MAX),
        ] {
            assert!(!goes_on((old, &hash), (new, &hash), &[hash; 70]));
            assert!(!includes(&hash, new, old, hash, &[hash; 70]));
        }
    }
}
