//! The gateway's own AWS credentials, and signing with them.

use crate::config::UpstreamConfig;
use palisade_wire::sigv4::{self, AmzDate, PayloadHash, SignRequest, Signed, SigningKey};
use std::sync::{PoisonError, RwLock};

/// Credentials for the provider. `Debug` shows none of them.
pub struct Credentials {
    access_key_id: String,
    secret: String,
    session_token: Option<String>,
    region: String,
    /// The signing keys of the day, by service. Locked for a clone only.
    derived: RwLock<Vec<DayKey>>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

struct DayKey {
    day: String,
    service: &'static str,
    key: SigningKey,
}

/// Credentials that are not there. The message names the variable.
#[derive(Debug, thiserror::Error)]
#[error(
    "`upstream`: environment variable {0} is not set or empty; it holds the gateway's own AWS credentials"
)]
pub struct Missing(String);

/// What is signed, besides the credentials.
pub(crate) struct ToSign<'a> {
    pub(crate) method: &'a str,
    pub(crate) service: &'static str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) host: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a [u8])],
    pub(crate) payload: &'a PayloadHash,
    pub(crate) unix_seconds: i64,
}

impl Credentials {
    /// Reads the credentials from the environment variables that the configuration names.
    ///
    /// # Errors
    /// When the key id or the secret is not set, or empty.
    pub fn from_env(config: &UpstreamConfig) -> Result<Self, Missing> {
        let variable = |name: &String| {
            let value = std::env::var(name).ok().filter(|value| !value.is_empty());
            value.ok_or_else(|| Missing(name.clone()))
        };
        Ok(Self::new(
            variable(&config.access_key_id_env)?,
            variable(&config.secret_access_key_env)?,
            std::env::var(&config.session_token_env)
                .ok()
                .filter(|token| !token.is_empty()),
            config.region.clone(),
        ))
    }

    /// Takes credentials as they are.
    #[must_use]
    pub fn new(access_key_id: String, secret: String, session_token: Option<String>, region: String) -> Self {
        Self {
            access_key_id,
            secret,
            session_token,
            region,
            derived: RwLock::default(),
        }
    }

    /// The session token, to be sent beside the signature.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }

    pub(crate) fn sign(&self, request: &ToSign<'_>) -> Result<Signed, sigv4::Error> {
        let date = AmzDate::from_unix(request.unix_seconds)?;
        sigv4::sign(&SignRequest {
            method: request.method,
            path: request.path,
            query: request.query,
            host: request.host,
            headers: request.headers,
            payload: request.payload,
            unix_seconds: request.unix_seconds,
            access_key_id: &self.access_key_id,
            key: &self.signing_key(date.day(), request.service),
            session_token: self.session_token(),
        })
    }

    pub(crate) fn signing_key(&self, day: &str, service: &'static str) -> SigningKey {
        let known = self.derived.read().unwrap_or_else(PoisonError::into_inner);
        let derived = known
            .iter()
            .find(|known| known.service == service && known.day == day);
        if let Some(derived) = derived {
            return derived.key.clone();
        }
        drop(known);
        let key = SigningKey::derive(&self.secret, day, &self.region, service);
        let mut known = self.derived.write().unwrap_or_else(PoisonError::into_inner);
        known.retain(|known| known.service != service);
        known.push(DayKey {
            day: day.to_owned(),
            service,
            key: key.clone(),
        });
        key
    }
}
