//! The bytes that may tell of a value. Many are looked at in one go, without a branch for each: most tell of nothing.

use crate::beginnings::Beginnings;
use crate::bytes::ByteTable;
use crate::lead::is_letter;
use crate::place::Block;

/// What a byte can be, after a byte of some class.
pub(super) const PREFIX: u32 = 1;
pub(super) const DIGIT: u32 = 1 << 1;
pub(super) const OPERATOR: u32 = 1 << 2;
pub(super) const DOT: u32 = 1 << 3;
/// Worth a closer look whatever comes next; else `beginnings` must have it.
pub(super) const SURE: u32 = 1 << 4;

/// All of these.
const ALL: u32 = (1 << 5) - 1;

/// Classes of the byte before, as the place of the flags behind it.
pub(super) const OTHER: u32 = 0;
pub(super) const LETTER: u32 = 5;
pub(super) const NUMERAL: u32 = 10;

/// The bytes that are looked at in one go.
const BLOCK_BYTES: usize = 32;

/// With the one before them and the two behind.
const WINDOW_BYTES: usize = BLOCK_BYTES + 3;

/// What each byte can be.
pub(super) struct Events {
    traits: ByteTable<Traits>,
    beginnings: Beginnings,
    /// No value starts with what `is_quiet` picks.
    pub(super) knows_quiet: bool,
}

/// A byte's flags after each class of byte, and its own class.
#[derive(Clone, Copy, Default)]
struct Traits(u32);

/// A byte that may tell of a value.
#[derive(Clone, Copy)]
pub(super) struct Event {
    pub(super) at: usize,
    flags: u32,
}

impl Event {
    pub(super) fn is(self, flag: u32) -> bool {
        self.flags & flag != 0
    }
}

impl Traits {
    const CLASS: u32 = 16;

    fn of(byte: u8) -> Self {
        Self(class(byte) << Self::CLASS)
    }

    /// The flags behind a byte of traits `before`.
    #[inline]
    fn flags_after(self, before: Self) -> u32 {
        (self.0 >> (before.0 >> Self::CLASS)) & ALL
    }
}

impl Events {
    pub(super) fn new() -> Self {
        Self {
            traits: ByteTable::new(Traits::of),
            beginnings: Beginnings::default(),
            knows_quiet: true,
        }
    }

    /// Notes that `byte`, after one of class `before`, can be what `flags` say.
    pub(super) fn mark(&mut self, before: u32, byte: u8, flags: u32) {
        let Traits(traits) = self.traits.of(byte);
        self.traits.set(byte, Traits(traits | flags << before));
        let letter = if before == LETTER { b'a' } else { b'.' };
        self.knows_quiet &= flags == 0 || !is_quiet(letter, byte);
    }

    /// Notes three bytes that a value can start with.
    pub(super) fn begin_with(&mut self, beginning: [u8; 3]) {
        self.beginnings.insert(beginning);
    }

    /// The first byte from `at` on that may tell of a value. `block` remembers what has been seen of the same text.
    #[inline]
    pub(super) fn next(&self, bytes: &[u8], mut at: usize, block: &mut Block) -> Option<Event> {
        loop {
            if !(block.start..block.end).contains(&at) {
                let Some(window) = at
                    .checked_sub(1)
                    .and_then(|before| bytes.get(before..)?.first_chunk())
                else {
                    return self.next_singly(bytes, at);
                };
                *block = Block {
                    start: at,
                    end: at + BLOCK_BYTES,
                    marks: self.marks(window),
                };
            }
            let left = block.marks >> (at - block.start);
            if left != 0 {
                return Some(self.event(bytes, at + left.trailing_zeros() as usize));
            }
            at = block.end;
        }
    }

    /// The event at `at`: no prefix where nothing begins with what follows. Digits may be prefixes whatever follows.
    fn event(&self, bytes: &[u8], at: usize) -> Event {
        let flags = self.flags_at(bytes, at);
        let beginning = bytes.get(at..).and_then(<[u8]>::first_chunk);
        let begins = beginning.is_none_or(|beginning| self.beginnings.may_hold(*beginning));
        let none = if begins || flags & DIGIT != 0 { 0 } else { PREFIX };
        Event {
            at,
            flags: flags & !none,
        }
    }

    /// As `next`, a byte at a time: where a text begins, and where it ends.
    fn next_singly(&self, bytes: &[u8], at: usize) -> Option<Event> {
        (at..bytes.len()).find_map(|at| {
            let flags = self.flags_at(bytes, at);
            let beginning = bytes.get(at..).and_then(<[u8]>::first_chunk);
            let marked = beginning.map_or(flags != 0, |beginning| self.is_marked(flags, *beginning));
            marked.then_some(Event { at, flags })
        })
    }

    #[inline]
    fn flags_at(&self, bytes: &[u8], at: usize) -> u32 {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        let before = before.map_or(Traits::default(), |byte| self.traits.of(*byte));
        bytes
            .get(at)
            .map_or(0, |byte| self.traits.of(*byte).flags_after(before))
    }

    /// Whether a byte needs a closer look, by its flags and what it begins.
    #[inline]
    fn is_marked(&self, flags: u32, beginning: [u8; 3]) -> bool {
        let host = (flags & DOT != 0) & beginning[1].is_ascii_alphanumeric();
        (flags & SURE != 0) | host | ((flags != 0) & self.beginnings.may_hold(beginning))
    }

    /// The marks of a block.
    fn marks(&self, window: &[u8; WINDOW_BYTES]) -> u32 {
        let mut left = if self.knows_quiet { loud(window) } else { u32::MAX };
        let mut marks = 0;
        // No branch in here: words are too irregular for a processor to foresee one.
        while left != 0 {
            let place = left.trailing_zeros();
            left &= left - 1;
            let from = window.get(place as usize..).and_then(<[u8]>::first_chunk);
            let [before, first, second, third] = *from.unwrap_or(&[0; 4]);
            let flags = self.traits.of(first).flags_after(self.traits.of(before));
            marks |= u32::from(self.is_marked(flags, [first, second, third])) << place;
        }
        marks
    }
}

/// The bytes of a block that are not quiet, the lowest bit being the first.
fn loud(window: &[u8; WINDOW_BYTES]) -> u32 {
    let mut loud = [0; BLOCK_BYTES];
    for (loud, (before, byte)) in loud.iter_mut().zip(window.iter().zip(window.iter().skip(1))) {
        *loud = u8::from(!is_quiet(*before, *byte));
    }
    // Multiplying gathers the lowest bits of eight bytes in the highest byte.
    let gathered = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    let (eights, _) = loud.as_chunks();
    eights
        .iter()
        .rev()
        .fold(0, |bits, eight| bits << 8 | gathered(eight) as u32)
}

/// Whether a byte is of those that make up most of a text and tell of nothing: the inside and the end of words and of characters.
#[inline]
fn is_quiet(before: u8, byte: u8) -> bool {
    let inside = byte.is_ascii_lowercase() & before.is_ascii_alphabetic();
    let continues = byte & 0xC0 == 0x80;
    inside | continues | (byte == b' ') | (byte == b'"') | (byte == b',')
}

fn class(byte: u8) -> u32 {
    match byte {
        byte if is_letter(byte) => LETTER,
        byte if byte.is_ascii_digit() => NUMERAL,
        _ => OTHER,
    }
}
