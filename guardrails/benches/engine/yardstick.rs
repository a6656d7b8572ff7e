//! What one would write without an engine: the `regex` crate's `RegexSet` over every shape, then each regex that matches
//! somewhere. It does less: no validators, no telling words, no choice between overlapping values, no streams.

use palisade_guardrails::{After, Before, Confidence, Detector, rows};
use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

/// Room for the lazy automaton of the set, in bytes; the default is 2 MiB.
const CACHE_BYTES: usize = 64 << 20;
const SIZE_BYTES: usize = 512 << 20;

/// The shapes of the catalogue's rows that count at `minimum`.
///
/// Once its lazy automaton has outgrown its room too often, a regex stays slow for whatever comes next; a clone starts afresh.
#[derive(Clone)]
pub(crate) struct Yardstick {
    set: RegexSet,
    each: Vec<Regex>,
}

impl Yardstick {
    pub(crate) fn new(minimum: Confidence) -> Result<Self, regex::Error> {
        let enabled = rows().filter(|row| row.alone.max(row.in_context) >= minimum);
        let patterns: Vec<String> = enabled
            .flat_map(|row| row.shapes.iter().map(|shape| pattern(row, shape)))
            .collect();
        let each = patterns.iter().map(|pattern| {
            RegexBuilder::new(pattern)
                .unicode(false)
                .size_limit(SIZE_BYTES)
                .build()
        });
        Ok(Self {
            set: RegexSetBuilder::new(&patterns)
                .unicode(false)
                .size_limit(SIZE_BYTES)
                .dfa_size_limit(CACHE_BYTES)
                .build()?,
            each: each.collect::<Result<_, _>>()?,
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.each.len()
    }

    /// How many matches there are, those of different regexes counted apart.
    pub(crate) fn count(&self, text: &[u8]) -> usize {
        let matching = self.set.matches(text);
        let regexes = matching.iter().filter_map(|place| self.each.get(place));
        regexes.map(|regex| regex.find_iter(text).count()).sum()
    }
}

/// A shape with what its row says may stand around it, as far as look-around can say it.
fn pattern(row: &Detector, shape: &str) -> String {
    let before = match row.before {
        Before::Anything => String::new(),
        Before::Assigned => {
            let words: Vec<_> = row
                .telling
                .iter()
                .map(|word| word.replace(' ', "[ _.-]?"))
                .collect();
            format!(r#"(?i:{})["']?\s{{0,3}}[:=]\s{{0,3}}["']?"#, words.join("|"))
        }
        Before::Digitless => r"(?:^|[^0-9])".to_owned(),
        _ => r"\b{start-half}".to_owned(),
    };
    let after = match row.after {
        After::Anything => "",
        After::Boundary => r"\b{end-half}",
        After::Alphanumeric => r"(?:$|[^0-9A-Za-z])",
        After::Digit => r"(?:$|[^0-9])",
    };
    let overflow = row.overflow.map(|class| format!("{class}*")).unwrap_or_default();
    let terminator = row
        .terminator
        .map(|end| format!("(?s:.*?)(?:{end})"))
        .unwrap_or_default();
    format!("{before}(?:{shape}){overflow}{terminator}{after}")
}
