//! The regions whose telephone numbers are recognised in national form.

use std::fmt;

/// A set of regions, each an ISO 3166-1 alpha-2 code.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Regions(Vec<[u8; 2]>);

/// A text that is not a region code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a region: two upper-case letters, as in ISO 3166-1")]
pub struct NotARegion(String);

impl Regions {
    /// The regions with these codes, such as `US`.
    ///
    /// # Errors
    /// [`NotARegion`] for the first code that is not two upper-case letters.
    pub fn new<'a>(codes: impl IntoIterator<Item = &'a str>) -> Result<Self, NotARegion> {
        let code = |code: &str| match code.as_bytes() {
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Ok([*a, *b]),
            _ => Err(NotARegion(code.to_owned())),
        };
        codes.into_iter().map(code).collect::<Result<_, _>>().map(Self)
    }

    /// The codes, in the order given.
    pub fn codes(&self) -> impl Iterator<Item = [u8; 2]> {
        self.0.iter().copied()
    }
}

impl fmt::Debug for Regions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|code| code.escape_ascii().to_string()))
            .finish()
    }
}
