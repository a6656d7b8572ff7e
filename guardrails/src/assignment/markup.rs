//! `<password>…</password>`, whatever the element's attributes, and pairs of elements.

use super::names::Names;
use super::{pair, window};
use crate::rows::RowSet;

/// What the element tells of whose opening tag ends behind `before`.
pub(super) fn rows(names: &Names, before: &[u8]) -> RowSet {
    // Arrows, comparisons and empty elements are no tags.
    let closes = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'"' | b'\'' | b'_');
    if !before.last().is_some_and(closes) {
        return RowSet::NONE;
    }
    let tag = window(before);
    let Some(open) = tag.iter().rposition(|byte| matches!(byte, b'<' | b'>' | b'\n')) else {
        return RowSet::NONE;
    };
    let inside = tag.get(open + 1..).unwrap_or_default();
    if tag.get(open) != Some(&b'<') || !inside.first().is_some_and(u8::is_ascii_alphabetic) {
        return RowSet::NONE;
    }
    let length = inside.iter().position(|byte| matches!(byte, b' ' | b'\t' | b'/'));
    let name = inside.get(..length.unwrap_or(inside.len())).unwrap_or_default();
    let rows = names.at_end_of(name);
    if rows.is_empty() {
        let upto = tag.get(..open + 1 + name.len()).unwrap_or_default();
        return pair::first_half(names, upto);
    }
    rows
}
