//! Keys and tokens of one run: made anew each time, known to nobody else.

use super::failure::Failure;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use palisade_wire::sigv4::{AmzDate, PayloadHash, SignRequest, Signed, SigningKey, sign};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

/// Region of every signature.
pub const REGION: &str = "us-east-1";
/// Claims of the run's tokens.
pub const AUDIENCE: &str = "palisade";
/// Seconds that a token is valid: longer than any run.
const TOKEN_VALID_S: i64 = 3 * 3600;
const KEY_ID: &str = "bench";

/// An access key. No `Debug`: it holds a secret.
pub struct AccessKey {
    /// The id.
    pub id: &'static str,
    /// The secret.
    pub secret: String,
}

impl AccessKey {
    /// A key with a random secret.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn random(id: &'static str) -> Result<Self, Failure> {
        let mut bytes = [0; 30];
        let filled = SystemRandom::new().fill(&mut bytes);
        filled.map_err(|_| Failure::wrong("no random bytes"))?;
        Ok(Self {
            id,
            secret: URL_SAFE_NO_PAD.encode(bytes),
        })
    }

    /// Signs a POST of `body`, for a service, with `content-type: application/json`.
    ///
    /// # Errors
    /// When the clock is outside 1970 to 9999.
    pub fn sign(
        &self,
        service: &str,
        path: &str,
        host: &str,
        body: &[u8],
        unix_seconds: i64,
    ) -> Result<Signed, Failure> {
        let date = AmzDate::from_unix(unix_seconds).map_err(Failure::wrong)?;
        let signed = sign(&SignRequest {
            method: "POST",
            path,
            query: "",
            host,
            headers: &[("content-type", b"application/json")],
            payload: &PayloadHash::of(body),
            unix_seconds,
            access_key_id: self.id,
            key: &SigningKey::derive(&self.secret, date.day(), REGION, service),
            session_token: None,
        });
        signed.map_err(Failure::wrong)
    }
}

/// An issuer's key (Ed25519). No `Debug`: it holds a secret.
pub struct IssuerKey(Ed25519KeyPair);

impl IssuerKey {
    /// A random key.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn random() -> Result<Self, Failure> {
        let pair = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .map_err(|_| Failure::wrong("no random bytes"))
            .and_then(|document| Ed25519KeyPair::from_pkcs8(document.as_ref()).map_err(Failure::wrong))?;
        Ok(Self(pair))
    }

    /// The key set that verifies its tokens (RFC 7517 §5, RFC 8037 §2).
    #[must_use]
    pub fn key_set(&self) -> Value {
        let point = URL_SAFE_NO_PAD.encode(self.0.public_key().as_ref());
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": KEY_ID, "x": point }] })
    }

    /// A token (RFC 7519) for a user of `tenant`, from `issuer`.
    #[must_use]
    pub fn token(&self, issuer: &str, tenant: &str, unix_seconds: i64) -> String {
        let header = json!({ "alg": "EdDSA", "kid": KEY_ID, "typ": "JWT" });
        let claims = json!({
            "iss": issuer,
            "aud": AUDIENCE,
            "sub": "bench",
            "tenant": tenant,
            "exp": unix_seconds + TOKEN_VALID_S,
        });
        let encoded = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let message = [encoded(&header), encoded(&claims)].join(".");
        let signature = URL_SAFE_NO_PAD.encode(self.0.sign(message.as_bytes()));
        [message, signature].join(".")
    }
}

/// Now.
#[must_use]
pub fn unix_seconds() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
