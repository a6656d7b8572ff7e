//! Facts that many look-ups compare.

use crate::archived::Archived;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

/// A value beside its hash, so that a look-up hashes eight bytes instead of all facts, and beside the form in which it is kept.
#[derive(Debug)]
pub(crate) struct Keyed<T> {
    hash: u64,
    pub(crate) value: T,
    pub(crate) archived: OnceLock<Archived>,
}

impl<T: Hash> Keyed<T> {
    pub(crate) fn new(value: T) -> Self {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        Self {
            hash: hasher.finish(),
            value,
            archived: OnceLock::new(),
        }
    }
}

impl<T: PartialEq> PartialEq for Keyed<T> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || (self.hash == other.hash && self.value == other.value)
    }
}

impl<T: Eq> Eq for Keyed<T> {}

impl<T> Hash for Keyed<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}
