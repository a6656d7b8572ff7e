//! Finds where e-mail addresses can start. An address may start with any word, so it is found from its `@` instead:
//! the run of mailbox characters before the `@` has at most one start. Without this every word of plain prose would be walked.
//!
//! A mailbox run is a maximal stretch of letters of one script, digits and `_ . % + ' -`; an address starts at the first letter,
//! digit or underscore of its run, so that quotes and list dashes in front stay outside, and so does Chinese in front of an
//! address in ASCII (RFC 6531 §3.3). A match ends a run: text that follows one directly may start an address again.
//! A local part in quotation marks (RFC 5321 §4.1.2) starts at the first of them, if no word is before it and one is behind it.

use crate::automaton::{Ending, Text};
use crate::detector::{LOOK_BEHIND, is_word};
use crate::place::SearchPlace;
use crate::script::script_of;

/// The longest local part of an address (RFC 5321 §4.5.3.1.1).
const LOCAL_BYTES_MAX: usize = 64;

const QUOTE: u8 = b'"';

/// What is remembered between two searches of the same text, so that no stretch is searched twice for an `@`.
#[derive(Default)]
pub(crate) struct Lookout {
    /// The first `@` at or after the cursor. Its start moves when a match ends inside its run.
    near: Option<At>,
    /// The first `@` after `near` that an address can end its local part with. No match reaches its run yet.
    far: Option<At>,
}

/// An `@`.
#[derive(Clone, Copy)]
struct At {
    /// Where it is, or may still come (the end of the text so far); `usize::MAX` if there is none.
    position: usize,
    /// The only place where an address with this `@` can start.
    start: Option<usize>,
    /// The fence that `start` was found with.
    fence: usize,
}

impl Lookout {
    /// The next place at or after the cursor where an address can start.
    pub(crate) fn next(&mut self, text: Text<'_>, place: &SearchPlace) -> Option<usize> {
        let SearchPlace { fence, cursor, .. } = *place;
        let near = match self.near.filter(|near| near.position >= cursor) {
            Some(near) if near.fence == fence => near,
            Some(near) => At::new(near.position, text.bytes, fence),
            None => At::new(find_at(text, cursor), text.bytes, fence),
        };
        self.near = Some(near);
        if near.start.is_some_and(|start| start >= cursor) {
            return near.start;
        }
        if near.position >= text.bytes.len() {
            return None;
        }
        if self.far.is_none_or(|far| far.position <= near.position) {
            self.far = Some(At::starting(near.position + 1, text, fence));
        }
        self.far.and_then(|far| far.start)
    }
}

impl At {
    fn new(position: usize, bytes: &[u8], fence: usize) -> Self {
        Self {
            position,
            start: address_start(bytes, position, fence),
            fence,
        }
    }

    /// The first `@` from `from` on that has a start; else the last there is.
    fn starting(mut from: usize, text: Text<'_>, fence: usize) -> Self {
        loop {
            let at = Self::new(find_at(text, from), text.bytes, fence);
            if at.start.is_some() || at.position >= text.bytes.len() {
                return at;
            }
            from = at.position + 1;
        }
    }
}

/// The position of the first `@` from `from` on; else the end of `text` if more may follow; else a place that never comes.
fn find_at(text: Text<'_>, from: usize) -> usize {
    let found = text.bytes.get(from..).and_then(|rest| memchr::memchr(b'@', rest));
    match (found, text.ending) {
        (Some(skip), _) => from + skip,
        (None, Ending::More) => text.bytes.len(),
        (None, Ending::Last) => usize::MAX,
    }
}

/// Where the address whose `@` stands at `at` would start, or may start if that is where the text ends.
fn address_start(bytes: &[u8], at: usize, fence: usize) -> Option<usize> {
    let start = mailbox_start(bytes, at, fence);
    let last = at.checked_sub(1).filter(|last| bytes.get(*last) == Some(&QUOTE));
    let closed = last.and_then(|last| quoted_start(bytes, last, fence));
    let open = if at == bytes.len() {
        quoted_start(bytes, at, fence)
    } else {
        None
    };
    [start, closed, open].into_iter().flatten().min()
}

