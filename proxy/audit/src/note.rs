//! Signed notes (c2sp.org/signed-note): a text, and under it lines by which its signers can be told.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{Context, SHA256};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

/// What a key signs. Both kinds are of Ed25519.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Texts of its own (c2sp.org/signed-note).
    Note,
    /// Checkpoints of others, with the time (c2sp.org/tlog-cosignature).
    Cosignature,
}

impl Kind {
    /// The byte that tells keys and signatures of this kind.
    const fn byte(self) -> u8 {
        match self {
            Self::Note => 1,
            Self::Cosignature => 4,
        }
    }
}

/// What begins a line with a signature.
const DASH: &str = "\u{2014} ";

/// No note is longer, in bytes: a checkpoint has about 200, a signature about 150.
pub const NOTE_BYTES_MAX: usize = 64 * 1024;

/// Why something is no note, or no key. The message never holds what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(&'static str);

impl Malformed {
    pub(crate) const fn new(why: &'static str) -> Self {
        Self(why)
    }
}

/// Who signs: a name, and a key.
pub struct Signer {
    name: String,
    kind: Kind,
    pair: Ed25519KeyPair,
}

/// Whose signature is believed: a name, and a public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    kind: Kind,
    key: [u8; 32],
}

impl Signer {
    /// The signer of this name with a private key of 32 bytes (RFC 8032 section 5.1.5).
    ///
    /// # Errors
    /// When the name is empty, or holds a blank or `+`.
    pub fn new(name: &str, kind: Kind, seed: &[u8; 32]) -> Result<Self, Malformed> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| Malformed("is no private key"))?;
        Ok(Self {
            name: checked(name)?,
            kind,
            pair,
        })
    }

    /// What it signs.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Reads a private key as [`Signer::encoded`] writes it.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let text = text.trim().strip_prefix("PRIVATE+KEY+");
        let (name, kind, seed) = keyed(text.ok_or(Malformed("is no private key"))?)?;
        let signer = Self::new(name, kind, &seed)?;
        match text.and_then(|text| text.split('+').nth(1)) == Some(hex(signer.verifier().key_hash()).as_str())
        {
            true => Ok(signer),
            false => Err(Malformed("is no private key: its parts do not belong together")),
        }
    }

    /// The private key as text: `PRIVATE+KEY+name+hash+base64(kind, seed)`, as the `note` package of Go has it.
    #[must_use]
    pub fn encoded(name: &str, verifier: &Verifier, seed: &[u8; 32]) -> String {
        format!(
            "PRIVATE+KEY+{name}+{}+{}",
            hex(verifier.key_hash()),
            STANDARD.encode(typed(verifier.kind, seed))
        )
    }

    /// Whom others have to believe.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        let mut key = [0; 32];
        for (to, from) in key.iter_mut().zip(self.pair.public_key().as_ref()) {
            *to = *from;
        }
        Verifier {
            name: self.name.clone(),
            kind: self.kind,
            key,
        }
    }

    /// The note that says `text`, which ends with a line feed.
    #[must_use]
    pub fn sign(&self, text: &str) -> String {
        format!("{text}\n{}", self.line(&[], text))
    }

    /// The line that says that at `time`, in seconds since the Unix epoch, this was the newest checkpoint of its log.
    #[must_use]
    pub fn cosign(&self, text: &str, time: u64) -> String {
        self.line(&time.to_be_bytes(), &cosigned(text, time))
    }

    /// The signature, in base64, by which whoever trusts this key trusts the next one: over `palisade-key-rotation-v1`, a line feed, and the text of
    /// the next key with another.
    #[must_use]
    pub fn certify(&self, next: &Verifier) -> String {
        STANDARD.encode(self.pair.sign(rotation(&next.encoded()).as_bytes()))
    }

    /// A line with a signature of a message, and what stands before it.
    fn line(&self, before: &[u8], message: &str) -> String {
        let mut signature = self.verifier().key_hash().to_be_bytes().to_vec();
        signature.extend(before);
        signature.extend(self.pair.sign(message.as_bytes()).as_ref());
        format!("{DASH}{} {}\n", self.name, STANDARD.encode(signature))
    }
}

