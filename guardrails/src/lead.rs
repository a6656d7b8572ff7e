//! Where values start that are noticed by a digit in their first words.

use crate::detector::is_word;

/// The longest first word of a value that is found by its digit.
const LEAD_BYTES_MAX: usize = 64;

/// The longest first word of a value whose digit stands in the second.
const SHORT_WORD_BYTES_MAX: usize = 3;

/// Where the word that ends before `end` starts, `end` itself if there is none; nothing if it holds a digit, is too long, or
/// starts before `from`.
pub(crate) fn word_start(bytes: &[u8], end: usize, from: usize) -> Option<usize> {
    let lead = bytes.get(
        end.saturating_sub(LEAD_BYTES_MAX)
            .max(from.saturating_sub(1))
            .min(end)..end,
    )?;
    let letters = lead.iter().rev().take_while(|byte| is_letter(**byte)).count();
    let before = lead.len().checked_sub(letters + 1).and_then(|at| lead.get(at));
    let start = end - letters;
    let whole = letters < LEAD_BYTES_MAX && before.is_none_or(|byte| !is_word(*byte));
    (whole && start >= from).then_some(start)
}

/// Where a value can start whose digit is in the word at `word`: at the short word before it, and at itself.
pub(crate) fn starts(bytes: &[u8], word: usize, fence: usize) -> impl Iterator<Item = usize> {
    let end = word.checked_sub(1).filter(|end| *end > fence);
    let short = end.and_then(|end| {
        let from = end.saturating_sub(SHORT_WORD_BYTES_MAX + 1).max(fence);
        let lead = bytes.get(from..end)?;
        let letters = lead.iter().rev().take_while(|byte| is_letter(**byte)).count();
        let before = lead.len().checked_sub(letters + 1).and_then(|at| lead.get(at));
        let whole =
            (1..=SHORT_WORD_BYTES_MAX).contains(&letters) && before.is_none_or(|byte| !is_word(*byte));
        (whole && bytes.get(end).is_some_and(|byte| !is_word(*byte))).then_some(end - letters)
    });
    short.into_iter().chain([word])
}

pub(crate) fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}
