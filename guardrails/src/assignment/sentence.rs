//! `the user name is …`, `das Passwort lautet: …`, `the password for staging is …`, `set the password to …`.

use super::names::Names;
use super::{Unresolved, window};
use crate::automaton::Ending;
use crate::rows::RowSet;

/// Verbs between a name and its value: English, German, Dutch, French, Spanish, Italian, Portuguese.
const VERBS: [&str; 12] = [
    "is", "was", "ist", "lautet", "war", "est", "était", "es", "era", "è", "é", TO,
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
    for verb in VERBS {
        for closing in CLOSINGS {
            let text = [verb, closing].concat();
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
    for verb in VERBS.into_iter().filter(|verb| verb.as_bytes().first() == first) {
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
    pub(super) fn rows(self, names: &Names, before: &[u8]) -> RowSet {
        let rows = names.at_end_of(before);
        match (rows.is_empty(), self.text) {
            (false, TO) if !changes(before) => RowSet::NONE,
            (true, TO) => RowSet::NONE,
            (false, _) => rows,
            (true, _) => of_subject(names, before),
        }
    }
}

/// What a name tells of that stands before a preposition: `the password for staging`.
fn of_subject(names: &Names, before: &[u8]) -> RowSet {
    let mut rest = window(before);
    for _ in 0..WORDS_MAX {
        let Some((front, word)) = last_word(rest) else {
            break;
        };
        rest = front;
        if is_preposition(word) {
            let rows = names.at_end_of(rest);
            if !rows.is_empty() {
                return rows;
            }
        }
    }
    RowSet::NONE
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

/// The last word of a sentence, and what is in front of it; nothing where another clause ends.
fn last_word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().rposition(|byte| *byte != b' ')? + 1;
    let start = text.get(..end)?.iter().rposition(|byte| *byte == b' ')? + 1;
    let word = text.get(start..end)?;
    let ends_clause = |byte: &u8| matches!(byte, b'.' | b',' | b';' | b':' | b'\n' | b'!' | b'?');
    (!word.iter().any(ends_clause)).then_some((text.get(..start)?, word))
}
