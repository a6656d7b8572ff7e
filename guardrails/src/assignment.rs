//! Values that are known by what they are assigned to, in the forms that people, programs and files use:
//!
//! | form | what tells | where |
//! |---|---|---|
//! | `password: …`, `"api_key" = "…"`, `pw := …`, `\"token\":\"…\"` | `:` and `=` | here |
//! | `the user name is …`, `das Passwort lautet …`, `the password for staging is …` | verbs | `sentence` |
//! | `<password>…</password>` | `>` | `markup` |
//! | `--password …`, `curl -u ada:…` | `-` | `option` |
//! | `name: DB_PASSWORD` and `value: …`, `<key>token</key><string>…` | the pair | `pair` |

use crate::automaton::{Ending, Text};
use crate::detector::LOOK_BEHIND;
use crate::rows::RowSet;
use names::Names;

mod markup;
mod names;
mod option;
mod pair;
mod sentence;

/// The most blanks, quotes and the like between an operator and its value.
const GAP_BYTES_MAX: usize = 12;

/// What values can be assigned to, and which detectors then look at them.
pub(crate) struct Assignments {
    names: Names,
}

/// The text does not yet tell.
pub(crate) struct Unresolved;

/// A value that something is assigned.
#[derive(Clone, Copy)]
pub(crate) struct Assigned {
    pub(crate) start: usize,
    pub(crate) rows: RowSet,
}

impl Assignments {
    /// `keywords` are lower-case words; where one has a blank, a text may have `_`, `-`, `.` or nothing.
    pub(crate) fn new(keywords: impl IntoIterator<Item = (&'static str, RowSet)>) -> Self {
        Self {
            names: Names::new(keywords),
        }
    }

    /// The detectors that look at what a name is assigned.
    pub(crate) fn named(&self, name: &[u8]) -> RowSet {
        self.names.at_end_of(name).unwrap_or(RowSet::NONE)
    }

    /// Whether `byte` is an operator, or starts one, whatever follows.
    pub(crate) fn is_sign(&self, byte: u8) -> bool {
        !self.names.is_empty() && matches!(byte, b':' | b'=' | b'>')
    }

    /// The first three bytes of the operators that are longer. They stand behind no letter or digit.
    pub(crate) fn beginnings(&self, sink: &mut dyn FnMut([u8; 3])) {
        if !self.names.is_empty() {
            sentence::beginnings(sink);
            option::beginnings(sink);
        }
    }

    /// The value that the operator at `at` assigns, if there is an operator and something looks at what it assigns.
    pub(crate) fn at(&self, text: Text<'_>, at: usize) -> Result<Option<Assigned>, Unresolved> {
        let (before, rest) = text.bytes.split_at_checked(at).unwrap_or_default();
        match rest.first() {
            Some(b':' | b'=') => {
                let length = if rest.starts_with(b":=") { 2 } else { 1 };
                Self::value_after(text, at + length, pair::rows(&self.names, before))
            }
            Some(b'>') => Self::value_after(text, at + 1, markup::rows(&self.names, before)),
            Some(b'-') => match option::value(&self.names, before, rest, text.ending)? {
                Some((offset, rows)) => Ok(Some(Assigned {
                    start: at + offset,
                    rows,
                })),
                None => Ok(None),
            },
            _ => match sentence::verb(rest, text.ending)? {
                Some(verb) => Self::value_after(text, at + verb.length, verb.rows(&self.names, before)),
                None => Ok(None),
            },
        }
    }

    /// The value behind an operator that ends at `end`, if there are `rows` to look at it.
    fn value_after(text: Text<'_>, end: usize, rows: Option<RowSet>) -> Result<Option<Assigned>, Unresolved> {
        let Some(rows) = rows else {
            return Ok(None);
        };
        let value = text.bytes.get(end..).unwrap_or_default();
        let in_gap = |byte: &&u8| matches!(**byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b'>' | b'\\');
        let gap = value.iter().take(GAP_BYTES_MAX).take_while(in_gap).count();
        match value.len() == gap {
            true if text.ending == Ending::More => Err(Unresolved),
            true => Ok(None),
            false => Ok(Some(Assigned {
                start: end + gap,
                rows,
            })),
        }
    }
}

/// The end of `text`, as far as may be looked back on from a value that starts up to a gap behind it.
fn window(text: &[u8]) -> &[u8] {
    let from = text
        .len()
        .saturating_sub(LOOK_BEHIND - GAP_BYTES_MAX - option::LENGTH_MAX);
    text.get(from..).unwrap_or_default()
}

/// `text` without up to `max` bytes at its end that `dropped` picks.
fn without_last(text: &[u8], max: usize, dropped: impl Fn(u8) -> bool) -> &[u8] {
    let mut kept = text;
    for _ in 0..max {
        match kept.split_last() {
            Some((last, rest)) if dropped(*last) => kept = rest,
            _ => break,
        }
    }
    kept
}
