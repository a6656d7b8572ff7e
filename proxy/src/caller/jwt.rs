//! Callers that present a token of a configured issuer (RFC 7519, checked as RFC 8725 advises).
//!
//! The header only names a key; the key says which algorithm it is for. `jku`, `x5u`, `jwk` and other ways to bring
//! one's own key are not read, and an extension that must be understood (`crit`) is refused.

use super::jwks::Jwks;
use super::{Caller, Method};
use crate::config::{Issuer, SignatureAlgorithm};
use crate::refusal::Unidentified;
use crate::registry::Registry;
use crate::rulebook::Rulebook;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation};
use palisade_wire::json::{Document, Value};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// Longest token accepted, in bytes; Entra's are about 2 KiB with many groups.
const TOKEN_BYTES_MAX: usize = 16 * 1024;
const KEY_ID_BYTES_MAX: usize = 256;
const USER_BYTES_MAX: usize = 256;
const GROUPS_MAX: usize = 200;
/// Clock difference allowed for `exp` and `nbf`, in seconds.
const LEEWAY_S: u64 = 5;
/// A verified token is remembered this long at most, so that a withdrawn key stops working soon.
const REMEMBERED: Duration = Duration::from_secs(30);
const REMEMBERED_MAX: usize = 10_000;

/// The configured issuers.
pub struct Issuers {
    issuers: Vec<TrustedIssuer>,
    /// Verified tokens by the SHA-256 of the whole token. Owned by all exchanges; locked for a look-up only.
    remembered: RwLock<HashMap<[u8; 32], Remembered>>,
}

struct TrustedIssuer {
    config: Issuer,
    algorithms: Vec<Algorithm>,
    jwks: Jwks,
}

struct Remembered {
    caller: Caller,
    /// The rules under which it was identified.
    generation: u64,
    until: Instant,
}

/// Of a header, what decides; everything else in it is ignored.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<serde::de::IgnoredAny>,
}

impl Issuers {
    /// Takes the issuers of the configuration; fetches nothing yet.
    #[must_use]
    pub fn new(configs: &[Issuer]) -> Self {
        Self {
            issuers: configs.iter().map(known).collect(),
            remembered: RwLock::default(),
        }
    }

    /// Verifies a token and maps its claims to a principal.
    pub(super) async fn verify(&self, rulebook: &Rulebook, token: &str) -> Result<Caller, Unidentified> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Unidentified::Incomplete);
        }
        let fingerprint = fingerprint(token);
        if let Some(caller) = self.recall(&fingerprint, rulebook.generation()) {
            return Ok(caller);
        }
        let (caller, expires_in) = self.verify_anew(&rulebook.registry, token).await?;
        self.remember(fingerprint, &caller, rulebook.generation(), expires_in);
        Ok(caller)
    }

    async fn verify_anew(
        &self,
        registry: &Registry,
        token: &str,
    ) -> Result<(Caller, Duration), Unidentified> {
        let (header, claims) = parts(token)?;
        let issuer = text(&claims, "iss").ok_or(Unidentified::Incomplete)?;
        let known = self
            .issuers
            .iter()
            .find(|known| known.config.issuer == issuer)
            .ok_or(Unidentified::Unknown)?;
        let key_id = header.kid.ok_or(Unidentified::Incomplete)?;
        let key = known
            .jwks
            .key(&key_id)
            .await
            .map_err(|_| Unidentified::KeysUnavailable)?;
        let key = key.ok_or(Unidentified::Unknown)?;
        if header.alg != format!("{:?}", key.algorithm) || !known.algorithms.contains(&key.algorithm) {
            return Err(Unidentified::Signature);
        }
        let validation = validation(&known.config, key.algorithm);
        jsonwebtoken::decode::<serde::de::IgnoredAny>(token, &key.decoding, &validation)
            .map_err(|error| unidentified(error.kind()))?;
        let principal = known.principal(registry, &claims)?;
        let expires = claims.root().get("exp").and_then(|v| v.as_u64()).unwrap_or(0);
        let now = crate::clock::unix_ns() / 1_000_000_000;
        let caller = Caller {
            principal,
            method: Method::Jwt,
            credential: Arc::from(key_id),
        };
        Ok((caller, Duration::from_secs(expires.saturating_sub(now))))
    }

    fn recall(&self, fingerprint: &[u8; 32], generation: u64) -> Option<Caller> {
        let remembered = self.remembered.read().unwrap_or_else(PoisonError::into_inner);
        let entry = remembered
            .get(fingerprint)
            .filter(|entry| entry.generation == generation && entry.until > Instant::now())?;
        Some(entry.caller.clone())
    }

    fn remember(&self, fingerprint: [u8; 32], caller: &Caller, generation: u64, expires_in: Duration) {
        let entry = Remembered {
            caller: caller.clone(),
            generation,
            until: Instant::now() + expires_in.min(REMEMBERED),
        };
        let mut remembered = self.remembered.write().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= REMEMBERED_MAX {
            let now = Instant::now();
            remembered.retain(|_, entry| entry.until > now);
        }
        if remembered.len() < REMEMBERED_MAX {
            remembered.insert(fingerprint, entry);
        }
    }
}

