//! Values that stand in documentation and are nobody's.

/// A kind of values that stand in documentation and are nobody's. Options say which are looked for all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Specimen {
    /// Numbers of cards that payment providers publish for tests.
    TestCards,
    /// IP addresses that are no machine of anybody's: loopback, link-local, documentation, unspecified, broadcast (RFC 6890 §2.2).
    ReservedAddresses,
    /// Keys that AWS's documentation shows.
    ExampleKeys,
}

impl Specimen {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::TestCards, Self::ReservedAddresses, Self::ExampleKeys];

    /// The kind's name in configurations.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TestCards => "test_cards",
            Self::ReservedAddresses => "reserved_addresses",
            Self::ExampleKeys => "example_keys",
        }
    }

    /// The kind with a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|specimen| specimen.name() == name)
    }
}
