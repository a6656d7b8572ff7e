//! Keys that Palisade issued to tenants.

use super::sealing::Sealing;
use super::{Identity, WrongValue, instant, wrong};
use palisade_registry::KeyEntry;
use palisade_wire::sigv4::{Authorization, PayloadHash, SigningKey};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

/// Shortest secret accepted, in bytes; AWS's have 40.
const SECRET_BYTES_MIN: usize = 32;

/// Where secrets of keys are found.
#[derive(Debug)]
pub struct Secrets {
    /// What paths are relative to.
    pub(crate) base: PathBuf,
    /// What those in a store are sealed under.
    pub(crate) sealing: Option<Sealing>,
}

impl Secrets {
    fn of(&self, entry: &KeyEntry) -> Result<String, String> {
        match (&entry.secret_file, &entry.secret_env, &entry.sealed) {
            (Some(file), None, None) => std::fs::read_to_string(self.base.join(file))
                .map_err(|e| format!("`secret_file` {}: {e}", file.display())),
            (None, Some(name), None) => {
                std::env::var(name).map_err(|_| format!("`secret_env`: {name} is not set"))
            }
            (None, None, Some(sealed)) => {
                let sealing = self.sealing.as_ref();
                let sealing =
                    sealing.ok_or("its secret is sealed, and the configuration has no `registry.sealing`")?;
                let other =
                    "its secret was sealed for another key, or under another secret than `registry.sealing`";
                sealing.open(entry, sealed).ok_or_else(|| other.to_owned())
            }
            _ => Err("set exactly one of `secret_file` and `secret_env`".to_owned()),
        }
    }
}

/// When a key ends, in seconds since the Unix epoch.
fn expiry(entry: &KeyEntry) -> Result<Option<i64>, String> {
    let read = |text: &String| instant(text).ok_or("`expires` is no time such as 2027-03-31T00:00:00Z");
    Ok(entry.expires.as_ref().map(read).transpose()?)
}

/// A tenant's key. Its `Debug` shows no secret.
pub struct AccessKey {
    id: Arc<str>,
    principal: Arc<Identity>,
    secret: String,
    /// Seconds since the Unix epoch.
    expires: Option<i64>,
    /// The signing key of the latest scope: four HMACs saved on every request of the day. Locked for a clone only.
    derived: RwLock<Option<SigningKey>>,
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl AccessKey {
    pub(super) fn read(
        entry: &KeyEntry,
        secrets: &Secrets,
        principal: Arc<Identity>,
    ) -> Result<Self, WrongValue> {
        let fault = |why: &str| wrong("key", &entry.id, why);
        let secret = secrets.of(entry).map_err(|why| fault(&why))?;
        let secret = secret.trim().to_owned();
        if secret.len() < SECRET_BYTES_MIN {
            return Err(fault("the secret is shorter than 32 characters"));
        }
        if entry.id.is_empty() || !entry.id.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(fault("an access key id is letters and digits"));
        }
        Ok(Self {
            id: Arc::from(entry.id.as_str()),
            principal,
            secret,
            expires: expiry(entry).map_err(|why| fault(&why))?,
            derived: RwLock::new(None),
        })
    }

    /// Whether this is its secret. How long it takes tells nothing: their hashes are compared.
    #[must_use]
    pub fn is_secret(&self, shown: &str) -> bool {
        PayloadHash::of(shown.as_bytes()) == PayloadHash::of(self.secret.as_bytes())
    }

    /// When it ends, in seconds since the Unix epoch; `None` for never.
    #[must_use]
    pub fn expires(&self) -> Option<i64> {
        self.expires
    }

    /// Whether it is good no more, at a time in seconds since the Unix epoch.
    #[must_use]
    pub fn is_expired(&self, unix_s: i64) -> bool {
        self.expires.is_some_and(|expires| expires <= unix_s)
    }

    /// The access key id.
    #[must_use]
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Who holds it.
    #[must_use]
    pub fn principal(&self) -> &Arc<Identity> {
        &self.principal
    }

    /// The signing key for the scope that a request names, on another day, `YYYYMMDD`.
    #[must_use]
    pub fn signing_key_on(&self, day: &str, authorization: &Authorization<'_>) -> SigningKey {
        SigningKey::derive(&self.secret, day, authorization.region, authorization.service)
    }

    /// The signing key for the scope that a request names.
    #[must_use]
    pub fn signing_key(&self, authorization: &Authorization<'_>) -> SigningKey {
        let known = self
            .derived
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(key) = known.filter(|key| key.scope() == authorization.scope()) {
            return key;
        }
        let key = self.signing_key_on(authorization.date, authorization);
        *self.derived.write().unwrap_or_else(PoisonError::into_inner) = Some(key.clone());
        key
    }
}
