//! The secret that tokens are derived from.

use crate::category::Category;
use ring::hmac;
use std::fmt;

/// What a derivation is for: the same key never signs the same bytes for two purposes.
const DERIVE: &[u8] = b"palisade pseudonyms: derived key\0";
const CHECK: &[u8] = b"palisade pseudonyms: check part\0";
const SECRET: &[u8] = b"palisade pseudonyms: secret\0";

/// Digits of a check part: Crockford's base 32 (<https://www.crockford.com/base32.html>) in lower case, which leaves out
/// `i`, `l`, `o` and `u`.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The length of a check part: eight digits of five bits.
pub(super) const CHECK_BYTES: usize = 8;

/// A secret of 256 bits that tokens are derived from (HMAC-SHA-256, RFC 2104).
///
/// The same key must serve every turn of a conversation: changing it changes all tokens, which costs prompt-cache hits
/// and nothing else. Under one key the same value has the same token in every conversation, so
/// those who see tokens could tell that conversations share a value; [`TokenKey::derive`] bounds how far that goes.
#[derive(Clone)]
pub struct TokenKey(hmac::Key);

impl TokenKey {
    /// The key made of these bytes, which must be secret and uniformly random.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The key of `tenant`. Tokens of one tenant never verify for another, and no derived key tells anything about this
    /// key or its siblings. Derives again from a derived key to narrow it further, say to a caller of the tenant.
    #[must_use]
    pub fn derive(&self, tenant: &str) -> Self {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(DERIVE);
        context.update(tenant.as_bytes());
        Self(hmac::Key::new(hmac::HMAC_SHA256, context.sign().as_ref()))
    }

    /// A secret for another `purpose`, which tells nothing about this key or about other secrets of it.
    #[must_use]
    pub fn secret(&self, purpose: &str) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(SECRET);
        context.update(purpose.as_bytes());
        let mut secret = [0; 32];
        let tag = context.sign();
        secret
            .iter_mut()
            .zip(tag.as_ref())
            .for_each(|(to, from)| *to = *from);
        secret
    }

    /// The check part of the token of `value`.
    pub(super) fn check(&self, category: Category, value: &str) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(CHECK);
        // The name cannot run into the value: none holds a zero byte.
        context.update(category.name().as_bytes());
        context.update(&[0]);
        context.update(value.as_bytes());
        let tag = context.sign();
        let digits = tag
            .as_ref()
            .iter()
            .take(CHECK_BYTES)
            .filter_map(|byte| DIGITS.get(usize::from(byte % 32)));
        digits.copied().map(char::from).collect()
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey")
    }
}
