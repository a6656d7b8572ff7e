//! The bytes that may tell of a value: a table look-up for each byte of a text, and hardly more.

use super::beginnings::Beginnings;
use crate::bytes::ByteTable;
use crate::lead::is_letter;

/// What a byte can be, after a byte of some class.
pub(super) const PREFIX: u8 = 1;
pub(super) const DIGIT: u8 = 1 << 1;
pub(super) const OPERATOR: u8 = 1 << 2;
pub(super) const DOT: u8 = 1 << 3;
/// Worth a closer look whatever comes next; else `beginnings` must have it.
pub(super) const SURE: u8 = 1 << 4;

/// Classes of the byte before, as offsets into the table of events.
pub(super) const OTHER: u16 = 0;
pub(super) const LETTER: u16 = 1 << 8;
pub(super) const NUMERAL: u16 = 2 << 8;

/// What each byte can be.
pub(super) struct Events {
    class: ByteTable<u16>,
    events: [u8; 1024],
    beginnings: Beginnings,
}

/// A byte that may tell of a value.
#[derive(Clone, Copy)]
pub(super) struct Event {
    pub(super) at: usize,
    flags: u8,
}

impl Event {
    pub(super) fn is(self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

impl Events {
    pub(super) fn new() -> Self {
        Self {
            class: ByteTable::new(class),
            events: [0; 1024],
            beginnings: Beginnings::default(),
        }
    }

    /// Notes that `byte`, after one of class `before`, can be what `flags` say.
    pub(super) fn mark(&mut self, before: u16, byte: u8, flags: u8) {
        if let Some(event) = self.events.get_mut(usize::from(before) | usize::from(byte)) {
            *event |= flags;
        }
    }

    /// Notes three bytes that a value can start with.
    pub(super) fn begin_with(&mut self, beginning: [u8; 3]) {
        self.beginnings.insert(beginning);
    }

    /// The first byte from `at` on that may tell of a value.
    pub(super) fn next(&self, bytes: &[u8], at: usize) -> Option<Event> {
        let mut before = at
            .checked_sub(1)
            .and_then(|at| bytes.get(at))
            .map_or(OTHER, |byte| self.class.of(*byte));
        let mut flags_of = |byte: u8| {
            let flags = self.events.get(usize::from(before) | usize::from(byte));
            before = self.class.of(byte);
            flags.copied().unwrap_or_default()
        };
        let unseen = bytes.get(at..)?;
        for (offset, beginning) in unseen.windows(3).enumerate() {
            let &[first, second, third] = beginning else {
                continue;
            };
            let flags = flags_of(first);
            // No more branches than these two: words are too irregular for a processor to foresee more.
            let host = (flags & DOT != 0) & second.is_ascii_alphanumeric();
            if flags != 0 && ((flags & SURE != 0) | host | self.beginnings.may_hold([first, second, third])) {
                return Some(Event {
                    at: at + offset,
                    flags,
                });
            }
        }
        let tail = unseen.len().saturating_sub(2);
        let mut rest = unseen.iter().enumerate().skip(tail);
        rest.find_map(|(offset, byte)| {
            let event = Event {
                at: at + offset,
                flags: flags_of(*byte),
            };
            (event.flags != 0).then_some(event)
        })
    }
}

fn class(byte: u8) -> u16 {
    match byte {
        byte if is_letter(byte) => LETTER,
        byte if byte.is_ascii_digit() => NUMERAL,
        _ => OTHER,
    }
}
