//! Values that went as tokens, seen again where nothing tells of them: an answer says `12345678` to a question about an
//! account number, and stands in the history of the next request without the words that gave the number away.
//!
//! INVARIANT: only what comes after the place where a value was first found is a repeat of it, in the order of
//! [`numbering`]. A later turn adds places at the end, so it never makes a repeat of what an earlier turn sent as it was:
//! the prefix that providers cache stays the same.
//!
//! Repeats are whole words, and the value byte for byte. A value of letters alone may be an ordinary word, such as the user
//! name `test`: its repeats stay. So do those in keys of JSON and under signatures, where nothing can be replaced.

use crate::screen::{Found, find_in, is_json};
use palisade_guardrails::{Category, Confidence, Finding};
use palisade_wire::json::Document;
use palisade_wire::text::{Region, RegionKind, numbering};
use std::collections::BTreeMap;
use std::convert::Infallible;

/// The shortest value whose repeats count, in bytes. What is shorter is a part of too much else.
const VALUE_BYTES_MIN: usize = 4;

/// The longest, in bytes: it bounds what one place in a text can cost.
const VALUE_BYTES_MAX: usize = 256;

/// The values of one request that went as tokens, and where each was first found.
#[derive(Default)]
pub(super) struct Repeats(BTreeMap<String, First>);

#[derive(Clone, Copy)]
struct First {
    category: Category,
    confidence: Confidence,
    region: usize,
    /// Where the value ends, in bytes of the region's text.
    end: usize,
}

/// A value, where it was first found (the number of the region, and the end in it), and as what.
struct Known<'r> {
    value: &'r [u8],
    first: (usize, usize),
    finding: Finding,
}

impl Repeats {
    /// Notes that a value went as a token. Findings are noted in the order of [`numbering`].
    pub(super) fn note(&mut self, found: &Found, value: &str) {
        let fits = (VALUE_BYTES_MIN..=VALUE_BYTES_MAX).contains(&value.len());
        if fits && !value.chars().all(char::is_alphabetic) && !self.0.contains_key(value) {
            let first = First {
                category: found.category,
                confidence: found.confidence,
                region: found.region,
                end: found.span.end,
            };
            self.0.insert(value.to_owned(), first);
        }
    }

    /// The places where values are seen again, by region and then by place. None shares a byte with one of `found`, which
    /// are in that order too.
    pub(super) fn find(&self, document: &Document, regions: &[Region], found: &[Found]) -> Vec<Found> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let numbers = numbers(document, regions);
        let values = Values::new(self.known(&numbers));
        let earliest = values.sorted.iter().map(|known| known.first.0).min();
        let mut repeats = Vec::new();
        for ((index, region), number) in regions.iter().enumerate().zip(numbers) {
            let fixed = region.kind == RegionKind::Key || region.signature.is_some();
            if fixed || earliest > Some(number) {
                continue;
            }
            let text = document.text(region);
            // What JSON in a text says has other places than that text: there, a region counts as one place.
            let json = is_json(region, &text);
            let place = |at| if json { (number, 0) } else { (number, at) };
            let search = |text: &str| Ok::<_, Infallible>(values.search(text, place));
            let Ok(again) = find_in(index, region, &text, search);
            repeats.extend(again.into_iter().filter(|repeat| {
                let whole = region.kind != RegionKind::Number || repeat.span == (0..text.len());
                whole && !overlaps(found, repeat)
            }));
        }
        repeats
    }

    /// The values, sorted.
    fn known(&self, numbers: &[usize]) -> Vec<Known<'_>> {
        let known = self.0.iter().map(|(value, first)| Known {
            value: value.as_bytes(),
            first: (
                numbers.get(first.region).copied().unwrap_or(usize::MAX),
                first.end,
            ),
            finding: Finding {
                category: first.category,
                confidence: first.confidence,
                span: 0..0,
            },
        });
        known.collect()
    }
}

/// The place of each region in the order of [`numbering`].
fn numbers(document: &Document, regions: &[Region]) -> Vec<usize> {
    let mut numbers = vec![usize::MAX; regions.len()];
    let order = numbering(document, &regions.iter().collect::<Vec<_>>());
    for (number, index) in order.into_iter().enumerate() {
        if let Some(own) = numbers.get_mut(index) {
            *own = number;
        }
    }
    numbers
}

/// Whether a place shares a byte with one of `found`, which ascend.
fn overlaps(found: &[Found], place: &Found) -> bool {
    let before = |one: &Found| (one.region, one.span.end) <= (place.region, place.span.start);
    let next = found.get(found.partition_point(before));
    next.is_some_and(|next| next.region == place.region && next.span.start < place.span.end)
}

/// What is looked for. Made once for all texts: there can be as many texts as values.
struct Values<'r> {
    /// By value.
    sorted: Vec<Known<'r>>,
    /// The bytes that values begin with.
    begins: [bool; 256],
}

impl<'r> Values<'r> {
    fn new(sorted: Vec<Known<'r>>) -> Self {
        let mut begins = [false; 256];
        for first in sorted.iter().filter_map(|known| known.value.first()) {
            if let Some(begins) = begins.get_mut(usize::from(*first)) {
                *begins = true;
            }
        }
        Self { sorted, begins }
    }

    /// The longest values that stand in a text as whole words, from left to right. `place` makes positions comparable with
    /// those where values were first found.
    fn search(&self, text: &str, place: impl Fn(usize) -> (usize, usize)) -> Vec<Finding> {
        let bytes = text.as_bytes();
        let mut again = Vec::new();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let may = self.begins.get(usize::from(*byte)) == Some(&true) && is_edge(bytes, at);
            let longest = || longest(&self.sorted, bytes, at, place(at));
            let Some(known) = may.then(longest).flatten() else {
                at += 1;
                continue;
            };
            let span = at..at + known.value.len();
            at = span.end;
            again.push(Finding {
                span,
                ..known.finding.clone()
            });
        }
        again
    }
}

/// The longest of the sorted values that begins at `at`, ends with a word, and was first found before `place`.
fn longest<'k, 'r>(
    mut known: &'k [Known<'r>],
    text: &[u8],
    at: usize,
    place: (usize, usize),
) -> Option<&'k Known<'r>> {
    let mut longest = None;
    let rest = text.get(at..).unwrap_or_default();
    // Those that agree with the text so far stand together, the shortest first.
    for (length, byte) in rest.iter().enumerate() {
        let from = known.partition_point(|known| known.value.get(length) < Some(byte));
        let to = known.partition_point(|known| known.value.get(length) <= Some(byte));
        known = known.get(from..to).unwrap_or_default();
        let Some(shortest) = known.first() else {
            break;
        };
        if shortest.value.len() == length + 1 && shortest.first <= place && is_edge(text, at + length + 1) {
            longest = Some(shortest);
        }
    }
    longest
}

/// Whether no word goes on at `at`.
fn is_edge(text: &[u8], at: usize) -> bool {
    let word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    !(word(at.checked_sub(1).and_then(|before| text.get(before))) && word(text.get(at)))
}

#[cfg(test)]
mod tests;
