//! The names that values are assigned to.

use super::without_last;
use crate::rows::RowSet;
use std::ops::Range;

/// The most blanks, quotes and brackets between a name and its operator.
pub(super) const CLOSING_BYTES_MAX: usize = 4;

/// The most digits at the end of a name: `password2 = …`.
const NUMBERING_BYTES_MAX: usize = 2;

/// How many numbers `group` tells from each other.
const GROUPS: usize = 32 * 32;

/// Names, and which detectors look at what they are assigned.
pub(super) struct Names {
    /// Sorted by what `group` says of their last two bytes.
    keywords: Vec<(&'static [u8], RowSet)>,
    /// For each group, where its keywords stand.
    groups: Vec<Range<u16>>,
    /// The groups that have keywords, those of a blank as the byte before the last among them: a bit for each.
    known: [u32; 32],
}

impl Names {
    pub(super) fn new(keywords: impl IntoIterator<Item = (&'static str, RowSet)>) -> Self {
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
        let groups: Vec<Range<u16>> = groups.collect();
        let mut known = [0; 32];
        for (group, _) in groups.iter().enumerate().filter(|(_, range)| !range.is_empty()) {
            let before_last = if group % 32 == 0 {
                u32::MAX
            } else {
                1 << (group % 32)
            };
            if let Some(known) = known.get_mut(group / 32) {
                *known |= before_last;
            }
        }
        Self {
            keywords,
            groups,
            known,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keywords.is_empty()
    }

    /// What the name at the end of `text` tells of, if of something: quotes and brackets may close it, and a number end it.
    pub(super) fn at_end_of(&self, text: &[u8]) -> Option<RowSet> {
        let text = without_last(text, CLOSING_BYTES_MAX, is_closing);
        let text = without_last(text, NUMBERING_BYTES_MAX, |byte| byte.is_ascii_digit());
        let group = group(text);
        if self
            .known
            .get(group / 32)
            .is_none_or(|known| known >> (group % 32) & 1 == 0)
        {
            return None;
        }
        let mut rows = None;
        for (word, of_word) in self.of_group(group) {
            if ends_with(text, word) {
                rows.get_or_insert(RowSet::NONE).add(of_word);
            }
        }
        rows
    }

    /// The keywords that a name may end with, as its last two bytes tell: in any case, and with any byte for a blank.
    fn of_group(&self, group: usize) -> impl Iterator<Item = &(&'static [u8], RowSet)> {
        let spaced = group & !31;
        let further = (group != spaced).then_some(spaced);
        [group].into_iter().chain(further).flat_map(|group| {
            let range = self.groups.get(group).cloned().unwrap_or_default();
            self.keywords
                .get(usize::from(range.start)..usize::from(range.end))
                .unwrap_or_default()
        })
    }
}

/// What may stand between a name and its operator.
fn is_closing(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b']' | b')' | b'\\')
}

/// A number for the last two bytes of a name, the same for small letters and capitals, that tells most from each other: from 0 to
/// `GROUPS`. It is a multiple of 32 where the byte before the last is a blank.
fn group(name: &[u8]) -> usize {
    let mut last = name.iter().rev().map(|byte| usize::from(byte % 32));
    last.next().unwrap_or_default() * 32 + last.next().unwrap_or_default()
}

/// Whether `text` ends with `word` in any case, as a name or the end of one.
pub(super) fn ends_with(text: &[u8], word: &[u8]) -> bool {
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
