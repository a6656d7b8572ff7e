//! What single characters are read as.

use super::table::{FOLDS, Fold};
use std::sync::LazyLock;

/// What a character is read as, if not as itself.
pub(super) enum Folded {
    To(u8),
    /// Nothing is shown where it stands.
    Nothing,
    /// Nothing either, and nobody hides anything with it.
    Unprinted,
}

/// The characters that share a bit of `FOLDED`, as a power of two.
const PAGE: u32 = 5;

/// For each page of characters, whether one of them is read as another: most are done with here.
static FOLDED: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut pages = vec![0; (u32::from(char::MAX) >> PAGE) as usize / 64 + 1];
    for page in FOLDS
        .iter()
        .flat_map(|(first, last, _)| first >> PAGE..=last >> PAGE)
    {
        if let Some(bits) = pages.get_mut(page as usize / 64) {
            *bits |= 1 << (page % 64);
        }
    }
    pages
});

/// What `character` is read as, if not as itself.
pub(super) fn fold(character: char) -> Option<Folded> {
    let code = u32::from(character);
    let page = code >> PAGE;
    let bits = FOLDED.get(page as usize / 64).copied().unwrap_or_default();
    if (bits >> (page % 64)) & 1 == 0 {
        return None;
    }
    let place = FOLDS.partition_point(|(_, last, _)| *last < code);
    let (first, _, fold) = FOLDS.get(place).filter(|(first, _, _)| *first <= code)?;
    Some(match fold {
        Fold::Drop => Folded::Nothing,
        Fold::Unprinted => Folded::Unprinted,
        Fold::All(byte) => Folded::To(*byte),
        Fold::From(byte) => Folded::To(byte.wrapping_add(u8::try_from(code - first).unwrap_or_default())),
    })
}