impl TrustedIssuer {
    fn principal(
        &self,
        registry: &Registry,
        claims: &Document,
    ) -> Result<Arc<crate::registry::Identity>, Unidentified> {
        if let Some(clients) = &self.config.client_ids {
            let client = text(claims, "client_id").ok_or(Unidentified::Unknown)?;
            let access = text(claims, "token_use").is_some_and(|used| used == "access");
            if !access || !clients.contains(&client) {
                return Err(Unidentified::Unknown);
            }
        }
        let tenant = self.tenant(claims).ok_or(Unidentified::Unknown)?;
        let user = text(claims, &self.config.user_claim)
            .filter(|user| !user.is_empty() && user.len() <= USER_BYTES_MAX)
            .ok_or(Unidentified::Unknown)?;
        let named = |group: String| self.config.group_values.get(&group).cloned().unwrap_or(group);
        let groups: Vec<String> = texts(claims, &self.config.groups_claim).map(named).collect();
        registry
            .user(&tenant, &user, &groups)
            .ok_or(Unidentified::Unknown)
    }
}

impl TrustedIssuer {
    /// The tenant that a token speaks for; none that the issuer may not speak for.
    fn tenant(&self, claims: &Document) -> Option<String> {
        let config = &self.config;
        if config.tenant.is_some() {
            return config.tenant.clone();
        }
        let claimed = text(claims, &config.tenant_claim)?;
        let tenant = config.tenant_values.get(&claimed).cloned().unwrap_or(claimed);
        config.tenants.contains(&tenant).then_some(tenant)
    }
}

fn known(config: &Issuer) -> TrustedIssuer {
    let algorithm = |algorithm: &SignatureAlgorithm| match algorithm {
        SignatureAlgorithm::RS256 => Algorithm::RS256,
        SignatureAlgorithm::ES256 => Algorithm::ES256,
        SignatureAlgorithm::EdDsa => Algorithm::EdDSA,
    };
    TrustedIssuer {
        algorithms: config.algorithms.iter().map(algorithm).collect(),
        jwks: Jwks::new(config),
        config: config.clone(),
    }
}

fn validation(config: &Issuer, algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.leeway = LEEWAY_S;
    validation.validate_nbf = true;
    validation.set_issuer(&[&config.issuer]);
    validation.set_required_spec_claims(&["exp", "iss"]);
    match &config.audience {
        Some(audience) => {
            validation.set_audience(&[audience]);
            validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        }
        None => validation.validate_aud = false,
    }
    validation
}

/// The header and the claims, strictly read: a claim given twice could be read in two ways.
fn parts(token: &str) -> Result<(Header, Document), Unidentified> {
    let mut parts = token.split('.');
    let (Some(header), Some(claims), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Unidentified::Incomplete);
    };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Unidentified::Incomplete);
    let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| Unidentified::Incomplete)?;
    let id_fits = |id: &String| id.len() <= KEY_ID_BYTES_MAX && id.bytes().all(|b| b.is_ascii_graphic());
    if header.crit.is_some() || !header.kid.as_ref().is_none_or(id_fits) {
        return Err(Unidentified::Incomplete);
    }
    let claims = Document::parse(Bytes::from(decode(claims)?)).map_err(|_| Unidentified::Incomplete)?;
    Ok((header, claims))
}

/// A claim by its name, or by a JSON pointer (RFC 6901), which begins with a stroke.
fn claim<'c>(claims: &'c Document, name: &str) -> Option<Value<'c>> {
    let Some(path) = name.strip_prefix('/') else {
        return claims.root().get(name);
    };
    let mut steps = path
        .split('/')
        .map(|step| step.replace("~1", "/").replace("~0", "~"));
    steps.try_fold(claims.root(), |value, step| value.get(&step))
}

fn text(claims: &Document, name: &str) -> Option<String> {
    Some(claim(claims, name)?.as_str()?.into_owned())
}

/// A claim that is one text, a list of texts, or absent.
fn texts<'c>(claims: &'c Document, name: &str) -> impl Iterator<Item = String> + use<'c> {
    let value = claim(claims, name);
    let owned = |item: Value<'_>| item.as_str().map(|text| text.into_owned());
    let one = value.and_then(owned);
    let items = value.into_iter().flat_map(Value::items).filter_map(owned);
    one.into_iter().chain(items).take(GROUPS_MAX)
}

fn unidentified(error: &ErrorKind) -> Unidentified {
    match error {
        ErrorKind::ExpiredSignature | ErrorKind::ImmatureSignature => Unidentified::Expired,
        ErrorKind::InvalidAudience | ErrorKind::InvalidIssuer => Unidentified::Unknown,
        ErrorKind::InvalidSignature => Unidentified::Signature,
        _ => Unidentified::Incomplete,
    }
}

fn fingerprint(token: &str) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(digest.as_ref());
    fingerprint
}
