//! Bytes sealed under a key: AES-256-GCM (NIST SP 800-38D), the nonce, which is random, before the ciphertext and its tag.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use std::io;

/// Bytes that nobody can guess.
///
/// # Errors
/// When the system gives none.
pub(crate) fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| io::Error::other("the system gives no random numbers"))?;
    Ok(bytes)
}

/// A key to seal under. Its `Debug` shows no secret.
#[derive(Debug)]
pub(crate) struct Aead(LessSafeKey);

impl Aead {
    /// The key of these bytes; none where the cipher does not take them.
    pub(crate) fn new(secret: &[u8; 32]) -> Option<Self> {
        UnboundKey::new(&AES_256_GCM, secret)
            .ok()
            .map(LessSafeKey::new)
            .map(Self)
    }

    /// Seals bytes, which open with the same `about` only. None where the system gives no random numbers, or they are more than the cipher takes.
    pub(crate) fn seal(&self, about: &[u8], mut bytes: Vec<u8>) -> Option<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = random().ok()?;
        let unique = Nonce::assume_unique_for_key(nonce);
        self.0
            .seal_in_place_append_tag(unique, Aad::from(about), &mut bytes)
            .ok()?;
        Some([nonce.as_slice(), &bytes].concat())
    }

    /// What was sealed; none where it was not, under another key, about something else, or was changed.
    pub(crate) fn open(&self, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk()?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let mut sealed = sealed.to_vec();
        let opened = self.0.open_in_place(nonce, Aad::from(about), &mut sealed).ok()?;
        Some(opened.to_vec())
    }
}
