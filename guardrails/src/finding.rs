//! What a scan hands out. None of these types prints text in its `Debug` output: it is somebody's prompt.

use crate::category::Category;
use std::fmt;
use std::ops::Range;

/// How sure a detector is, 0 to 100, in three bands, so that policies can name a threshold between them:
///
/// * shape, 1 to 49: the value looks right, and so would many values that are something else;
/// * shape and validator, 50 to 84: it also obeys a rule, such as a checksum, a number table or a distinctive prefix;
///   where in the band says how seldom chance obeys the rule;
/// * shape and context, 85 to 100: a telling word stands in the 64 bytes before it; or the rule is one that chance does not
///   meet, such as a check of 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Confidence(u8);

impl Confidence {
    /// Shape band: the shape is that of countless other things, such as six digits.
    pub const WEAK: Confidence = Confidence(20);
    /// Shape band: the shape is peculiar enough to mention.
    pub const SHAPE: Confidence = Confidence(40);
    /// Validator band: about one random value of this shape in ten obeys the rule.
    pub const CHECKED: Confidence = Confidence(55);
    /// Validator band: random values seldom obey the rule, or have this shape.
    pub const VALIDATED: Confidence = Confidence(80);
    /// Context band: shape and a telling word.
    pub const CONTEXT: Confidence = Confidence(85);
    /// Context band: shape, rule and a telling word.
    pub const VALIDATED_TOLD: Confidence = Confidence(95);
    /// Context band: chance does not make such a value.
    pub const CERTAIN: Confidence = Confidence(99);

    /// What an engine reports unless told otherwise: validated values, and shapes with a telling word.
    pub const DEFAULT_MINIMUM: Confidence = Confidence(60);

    /// A confidence of `percent`, at most 100.
    #[must_use]
    pub const fn new(percent: u8) -> Self {
        Self(if percent > 100 { 100 } else { percent })
    }

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
