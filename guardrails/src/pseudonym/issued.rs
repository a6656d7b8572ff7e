//! The tokens of one exchange.

use super::grammar::{self, Miss, OPENING, Start};
use super::key::{CHECK_BYTES, TokenKey};
use crate::automaton::Ending;
use crate::category::Category;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

/// The values of one exchange and the tokens that stand in for them.
///
/// Numbers are given by category, in the order in which values are first shown. A caller walks a request in an order in
/// which later turns only append (instructions and tools before messages), or a new value would renumber old ones
/// and with that change the prefix that prompt caches know.
///
/// ```
/// use palisade_guardrails::{Category, TokenKey, Pseudonyms, Restored, Restorer};
///
/// let mut pseudonyms = Pseudonyms::new(TokenKey::new(&[7; 32]).derive("acme"));
/// let token = pseudonyms.token(Category::EMAIL, "ada@example.org")?;
/// assert_eq!(token, "<EMAIL_1_t1ve1b>");
///
/// let mut restorer = Restorer::default();
/// let mut out = String::new();
/// let mut write = |part: Restored<'_>| match part {
///     Restored::Text(text) => out.push_str(text),
///     Restored::Value { value, .. } => out.push_str(value),
/// };
/// restorer.push(&pseudonyms, "I wrote to <EMAIL_1_t1", &mut write);
/// restorer.push(&pseudonyms, "ve1b>, not to <EMAIL_1_000000>.", &mut write);
/// restorer.finish(&pseudonyms, &mut write);
/// assert_eq!(out, "I wrote to ada@example.org, not to <EMAIL_1_000000>.");
/// # Ok::<(), palisade_guardrails::TooManyPseudonyms>(())
/// ```
pub struct Pseudonyms {
    key: TokenKey,
    categories: BTreeMap<Category, Issued>,
    /// The bytes that a token of one of `categories` can begin with.
    beginnings: [bool; 256],
    values: usize,
    bytes: usize,
}

/// What was issued for one category: at least one value, the one with ordinal `n` at index `n - 1`.
#[derive(Default)]
struct Issued {
    entries: Vec<Entry>,
    indices: HashMap<Arc<str>, usize>,
}

struct Entry {
    value: Arc<str>,
    token: Box<str>,
}

/// One more value does not fit into what an exchange may hold.
///
/// Values shown before keep their tokens. A caller refuses the request, or redacts the rest irreversibly: the values
/// that come first stay the same from turn to turn, so the prefix stays stable either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more values to pseudonymise than one request may hold")]
pub struct TooManyPseudonyms;

impl Pseudonyms {
    /// The most different values of one exchange.
    pub const VALUES_MAX: usize = 65_536;
    /// The most bytes that the values of one exchange may have together. Tokens and bookkeeping come on top of that,
    /// about 250 bytes a value.
    pub const BYTES_MAX: usize = 16 * 1024 * 1024;
    /// The longest token, in bytes: delimiters, a name of 64 bytes, an ordinal of 5 digits, the check, two underscores.
    pub const TOKEN_BYTES_MAX: usize = 1 + 64 + 1 + 5 + 1 + CHECK_BYTES + 1;

    /// An exchange without any values yet.
    #[must_use]
    pub fn new(key: TokenKey) -> Self {
        Self {
            key,
            categories: BTreeMap::new(),
            beginnings: [false; 256],
            values: 0,
            bytes: 0,
        }
    }

    /// The token that stands in for `value`: the same for the same category and value, which are compared byte for byte,
    /// because what is restored must be what was taken out.
    ///
    /// # Errors
    /// [`TooManyPseudonyms`] if the value is new and [`Self::VALUES_MAX`] or [`Self::BYTES_MAX`] is reached.
    pub fn token(&mut self, category: Category, value: &str) -> Result<&str, TooManyPseudonyms> {
        if self.find(category, value).is_none() {
            self.issue(category, value)?;
        }
        self.find(category, value).ok_or(TooManyPseudonyms)
    }

    /// How many values have a token.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values
    }

    /// Whether no value has a token.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values == 0
    }

    fn find(&self, category: Category, value: &str) -> Option<&str> {
        let issued = self.categories.get(&category)?;
        let entry = issued.entries.get(*issued.indices.get(value)?)?;
        Some(&entry.token)
    }

    fn issue(&mut self, category: Category, value: &str) -> Result<(), TooManyPseudonyms> {
        let bytes = self.bytes + value.len();
        if self.values == Self::VALUES_MAX || bytes > Self::BYTES_MAX {
            return Err(TooManyPseudonyms);
        }
        let issued = self.categories.get(&category);
        let before = issued.map_or(0, |issued| issued.entries.len());
        let ordinal = u32::try_from(before + 1).map_err(|_| TooManyPseudonyms)?;
        let check = self.key.check(category, ordinal, value);
        let token = grammar::spell(category, ordinal, &check).into_boxed_str();
        self.bytes = bytes;
        self.values += 1;
        self.may_begin_with(category);
        let value: Arc<str> = value.into();
        let issued = self.categories.entry(category).or_default();
        issued.indices.insert(Arc::clone(&value), before);
        issued.entries.push(Entry { value, token });
        Ok(())
    }

    fn may_begin_with(&mut self, category: Category) {
        let initial = category.name().bytes().take(1);
        let initials = initial.flat_map(|byte| [byte.to_ascii_uppercase(), byte.to_ascii_lowercase()]);
        for byte in initials.chain(OPENING) {
            if let Some(begins) = self.beginnings.get_mut(usize::from(byte)) {
                *begins = true;
            }
        }
    }

    /// The first place in `text` at or after `from` where a token may begin.
    pub(super) fn candidate(&self, text: &[u8], from: usize) -> Option<usize> {
        if self.is_empty() {
            return None;
        }
        let begins = |byte: &u8| self.beginnings.get(usize::from(*byte)) == Some(&true);
        let ahead = text.get(from..)?.iter().position(begins)?;
        Some(from + ahead)
    }

    /// The issued token that begins where `text` does, after the byte `before`: its category, its value, and the length
    /// of its spelling. Should one token be the beginning of another (a category can be named so), the longer counts.
    pub(super) fn read(
        &self,
        text: &[u8],
        before: Option<u8>,
        ending: Ending,
    ) -> Result<(Category, &str, usize), Miss> {
        let start = Start::read(text, before, ending)?;
        let mut longest: Result<(Category, &str, usize), Miss> = Err(Miss::Never);
        for (&category, issued) in &self.categories {
            let check_of = |ordinal| issued.entry(ordinal).map(Entry::check);
            match start.token(category, check_of) {
                Err(Miss::Never) => {}
                Err(Miss::NotYet) if ending == Ending::More => return Err(Miss::NotYet),
                Err(Miss::NotYet) => {}
                Ok((ordinal, bytes)) => {
                    let longer = longest.as_ref().map_or(true, |(_, _, most)| bytes > *most);
                    if let Some(entry) = issued.entry(ordinal).filter(|_| longer) {
                        longest = Ok((category, &entry.value, bytes));
                    }
                }
            }
        }
        longest
    }
}

impl Issued {
    fn entry(&self, ordinal: u32) -> Option<&Entry> {
        let index = usize::try_from(ordinal).ok()?.checked_sub(1)?;
        self.entries.get(index)
    }
}

impl Entry {
    fn check(&self) -> &str {
        let end = self.token.len().saturating_sub(1);
        let check = end.saturating_sub(CHECK_BYTES)..end;
        self.token.get(check).unwrap_or_default()
    }
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pseudonyms")
            .field("values", &self.values)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}
