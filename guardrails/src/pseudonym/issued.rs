//! The tokens of one exchange.

use super::grammar::{self, Miss, OPENING, Spelling};
use super::key::{CHECK_BYTES, TokenKey};
use crate::automaton::Ending;
use crate::category::Category;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

/// The values of one exchange and the tokens that stand in for them.
///
/// A token depends on its category and value and on the key, and on nothing else: whatever a later turn drops, edits, moves or adds
/// elsewhere, what it repeats has the same tokens, and the prefix that prompt caches know stays what it was.
///
/// ```
/// use palisade_guardrails::{Category, TokenKey, Pseudonyms, Restored, Restorer};
///
/// let mut pseudonyms = Pseudonyms::new(TokenKey::new(&[7; 32]).derive("acme"));
/// let token = pseudonyms.token(Category::EMAIL, "ada@example.org")?;
/// assert_eq!(token, "<EMAIL_qftecg37>");
///
/// let mut restorer = Restorer::default();
/// let mut out = String::new();
/// let mut write = |part: Restored<'_>| match part {
///     Restored::Text(text) => out.push_str(text),
///     Restored::Value { value, .. } => out.push_str(value),
/// };
/// restorer.push(&pseudonyms, "I wrote to <EMAIL_qfte", &mut write);
/// restorer.push(&pseudonyms, "cg37>, not to <EMAIL_00000000>.", &mut write);
/// restorer.finish(&pseudonyms, &mut write);
/// assert_eq!(out, "I wrote to ada@example.org, not to <EMAIL_00000000>.");
/// # Ok::<(), palisade_guardrails::TooManyPseudonyms>(())
/// ```
pub struct Pseudonyms {
    key: TokenKey,
    /// What was issued, by the token without delimiters and in lower case.
    issued: BTreeMap<Box<str>, Entry>,
    /// The tokens by what they stand for.
    tokens: HashMap<(Category, Arc<str>), Box<str>>,
    /// The bytes that a token can begin with.
    beginnings: [bool; 256],
    bytes: usize,
}

struct Entry {
    category: Category,
    value: Arc<str>,
}

/// One more value does not fit into what an exchange may hold.
///
/// Values shown before keep their tokens. A caller refuses the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more values to pseudonymise than one request may hold")]
pub struct TooManyPseudonyms;

impl Pseudonyms {
    /// The most different values of one exchange.
    pub const VALUES_MAX: usize = 65_536;
    /// The most bytes that the values of one exchange may have together. Tokens and bookkeeping come on top of that,
    /// about 250 bytes a value.
    pub const BYTES_MAX: usize = 16 * 1024 * 1024;
    /// The longest token, in bytes: delimiters, a name of 64 bytes, an underscore, the check part.
    pub const TOKEN_BYTES_MAX: usize = 1 + 64 + 1 + CHECK_BYTES + 1;

    /// An exchange without any values yet.
    #[must_use]
    pub fn new(key: TokenKey) -> Self {
        Self {
            key,
            issued: BTreeMap::new(),
            tokens: HashMap::new(),
            beginnings: [false; 256],
            bytes: 0,
        }
    }

    /// The token that stands in for `value`: the same for the same category and value, which are compared byte for byte,
    /// because what is restored must be what was taken out.
    ///
    /// # Errors
    /// [`TooManyPseudonyms`] if the value is new and [`Self::VALUES_MAX`] or [`Self::BYTES_MAX`] is reached, or its token is
    /// another value's already, as it is for one pair in 2^40.
    pub fn token(&mut self, category: Category, value: &str) -> Result<&str, TooManyPseudonyms> {
        let value: Arc<str> = value.into();
        let key = (category, Arc::clone(&value));
        if !self.tokens.contains_key(&key) {
            self.issue(category, value)?;
        }
        self.tokens.get(&key).map(AsRef::as_ref).ok_or(TooManyPseudonyms)
    }

    /// How many values have a token.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether no value has a token.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    fn issue(&mut self, category: Category, value: Arc<str>) -> Result<(), TooManyPseudonyms> {
        let bytes = self.bytes + value.len();
        let body = grammar::body(category, &self.key.check(category, &value));
        let known = body.to_ascii_lowercase().into_boxed_str();
        if self.tokens.len() == Self::VALUES_MAX
            || bytes > Self::BYTES_MAX
            || self.issued.contains_key(&known)
        {
            return Err(TooManyPseudonyms);
        }
        self.bytes = bytes;
        self.may_begin_with(category);
        let entry = Entry {
            category,
            value: Arc::clone(&value),
        };
        self.issued.insert(known, entry);
        self.tokens.insert((category, value), format!("<{body}>").into());
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
        let mut spelling = Spelling::begin(text, before, ending)?;
        let mut body = String::with_capacity(Self::TOKEN_BYTES_MAX);
        let mut longest = Err(Miss::Never);
        while self.goes_on(&body) {
            match spelling.next() {
                Ok(byte) => body.push(char::from(byte)),
                Err(Miss::NotYet) if ending == Ending::More && self.may_come(&body, &spelling) => {
                    return Err(Miss::NotYet);
                }
                Err(_) => break,
            }
            let Some(entry) = self.issued.get(body.as_str()) else {
                continue;
            };
            match spelling.end() {
                Ok(length) => longest = Ok((entry.category, entry.value.as_ref(), length)),
                Err(Miss::NotYet) if ending == Ending::More => return Err(Miss::NotYet),
                Err(_) => {}
            }
        }
        longest
    }

    /// Whether what comes behind `body` may be of an issued token.
    fn may_come(&self, body: &str, spelling: &Spelling<'_>) -> bool {
        if !spelling.awaits_underscore() {
            return true;
        }
        let next = [body, "_"].concat();
        self.issued.contains_key(next.as_str()) || self.goes_on(&next)
    }

    /// Whether an issued token goes on behind `body`.
    fn goes_on(&self, body: &str) -> bool {
        let behind = (Bound::Excluded(body), Bound::Unbounded);
        let next = self.issued.range::<str, _>(behind).next();
        next.is_some_and(|(token, _)| token.starts_with(body))
    }
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pseudonyms")
            .field("values", &self.len())
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}
