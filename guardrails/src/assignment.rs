//! Values that are told by what they are assigned to: `password: …`, `"api_key" = "…"`, `the user name is …`.

use crate::automaton::Ending;
use crate::bytes::ByteTable;
use crate::rows::RowSet;

/// The most blanks and quotes between an operator and its value.
const GAP_BYTES_MAX: usize = 8;

/// The most blanks, quotes and brackets between a keyword and its operator.
const CLOSING_BYTES_MAX: usize = 3;

/// The most digits at the end of a name: `password2 = …`.
const NUMBERING_BYTES_MAX: usize = 2;

/// Operators that are words, with the blanks around them.
const WORDS: [&[u8]; 2] = [b"is ", b"was "];

/// What values can be assigned to, and which detectors that arms.
pub(crate) struct Assignments {
    /// Sorted by last byte.
    keywords: Vec<(&'static [u8], RowSet)>,
    /// For each byte, the keywords that end with it.
    ending: ByteTable<(usize, usize)>,
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
        let last = |entry: &(&'static [u8], RowSet)| entry.0.last().copied();
        keywords.sort_by_key(last);
        let ending = ByteTable::new(|byte| {
            let from = keywords.partition_point(|entry| last(entry) < Some(byte));
            let to = keywords.partition_point(|entry| last(entry) <= Some(byte));
            (from, to)
        });
        Self { keywords, ending }
    }

    /// 1 if `byte` may start an operator, where `apart` says that no letter or digit stands before it; else 0.
    pub(crate) fn event(&self, byte: u8, apart: bool) -> u8 {
        let word = apart && WORDS.iter().any(|word| word.first() == Some(&byte));
        u8::from(!self.keywords.is_empty() && (word || matches!(byte, b':' | b'=')))
    }

    /// Where the value starts that the operator at `at` assigns, and whose detectors that arms.
    pub(crate) fn at(
        &self,
        bytes: &[u8],
        at: usize,
        ending: Ending,
    ) -> Result<Option<(usize, RowSet)>, Unresolved> {
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
        let rows = self.told_before(bytes.get(..at).unwrap_or_default());
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
    fn told_before(&self, text: &[u8]) -> RowSet {
        let closing = |byte: &&u8| matches!(**byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b']' | b')');
        let text = without_last(text, CLOSING_BYTES_MAX, closing);
        let text = without_last(text, NUMBERING_BYTES_MAX, |byte| byte.is_ascii_digit());
        let mut rows = RowSet::default();
        let Some(last) = text.last() else { return rows };
        let (from, to) = self.ending.of(last.to_ascii_lowercase());
        for (word, told) in self.keywords.get(from..to).unwrap_or_default() {
            if ends_with(text, word) {
                rows.add(told);
            }
        }
        rows
    }
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