/// Where the local part starts whose closing quotation mark stands at `end`, or may come there.
fn quoted_start(bytes: &[u8], end: usize, fence: usize) -> Option<usize> {
    let from = end.saturating_sub(LOCAL_BYTES_MAX - 1).max(fence);
    let window = bytes.get(from..end)?;
    let (before, inside) = window.split_at_checked(memchr::memrchr(QUOTE, window)?)?;
    let inside = inside.get(1..)?;
    let starts =
        before.last().is_none_or(|byte| !is_word(*byte)) && inside.first().is_none_or(|byte| is_word(*byte));
    let quotable = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'@';
    (starts && inside.iter().all(quotable)).then_some(from + before.len())
}

/// As `address_start`, of a local part without quotation marks: the first letter, digit or underscore of its run, if that
/// is at most `LOCAL_BYTES_MAX` bytes away.
fn mailbox_start(bytes: &[u8], at: usize, fence: usize) -> Option<usize> {
    let from = at.saturating_sub(LOCAL_BYTES_MAX).max(fence);
    let run = bytes.get(from..at)?;
    let length = run.iter().rev().take_while(|byte| is_mailbox(**byte)).count();
    let beyond = run
        .len()
        .checked_sub(length + 1)
        .and_then(|before| run.get(before));
    if beyond.is_some_and(|byte| !byte.is_ascii()) {
        return lettered_start(bytes, at, fence);
    }
    let skipped = run
        .get(run.len() - length..)?
        .iter()
        .position(|byte| is_word(*byte))?;
    let start = at - length + skipped;
    // The run may reach further back than the window. Only punctuation there leaves this the start.
    let lead = bytes.get(start.saturating_sub(LOOK_BEHIND).max(fence)..start)?;
    let before = lead
        .iter()
        .rev()
        .find(|byte| is_word(**byte) || !is_mailbox(**byte));
    match before {
        Some(byte) if byte.is_ascii() => (!is_mailbox(*byte)).then_some(start),
        Some(_) => lettered_start(bytes, at, fence),
        None => Some(start),
    }
}

fn is_mailbox(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b'.' | b'%' | b'+' | b'\'' | b'-')
}

/// As `mailbox_start`, of a run with letters beyond ASCII in it or in front of it.
fn lettered_start(bytes: &[u8], at: usize, fence: usize) -> Option<usize> {
    let mut script = None;
    let mut start = None;
    let mut from = at;
    while let Some((character, place)) = character_before(bytes, from, fence) {
        if !continues(character, &mut script) {
            break;
        }
        if is_start(character) {
            // Longer than a local part may be.
            if at - place > LOCAL_BYTES_MAX {
                return None;
            }
            start = Some(place);
        } else if at - place > LOOK_BEHIND {
            // Nothing but punctuation so far back.
            break;
        }
        from = place;
    }
    start
}

/// The character that ends at `end`, if it starts at `fence` or behind, and where it starts.
fn character_before(bytes: &[u8], end: usize, fence: usize) -> Option<(char, usize)> {
    let from = end.saturating_sub(4).max(fence);
    let tail = bytes.get(from..end)?;
    let start = tail.iter().rposition(|byte| byte & 0xC0 != 0x80)?;
    let character = std::str::from_utf8(tail.get(start..)?).ok()?.chars().next()?;
    Some((character, from + start))
}

/// Whether a character is of the run that goes on behind it, which has letters of `script`.
fn continues(character: char, script: &mut Option<u32>) -> bool {
    if !is_letter(character) {
        return is_start(character) || matches!(character, '.' | '%' | '+' | '\'' | '-');
    }
    *script.get_or_insert_with(|| script_of(character)) == script_of(character)
}

/// Whether an address may start with a character.
fn is_start(character: char) -> bool {
    character.is_ascii_digit() || character == '_' || is_letter(character)
}

/// A letter that the shape of an address knows: where a start is that no walk goes on from, nothing would be held for one behind it.
fn is_letter(character: char) -> bool {
    character.is_alphabetic()
        && matches!(character, 'A'..='z' | '\u{C0}'..='\u{1FFF}' | '\u{3040}'..='\u{D7FF}')
}
