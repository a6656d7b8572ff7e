//! An OpenID Connect issuer in miniature: discovery (OpenID Connect Discovery 1.0 §4) and a key set that can be swapped.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::lock::lock;

/// The issuer. Without a key set it does not exist.
#[derive(Debug)]
pub(crate) struct Issuer {
    url: String,
    /// Locked for a swap or a copy.
    jwks: Mutex<Option<Value>>,
    discovery_fetches: AtomicU64,
    jwks_fetches: AtomicU64,
}

impl Issuer {
    pub(crate) fn new(side: SocketAddr, jwks: Option<Value>) -> Self {
        Self {
            url: format!("http://{side}"),
            jwks: Mutex::new(jwks),
            discovery_fetches: AtomicU64::new(0),
            jwks_fetches: AtomicU64::new(0),
        }
    }

    /// Serves `jwks` from now on.
    pub(crate) fn set_jwks(&self, jwks: Value) {
        *lock(&self.jwks) = Some(jwks);
    }

    /// The discovery document; `None` without a key set.
    pub(crate) fn discovery(&self) -> Option<Value> {
        self.discovery_fetches.fetch_add(1, Ordering::Relaxed);
        lock(&self.jwks).as_ref()?;
        Some(json!({
            "issuer": self.url,
            "jwks_uri": format!("{}/jwks.json", self.url),
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
        }))
    }

    /// The key set, as it was given.
    pub(crate) fn jwks(&self) -> Option<Value> {
        self.jwks_fetches.fetch_add(1, Ordering::Relaxed);
        lock(&self.jwks).clone()
    }

    /// How often each document was asked for.
    pub(crate) fn fetches(&self) -> (u64, u64) {
        (
            self.discovery_fetches.load(Ordering::Relaxed),
            self.jwks_fetches.load(Ordering::Relaxed),
        )
    }
}
