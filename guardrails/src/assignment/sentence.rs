//! `the user name is …`, `das Passwort lautet: …`, `the password for staging is …`, `set the password to …`.

use super::names::Names;
use super::{Unresolved, window};
use crate::automaton::Ending;
use crate::rows::RowSet;

/// Verbs between a name and its value, by their first byte: English, German, Dutch, French, Spanish, Italian, Portuguese.
const VERBS: [(u8, &[&str]); 6] = [
    (b'i', &["is", "ist"]),
    (b'w', &["was", "war"]),
    (b'e', &["est", "es", "era"]),
    (b't', &[TO]),
    (b'l', &["lautet"]),
    (0xC3, &["était", "è", "é"]),
];

/// Where only a change makes a value of what follows.
const TO: &str = "to";

/// What changes a value.
const CHANGES: [&str; 7] = ["set", "reset", "change", "changed", "update", "updated", "setze"];

/// What may stand behind a verb.
const CLOSINGS: [&str; 3] = [": ", " : ", " "];

/// The most words between a name and its verb.
const WORDS_MAX: usize = 5;

/// A verb behind a name.
#[derive(Clone, Copy)]
pub(super) struct Verb {
    text: &'static str,
    /// With what closes it.
    pub(super) length: usize,
}

/// The first three bytes of the verbs.
pub(super) fn beginnings(sink: &mut dyn FnMut([u8; 3])) {
    for verb in VERBS.into_iter().flat_map(|(_, verbs)| verbs) {
        for closing in CLOSINGS {
            let text = [*verb, closing].concat();
            text.as_bytes()
                .first_chunk()
                .into_iter()
                .for_each(|first| sink(*first));
        }
    }
}

/// The verb that `text` starts with.
pub(super) fn verb(text: &[u8], ending: Ending) -> Result<Option<Verb>, Unresolved> {
    let first = text.first();
    let verbs = VERBS.into_iter().find(|(byte, _)| Some(byte) == first);
    for &verb in verbs.into_iter().flat_map(|(_, verbs)| verbs) {
        let Some(rest) = text.strip_prefix(verb.as_bytes()) else {
            if ending == Ending::More && verb.as_bytes().starts_with(text) {
                return Err(Unresolved);
            }
            continue;
        };
        let closing = CLOSINGS
            .iter()
            .find(|closing| rest.starts_with(closing.as_bytes()));
        let longer = CLOSINGS
            .iter()
            .any(|closing| closing.len() > rest.len() && closing.as_bytes().starts_with(rest));
        if longer && ending == Ending::More {
            return Err(Unresolved);
        }
        if let Some(closing) = closing {
            return Ok(Some(Verb {
                text: verb,
                length: verb.len() + closing.len(),
            }));
        }
    }
    Ok(None)
}

impl Verb {
    /// What the subject of the verb behind `before` tells of.
    pub(super) fn rows(self, names: &Names, before: &[u8]) -> Option<RowSet> {
        let rows = names.at_end_of(before);
        match self.text {
            TO => rows.filter(|_| changes(before)),
            _ => rows.or_else(|| of_subject(names, before)),
        }
    }
}

/// What a name tells of that stands before a preposition in the same clause: `the password for staging`.
fn of_subject(names: &Names, before: &[u8]) -> Option<RowSet> {
    let text = window(before);
    let mut end = text.len();
    let mut words = 0;
    for (at, byte) in text.iter().enumerate().rev() {
        match byte {
            b' ' => {
                let word = text.get(at + 1..end).unwrap_or_default();
                if is_preposition(word) {
                    let rows = names.at_end_of(text.get(..at).unwrap_or_default());
                    if rows.is_some() {
                        return rows;
                    }
                }
                words += usize::from(!word.is_empty());
                end = at;
            }
            b'.' | b',' | b';' | b':' | b'\n' | b'!' | b'?' => break,
            _ => {}
        }
        if words == WORDS_MAX {
            break;
        }
    }
    None
}

/// Whether a word may stand between a name and what it is of.
fn is_preposition(word: &[u8]) -> bool {
    matches!(
        word,
        b"for"
            | b"of"
            | b"on"
            | b"to"
            | b"at"
            | b"in"
            | b"f\xC3\xBCr"
            | b"von"
            | b"zum"
            | b"pour"
            | b"de"
            | b"du"
            | b"del"
            | b"para"
            | b"per"
            | b"voor"
    )
}

fn changes(before: &[u8]) -> bool {
    let words = window(before).split(|byte| !byte.is_ascii_alphabetic());
    words.into_iter().any(|word| {
        CHANGES
            .iter()
            .any(|change| word.eq_ignore_ascii_case(change.as_bytes()))
    })
}
