//! What is sealed under a caller's key: ids of conversations that the provider keeps, and what stands in the place of its signature over a text that is
//! shown altered, the original.
//!
//! The old signature does not hold for what is shown, and providers refuse a changed text in the next turn. When the caller sends its
//! history back, text and signature are again what the provider wrote. There is no store.

use crate::aead::Aead;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use palisade_guardrails::TokenKey;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

/// What every sealed signature begins with. It is base64, as signatures are.
pub(crate) const MARK: &str = "Palisade";

/// What keys are for.
const REASONING: &str = "signed reasoning";
const SESSION: &str = "session";

/// The most bytes of values that are carried; of a text that has more, the original cannot go back.
const CARRIED_BYTES_MAX: usize = 64 * 1024;

/// What a caller's signatures are sealed under. The key is derived when it is needed.
#[derive(Debug, Clone)]
pub struct Seal {
    root: TokenKey,
    caller: String,
}

/// A text under a signature as it is shown, and what was taken out of it.
pub(crate) struct Altered {
    shown: Context,
    bytes: usize,
    parts: Vec<Part>,
    carried: usize,
}

/// A value, and which bytes of the text that is shown stand in its place.
#[derive(Serialize, Deserialize)]
struct Part {
    at: usize,
    len: usize,
    value: String,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Original {
    signature: String,
    parts: Vec<Part>,
}

impl Seal {
    /// For a caller, who is told from all others by `caller`.
    #[must_use]
    pub fn new(root: TokenKey, caller: String) -> Self {
        Self { root, caller }
    }

    /// What goes in the place of the signature over a text that is shown altered. Where it cannot be sealed it opens for nobody, and the
    /// text is left out of the next turn.
    pub(crate) fn close(&self, altered: Altered, signature: &str) -> String {
        let sealed = self.sealed(altered, signature).unwrap_or_default();
        format!("{MARK}{}", BASE64_STANDARD.encode(sealed))
    }

    fn sealed(&self, altered: Altered, signature: &str) -> Option<Vec<u8>> {
        if altered.carried > CARRIED_BYTES_MAX {
            return None;
        }
        let original = Original {
            signature: signature.to_owned(),
            parts: altered.parts,
        };
        let original = serde_json::to_vec(&original).ok()?;
        self.key_for(REASONING)?
            .seal(altered.shown.finish().as_ref(), original)
    }

    /// The original of a text, and the signature over it.
    pub(crate) fn open(&self, sealed: &str, shown: &str) -> Option<(String, String)> {
        let sealed = BASE64_STANDARD.decode(sealed.strip_prefix(MARK)?).ok()?;
        let about = ring::digest::digest(&SHA256, shown.as_bytes());
        let opened = self.key_for(REASONING)?.open(about.as_ref(), &sealed)?;
        let Original { signature, parts } = serde_json::from_slice(&opened).ok()?;
        let mut text = String::with_capacity(shown.len());
        let mut copied = 0;
        for part in parts {
            text.push_str(shown.get(copied..part.at)?);
            text.push_str(&part.value);
            copied = part.at.checked_add(part.len)?;
        }
        text.push_str(shown.get(copied..)?);
        Some((text, signature))
    }

    /// What marks asynchronous calls as the caller's: only the gateway puts it there, so it need not be a secret. Of visible ASCII.
    pub(crate) fn mark(&self) -> String {
        let about = ["asynchronous calls\0", &self.caller].concat();
        let digest = ring::digest::digest(&SHA256, about.as_bytes());
        let short = digest.as_ref().get(..16).unwrap_or_default();
        // Letters only: digits could be those of a card.
        let letter = |nibble: u8| char::from(b'a' + nibble);
        let letters = short
            .iter()
            .flat_map(|byte| [letter(byte >> 4), letter(byte & 15)]);
        format!("palisade-{}-", letters.collect::<String>())
    }

    /// The id of a conversation that the provider keeps, as its caller gets to know it: nobody else can go on with it. Of letters, digits,
    /// `-` and `_`. `about` says what it is a conversation with. None where it cannot be sealed.
    pub(crate) fn close_session(&self, id: &str, about: &str) -> Option<String> {
        let sealed = self
            .key_for(SESSION)?
            .seal(about.as_bytes(), id.as_bytes().to_vec())?;
        Some(BASE64_URL_SAFE_NO_PAD.encode(sealed))
    }

