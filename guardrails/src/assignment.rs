//! Values that are known by what they are assigned to: `password: …`, `"api_key" = "…"`, `the user name is …`.

use crate::automaton::{Ending, Text};
use crate::rows::RowSet;
use std::ops::Range;

/// The most blanks and quotes between an operator and its value.
const GAP_BYTES_MAX: usize = 8;

/// The most blanks, quotes and brackets between a keyword and its operator.
const CLOSING_BYTES_MAX: usize = 3;

/// The most digits at the end of a name: `password2 = …`.
const NUMBERING_BYTES_MAX: usize = 2;

/// Operators that are words, with the blanks around them.
const WORDS: [&[u8]; 2] = [b"is ", b"was "];

/// How many numbers `group` tells apart.
const GROUPS: usize = 32 * 32;

/// What values can be assigned to, and which detectors then look at them.
pub(crate) struct Assignments {
    /// Sorted by what `group` says of their last two bytes.
    keywords: Vec<(&'static [u8], RowSet)>,
    /// For each group, where its keywords stand.
    groups: Vec<Range<u16>>,
}

/// The text does not yet tell.
pub(crate) struct Unresolved;

impl Assignments {
    /// `keywords` are lower-case words; where one has a blank, a text may have `_`, `-`, `.` or nothing.
    pub(crate) fn new(keywords: impl IntoIterator<Item = (&'static str, RowSet)>) -> Self {
        let mut keywords: Vec<_> = keywords
            .into_iter()
            .map(|(word, rows)| (word.as_bytes(), rows))
            .collect();
        let group_of = |entry: &(&'static [u8], RowSet)| group(entry.0);
        keywords.sort_by_key(group_of);
        let upto = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        let groups = (0..GROUPS).map(|group| {
            let from = keywords.partition_point(|entry| group_of(entry) < group);
            upto(from)..upto(keywords.partition_point(|entry| group_of(entry) <= group))
        });
        let groups = groups.collect();
        Self { keywords, groups }
    }

    /// The keywords that a name may end with, as its last two bytes tell: in any case, and with any byte for a blank.
    fn of_group(&self, name: &[u8]) -> impl Iterator<Item = &(&'static [u8], RowSet)> {
        let spaced = group(name) & !31;
        let further = (group(name) != spaced).then_some(spaced);
        [group(name)].into_iter().chain(further).flat_map(|group| {
            let range = self.groups.get(group).cloned().unwrap_or_default();
            self.keywords
                .get(usize::from(range.start)..usize::from(range.end))
                .unwrap_or_default()
        })
    }

    /// Whether `byte` may start an operator, where `boundary` says that no letter or digit stands before it.
    pub(crate) fn is_operator(&self, byte: u8, boundary: bool) -> bool {
        let word = boundary && WORDS.iter().any(|word| word.first() == Some(&byte));
        !self.keywords.is_empty() && (word || matches!(byte, b':' | b'='))
    }

    /// What the operators start with that are words.
    pub(crate) fn words(&self) -> impl Iterator<Item = [u8; 3]> {
        let words = WORDS.iter().filter(|_| !self.keywords.is_empty());
        words.filter_map(|word| word.first_chunk().copied())
    }

    /// Where the value starts that the operator at `at` assigns, and the detectors that look at it.
    pub(crate) fn at(&self, text: Text<'_>, at: usize) -> Result<Option<(usize, RowSet)>, Unresolved> {
        let Text { bytes, ending } = text;
        let rest = bytes.get(at..).unwrap_or_default();
        let operator = match rest.first() {
            Some(b':' | b'=') => 1,
            _ => match WORDS.iter().find(|word| rest.starts_with(word)) {
                Some(word) => word.len(),
                None if ending == Ending::More && WORDS.iter().any(|word| word.starts_with(rest)) => {
                    return Err(Unresolved);
                }
                None => return Ok(None),
            },
        };
        let rows = self.rows_before(bytes.get(..at).unwrap_or_default());
        if rows.is_empty() {
            return Ok(None);
        }
        let value = rest.get(operator..).unwrap_or_default();
        let gap = value
            .iter()
            .take(GAP_BYTES_MAX)
            .take_while(|byte| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b'>'))
            .count();
        match value.len() == gap {
            true if ending == Ending::More => Err(Unresolved),
            true => Ok(None),
            false => Ok(Some((at + operator + gap, rows))),
        }
    }

    /// The detectors that the name at the end of `text` tells of.
    fn rows_before(&self, text: &[u8]) -> RowSet {
        let closing = |byte: &&u8| matches!(**byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b']' | b')');
        let text = without_last(text, CLOSING_BYTES_MAX, closing);
        let text = without_last(text, NUMBERING_BYTES_MAX, |byte| byte.is_ascii_digit());
        let mut rows = RowSet::default();
        for (word, of_word) in self.of_group(text) {
            if ends_with(text, word) {
                rows.add(of_word);
            }
        }
        rows
    }
}

/// A number for the last two bytes of a name, the same for small letters and capitals, that tells most apart: from 0 to `GROUPS`.
/// It is a multiple of 32 where the byte before the last is a blank.
fn group(name: &[u8]) -> usize {
    let mut last = name.iter().rev().map(|byte| usize::from(byte % 32));
    last.next().unwrap_or_default() * 32 + last.next().unwrap_or_default()
}

fn without_last(text: &[u8], max: usize, dropped: impl Fn(&&u8) -> bool) -> &[u8] {
    let count = text
        .iter()
        .rev()
        .take(max)
        .take_while(|byte| dropped(byte))
        .count();
    text.get(..text.len() - count).unwrap_or_default()
}

/// Whether `text` ends with `word` in any case, as a name or the end of one.
fn ends_with(text: &[u8], word: &[u8]) -> bool {
    let mut at = text.len();
    for &expected in word.iter().rev() {
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        if expected == b' ' {
            at -= usize::from(before.is_some_and(|byte| matches!(byte, b' ' | b'_' | b'-' | b'.')));
        } else if before.is_some_and(|byte| byte.eq_ignore_ascii_case(&expected)) {
            at -= 1;
        } else {
            return false;
        }
    }
    let before = at.checked_sub(1).and_then(|at| text.get(at));
    let hump = text.get(at).is_some_and(u8::is_ascii_uppercase) && before.is_some_and(u8::is_ascii_lowercase);
    hump || !before.is_some_and(u8::is_ascii_alphabetic)
}
