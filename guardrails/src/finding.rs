//! What a scan hands out. None of these types prints text in its `Debug` output: it is somebody's prompt.

use crate::category::Category;
use std::fmt;
use std::ops::Range;

/// How sure a detector is, 0 to 100. Detectors use three bands, so that policies can name a threshold between them:
/// shape alone (50), shape with a telling word in the 64 bytes before (75), and shape with a rule that chance seldom
/// satisfies, such as a checksum, a number table or a distinctive prefix (90).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Confidence(u8);

impl Confidence {
    /// The value looks right, and so would many values that are something else.
    pub const SHAPE: Confidence = Confidence(50);
    /// The value looks right and a telling word stands shortly before it.
    pub const CONTEXT: Confidence = Confidence(75);
    /// The value looks right and obeys a rule that random text seldom obeys.
    pub const VALIDATED: Confidence = Confidence(90);

    /// The confidence as a number from 0 to 100.
    pub const fn percent(self) -> u8 {
        self.0
    }
}

/// A stretch of the scanned text. The texts of all pieces, in order, are the input byte for byte.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text that belongs to no match. Never empty.
    Clear(&'a str),
    /// Text that belongs to a match.
    Match(Match<'a>),
}

/// A match, or the next part of one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Match<'a> {
    /// What was found.
    pub category: Category,
    /// How sure the detector is.
    pub confidence: Confidence,
    /// The matched text, never empty. Where `continues` is set it is the next part of the match.
    pub text: &'a str,
    /// Set when this is a further part of the match that the previous piece began. A long match (a private key) comes
    /// in parts so that it need not be kept in memory. Whoever replaces matches writes the replacement for the first
    /// part and nothing for the others; whoever passes them on writes every part.
    pub continues: bool,
}

/// A match by position, as [`crate::Engine::find`] returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub category: Category,
    /// How sure the detector is.
    pub confidence: Confidence,
    /// Where, in bytes of the scanned text.
    pub span: Range<usize>,
}

impl<'a> Piece<'a> {
    /// The stretch of input this piece covers.
    pub const fn text(&self) -> &'a str {
        match self {
            Piece::Clear(text) => text,
            Piece::Match(found) => found.text,
        }
    }
}

impl fmt::Debug for Piece<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Piece::Clear(text) => write!(f, "Clear({} bytes)", text.len()),
            Piece::Match(found) => found.fmt(f),
        }
    }
}

impl fmt::Debug for Match<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Match")
            .field("category", &self.category)
            .field("confidence", &self.confidence)
            .field("bytes", &self.text.len())
            .field("continues", &self.continues)
            .finish()
    }
}
