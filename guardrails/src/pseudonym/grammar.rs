//! How tokens are spelt: one way by us, several ways by models.
//!
//! ```text
//! token = "<" body ">" | "\<" body "\>" | "&lt;" body "&gt;" | "\u003c" body "\u003e" | "%3C" body "%3E"
//!       | body                            where no ASCII letter or digit is beside it
//! body  = CATEGORY us CHECK               letters in any case; between delimiters, with one line break anywhere
//! us    = "_" | "\_"
//! ```
//! `_` beside a body alone counts as no letter, because Markdown writes emphasis with it. Delimiters match in kind:
//! what stands before a token that is copied as we spell it, `CORP\` say, is not taken for a part of it.

use crate::automaton::Ending;
use crate::category::Category;

/// Spellings of the delimiters. No opening one begins with another one.
const DELIMITERS: [(&str, &str); 5] = [
    ("<", ">"),
    (r"\<", r"\>"),
    ("&lt;", "&gt;"),
    (r"\u003c", r"\u003e"),
    ("%3c", "%3e"),
];

/// The bytes that spellings of the opening delimiter begin with.
pub(super) const OPENING: [u8; 4] = *b"<\\&%";

/// Why no token was read.
pub(super) enum Miss {
    /// There is none, whatever follows.
    Never,
    /// Text ended where one may still come of it.
    NotYet,
}

/// A token under way: its opening delimiter has been read, if it has one, and some of its body.
pub(super) struct Spelling<'a> {
    text: &'a [u8],
    /// How much of `text` has been read.
    at: usize,
    /// The closing delimiter that goes with the opening one, if there is one.
    close: Option<&'static str>,
    /// A line break has been passed over.
    broken: bool,
    ending: Ending,
}

/// The body of a token as we spell it, without delimiters.
pub(super) fn body(category: Category, check: &str) -> String {
    format!("{category}_{check}")
}

impl<'a> Spelling<'a> {
    /// Reads the opening delimiter, if any, of a token that begins where `text` does, after the byte `before`.
    pub(super) fn begin(text: &'a [u8], before: Option<u8>, ending: Ending) -> Result<Self, Miss> {
        let spelling = |at, close| Self {
            text,
            at,
            close,
            broken: false,
            ending,
        };
        for (open, close) in DELIMITERS {
            match literal(text, open) {
                Ok(()) => return Ok(spelling(open.len(), Some(close))),
                Err(Miss::NotYet) => return Err(Miss::NotYet),
                Err(Miss::Never) => {}
            }
        }
        match before {
            Some(byte) if byte.is_ascii_alphanumeric() => Err(Miss::Never),
            _ => Ok(spelling(0, None)),
        }
    }

    /// Reads the next character of a body, in lower case.
    pub(super) fn next(&mut self) -> Result<u8, Miss> {
        let breaks = self.line_break()?;
        let rest = self.text.get(self.at + breaks..).unwrap_or_default();
        let (byte, length) = match rest {
            [] | [b'\\'] => return Err(Miss::NotYet),
            [b'\\', b'_', ..] => (b'_', 2),
            [byte, ..] if byte.is_ascii_alphanumeric() || *byte == b'_' => (byte.to_ascii_lowercase(), 1),
            _ => return Err(Miss::Never),
        };
        self.broken |= breaks > 0;
        self.at += breaks + length;
        Ok(byte)
    }

    /// Whether nothing but an escaped underscore can come next.
    pub(super) fn awaits_underscore(&self) -> bool {
        self.text.get(self.at..).is_some_and(|rest| rest.ends_with(b"\\"))
    }

    /// The length of the spelling, if the token ends where it has been read to.
    pub(super) fn end(&self) -> Result<usize, Miss> {
        let rest = |from: usize| self.text.get(from..).unwrap_or_default();
        match (self.close, rest(self.at).first()) {
            (Some(close), _) => {
                let start = self.at + self.line_break()?;
                literal(rest(start), close).map(|()| start + close.len())
            }
            (None, Some(byte)) if byte.is_ascii_alphanumeric() => Err(Miss::Never),
            (None, None) if self.ending == Ending::More => Err(Miss::NotYet),
            (None, _) => Ok(self.at),
        }
    }

    /// The bytes of the line break that comes next, if there may be one.
    fn line_break(&self) -> Result<usize, Miss> {
        let may_break = self.close.is_some() && !self.broken;
        match self.text.get(self.at..).filter(|_| may_break) {
            Some([b'\n', ..]) => Ok(1),
            Some([b'\r', b'\n', ..]) => Ok(2),
            Some([b'\r']) => Err(Miss::NotYet),
            _ => Ok(0),
        }
    }
}

/// Reads `spelling` in any case.
fn literal(text: &[u8], spelling: &str) -> Result<(), Miss> {
    let spelling = spelling.as_bytes();
    let read = spelling.len().min(text.len());
    let alike = |(a, b): (&u8, &u8)| a.eq_ignore_ascii_case(b);
    match text.iter().zip(spelling).all(alike) {
        true if read == spelling.len() => Ok(()),
        true => Err(Miss::NotYet),
        false => Err(Miss::Never),
    }
}
