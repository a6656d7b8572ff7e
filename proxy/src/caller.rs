//! Who calls: a tenant's key (SigV4, or the key itself), a token of a configured issuer (JWT), both (an application that signs for a user), or a client
//! certificate.
//!
//! A [`Caller`] can be made here only, and only from a credential that was verified against this very request. A
//! signature covers the body, so a signed request is read to its end first; a token needs only the head.

mod api_key;
mod certificate;
mod jwks;
mod jwt;
mod signed;
mod token_crypto;

pub use jwt::Issuers;
pub use token_crypto::install as install_token_crypto;

use crate::edge::{Client, Hardened, Holder};
use crate::refusal::{Refusal, Unidentified};
use crate::registry::Identity;
#[cfg(test)]
use crate::registry::Registry;
use crate::rulebook::Rulebook;
use std::sync::Arc;

/// Schemes of the `authorization` header, matched without regard to case (RFC 9110 §11.1).
const BEARER: &str = "bearer ";
const SIGV4: &str = "aws4-hmac-sha256";

/// Where clients of Anthropic put a key (docs.anthropic.com/en/api/overview, "Authentication").
const API_KEY: &str = "x-api-key";

/// Where SDKs put a session token. One that is a token of an issuer says for whom a request was signed.
const SESSION_TOKEN: &str = "x-amz-security-token";

/// An identified caller.
#[derive(Debug, Clone)]
pub struct Caller {
    principal: Arc<Identity>,
    method: Method,
    credential: Arc<str>,
}

/// How a caller proved who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A signature with a tenant's key.
    SigV4,
    /// A token of an issuer.
    Jwt,
    /// A tenant's key itself.
    ApiKey,
    /// A signature with a tenant's key, over a token of an issuer.
    SignedJwt,
    /// A client certificate.
    Certificate,
}

impl Caller {
    /// A user of the registry's one tenant, as if it had shown a token.
    #[cfg(test)]
    pub(crate) fn for_test() -> Self {
        Self {
            principal: Registry::for_test().user("t", "u", &[]).unwrap(),
            method: Method::Jwt,
            credential: Arc::from("k"),
        }
    }

    /// The user for whom this application has signed, known by the application's key.
    ///
    /// # Errors
    /// [`Unidentified::Unknown`] for users of another tenant: its applications sign for those.
    fn signing_for(self, user: Self) -> Result<Self, Unidentified> {
        if user.principal.tenant().id() != self.principal.tenant().id() {
            return Err(Unidentified::Unknown);
        }
        Ok(Self {
            principal: user.principal,
            method: Method::SignedJwt,
            credential: self.credential,
        })
    }

    /// The principal that policy is asked about.
    #[must_use]
    pub fn principal(&self) -> &Identity {
        &self.principal
    }

    /// The caller as the decision record shows it.
    #[must_use]
    pub fn record(&self) -> palisade_audit::PrincipalRef {
        palisade_audit::PrincipalRef {
            authentication: match self.method {
                Method::SigV4 => palisade_audit::Authentication::SigV4,
                Method::Jwt => palisade_audit::Authentication::Jwt,
                Method::ApiKey => palisade_audit::Authentication::ApiKey,
                Method::SignedJwt => palisade_audit::Authentication::SignedJwt,
                Method::Certificate => palisade_audit::Authentication::Certificate,
            },
            credential: self.credential.to_string(),
            facts: self.principal.facts().archived().digest.clone(),
            id: self.principal.id().to_owned(),
            roles: self.principal.roles().to_vec(),
            r#type: self.principal.kind().to_owned(),
        }
    }
}

/// Identifies the caller of a request.
///
/// # Errors
/// [`Refusal::Unidentified`], or why the body could not be read.
pub async fn identify(
    rulebook: &Rulebook,
    issuers: &Issuers,
    client: &mut Client<'_>,
    head: &Hardened,
) -> Result<Caller, Refusal> {
    let caller = match shown(head).map_err(Refusal::Unidentified)? {
        Shown::Signature(value) => {
            let signer = signed::verify(&rulebook.registry, client, head, value).await?;
            match session_token(head).map_err(Refusal::Unidentified)? {
                Some(token) => {
                    let user = issuers.verify(rulebook, token).await;
                    user.and_then(|user| signer.signing_for(user))
                        .map_err(Refusal::Unidentified)?
                }
                None => signer,
            }
        }
        Shown::Certificate(holder) => {
            certificate::verify(&rulebook.registry, holder).map_err(Refusal::Unidentified)?
        }
        Shown::Bearer(token) => {
            let verified = match api_key::parts(token) {
                Some(key) => api_key::verify(&rulebook.registry, head, key),
                None => issuers.verify(rulebook, token).await,
            };
            verified.map_err(Refusal::Unidentified)?
        }
    };
    client.proven()?;
    Ok(caller)
}

/// What a caller shows to prove who it is.
enum Shown<'h> {
    /// A token, or a key.
    Bearer(&'h str),
    /// The `authorization` header of a signature.
    Signature(&'h str),
    /// A client certificate, and nothing else.
    Certificate(&'h Holder),
}

/// What stands in `authorization`, or in the place of Anthropic's keys; if in both, the same.
fn shown(head: &Hardened) -> Result<Shown<'_>, Unidentified> {
    let authorization = only(head, http::header::AUTHORIZATION.as_str())?;
    let key = only(head, API_KEY)?.map(str::trim);
    let Some(value) = authorization else {
        let certificate = head.holder().map(Shown::Certificate);
        return key
            .map(Shown::Bearer)
            .or(certificate)
            .ok_or(Unidentified::Missing);
    };
    match strip_scheme(value, BEARER).map(str::trim) {
        Some(token) if key.is_none_or(|key| key == token) => Ok(Shown::Bearer(token)),
        Some(_) => Err(Unidentified::Incomplete),
        None if strip_scheme(value, SIGV4).is_some() => Ok(Shown::Signature(value)),
        None => Err(Unidentified::Missing),
    }
}

/// The session token, if it is a token of some issuer. Others are of no use here: the key is ours.
fn session_token(head: &Hardened) -> Result<Option<&str>, Unidentified> {
    let token = only(head, SESSION_TOKEN)?.map(str::trim);
    Ok(token.filter(|token| token.split('.').count() == 3))
}

/// The value of a header that stands there once: of two, nobody knows which counts.
fn only<'h>(head: &'h Hardened, name: &str) -> Result<Option<&'h str>, Unidentified> {
    let mut values = head.headers().get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| Unidentified::Incomplete),
        (Some(_), Some(_)) => Err(Unidentified::Missing),
    }
}

fn strip_scheme<'v>(value: &'v str, scheme: &str) -> Option<&'v str> {
    let (start, rest) = value.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}
