//! The tokens of one exchange: issued while its request is cleared, looked for in its answer.

use palisade_audit as audit;
use palisade_guardrails::{Category, Pseudonyms, Restored, Restorer, TokenKey};
use std::collections::BTreeMap;
use std::ops::Range;

/// The most bytes of values put back in one answer; tokens beyond it stay. Tokens are short and values need not be, so an
/// answer could grow far beyond what its provider sent.
const RESTORED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Values that went out as tokens, and how many findings of each category, the surest with which confidence.
#[derive(Debug)]
pub struct Tokens {
    pseudonyms: Pseudonyms,
    totals: BTreeMap<Category, (u32, u8)>,
}

/// Something found may not pass in any form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withheld;

/// What was put back in an answer so far.
#[derive(Debug, Default)]
pub(super) struct PutBack {
    /// By category: whether policy permits it, and what the record says.
    categories: BTreeMap<Category, (bool, audit::Restored)>,
    bytes: usize,
}

impl Tokens {
    /// No values yet.
    pub(crate) fn new(key: TokenKey) -> Self {
        Self {
            pseudonyms: Pseudonyms::new(key),
            totals: BTreeMap::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pseudonyms.is_empty()
    }

    /// The token for a value.
    ///
    /// # Errors
    /// [`Withheld`] when the request has more values than one exchange may hold.
    pub(crate) fn issue(&mut self, category: Category, value: &str) -> Result<String, Withheld> {
        let token = self.pseudonyms.token(category, value);
        token.map(str::to_owned).map_err(|_| Withheld)
    }

    /// Notes what was found of a category whose values are issued tokens.
    pub(super) fn note(&mut self, category: Category, count: u32, confidence: u8) {
        self.totals.insert(category, (count, confidence));
    }

    pub(crate) fn total(&self, category: Category) -> (u32, u8) {
        self.totals.get(&category).copied().unwrap_or_default()
    }

    pub(super) fn pseudonyms(&self) -> &Pseudonyms {
        &self.pseudonyms
    }

    /// Whether all of a text is one token.
    pub(super) fn is_token(&self, text: &str) -> bool {
        let mut whole = false;
        if text.len() <= Restorer::HELD_BYTES_MAX + 1 {
            self.each(text, |span, _, _| whole = span == (0..text.len()));
        }
        whole
    }

    /// Hands each token in a text to `found`, in order: where it stands, its category, its value.
    pub(super) fn each(&self, text: &str, mut found: impl FnMut(Range<usize>, Category, &str)) {
        let mut at = 0;
        let mut out = |part: Restored<'_>| match part {
            Restored::Text(text) => at += text.len(),
            Restored::Value {
                category,
                value,
                spelling,
            } => {
                let span = at..at + spelling.len();
                at = span.end;
                found(span, category, value);
            }
        };
        let mut restorer = Restorer::default();
        restorer.push(&self.pseudonyms, text, &mut out);
        restorer.finish(&self.pseudonyms, &mut out);
    }
}

impl PutBack {
    /// Whether a value of so many bytes may be put back. `ask` tells, once for each category, whether policy permits it and
    /// by which policies.
    pub(super) fn may(
        &mut self,
        category: Category,
        bytes: usize,
        ask: impl FnOnce() -> (bool, Vec<String>),
    ) -> bool {
        let (permitted, _) = self.categories.entry(category).or_insert_with(|| {
            let (permitted, determining) = ask();
            let record = audit::Restored {
                category: category.name().to_owned(),
                count: 0,
                determining,
            };
            (permitted, record)
        });
        let total = self.bytes.saturating_add(bytes);
        let may = *permitted && total <= RESTORED_BYTES_MAX;
        self.bytes = if may { total } else { self.bytes };
        may
    }

    /// Counts a value that was put back.
    pub(super) fn count(&mut self, category: Category) {
        if let Some((_, record)) = self.categories.get_mut(&category) {
            record.count = record.count.saturating_add(1);
        }
    }

    /// What was put back, by category.
    pub(super) fn into_records(self) -> Vec<audit::Restored> {
        let records = self.categories.into_values().map(|(_, record)| record);
        records.filter(|record| record.count > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use palisade_guardrails::Engine;
    use std::collections::BTreeSet;

    /// Wherever a token stands, a detector finds nothing in it, or all of it: then it is known to be one. A finding of a
    /// part of it would be treated, and the token lost.
    #[test]
    fn no_detector_takes_a_part_of_a_token_for_something() {
        let engine = Engine::new(Category::all()).unwrap();
        let mut tokens = Tokens::new(TokenKey::new(&[7; 32]));
        let mut issued = Vec::new();
        for category in [
            Category::EMAIL,
            Category::PHONE,
            Category::IP_ADDRESS,
            Category::US_SOCIAL_SECURITY_NUMBER,
        ] {
            for n in 0..40 {
                issued.push(tokens.issue(category, &n.to_string()).unwrap());
            }
        }
        let words: BTreeSet<&str> = palisade_guardrails::rows()
            .flat_map(|row| row.telling.iter().copied())
            .collect();
        let mut bad = Vec::new();
        for (n, word) in words.iter().enumerate() {
            for (m, join) in [" ", ": ", "=", ": \"", " is ", "=("].into_iter().enumerate() {
                let token = &issued[(7 * n + m) % issued.len()];
                for token in [token.as_str(), token.trim_matches(['<', '>'])] {
                    let text = format!("my {word}{join}{token}\" now.");
                    let from = text.find(token).unwrap();
                    for found in engine.find(&text) {
                        let apart = found.span.end <= from || found.span.start >= from + token.len();
                        if !apart && !tokens.is_token(&text[found.span.clone()]) {
                            bad.push(format!(
                                "{:?} {text}: {}",
                                found.category,
                                &text[found.span.clone()]
                            ));
                        }
                    }
                }
            }
        }
        assert_eq!(bad, Vec::<String>::new(), "{}", bad.len());
    }
}
