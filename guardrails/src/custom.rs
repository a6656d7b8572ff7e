//! Detectors of the configuration: a regular expression, or a list of words.

use crate::automaton::matches_empty;
use crate::category::Category;
use crate::checks;
use crate::detector::{After, Before, Check, Detector, PLAIN};
use crate::error::{CustomError, PATTERN_BYTES_MAX, WORD_BYTES_MAX, WORDS_MAX};
use crate::finding::Confidence;

/// The largest automaton that one expression may make, in bytes.
const PATTERN_AUTOMATON_BYTES_MAX: usize = 4 << 20;

/// What follows a match that fills a walk and belongs to it.
const OVERFLOW: &str = r"[^\s]";

/// Rules that values can be held to, by name.
const CHECKS: &[(&str, Check, &str)] = &[
    ("luhn", Check::Value(checks::luhn), "Luhn"),
    ("mod97", Check::Value(is_one_mod_97), "ISO 7064 mod 97-10"),
    ("mod11_10", Check::Value(checks::mod_11_10), "ISO 7064 mod 11,10"),
    ("verhoeff", Check::Value(checks::verhoeff), "Verhoeff"),
];

/// A detector of the configuration. An engine keeps what it is made of for the life of the process.
#[derive(Debug, Clone)]
pub struct Custom {
    /// What a match is.
    pub category: Category,
    /// What is looked for.
    pub shape: CustomShape,
    /// The name of a rule that values must obey: `luhn`, `mod97`, `mod11_10` or `verhoeff`. Words have none.
    pub check: Option<String>,
    /// Words that tell of a value, in lower case. With some, the value counts only after one of them.
    pub telling: Vec<String>,
    /// How sure a match is.
    pub confidence: Confidence,
}

/// What a custom detector looks for.
#[derive(Debug, Clone)]
pub enum CustomShape {
    /// A regular expression in the syntax of the `regex` crate, without look-around, over bytes: `\d` is an ASCII digit. It
    /// matches whole words if `whole_words` is set: neither a letter, a digit nor an underscore stands beside it.
    Pattern {
        /// The expression.
        regex: String,
        /// Whether matches are whole words.
        whole_words: bool,
    },
    /// Words or phrases, whole and in any case; at most [`WORDS_MAX`].
    Words(Vec<String>),
}

impl Custom {
    /// The row of the catalogue that this would be. Its texts are kept for the life of the process.
    ///
    /// # Errors
    /// [`CustomError`] says what is wrong with it.
    pub(crate) fn detector(&self) -> Result<&'static Detector, CustomError> {
        let check = self.check.as_deref().map(named_check).transpose()?;
        let (check, validator) = check.unwrap_or((Check::Shape, ""));
        let kept = |words: &[String]| -> &'static [&'static str] {
            let words: Vec<&'static str> = words
                .iter()
                .map(|word| &*Box::leak(word.to_lowercase().into_boxed_str()))
                .collect();
            Box::leak(words.into_boxed_slice())
        };
        let alone = if self.telling.is_empty() {
            self.confidence
        } else {
            Confidence::new(0)
        };
        let row = Detector {
            category: self.category,
            check,
            validator,
            source: "The configuration.",
            alone,
            in_context: self.confidence,
            telling: kept(&self.telling),
            overflow: Some(OVERFLOW),
            ..PLAIN
        };
        let row = match &self.shape {
            CustomShape::Words(words) => {
                check_words(words)?;
                row
            }
            CustomShape::Pattern { regex, whole_words } => {
                check_pattern(regex)?;
                Detector {
                    shapes: Box::leak(Box::new([&*Box::leak(regex.clone().into_boxed_str())])),
                    before: if *whole_words {
                        Before::Boundary
                    } else {
                        Before::Anything
                    },
                    after: if *whole_words {
                        After::Boundary
                    } else {
                        After::Anything
                    },
                    ..row
                }
            }
        };
        Ok(Box::leak(Box::new(row)))
    }
}

fn named_check(name: &str) -> Result<(Check, &'static str), CustomError> {
    let known = CHECKS.iter().find(|(known, ..)| *known == name);
    let (_, check, validator) = known.ok_or_else(|| CustomError::UnknownCheck(name.to_owned()))?;
    Ok((*check, validator))
}

fn check_words(words: &[String]) -> Result<(), CustomError> {
    if words.is_empty() || words.len() > WORDS_MAX {
        return Err(CustomError::Count(words.len()));
    }
    let unusable = |word: &String| word.trim().is_empty() || word.len() > WORD_BYTES_MAX;
    match words.iter().position(unusable) {
        Some(place) => Err(CustomError::Word(place + 1)),
        None => Ok(()),
    }
}

fn check_pattern(regex: &str) -> Result<(), CustomError> {
    if regex.len() > PATTERN_BYTES_MAX {
        return Err(CustomError::Long(regex.len()));
    }
    match matches_empty(regex, PATTERN_AUTOMATON_BYTES_MAX) {
        Ok(Some(false)) => Ok(()),
        Ok(Some(true)) => Err(CustomError::Empty),
        Ok(None) => Err(CustomError::LookAround),
        Err(fault) => Err(CustomError::Pattern(fault)),
    }
}

/// Whether the number, letters counting as 10 to 35, is 1 mod 97 (ISO 7064 mod 97-10).
fn is_one_mod_97(text: &str) -> bool {
    checks::remainder(text.bytes(), 97) == 1
}
