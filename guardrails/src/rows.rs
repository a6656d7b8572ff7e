//! Sets of detectors, by their place in an engine.

/// The most detectors of one engine, custom ones included.
pub(crate) const ROWS_MAX: usize = 512;

const WORDS: usize = ROWS_MAX / 64;

/// A set of detectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct RowSet([u64; WORDS]);

impl RowSet {
    /// The set of `rows`; places beyond `ROWS_MAX` are left out.
    pub(crate) fn of(rows: impl IntoIterator<Item = usize>) -> Self {
        let mut set = Self::default();
        rows.into_iter().for_each(|row| set.insert(row));
        set
    }

    pub(crate) fn insert(&mut self, row: usize) {
        if let Some(word) = self.0.get_mut(row / 64) {
            *word |= 1 << (row % 64);
        }
    }

    /// Every detector.
    pub(crate) const ALL: Self = Self([u64::MAX; WORDS]);

    /// No detector.
    pub(crate) const NONE: Self = Self([0; WORDS]);

    pub(crate) fn contains(&self, row: usize) -> bool {
        self.0
            .get(row / 64)
            .is_some_and(|word| word & (1 << (row % 64)) != 0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    pub(crate) fn keep(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine &= theirs;
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine |= theirs;
        }
    }
}
