//! The keys of one issuer: discovered, cached, rotated.
//!
//! One fetch at a time, however many requests wait for it, and no more than one in [`COOLDOWN`], however many unknown
//! key ids are thrown at us. Keys stay in use past their age only while the issuer cannot be reached, and no longer
//! than [`STALE_MAX`].

use crate::config::Issuer;
use arc_swap::ArcSwapOption;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// Shortest time between two fetches that a token can cause.
const COOLDOWN: Duration = Duration::from_secs(5);
/// Longest use of keys whose issuer cannot be reached.
const STALE_MAX: Duration = Duration::from_secs(3600);
/// Limits of one fetch.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
const FETCH_BYTES_MAX: u64 = 1024 * 1024;
/// Longest wait for somebody else's fetch.
const WAIT_MAX: Duration = Duration::from_secs(12);
/// Keys taken from one set; large providers publish fewer than ten.
const KEYS_MAX: usize = 64;

/// A verification key, bound to the one algorithm it may be used with: what a token's header says cannot change it.
#[derive(Clone)]
pub(super) struct VerifyingKey {
    id: String,
    pub(super) algorithm: Algorithm,
    pub(super) decoding: DecodingKey,
}

struct KeySet {
    fetched: Instant,
    keys: Vec<VerifyingKey>,
}

pub(super) struct Jwks {
    source: KeySetAddress,
    max_age: Duration,
    current: ArcSwapOption<KeySet>,
    /// Held while fetching; remembers when the last fetch ended.
    fetching: Mutex<Option<Instant>>,
}

#[derive(Clone)]
struct KeySetAddress {
    issuer: String,
    jwks_url: Option<String>,
    insecure_http: bool,
}

/// The keys could not be had.
#[derive(Debug)]
pub(super) struct Unavailable;

impl Jwks {
    pub(super) fn new(config: &Issuer) -> Self {
        Self {
            source: KeySetAddress {
                issuer: config.issuer.clone(),
                jwks_url: config.jwks_url.clone(),
                insecure_http: config.insecure_http,
            },
            max_age: Duration::from_secs(config.jwks_max_age_s),
            current: ArcSwapOption::empty(),
            fetching: Mutex::new(None),
        }
    }

    /// The key with this id. Fetches when there are no keys, when they are old, or when the id is not among them. While
    /// old keys are being replaced, those who know their key go on with it.
    pub(super) async fn key(&self, id: &str) -> Result<Option<VerifyingKey>, Unavailable> {
        if let Some(key) = self.known(id, Duration::ZERO) {
            return Ok(Some(key));
        }
        let stale = self.known(id, STALE_MAX);
        let mut last = match (&stale, self.fetching.try_lock()) {
            (_, Ok(free)) => free,
            (Some(_), Err(_)) => return Ok(stale),
            (None, Err(_)) => tokio::time::timeout(WAIT_MAX, self.fetching.lock())
                .await
                .map_err(|_| Unavailable)?,
        };
        // Another request may have fetched while this one waited.
        if let Some(key) = self.known(id, Duration::ZERO) {
            return Ok(Some(key));
        }
        if last.is_none_or(|at| at.elapsed() >= COOLDOWN) {
            self.fetch().await;
            *last = Some(Instant::now());
        }
        let usable = self.usable(STALE_MAX).ok_or(Unavailable)?;
        Ok(usable.find(id))
    }

    /// The key with this id among keys that are past their age by no more than `grace`.
    fn known(&self, id: &str, grace: Duration) -> Option<VerifyingKey> {
        self.usable(grace)?.find(id)
    }

    fn usable(&self, grace: Duration) -> Option<Arc<KeySet>> {
        self.current
            .load_full()
            .filter(|set| set.fetched.elapsed() < self.max_age + grace)
    }

    /// Replaces the keys; on failure the old ones stay.
    async fn fetch(&self) {
        let source = self.source.clone();
        let fetched = tokio::task::spawn_blocking(move || source.keys()).await;
        match fetched.map_err(|e| e.to_string()).and_then(|keys| keys) {
            Ok(keys) => self.current.store(Some(Arc::new(KeySet {
                fetched: Instant::now(),
                keys,
            }))),
            Err(why) => {
                metrics::counter!("palisade_jwks_failures_total").increment(1);
                tracing::warn!(issuer = %self.source.issuer, %why, "token keys could not be fetched");
            }
        }
    }
}

impl KeySet {
    fn find(&self, id: &str) -> Option<VerifyingKey> {
        self.keys.iter().find(|key| key.id == id).cloned()
    }
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl KeySetAddress {
    /// Blocking: discovery if needed, then the key set.
    fn keys(&self) -> Result<Vec<VerifyingKey>, String> {
        let url = match &self.jwks_url {
            Some(url) => url.clone(),
            None => self.discover()?,
        };
        let set: JwkSet = self.get(&url)?;
        Ok(set.keys.iter().filter_map(bound_key).take(KEYS_MAX).collect())
    }

    /// OpenID Connect Discovery 1.0 §4: the document must name the issuer it was asked of.
    fn discover(&self) -> Result<String, String> {
        let base = self.issuer.trim_end_matches('/');
        let found: Discovery = self.get(&format!("{base}/.well-known/openid-configuration"))?;
        if found.issuer == self.issuer {
            return Ok(found.jwks_uri);
        }
        Err("the discovery document names another issuer".to_owned())
    }

    fn get<T: serde::de::DeserializeOwned>(&self, url: &str) -> Result<T, String> {
        let allowed = url.starts_with("https://") || (self.insecure_http && url.starts_with("http://"));
        if !allowed {
            return Err("only https is allowed; see `insecure_http`".to_owned());
        }
        // No redirects: a key set is where the operator says it is.
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_global(Some(FETCH_TIMEOUT))
            .max_redirects(0)
            .build()
            .into();
        let mut response = agent.get(url).call().map_err(|e| e.to_string())?;
        if response.status() != 200 {
            return Err(format!("status {}", response.status().as_u16()));
        }
        let text = response
            .body_mut()
            .with_config()
            .limit(FETCH_BYTES_MAX)
            .read_to_string()
            .map_err(|e| e.to_string())?;
        serde_json::from_str(&text)
            .map_err(|e| format!("not a key set: line {} column {}", e.line(), e.column()))
    }
}

/// A key of a set, bound to its algorithm. None for keys of other uses, kinds or algorithms.
fn bound_key(jwk: &Jwk) -> Option<VerifyingKey> {
    if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return None;
    }
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => Algorithm::ES256,
        AlgorithmParameters::OctetKeyPair(okp) if okp.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
        _ => return None,
    };
    let declared = jwk.common.key_algorithm.map(|declared| declared.to_string());
    if declared.is_some_and(|declared| declared != format!("{algorithm:?}")) {
        return None;
    }
    Some(VerifyingKey {
        id: jwk.common.key_id.clone()?,
        algorithm,
        decoding: DecodingKey::from_jwk(jwk).ok()?,
    })
}
