//! Who calls: a tenant's key (SigV4) or a token of a configured issuer (JWT).
//!
//! A [`Caller`] can be made here only, and only from a credential that was verified against this very request. A
//! signature covers the body, so a signed request is read to its end first; a token needs only the head.

mod jwks;
mod jwt;
mod signed;
mod token_crypto;

pub use jwt::Issuers;
pub use token_crypto::install as install_token_crypto;

use crate::edge::{Client, Hardened};
use crate::refusal::{Refusal, Unidentified};
use crate::registry::Identity;
#[cfg(test)]
use crate::registry::Registry;
use crate::rulebook::Rulebook;
use std::sync::Arc;

/// Schemes of the `authorization` header, matched without regard to case (RFC 9110 §11.1).
const BEARER: &str = "bearer ";
const SIGV4: &str = "aws4-hmac-sha256";

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
    let mut values = head.headers().get_all(http::header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Refusal::Unidentified(Unidentified::Missing));
    };
    let value = value
        .to_str()
        .map_err(|_| Refusal::Unidentified(Unidentified::Incomplete))?;
    let caller = if let Some(token) = strip_scheme(value, BEARER) {
        let verified = issuers.verify(rulebook, token.trim()).await;
        verified.map_err(Refusal::Unidentified)?
    } else if strip_scheme(value, SIGV4).is_some() {
        signed::verify(&rulebook.registry, client, head, value).await?
    } else {
        return Err(Refusal::Unidentified(Unidentified::Missing));
    };
    client.proven()?;
    Ok(caller)
}

fn strip_scheme<'v>(value: &'v str, scheme: &str) -> Option<&'v str> {
    let (start, rest) = value.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}