impl Verifier {
    /// Reads a public key as [`Verifier::encoded`] writes it.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let text = text.trim();
        let (name, kind, key) = keyed(text)?;
        let verifier = Self {
            name: checked(name)?,
            kind,
            key,
        };
        match text.split('+').nth(1) == Some(hex(verifier.key_hash()).as_str()) {
            true => Ok(verifier),
            false => Err(Malformed("is no public key: its parts do not belong together")),
        }
    }

    /// What its key signs.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The key as text: `name+hash+base64(kind, key)`, a vkey of c2sp.org/signed-note.
    #[must_use]
    pub fn encoded(&self) -> String {
        format!(
            "{}+{}+{}",
            self.name,
            hex(self.key_hash()),
            STANDARD.encode(typed(self.kind, &self.key))
        )
    }

    /// The signer's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text of a note, if one of its signatures is this signer's.
    ///
    /// # Errors
    /// When it is no note, or not signed with this key.
    pub fn open<'n>(&self, note: &'n str) -> Result<&'n str, Malformed> {
        let (text, signatures) = split(note)?;
        let is_ours = |line: &str| self.signed(text, line).unwrap_or(false);
        match signatures.lines().any(is_ours) {
            true => Ok(text),
            false => Err(Malformed("is not signed with the key that is trusted")),
        }
    }

    /// The next key, if this one has certified it.
    #[must_use]
    pub fn next(&self, next: &str, certificate: &str) -> Option<Self> {
        let signature = STANDARD.decode(certificate).ok()?;
        let key = UnparsedPublicKey::new(&ED25519, self.key);
        key.verify(rotation(next).as_bytes(), &signature).ok()?;
        Self::parse(next).ok()
    }

    fn signed(&self, text: &str, line: &str) -> Option<bool> {
        let (name, signature) = line.strip_prefix(DASH)?.rsplit_once(' ')?;
        let bytes = STANDARD.decode(signature).ok()?;
        let (hash, signature) = bytes.split_at_checked(4)?;
        if name != self.name || hash != self.key_hash().to_be_bytes() {
            return Some(false);
        }
        let key = UnparsedPublicKey::new(&ED25519, self.key);
        Some(match self.kind {
            Kind::Note => key.verify(text.as_bytes(), signature).is_ok(),
            Kind::Cosignature => {
                let (time, signature) = signature.split_first_chunk()?;
                let message = cosigned(text, u64::from_be_bytes(*time));
                key.verify(message.as_bytes(), signature).is_ok()
            }
        })
    }

    /// The first four bytes of SHA-256 over name, line feed, kind and key.
    fn key_hash(&self) -> u32 {
        let mut context = Context::new(&SHA256);
        context.update(self.name.as_bytes());
        context.update(b"\n");
        context.update(&typed(self.kind, &self.key));
        let digest = context.finish();
        let first = digest.as_ref().iter().take(4);
        first.fold(0, |hash, byte| hash << 8 | u32::from(*byte))
    }
}

/// Text with its last line feed, and the lines of signatures.
fn split(note: &str) -> Result<(&str, &str), Malformed> {
    const WHY: Malformed = Malformed("is no signed note");
    if note.len() > NOTE_BYTES_MAX || note.chars().any(|c| c.is_control() && c != '\n') {
        return Err(WHY);
    }
    let end = note.rfind("\n\n").ok_or(WHY)?;
    let (text, signatures) = note.split_at_checked(end + 1).ok_or(WHY)?;
    let signatures = signatures.strip_prefix('\n').ok_or(WHY)?;
    match signatures.ends_with('\n') && signatures.lines().all(|line| line.starts_with(DASH)) {
        true => Ok((text, signatures)),
        false => Err(WHY),
    }
}

/// What is signed when a key takes the place of another.
fn rotation(next: &str) -> String {
    format!("palisade-key-rotation-v1\n{next}\n")
}

/// What a cosignature is made over.
fn cosigned(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// The lines of signatures of a note.
///
/// # Errors
/// When it is no note.
pub fn signatures(note: &str) -> Result<&str, Malformed> {
    split(note).map(|(_, signatures)| signatures)
}

/// Name, kind and 32 bytes of a key in text.
fn keyed(text: &str) -> Result<(&str, Kind, [u8; 32]), Malformed> {
    const WHY: Malformed = Malformed("is no key of this form");
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(WHY);
    };
    let bytes = STANDARD.decode(key).map_err(|_| WHY)?;
    let (byte, key) = bytes.split_first().ok_or(WHY)?;
    let kinds = [Kind::Note, Kind::Cosignature];
    let kind = kinds.into_iter().find(|kind| kind.byte() == *byte).ok_or(WHY)?;
    Ok((name, kind, key.try_into().map_err(|_| WHY)?))
}

fn checked(name: &str) -> Result<String, Malformed> {
    match name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+') {
        true => Err(Malformed("a name is not empty and holds neither blanks nor `+`")),
        false => Ok(name.to_owned()),
    }
}

fn typed(kind: Kind, key: &[u8; 32]) -> Vec<u8> {
    std::iter::once(kind.byte()).chain(*key).collect()
}

fn hex(hash: u32) -> String {
    format!("{hash:08x}")
}

#[cfg(test)]
mod tests;
