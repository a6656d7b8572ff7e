//! Tables that are indexed by a byte.

/// A value for each byte.
pub(crate) struct ByteTable<T>([T; 256]);

impl<T: Copy + Default> ByteTable<T> {
    pub(crate) fn new(value: impl Fn(u8) -> T) -> Self {
        let mut byte = 0u8;
        Self([(); 256].map(|()| {
            let current = value(byte);
            byte = byte.wrapping_add(1);
            current
        }))
    }

    pub(crate) fn set(&mut self, byte: u8, value: T) {
        if let Some(slot) = self.0.get_mut(usize::from(byte)) {
            *slot = value;
        }
    }

    #[inline]
    pub(crate) fn of(&self, byte: u8) -> T {
        self.0.get(usize::from(byte)).copied().unwrap_or_default()
    }
}