    /// The id that was sealed, of a conversation with the same.
    pub(crate) fn open_session(&self, sealed: &str, about: &str) -> Option<String> {
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let id = self.key_for(SESSION)?.open(about.as_bytes(), &sealed)?;
        String::from_utf8(id).ok()
    }

    fn key_for(&self, purpose: &str) -> Option<Aead> {
        Aead::new(&self.root.secret(&[purpose, "\0", &self.caller].concat()))
    }
}

impl Default for Altered {
    fn default() -> Self {
        Self {
            shown: Context::new(&SHA256),
            bytes: 0,
            parts: Vec::new(),
            carried: 0,
        }
    }
}

impl Altered {
    pub(crate) fn is_altered(&self) -> bool {
        !self.parts.is_empty()
    }

    /// Text that is shown as it was written.
    pub(crate) fn kept(&mut self, text: &str) {
        self.shown.update(text.as_bytes());
        self.bytes += text.len();
    }

    /// A value, or the first piece of one, and what is shown in its place.
    pub(crate) fn replaced(&mut self, by: &str, value: &str) {
        self.parts.push(Part {
            at: self.bytes,
            len: by.len(),
            value: String::new(),
        });
        self.kept(by);
        self.more(value);
    }

    /// Another piece of the last value.
    pub(crate) fn more(&mut self, value: &str) {
        self.carried += value.len();
        if let Some(last) = self
            .parts
            .last_mut()
            .filter(|_| self.carried <= CARRIED_BYTES_MAX)
        {
            last.value.push_str(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(caller: &str) -> Seal {
        Seal::new(TokenKey::new(&[5; 32]), caller.to_owned())
    }

    fn altered() -> Altered {
        let mut altered = Altered::default();
        altered.kept("Mail é ");
        altered.replaced("{EMAIL}", "ada@exam");
        altered.more("ple.org");
        altered.kept(" and ");
        altered.replaced("", "12");
        altered
    }

    const SHOWN: &str = "Mail é {EMAIL} and ";

    #[test]
    fn what_was_taken_out_comes_back_for_the_same_caller_and_text_only() {
        let sealed = seal("a").close(altered(), "c2ln");
        assert!(sealed.starts_with(MARK) && !sealed.contains("ada"));
        let original = ("Mail é ada@example.org and 12".to_owned(), "c2ln".to_owned());
        assert_eq!(seal("a").open(&sealed, SHOWN), Some(original));
        assert_eq!(seal("b").open(&sealed, SHOWN), None);
        assert_eq!(seal("a").open(&sealed, "Mail é {EMAIL} and  "), None);
        assert_ne!(seal("a").close(altered(), "c2ln"), sealed, "a nonce of its own");
        for at in 0..sealed.len() {
            let mut bent = sealed.clone().into_bytes();
            bent[at] = if bent[at] == b'A' { b'B' } else { b'A' };
            let bent = String::from_utf8(bent).expect("text");
            assert_eq!(seal("a").open(&bent, SHOWN), None, "{at}");
            assert_eq!(seal("a").open(&sealed[..at], SHOWN), None, "{at}");
        }
    }

    #[test]
    fn a_conversation_is_its_callers() {
        let id = "8f0a2c1e-1f5d-4f39-9a0c-2f1f6a9f7d11";
        let sealed = seal("a").close_session(id, "m").expect("sealed");
        assert!(sealed.len() <= 100, "what AWS's SDKs take");
        assert_eq!(seal("a").open_session(&sealed, "m").as_deref(), Some(id));
        assert_eq!(seal("b").open_session(&sealed, "m"), None);
        assert_eq!(seal("a").open_session(&sealed, "n"), None);
        for other in ["", "x", id, &sealed[1..], &sealed[..sealed.len() - 1]] {
            assert_eq!(seal("a").open_session(other, "m"), None, "{other}");
        }
        assert_eq!(seal("a").open(&[MARK, &sealed].concat(), ""), None);
    }

    #[test]
    fn what_is_too_much_to_carry_opens_for_nobody() {
        let mut altered = altered();
        altered.replaced("x", &"y".repeat(CARRIED_BYTES_MAX));
        assert_eq!(seal("a").close(altered, "c2ln"), MARK);
        assert_eq!(seal("a").open(MARK, SHOWN), None);
    }
}
