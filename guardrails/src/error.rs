//! Why an engine cannot be had.

use crate::category::Category;
use regex_automata::dfa::dense;

/// Why an engine cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Shapes do not compile, or compile to more than the size limit.
    #[error("the detectors do not compile")]
    Shapes(#[source] Box<dense::BuildError>),
    /// Shapes compile to more states than can be told apart.
    #[error("the detectors have more than 65536 states")]
    States,
    /// A shape looks at what is around it, which would make its outcome depend on where a scan began.
    #[error("a detector's shape uses look-around")]
    LookAround,
    /// There are too many detectors.
    #[error("more than {} detectors", crate::rows::ROWS_MAX)]
    TooMany,
    /// A custom detector cannot be used.
    #[error("custom detector {0}: {1}")]
    Custom(Category, #[source] CustomError),
    /// The word lists do not fit.
    #[error("the word lists are too large")]
    Words,
}

/// The longest regular expression of a custom detector, in bytes.
pub(crate) const PATTERN_BYTES_MAX: usize = 4096;

/// The most words of one list.
pub(crate) const WORDS_MAX: usize = 100_000;

/// The longest word of a list, in bytes.
pub(crate) const WORD_BYTES_MAX: usize = 256;

/// Why a custom detector cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum CustomError {
    /// The expression has so many bytes.
    #[error("the expression has {0} bytes; it may have {PATTERN_BYTES_MAX}")]
    Long(usize),
    /// The expression is malformed or too complex.
    #[error("the expression cannot be used")]
    Pattern(#[source] Box<dense::BuildError>),
    /// The expression looks at what is around it.
    #[error("the expression looks at what is around it (`^`, `$`, `\\b`); say `whole_words` instead")]
    LookAround,
    /// The expression matches the empty text.
    #[error("the expression matches nothing at all, which is everywhere")]
    Empty,
    /// A rule of that name is not known.
    #[error("`{0}` is not a check: there are luhn, mod97, mod11_10 and verhoeff")]
    UnknownCheck(String),
    /// The list is empty or too long.
    #[error("{0} words: a list has 1 to {WORDS_MAX}")]
    Count(usize),
    /// A word is blank or too long.
    #[error("word {0} of the list is blank or longer than {WORD_BYTES_MAX} bytes")]
    Word(usize),
}
