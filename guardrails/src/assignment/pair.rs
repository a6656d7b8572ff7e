//! `name: value`, and pairs of a name and a value under keys of their own: `name: DB_PASSWORD` and `value: …`.

use super::names::{CLOSING_BYTES_MAX, Names, ends_with};
use super::{window, without_last};
use crate::rows::RowSet;

/// What the second half of a pair is called. A string in a property list of Apple's is one (`<string>`).
const VALUES: [&[u8]; 4] = [b"value", b"val", b"string", b"default"];

/// The most bytes between the two halves: `",` and a new line with its indentation.
const BETWEEN_BYTES_MAX: usize = 32;

/// What stands before an operator.
pub(super) fn rows(names: &Names, before: &[u8]) -> Option<RowSet> {
    names.at_end_of(before).or_else(|| {
        let second = without_last(before, CLOSING_BYTES_MAX, |byte| {
            matches!(byte, b' ' | b'"' | b'\'' | b'\\')
        });
        first_half(names, second)
    })
}

/// What the first half of a pair names whose second half's key is at the end of `text`.
pub(super) fn first_half(names: &Names, text: &[u8]) -> Option<RowSet> {
    let last = text.last().map(u8::to_ascii_lowercase);
    let key = VALUES
        .into_iter()
        .find(|key| key.last().copied() == last && ends_with(text, key))?;
    let text = window(text);
    let first = text
        .get(..text.len().saturating_sub(key.len()))
        .unwrap_or_default();
    let first = without_last(first, BETWEEN_BYTES_MAX, is_between);
    names.at_end_of(without_closing_tag(first))
}

fn is_between(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t'
            | b'\r'
            | b'\n'
            | b','
            | b';'
            | b'"'
            | b'\''
            | b'`'
            | b'\\'
            | b'-'
            | b'{'
            | b'<'
            | b':'
            | b'='
    )
}

/// `token` of `token</key>`.
fn without_closing_tag(text: &[u8]) -> &[u8] {
    if text.last() != Some(&b'>') {
        return text;
    }
    let open = text.windows(2).rposition(|pair| pair == b"</");
    open.and_then(|open| text.get(..open)).unwrap_or_default()
}
