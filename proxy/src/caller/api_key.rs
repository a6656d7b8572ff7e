//! Callers that show a tenant's key itself, as clients of OpenAI and Anthropic do: `ID.SECRET`, where they would put a key of theirs.
//!
//! Whoever reads it on the way has it, so it is taken over TLS only, or from this machine. A signature shows the same key without its secret.

use super::{Caller, Method};
use crate::clock::unix_s;
use crate::edge::Hardened;
use crate::refusal::Unidentified;
use crate::registry::{AccessKey, Registry};
use std::sync::Arc;

/// What every token of an issuer begins with: the base64 of `{"`.
const TOKEN: &str = "eyJ";

/// The id and the secret of a key; none where it is a token of an issuer, whole or not, or anything else.
pub(super) fn parts(shown: &str) -> Option<(&str, &str)> {
    let (id, secret) = shown.split_once('.')?;
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_id && !id.starts_with(TOKEN) && !secret.contains('.')).then_some((id, secret))
}

/// Identifies whoever shows a key.
///
/// # Errors
/// When it is not one of ours, is shown in the clear, or is good no more.
pub(super) fn verify(
    registry: &Registry,
    head: &Hardened,
    (id, secret): (&str, &str),
) -> Result<Caller, Unidentified> {
    if !head.is_private() {
        return Err(Unidentified::InTheClear);
    }
    let key: &AccessKey = registry.key(id).ok_or(Unidentified::Unknown)?;
    if !key.is_secret(secret) {
        return Err(Unidentified::Unknown);
    }
    // Only to its holder: whether a key was ever good is nobody else's business.
    if key.is_expired(unix_s()) {
        return Err(Unidentified::Expired);
    }
    Ok(Caller {
        principal: Arc::clone(key.principal()),
        method: Method::ApiKey,
        credential: Arc::clone(key.id()),
    })
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn a_key_has_an_id_and_a_secret_and_is_no_token() {
        assert_eq!(parts("KEY1.a/b+c="), Some(("KEY1", "a/b+c=")));
        for other in [
            "",
            "KEY1",
            ".x",
            "KEY-1.x",
            "eyJh.eyJz.c2ln",
            "eyJh.eyJz",
            "KEY1.a.b",
        ] {
            assert_eq!(parts(other), None, "{other}");
        }
    }
}
