//! Entries of the registry, as policies see them.

/// The words for kinds of entries.
pub(crate) const ENTRY_KINDS: &[&str] = &[
    "tenant",
    "application",
    "key",
    "model",
    "alias",
    "endpoint",
    "guardrail",
    "knowledge_base",
    "output",
    "group",
    "grant",
];

/// An entry of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryFacts<'a> {
    /// A word of the schema's `EntryKind`.
    pub kind: &'a str,
    /// Its id.
    pub id: &'a str,
    /// The tenant whose it is, if it is one's.
    pub owner: Option<&'a str>,
}
