//! The view of a text that is scanned: what a reader takes it for, not how it is spelt.
//!
//! Characters that are not shown are dropped, and so are control characters and marks over letters; digits of other scripts,
//! compatibility forms, dashes and spaces become ASCII (`fold`); what is encoded becomes what it stands for (`encoded`, `base64`);
//! `ada(at)example [dot] org` becomes an address. Each difference is remembered with the
//! original text, so that findings cover it. Text that is its own view is not copied, and most is.
//!
//! Sources: Unicode Standard Annex 44 (`Default_Ignorable_Code_Point`, general categories Nd, Pd, Zs), Annex 15 (NFKC), chapter 23.1
//! (control codes); the blocks of combining marks; ECMA-48 §5.4 for control sequences of terminals.

mod base64;
mod bracketed;
mod encoded;
mod fold;
mod table;

use crate::bytes::ByteTable;
use crate::category::Category;
use base64::Run;
use bracketed::{Bracketed, closes_word, opens};
use encoded::Encoded;
use fold::{Folded, fold};
use std::collections::VecDeque;
use std::sync::LazyLock;

/// The longest run of characters that are not shown that is looked at as one; a longer one is hidden text.
const RUN_CHARS_MAX: usize = 16;

/// So many characters in a row that are not shown hide something: emoji need at most three.
const HIDING_CHARS_MIN: usize = 4;

/// The longest control sequence of a terminal that is looked at as one, in bytes.
const SEQUENCE_BYTES_MAX: usize = 24;

/// The emoji that tag characters after it make the flag of a region (Unicode Technical Standard 51, annex C).
const BLACK_FLAG: char = '\u{1F3F4}';

/// A place where the view differs from the text.
#[derive(Debug)]
pub(crate) struct Change {
    /// Where in the view, and how many bytes of it.
    pub(crate) at: usize,
    pub(crate) len: usize,
    pub(crate) original: Box<str>,
    /// The difference is a finding by itself.
    pub(crate) found: Option<Category>,
}

/// The differences that are still of use, in order.
pub(crate) type Changes = VecDeque<Change>;

/// Makes the view of one text that arrives in chunks.
#[derive(Default)]
pub(crate) struct Normaliser {
    /// Text whose view depends on what comes next.
    pending: String,
    /// The last character that is shown, none at the start.
    last: Option<char>,
    /// A run of characters that are not shown was longer than `RUN_CHARS_MAX`.
    overlong: bool,
    /// Bytes of text since the last line break.
    column: usize,
    /// The text so far ends within a run of base64, of which whole fours have been taken.
    decoding: bool,
}

/// One step through a text.
struct Step<'a> {
    normaliser: &'a mut Normaliser,
    view: &'a mut String,
    changes: &'a mut Changes,
    rest: &'a str,
    more: bool,
}

/// Whether `text` is its own view, with `more` however it goes on.
pub(crate) fn is_plain(text: &str, more: bool) -> bool {
    let bytes = text.as_bytes();
    // Without an early end, so that the loop is one over many bytes at a time.
    let printed = bytes
        .iter()
        .fold(true, |printed, byte| printed & !is_unprinted(*byte));
    let starts = |at: usize| encoded::may_start(bytes, at);
    let is_encoded = || {
        memchr::memchr2_iter(b'\\', b'%', bytes).any(starts)
            || memchr::memchr2_iter(b'&', b'=', bytes).any(starts)
    };
    let bracketed = || {
        let closes = |at: usize| closes_word(bytes, at);
        memchr::memchr3_iter(b')', b']', b'}', bytes).any(closes)
            || memchr::memchr_iter(b'>', bytes).any(closes)
    };
    printed && !is_encoded() && !bracketed() && !base64::may_hold(bytes, more)
}

/// How many bytes `text` begins with that are read as they are, but for base64.
fn plain_length(text: &str) -> usize {
    let special: &ByteTable<bool> = &SPECIAL;
    let mut length = 0;
    while let Some(rest) = text.get(length..) {
        let Some(place) = rest.bytes().position(|byte| special.of(byte)) else {
            break;
        };
        length += place;
        match rest.get(place..).and_then(|rest| rest.chars().next()) {
            Some(character) if !character.is_ascii() && fold(character).is_none() => {
                length += character.len_utf8();
            }
            _ => return length,
        }
    }
    text.len()
}

/// Whether a byte is of a character beyond ASCII, or of a control character but those that separate.
fn is_unprinted(byte: u8) -> bool {
    (byte < b' ') & (byte != b'\t') & (byte != b'\n') & (byte != b'\r') | (byte >= 0x7F)
}

