//! Why bytes are no document.

/// Why bytes are not an acceptable document, and where. Never holds content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at byte {offset}")]
pub struct Error {
    /// The byte at which reading stopped, counted from 0.
    pub offset: usize,
    /// What is wrong there.
    pub kind: ErrorKind,
}

/// The kinds of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    /// No document at all: no bytes, or white space only.
    #[error("empty document")]
    Empty,
    /// The bytes end inside a value.
    #[error("unfinished document")]
    Unfinished,
    /// A byte that cannot stand here: a comment, `NaN`, a trailing comma, a mark.
    #[error("unexpected byte")]
    Unexpected,
    /// Something other than white space follows the document.
    #[error("data after the document")]
    Trailing,
    /// The body begins with a byte order mark (RFC 8259 §8.1 lets a parser refuse it).
    #[error("byte order mark")]
    ByteOrderMark,
    /// The bytes are not UTF-8.
    #[error("invalid utf-8")]
    InvalidUtf8,
    /// A raw control character inside a string.
    #[error("control character in a string")]
    Control,
    /// A backslash that begins no escape of RFC 8259 §7.
    #[error("invalid escape")]
    InvalidEscape,
    /// A `\u` escape that is half of a surrogate pair.
    #[error("lone surrogate")]
    LoneSurrogate,
    /// A number that RFC 8259 §6 does not allow, such as `01`, `+1`, `.5`.
    #[error("invalid number")]
    InvalidNumber,
    /// A number too large for a double.
    #[error("number out of range")]
    NumberRange,
    /// A key that stands twice in one object, however it is escaped.
    #[error("duplicate key")]
    DuplicateKey,
    /// More arrays and objects open at once than [`Limits`](super::Limits) allow.
    #[error("nesting too deep")]
    TooDeep,
    /// More nodes than [`Limits`](super::Limits) allow, or 4 GiB of bytes.
    #[error("document too large")]
    TooLarge,
}
