//! The gateway's own AWS credentials, and signing with them.

use crate::config::Upstream;
use palisade_wire::sigv4::{self, AmzDate, PayloadHash, SignRequest, Signed, SigningKey};
use std::sync::{PoisonError, RwLock};

/// The service name that Bedrock Runtime signatures are for (AWS Service Authorization Reference).
const SERVICE: &str = "bedrock";

/// Credentials for the provider. `Debug` shows none of them.
pub struct Credentials {
    access_key_id: String,
    secret: String,
    session_token: Option<String>,
    region: String,
    /// The signing key of the day. Locked for a clone only.
    derived: RwLock<Option<(String, SigningKey)>>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

/// Credentials that are not there. The message names the variable.
#[derive(Debug, thiserror::Error)]
#[error(
    "`upstream`: environment variable {0} is not set or empty; it holds the gateway's own AWS credentials"
)]
pub struct Missing(String);

/// What is signed, besides the credentials.
pub(crate) struct ToSign<'a> {
    pub(crate) path: &'a str,
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
    pub fn from_env(config: &Upstream) -> Result<Self, Missing> {
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
            derived: RwLock::new(None),
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
            method: "POST",
            path: request.path,
            query: "",
            host: request.host,
            headers: request.headers,
            payload: request.payload,
            unix_seconds: request.unix_seconds,
            access_key_id: &self.access_key_id,
            key: &self.signing_key(date.day()),
            session_token: self.session_token(),
        })
    }

    fn signing_key(&self, day: &str) -> SigningKey {
        let known = self.derived.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, key)) = known.as_ref().filter(|(known_day, _)| known_day == day) {
            return key.clone();
        }
        drop(known);
        let key = SigningKey::derive(&self.secret, day, &self.region, SERVICE);
        *self.derived.write().unwrap_or_else(PoisonError::into_inner) = Some((day.to_owned(), key.clone()));
        key
    }
}
