//! Puts values back in the place of their tokens, as text arrives.

use super::grammar::Miss;
use super::issued::Pseudonyms;
use crate::automaton::Ending;
use crate::category::Category;
use std::fmt;
use std::mem;

/// A part of a text in which tokens give way to values. The texts and spellings of all parts, in order, are the input.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Restored<'a> {
    /// Text that passes as it is; never empty.
    Text(&'a str),
    /// A value in the place of its token. It is still to be escaped for where it goes, and it has been judged on its
    /// way into the request, so it is no finding of the answer.
    Value {
        /// The category of the value.
        category: Category,
        /// The value as it stood in the request.
        value: &'a str,
        /// The token as it stood in the text, in whatever spelling.
        spelling: &'a str,
    },
}

/// Restores one text that arrives in chunks: a content block, a choice. Restorers are independent of each other.
///
/// It reads tokens in the spellings that models give them: in any case, with `\` before delimiters and underscores
/// (Markdown), with delimiters written `&lt;` and `&gt;` (HTML), `\u003c` and `\u003e` (JSON) or `%3C` and `%3E` (URLs), over a
/// line break between delimiters, and without delimiters where no ASCII letter or digit is beside it. Delimiters go with the token only if both are there and alike, so a
/// token that is copied as it was issued gives back what it replaced, whatever is around it.
///
/// It holds back only text that more input could still make a token issued in this exchange, at most
/// [`Restorer::HELD_BYTES_MAX`]; with nothing issued it holds nothing. Dropping a restorer without
/// [`Restorer::finish`] releases nothing: what was held stays withheld.
#[derive(Default)]
pub struct Restorer {
    held: String,
    /// The last byte that was decided.
    before: Option<u8>,
}

impl Restorer {
    /// The most text held back, in bytes: one byte less than the longest spelling of the longest token, which has
    /// delimiters of 6 bytes, a line break of 2, and 64 escaped underscores.
    pub const HELD_BYTES_MAX: usize = Pseudonyms::TOKEN_BYTES_MAX + 2 * 5 + 2 + 64 - 1;

    /// Takes the next chunk and hands every part that is decided by now to `out`.
    pub fn push(&mut self, pseudonyms: &Pseudonyms, text: &str, out: &mut dyn FnMut(Restored<'_>)) {
        if self.held.is_empty() {
            let decided = self.advance(pseudonyms, text, Ending::More, out);
            self.held.push_str(text.get(decided..).unwrap_or_default());
            return;
        }
        let mut joined = mem::take(&mut self.held);
        joined.push_str(text);
        let decided = self.advance(pseudonyms, &joined, Ending::More, out);
        joined.drain(..decided);
        joined.shrink_to(Self::HELD_BYTES_MAX);
        self.held = joined;
    }

    /// Declares the text complete, hands the rest of it to `out`, and makes the restorer new.
    pub fn finish(&mut self, pseudonyms: &Pseudonyms, out: &mut dyn FnMut(Restored<'_>)) {
        let held = mem::take(&mut self.held);
        self.advance(pseudonyms, &held, Ending::Last, out);
        *self = Self::default();
    }

    /// How many bytes are held back now.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// Hands out what can be decided of `text` and returns how long that is.
    fn advance(
        &mut self,
        pseudonyms: &Pseudonyms,
        text: &str,
        ending: Ending,
        out: &mut dyn FnMut(Restored<'_>),
    ) -> usize {
        let bytes = text.as_bytes();
        let mut released = 0;
        let mut at = 0;
        let mut decided = text.len();
        while let Some(start) = pseudonyms.candidate(bytes, at) {
            let before = start
                .checked_sub(1)
                .map_or(self.before, |last| bytes.get(last).copied());
            let rest = bytes.get(start..).unwrap_or_default();
            match pseudonyms.read(rest, before, ending) {
                Ok((category, value, length)) => {
                    emit(text, released..start, out);
                    at = start + length;
                    released = at;
                    out(Restored::Value {
                        category,
                        value,
                        spelling: text.get(start..at).unwrap_or_default(),
                    });
                }
                Err(Miss::NotYet) if ending == Ending::More => {
                    decided = start;
                    break;
                }
                Err(Miss::NotYet | Miss::Never) => at = start + 1,
            }
        }
        emit(text, released..decided, out);
        let last = decided.checked_sub(1).and_then(|last| bytes.get(last));
        self.before = last.copied().or(self.before);
        decided
    }
}

fn emit(text: &str, span: std::ops::Range<usize>, out: &mut dyn FnMut(Restored<'_>)) {
    if let Some(text) = text.get(span).filter(|text| !text.is_empty()) {
        out(Restored::Text(text));
    }
}

impl fmt::Debug for Restored<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.debug_struct("Text").field("bytes", &text.len()).finish(),
            Self::Value { category, .. } => f
                .debug_struct("Value")
                .field("category", category)
                .finish_non_exhaustive(),
        }
    }
}

impl fmt::Debug for Restorer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Restorer")
            .field("held", &self.held.len())
            .finish_non_exhaustive()
    }
}
