//! Keys that Palisade issued to tenants.

use super::{Identity, WrongValue, wrong};
use palisade_registry::KeyEntry;
use palisade_wire::sigv4::{Authorization, SigningKey};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

/// Shortest secret accepted, in bytes; AWS's have 40.
const SECRET_BYTES_MIN: usize = 32;

/// A tenant's key. Its `Debug` shows no secret.
pub struct AccessKey {
    id: Arc<str>,
    principal: Arc<Identity>,
    secret: String,
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
    pub(super) fn read(entry: &KeyEntry, base: &Path, principal: Arc<Identity>) -> Result<Self, WrongValue> {
        let fault = |why: &str| wrong("key", &entry.id, why);
        let secret = match (&entry.secret_file, &entry.secret_env) {
            (Some(file), None) => std::fs::read_to_string(base.join(file))
                .map_err(|e| fault(&format!("`secret_file` {}: {e}", file.display())))?,
            (None, Some(name)) => {
                std::env::var(name).map_err(|_| fault(&format!("`secret_env`: {name} is not set")))?
            }
            _ => return Err(fault("set exactly one of `secret_file` and `secret_env`")),
        };
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
            derived: RwLock::new(None),
        })
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
        let key = SigningKey::derive(
            &self.secret,
            authorization.date,
            authorization.region,
            authorization.service,
        );
        *self.derived.write().unwrap_or_else(PoisonError::into_inner) = Some(key.clone());
        key
    }
}