impl Normaliser {
    /// Appends the view of `text` to `view`, as far as it is certain. `more` says that text may follow.
    pub(crate) fn push(&mut self, text: &str, more: bool, view: &mut String, changes: &mut Changes) {
        let whole = self.pending.is_empty() && !self.decoding;
        if whole && is_plain(text, more) && !(more && bracketed::may_begin_in(text.as_bytes())) {
            self.note(text);
            self.last = text.chars().next_back().or(self.last);
            self.overlong &= text.is_empty();
            view.push_str(text);
            return;
        }
        let mut whole = std::mem::take(&mut self.pending);
        whole.push_str(text);
        let mut step = Step {
            normaliser: self,
            view,
            changes,
            rest: &whole,
            more,
        };
        while step.advance() {}
        let undecided = step.rest.len();
        whole.drain(..whole.len() - undecided);
        self.pending = whole;
    }

    /// Counts the bytes of a line.
    fn note(&mut self, text: &str) {
        match memchr::memrchr(b'\n', text.as_bytes()) {
            Some(end) => self.column = text.len() - end - 1,
            None => self.column += text.len(),
        }
    }

    /// How many bytes of text are not in the view yet.
    pub(crate) fn pending(&self) -> usize {
        self.pending.len()
    }
}

impl<'a> Step<'a> {
    /// Takes one run or one character. Returns whether there may be another.
    fn advance(&mut self) -> bool {
        if self.normaliser.decoding {
            return self.decode();
        }
        let bytes = self.rest.as_bytes();
        let stretch = bytes.get(..plain_length(self.rest)).unwrap_or_default();
        let open = self.more && stretch.len() == bytes.len();
        let kept = stretch.len() - self.blank_before_bracket(stretch);
        if kept > 0 {
            return match base64::find(stretch, self.view.as_bytes(), open) {
                Run::None => self.keep(kept),
                Run::Unknown(0) => false,
                Run::At(0) => {
                    self.normaliser.decoding = true;
                    true
                }
                Run::At(start) | Run::Unknown(start) => self.keep(start.min(kept)),
            };
        }
        let Some(first) = self.rest.chars().next() else {
            return false;
        };
        match first {
            ' ' | '(' | '[' | '{' | '<' => self.bracketed(),
            '\u{1B}' => self.sequence(),
            _ if first.is_ascii() && encoded::is_sign(first as u8) => self.encoded(),
            _ => match fold(first) {
                None => self.keep(first.len_utf8()),
                Some(Folded::To(byte)) => self.change(first.len_utf8(), &[byte], None),
                Some(Folded::Unprinted) => self.change(first.len_utf8(), b"", None),
                Some(Folded::Nothing) => self.run(),
            },
        }
    }

