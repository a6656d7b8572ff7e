//! `<password>…</password>`, whatever the element's attributes, and pairs of elements.

use super::names::Names;
use super::{pair, window};
use crate::rows::RowSet;

/// What the element tells of whose opening tag ends behind `before`.
pub(super) fn rows(names: &Names, before: &[u8]) -> Option<RowSet> {
    // Arrows, comparisons and empty elements are no tags.
    let closes = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'"' | b'\'' | b'_');
    if !before.last().is_some_and(closes) {
        return None;
    }
    let tag = window(before);
    let open = tag.iter().rposition(|byte| matches!(byte, b'<' | b'>' | b'\n'))?;
    let inside = tag.get(open + 1..).unwrap_or_default();
    if tag.get(open) != Some(&b'<') || !inside.first().is_some_and(u8::is_ascii_alphabetic) {
        return None;
    }
    let length = inside.iter().position(|byte| matches!(byte, b' ' | b'\t' | b'/'));
    let name = inside.get(..length.unwrap_or(inside.len())).unwrap_or_default();
    names.at_end_of(name).or_else(|| {
        let upto = tag.get(..open + 1 + name.len()).unwrap_or_default();
        pair::first_half(names, upto)
    })
}
