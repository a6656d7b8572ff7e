//! Personal identifiers, sealed under a key of the person they are of.
//!
//! The log is over what is sealed, so whoever destroys a key has erased a person, and no proof breaks. A sealed text is
//! `sealed:KEY:BASE64`: the id of the key, and base64 of nonce, ciphertext and tag (AES-256-GCM, NIST SP 800-38D) over a text of UTF-8. What else
//! is authenticated is `palisade-sealed-v1`, the [`Part`] and the id of the key, with a line feed between them.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::error::Unspecified;

/// What every sealed text begins with.
const MARK: &str = "sealed:";

/// Length of a nonce: 96 bits (NIST SP 800-38D section 8.2).
pub const NONCE_BYTES: usize = ring::aead::NONCE_LEN;

/// Which part of a record a text is: one does not open in the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `principal.id`.
    Id,
    /// `http.client_ip`.
    Address,
    /// `facts`.
    Facts,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Id => "principal.id",
            Self::Address => "http.client_ip",
            Self::Facts => "facts",
        }
    }
}

/// The key of a person. What is sealed under it says so by its id.
#[derive(Debug)]
pub struct SubjectKey {
    id: String,
    key: LessSafeKey,
}

impl SubjectKey {
    /// The key with this id, which says nothing about the person.
    #[must_use]
    pub fn new(id: String, secret: &[u8; 32]) -> Option<Self> {
        let key = UnboundKey::new(&AES_256_GCM, secret).ok().map(LessSafeKey::new)?;
        Some(Self { id, key })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Seals a part of a record. No two texts are sealed with the same nonce.
    ///
    /// # Errors
    /// When the text is longer than the cipher takes, 64 GiB.
    pub fn seal(&self, part: Part, text: &str, nonce: [u8; NONCE_BYTES]) -> Result<String, Unspecified> {
        let mut sealed = text.as_bytes().to_vec();
        let about = self.about(part);
        self.key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(about.as_bytes()),
            &mut sealed,
        )?;
        let sealed = BASE64_STANDARD.encode([nonce.as_slice(), &sealed].concat());
        Ok(format!("{MARK}{}:{sealed}", self.id))
    }

    /// Opens a part of a record; none where it was not sealed under this key, as this part, or was changed.
    #[must_use]
    pub fn open(&self, part: Part, text: &str) -> Option<String> {
        let (id, sealed) = split(text)?;
        if id != self.id {
            return None;
        }
        let sealed = BASE64_STANDARD.decode(sealed).ok()?;
        let (nonce, sealed) = sealed.split_first_chunk()?;
        let about = self.about(part);
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let mut sealed = sealed.to_vec();
        let opened = self
            .key
            .open_in_place(nonce, Aad::from(about.as_bytes()), &mut sealed)
            .ok()?;
        String::from_utf8(opened.to_vec()).ok()
    }

    fn about(&self, part: Part) -> String {
        ["palisade-sealed-v1", part.name(), &self.id].join("\n")
    }
}

/// The id of the key that a text is sealed under; none where it is not sealed.
#[must_use]
pub fn sealed_under(text: &str) -> Option<&str> {
    split(text).map(|(id, _)| id)
}

fn split(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix(MARK)?.split_once(':')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(id: &str, byte: u8) -> SubjectKey {
        SubjectKey::new(id.to_owned(), &[byte; 32]).expect("a key of 32 bytes")
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_as_what_it_was_and_as_nothing_else(text in ".{0,80}", nonce: [u8; NONCE_BYTES]) {
            let own = key("a1", 1);
            let sealed = own.seal(Part::Id, &text, nonce).expect("short");
            prop_assert_eq!(sealed_under(&sealed), Some("a1"));
            prop_assert_eq!(own.open(Part::Id, &sealed), Some(text));
            prop_assert_eq!(own.open(Part::Address, &sealed), None);
            prop_assert_eq!(key("a1", 2).open(Part::Id, &sealed), None);
            prop_assert_eq!(key("b1", 1).open(Part::Id, &sealed), None);
        }
    }

    #[test]
    fn whatever_is_changed_in_a_sealed_text_it_does_not_open() {
        let own = key("a1", 1);
        let sealed = own.seal(Part::Id, "ada", [7; NONCE_BYTES]).expect("short");
        assert!(!sealed.contains("ada"));
        for at in 0..sealed.len() {
            let mut bent = sealed.clone().into_bytes();
            bent[at] = if bent[at] == b'A' { b'B' } else { b'A' };
            let bent = String::from_utf8(bent).expect("text");
            assert_eq!(own.open(Part::Id, &bent), None, "{bent}");
            assert_eq!(own.open(Part::Id, &sealed[..at]), None, "{at}");
        }
        for text in ["", "ada", "sealed:", "sealed:a1", "sealed:a1:", "sealed:a1:AAAA"] {
            assert_eq!(own.open(Part::Id, text), None, "{text}");
        }
    }

    #[test]
    fn the_form_is_the_published_one() {
        // Made with `AESGCM` of the Python package `cryptography`, from what FORMAT.md says.
        let sealed = key("00", 3).seal(Part::Address, "192.0.2.7", [9; NONCE_BYTES]);
        assert_eq!(
            sealed.expect("short"),
            "sealed:00:CQkJCQkJCQkJCQkJNTFf9b5Tfke9sz7IZEnavpTnWvN8kdHJ4w=="
        );
    }
}