    /// Takes `length` bytes as they are.
    fn keep(&mut self, length: usize) -> bool {
        let (kept, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.normaliser.note(kept);
        self.view.push_str(kept);
        self.normaliser.last = kept.chars().next_back().or(self.normaliser.last);
        self.normaliser.overlong &= kept.is_empty();
        self.rest = rest;
        true
    }

    /// Takes `length` bytes as `view`.
    fn change(&mut self, length: usize, view: &[u8], found: Option<Category>) -> bool {
        let (original, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.normaliser.note(original);
        self.changes.push_back(Change {
            at: self.view.len(),
            len: view.len(),
            original: original.into(),
            found,
        });
        self.view.extend(view.iter().copied().map(char::from));
        if let Some(last) = view.last() {
            self.normaliser.last = Some(char::from(*last));
            self.normaliser.overlong = false;
        }
        self.rest = rest;
        true
    }

    /// Takes up to four characters of a run of base64 for what they stand for; as they are if that is no text.
    fn decode(&mut self) -> bool {
        let bytes = self.rest.as_bytes();
        let next = bytes.get(..4).unwrap_or(bytes);
        let of_run = next.iter().take_while(|byte| base64::is_of_run(**byte)).count();
        let padding = next.iter().skip(of_run).take_while(|byte| **byte == b'=').count();
        let end = if of_run == 0 { 0 } else { of_run + padding };
        if self.more && of_run + padding == bytes.len() && bytes.len() < 4 {
            return false;
        }
        self.normaliser.decoding = of_run == 4;
        match next.get(..of_run).and_then(base64::text_of) {
            Some((text, length)) => self.change(end, text.get(..length).unwrap_or_default(), None),
            None => self.keep(end),
        }
    }

    /// Takes what is encoded, if it is a character that the view has.
    fn encoded(&mut self) -> bool {
        let Normaliser { last, column, .. } = *self.normaliser;
        match encoded::decode(self.rest, last, column) {
            Encoded::SoftBreak(length) => self.change(length, b"", None),
            Encoded::Unknown if self.more => false,
            Encoded::Unknown | Encoded::Not => self.keep(1),
            Encoded::As(character, length) => match fold(character) {
                Some(Folded::Nothing | Folded::Unprinted) => self.change(length, b"", None),
                Some(Folded::To(byte)) => self.change(length, &[byte], None),
                None if (' '..='~').contains(&character) => self.change(length, &[character as u8], None),
                None => self.keep(1),
            },
        }
    }

    /// Takes a control sequence of a terminal, such as a colour; else the escape character alone.
    fn sequence(&mut self) -> bool {
        let bytes = self.rest.as_bytes();
        let within = bytes.get(..SEQUENCE_BYTES_MAX).unwrap_or(bytes);
        let parameters = within
            .iter()
            .skip(2)
            .take_while(|byte| matches!(byte, b'0'..=b'?'));
        let end = 2 + parameters.count();
        match (within.get(1), within.get(end)) {
            (Some(b'['), Some(b'@'..=b'~')) => self.change(end + 1, b"", None),
            (None | Some(b'['), None) if self.more && within.len() < SEQUENCE_BYTES_MAX => false,
            _ => self.change(1, b"", None),
        }
    }

    /// How many bytes at the end of `stretch`, a plain one, may belong to a bracketed word that is behind it.
    fn blank_before_bracket(&self, stretch: &[u8]) -> usize {
        let behind_word = match stretch {
            [.., before, b' '] => before.is_ascii_alphanumeric(),
            [b' '] => self.is_behind_word(),
            _ => false,
        };
        let next = self.rest.as_bytes().get(stretch.len());
        usize::from(behind_word && next.map_or(self.more, |next| opens(*next)))
    }

    /// Whether the last character that is shown is one that an address may have before `@`.
    fn is_behind_word(&self) -> bool {
        let last = self.normaliser.last;
        last.is_some_and(|last| last.is_ascii_alphanumeric())
    }

    /// Takes `(at)` and its like, where an address may go on after it.
    fn bracketed(&mut self) -> bool {
        if !self.is_behind_word() {
            return self.keep(1);
        }
        match bracketed::read(self.rest.as_bytes()) {
            Bracketed::As(byte, length) => self.change(length, &[byte], None),
            Bracketed::Unknown if self.more => false,
            Bracketed::Unknown | Bracketed::Not => self.keep(1),
        }
    }

    /// Takes a run of characters that are not shown.
    fn run(&mut self) -> bool {
        let hidden = |character: &char| matches!(fold(*character), Some(Folded::Nothing));
        let run: Vec<char> = self.rest.chars().take_while(hidden).take(RUN_CHARS_MAX).collect();
        let length = run.iter().map(|character| character.len_utf8()).sum();
        let next = self.rest.get(length..).and_then(|rest| rest.chars().next());
        if next.is_none() && self.more && run.len() < RUN_CHARS_MAX {
            return false;
        }
        let found = self.hides(&run, next);
        self.normaliser.overlong |= run.len() == RUN_CHARS_MAX;
        self.change(length, b"", found)
    }

    /// What a run of characters that are not shown is found to be.
    fn hides(&self, run: &[char], next: Option<char>) -> Option<Category> {
        let shown =
            |character: Option<char>| character.is_some_and(|character| character.is_ascii_alphanumeric());
        let soft = run.iter().all(|character| *character == '\u{AD}');
        let inside = shown(self.normaliser.last) && shown(next) && !soft;
        let tags = run
            .iter()
            .any(|character| ('\u{E0000}'..='\u{E007F}').contains(character));
        if run
            .iter()
            .any(|character| matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'))
        {
            Some(Category::BIDI_CONTROL)
        } else if tags && self.normaliser.last != Some(BLACK_FLAG) {
            Some(Category::TAG_CHARACTERS)
        } else if self.normaliser.overlong || inside || (run.len() >= HIDING_CHARS_MIN && !tags) {
            Some(Category::INVISIBLE_TEXT)
        } else {
            None
        }
    }
}

/// For each byte, whether a step has to look at it.
static SPECIAL: LazyLock<ByteTable<bool>> =
    LazyLock::new(|| ByteTable::new(|byte| is_unprinted(byte) || opens(byte) || encoded::is_sign(byte)));

#[cfg(test)]
mod tests;
