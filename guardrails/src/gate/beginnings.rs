//! The three bytes that a value can start with, as a set that may hold more than was put in: one look spares most words of prose a
//! walk.

/// Half of them for what starts with a capital: most words of prose do not, and that half is the fuller one.
const BITS: usize = 1 << 18;

/// Three-byte beginnings.
pub(super) struct Beginnings(Box<[u64]>);

impl Default for Beginnings {
    fn default() -> Self {
        Self(vec![0; BITS / 64].into())
    }
}

impl Beginnings {
    pub(super) fn insert(&mut self, beginning: [u8; 3]) {
        let bit = bit(beginning);
        if let Some(word) = self.0.get_mut(bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }

    /// Whether something in here may be `beginning`.
    #[inline]
    pub(super) fn may_hold(&self, beginning: [u8; 3]) -> bool {
        let bit = bit(beginning);
        let word = self.0.get(bit / 64).copied().unwrap_or_default();
        (word >> (bit % 64)) & 1 != 0
    }
}

/// Multiplicative hashing (Knuth, The Art of Computer Programming 3, §6.4), by 2^32 over the golden ratio.
#[inline]
fn bit([first, second, third]: [u8; 3]) -> usize {
    let hash = u32::from_le_bytes([first, second, third, 0]).wrapping_mul(0x9E37_79B1) >> 15;
    (hash as usize | usize::from(first.is_ascii_uppercase()) << 17) % BITS
}
