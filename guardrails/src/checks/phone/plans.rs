//! Numbering plans: whether a number is one that a telephone can have. A look-up reads a static table, a step a digit.

use super::table::{CODES, NODES, REGIONS, Region, SETS, TOP};
use crate::region::Regions;

/// How a number stands in the plan of the calling code it begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// No such calling code, or no number of this code has this length.
    Impossible,
    /// The length is right, the range is not assigned.
    Unassigned,
    /// A range that is assigned.
    Assigned,
}

/// The calling code of the North American Numbering Plan.
const NANP: u16 = 1;

/// Bits of a node's first word that stand for digits.
const DIGIT_BITS: u16 = 10;

/// The standing of a number whose `digits` (values, not characters) begin with a calling code.
pub(super) fn international(digits: &[u8]) -> Standing {
    if regions_of(TOP, digits) != 0 {
        return Standing::Assigned;
    }
    let Some((code, lengths, national)) = split(digits) else {
        return Standing::Impossible;
    };
    // Some write the trunk prefix without brackets: +44 020 7946 0958.
    let behind_trunk = |number| regions_of(after(TOP, code).unwrap_or(0), number) != 0;
    if national.strip_prefix(&[0]).is_some_and(behind_trunk) {
        Standing::Assigned
    } else if lengths >> national.len().min(31) & 1 == 1 {
        Standing::Unassigned
    } else {
        Standing::Impossible
    }
}

/// Whether `digits` are a number of one of the `regions`, written as inside it: with its trunk prefix or without.
pub(super) fn national(digits: &[u8], regions: &Regions) -> bool {
    regions.codes().any(|region| of_region(region, digits))
}

/// Whether `digits` are a number of `region`, with its trunk prefix or without.
pub(super) fn of_region(region: [u8; 2], digits: &[u8]) -> bool {
    let Some(&(_, _, node, bit, prefixes)) = row(region) else {
        return false;
    };
    let number = |digits: &[u8]| regions_of(node, digits) >> bit & 1 == 1;
    let behind = |prefix: &&str| strip(digits, prefix).is_some_and(number);
    number(digits) || prefixes.iter().any(behind)
}

/// Whether one of the `regions` is of the North American Numbering Plan and `digits` are a number of any region of the plan, with
/// or without the prefix `1`: inside the plan, numbers of other regions are written like one's own.
pub(super) fn north_american(digits: &[u8], regions: &Regions) -> bool {
    let node = |region| {
        row(region)
            .filter(|(_, code, ..)| *code == NANP)
            .map(|&(_, _, node, ..)| node)
    };
    let mut nodes = regions.codes().filter_map(node);
    let number = digits.strip_prefix(&[1]).unwrap_or(digits);
    nodes.next().is_some_and(|node| regions_of(node, number) != 0)
}

/// The calling code that `digits` begin with, the lengths of its numbers, and the digits behind it. No code begins with another.
fn split(digits: &[u8]) -> Option<(&[u8], u32, &[u8])> {
    (1..=3).find_map(|length| {
        let (code, national) = digits.split_at_checked(length)?;
        let value = code.iter().fold(0, |code, digit| code * 10 + u16::from(*digit));
        let at = CODES.binary_search_by_key(&value, |&(code, _)| code).ok()?;
        let &(_, lengths) = CODES.get(at)?;
        Some((code, lengths, national))
    })
}

fn row(region: [u8; 2]) -> Option<&'static Region> {
    let at = REGIONS.binary_search_by_key(&region, |&(id, ..)| id);
    REGIONS.get(at.ok()?)
}

/// The regions, as bits, that have assigned the number `digits`, read from `node` on.
fn regions_of(node: u16, digits: &[u8]) -> u32 {
    let end = after(node, digits).and_then(|node| NODES.get(usize::from(node)));
    let set = end.and_then(|first| SETS.get(usize::from(first >> DIGIT_BITS)));
    set.copied().unwrap_or(0)
}

/// The node that `digits` lead to from `node`, if there is one.
fn after(node: u16, digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(node, |node, digit| {
        let place = usize::from(node);
        let turns = NODES.get(place)? & ((2 << digit) - 1) & ((1 << DIGIT_BITS) - 1);
        let next = *NODES.get(place + turns.count_ones() as usize)?;
        // The first word of a node is no target, and node 0 is none.
        (turns != 0 && next != 0).then_some(next)
    })
}

fn strip<'a>(digits: &'a [u8], prefix: &str) -> Option<&'a [u8]> {
    let (front, rest) = digits.split_at_checked(prefix.len())?;
    prefix
        .bytes()
        .map(|byte| byte - b'0')
        .eq(front.iter().copied())
        .then_some(rest)
}
