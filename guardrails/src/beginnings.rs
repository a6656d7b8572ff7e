//! The three bytes that something can start with: one look spares most words of prose a walk.

use crate::bytes::ByteTable;

/// How many kinds of bytes are told from each other, as a power of two.
const KINDS: u32 = 6;

/// The kinds that follow those of the letters.
const DIGIT: u8 = 52;
const SIGN: u8 = 53;
const BEYOND_ASCII: u8 = 62;
const OTHER: u8 = 63;

/// The signs from `SIGN` on; others are of one kind.
const SIGNS: &[u8; 9] = b" _-/:.+=\n";

/// Three-byte beginnings, as a set that may hold more than was put in.
pub(crate) struct Beginnings {
    kind: ByteTable<u8>,
    /// A bit for each three kinds. What words of prose need is close together.
    held: Box<[u64; 1 << (2 * KINDS)]>,
}

impl Default for Beginnings {
    fn default() -> Self {
        Self {
            kind: ByteTable::new(kind),
            held: Box::new([0; 1 << (2 * KINDS)]),
        }
    }
}

impl Beginnings {
    pub(crate) fn insert(&mut self, beginning: [u8; 3]) {
        let (place, bit) = self.place(beginning);
        if let Some(held) = self.held.get_mut(place) {
            *held |= bit;
        }
    }

    /// Whether something in here may start with `beginning`.
    #[inline]
    pub(crate) fn may_hold(&self, beginning: [u8; 3]) -> bool {
        let (place, bit) = self.place(beginning);
        self.held.get(place).is_some_and(|held| held & bit != 0)
    }

    /// The size in memory, in bytes.
    pub(crate) fn memory(&self) -> usize {
        size_of::<Self>() + size_of_val(self.held.as_ref())
    }

    #[inline]
    fn place(&self, beginning: [u8; 3]) -> (usize, u64) {
        let [first, second, third] = beginning.map(|byte| self.kind.of(byte));
        let place = usize::from(first) << KINDS | usize::from(second);
        (place % self.held.len(), 1 << (third % 64))
    }
}

fn kind(byte: u8) -> u8 {
    let sign = || SIGNS.iter().zip(SIGN..).find(|(sign, _)| **sign == byte);
    match byte {
        b'a'..=b'z' => byte - b'a',
        b'A'..=b'Z' => byte - b'A' + 26,
        b'0'..=b'9' => DIGIT,
        0x80.. => BEYOND_ASCII,
        _ => sign().map_or(OTHER, |(_, kind)| kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_was_put_in_and_little_else() {
        let mut beginnings = Beginnings::default();
        ["sk-", "Abc", "x9é", " to"]
            .iter()
            .filter_map(|text| text.as_bytes().first_chunk())
            .for_each(|first| beginnings.insert(*first));
        let held = |text: &str| {
            let first = text.as_bytes().first_chunk();
            first.is_some_and(|first| beginnings.may_hold(*first))
        };
        for text in ["sk-", "Abc", "x9é", "x1ü", " to"] {
            assert!(held(text), "{text}");
        }
        for text in ["sk_", "abc", "Abd", "xyé", "-to", " t "] {
            assert!(!held(text), "{text}");
        }
    }
}
