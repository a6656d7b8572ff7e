//! Who signed a request: verifies Signature Version 4 as AWS does, against the credentials the simulator was given.

use std::collections::HashMap;
use std::sync::Mutex;

use http::HeaderMap;
use http::header::{AUTHORIZATION, HOST};
use http::request::Parts;
use palisade_wire::sigv4::{
    self, Authorization, Error, EventSignatures, Head, Headers, PayloadHash, SigningKey,
};

use crate::lock::lock;
use crate::refusal::Refusal;

/// Derived keys kept. One a credential, day, region and service: a handful in any run.
const KEYS_MAX: usize = 64;

/// The credentials, and the keys derived from them so far. No `Debug`: it holds secrets.
pub(crate) struct Access {
    secrets: HashMap<String, String>,
    /// Locked for a look-up or an insertion; keys are derived outside.
    keys: Mutex<Vec<(String, SigningKey)>>,
}

/// Why a signature was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denial {
    Signature(Error),
    UnknownKey,
    /// Signed for another service than the one asked.
    Service,
    /// No host, or several that differ.
    Host,
}

impl From<Error> for Denial {
    fn from(error: Error) -> Self {
        Self::Signature(error)
    }
}

impl Denial {
    /// What `GET /received` shows of it.
    pub(crate) fn verdict(self) -> &'static str {
        if self == Self::Signature(Error::MissingToken) {
            "absent"
        } else {
            self.name()
        }
    }

    /// The error AWS gives.
    pub(crate) fn refusal(self) -> Refusal {
        let message = match self {
            Self::Signature(Error::MissingToken) => "Missing Authentication Token",
            Self::UnknownKey => "The security token included in the request is invalid.",
            Self::Service => "Credential should be scoped to correct service.",
            Self::Signature(Error::Skewed) => {
                "Signature expired or not yet current: more than 5 minutes away."
            }
            Self::Host => "The request names no host, or several.",
            Self::Signature(_) => {
                "The request signature does not match the one calculated. Check the secret access key and signing method."
            }
        };
        Refusal::new(self.name(), message)
    }

    /// Source: AWS "Common Errors", and the names in which AWS's JSON services answer.
    fn name(self) -> &'static str {
        match self {
            Self::UnknownKey => "UnrecognizedClientException",
            Self::Service | Self::Host => "InvalidSignatureException",
            Self::Signature(error) => match error {
                Error::MissingToken => "MissingAuthenticationTokenException",
                Error::UnknownAlgorithm | Error::Malformed | Error::UnsignedHeader => {
                    "IncompleteSignatureException"
                }
                Error::MissingHeader | Error::Header | Error::Date | Error::Presigned => {
                    "IncompleteSignatureException"
                }
                Error::Scope | Error::Skewed | Error::SignatureMismatch => "InvalidSignatureException",
                Error::UnsignedPayload | Error::StreamingPayload => "InvalidSignatureException",
                Error::PayloadMismatch | Error::RequestLine | Error::Query => "InvalidSignatureException",
            },
        }
    }
}

impl Access {
    pub(crate) fn new(credentials: Vec<(String, String)>) -> Self {
        Self {
            secrets: credentials.into_iter().collect(),
            keys: Mutex::default(),
        }
    }

    /// Verifies that `head` and a body with the hash `payload` were signed, for `service`, with a known key, within five minutes of
    /// `unix_seconds`. Gives what events that follow are verified with.
    pub(crate) fn verify(
        &self,
        head: &Parts,
        payload: &PayloadHash,
        service: &str,
        unix_seconds: i64,
    ) -> Result<(EventSignatures, SigningKey), Denial> {
        let authorization = authorization(&head.headers)?;
        let secret = self
            .secrets
            .get(authorization.access_key_id)
            .ok_or(Denial::UnknownKey)?;
        if authorization.service != service {
            return Err(Denial::Service);
        }
        let signed = Head {
            method: head.method.as_str(),
            path: head.uri.path().as_bytes(),
            query: head.uri.query().unwrap_or_default().as_bytes(),
            authority: authority(head)?,
            headers: &Fields(&head.headers),
        };
        sigv4::request_date(&signed)?.check_skew(unix_seconds)?;
        let key = self.key(&authorization, secret);
        sigv4::verify(&signed, &authorization, &key, payload)?;
        Ok((EventSignatures::after_received(&authorization), key))
    }

    fn key(&self, authorization: &Authorization<'_>, secret: &str) -> SigningKey {
        let Authorization {
            access_key_id,
            date,
            region,
            service,
            ..
        } = *authorization;
        let scope = [date, region, service, "aws4_request"];
        let fits =
            |(id, key): &&(String, SigningKey)| id == access_key_id && key.scope().split('/').eq(scope);
        if let Some((_, key)) = lock(&self.keys).iter().find(fits) {
            return key.clone();
        }
        let key = SigningKey::derive(secret, date, region, service);
        let mut keys = lock(&self.keys);
        if keys.len() >= KEYS_MAX {
            keys.clear();
        }
        keys.push((access_key_id.to_owned(), key.clone()));
        key
    }
}

fn authorization(headers: &HeaderMap) -> Result<Authorization<'_>, Denial> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(Error::MissingToken)?;
    if values.next().is_some() {
        return Err(Error::Malformed.into());
    }
    Ok(Authorization::parse(
        value.to_str().map_err(|_| Error::Malformed)?,
    )?)
}

/// The one host of the request. HTTP/2 clients may send `:authority`, `host` or both.
fn authority(head: &Parts) -> Result<&str, Denial> {
    let pseudo = head.uri.authority().map(http::uri::Authority::as_str);
    let mut hosts = head
        .headers
        .get_all(HOST)
        .iter()
        .map(|host| host.to_str().map_err(|_| Denial::Host));
    let first = pseudo.map_or_else(|| hosts.next().ok_or(Denial::Host)?, Ok)?;
    if hosts.any(|host| host != Ok(first)) {
        return Err(Denial::Host);
    }
    Ok(first)
}

struct Fields<'a>(&'a HeaderMap);

impl Headers for Fields<'_> {
    fn for_each(&self, each: &mut dyn FnMut(&str, &[u8])) {
        self.0
            .iter()
            .for_each(|(name, value)| each(name.as_str(), value.as_bytes()));
    }

    fn values(&self, name: &str, each: &mut dyn FnMut(&[u8])) {
        self.0
            .get_all(name)
            .iter()
            .for_each(|value| each(value.as_bytes()));
    }
}
