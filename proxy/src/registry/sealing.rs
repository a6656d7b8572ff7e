//! Secrets of keys, sealed for a store: whoever reads the store alone has none of them.

use crate::aead::Aead;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use palisade_registry::KeyEntry;

/// What secrets of keys are sealed under: A sealed secret is base64, and opens only as that
/// of the key, application and tenant that it was sealed for.
#[derive(Debug)]
pub(crate) struct Sealing(Aead);

impl Sealing {
    /// Under this secret; none where the cipher does not take it.
    pub(crate) fn new(secret: &[u8; 32]) -> Option<Self> {
        Aead::new(secret).map(Self)
    }

    /// Seals the secret of a key; none where the system gives no random numbers.
    pub(crate) fn seal(&self, entry: &KeyEntry, secret: &str) -> Option<String> {
        let sealed = self.0.seal(whose(entry).as_bytes(), secret.as_bytes().to_vec())?;
        Some(BASE64_STANDARD.encode(sealed))
    }

    /// The secret that was sealed for a key; none where it was not, or under another secret.
    pub(super) fn open(&self, entry: &KeyEntry, sealed: &str) -> Option<String> {
        let sealed = BASE64_STANDARD.decode(sealed).ok()?;
        String::from_utf8(self.0.open(whose(entry).as_bytes(), &sealed)?).ok()
    }
}

fn whose(entry: &KeyEntry) -> String {
    let KeyEntry {
        id,
        tenant,
        application,
        ..
    } = entry;
    format!(
        "palisade-key-v1\n{}:{id}{}:{tenant}{application}",
        id.len(),
        tenant.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_for_its_own_key_only() {
        let sealing = Sealing::new(&[7; 32]).unwrap();
        let entry = KeyEntry {
            id: "K".to_owned(),
            tenant: "t".to_owned(),
            application: "a".to_owned(),
            ..KeyEntry::default()
        };
        let sealed = sealing.seal(&entry, "a secret").unwrap();
        assert_ne!(sealing.seal(&entry, "a secret").unwrap(), sealed);
        assert_eq!(sealing.open(&entry, &sealed).as_deref(), Some("a secret"));
        assert_eq!(Sealing::new(&[8; 32]).unwrap().open(&entry, &sealed), None);
        let id = "L".to_owned();
        let others = [
            KeyEntry { id, ..entry.clone() },
            KeyEntry {
                tenant: "u".to_owned(),
                ..entry.clone()
            },
            KeyEntry {
                tenant: "ta".to_owned(),
                application: String::new(),
                ..entry.clone()
            },
        ];
        for other in others {
            assert_eq!(sealing.open(&other, &sealed), None, "{other:?}");
        }
        for at in 0..sealed.len() {
            let mut bent = sealed.clone().into_bytes();
            bent[at] = if bent[at] == b'A' { b'B' } else { b'A' };
            let bent = String::from_utf8(bent).unwrap();
            assert_ne!(sealing.open(&entry, &bent).as_deref(), Some("a secret"), "{at}");
        }
    }
}
