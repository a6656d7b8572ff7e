//! Callers that sign with a key which Palisade issued to their tenant.

use super::{Caller, Method};
use crate::clock::unix_s;
use crate::edge::{Client, Hardened, SignedEvents};
use crate::refusal::{Refusal, Unidentified, Unroutable};
use crate::registry::Registry;
use http::HeaderMap;
use palisade_wire::bedrock::BOTH_WAYS;
use palisade_wire::sigv4::{self, AmzDate, Authorization, Error, EventSignatures, Headers, PayloadHash};
use std::sync::Arc;

const DAY_S: i64 = 86_400;

pub(super) async fn verify(
    registry: &Registry,
    client: &mut Client<'_>,
    head: &Hardened,
    value: &str,
) -> Result<Caller, Refusal> {
    let authorization = Authorization::parse(value).map_err(refusal)?;
    let key = registry
        .key(authorization.access_key_id)
        .ok_or(Refusal::Unidentified(Unidentified::Unknown))?;
    if !head.protocol().signed_for().contains(&authorization.service) {
        return Err(Refusal::Unidentified(Unidentified::Signature));
    }
    let headers = Lines(head.headers());
    let signed_head = sigv4::Head {
        method: head.method(),
        path: head.path(),
        query: head.query(),
        authority: head.authority().unwrap_or_default(),
        headers: &headers,
    };
    // Before the body is read: an old request is refused without reading it.
    let date = sigv4::request_date(&signed_head).map_err(refusal)?;
    date.check_skew(unix_s()).map_err(refusal)?;

    let talks = head.path().ends_with(BOTH_WAYS.as_bytes());
    let payload = match talks {
        true => PayloadHash::event_stream(),
        false => {
            client.unproven(key.id());
            client.payload().await?
        }
    };
    let signing = key.signing_key(&authorization);
    sigv4::verify(&signed_head, &authorization, &signing, &payload).map_err(refusal)?;
    // Only to its holder: whether a key was ever good is nobody else's business.
    if key.is_expired(unix_s()) {
        return Err(Refusal::Unidentified(Unidentified::Expired));
    }
    if talks {
        let next = AmzDate::from_unix(date.unix_seconds() + DAY_S).map_err(refusal)?;
        client.signs_events(SignedEvents {
            signatures: EventSignatures::after_received(&authorization),
            keys: [signing, key.signing_key_on(next.day(), &authorization)],
            expires: key.expires(),
        });
    }
    Ok(Caller {
        principal: Arc::clone(key.principal()),
        method: Method::SigV4,
        credential: Arc::clone(key.id()),
    })
}

fn refusal(error: Error) -> Refusal {
    use palisade_wire::fault::Fault;
    if matches!(error, Error::RequestLine | Error::Query) {
        return Refusal::Unroutable(Unroutable::Path);
    }
    Refusal::Unidentified(match (error, error.fault()) {
        (Error::Skewed, _) => Unidentified::Skewed,
        (_, Fault::InvalidSignature) => Unidentified::Signature,
        (_, Fault::MissingAuthenticationToken) => Unidentified::Missing,
        _ => Unidentified::Incomplete,
    })
}

/// Header lines in the form that the verifier reads.
struct Lines<'a>(&'a HeaderMap);

impl Headers for Lines<'_> {
    fn for_each(&self, each: &mut dyn FnMut(&str, &[u8])) {
        for (name, value) in self.0 {
            each(name.as_str(), value.as_bytes());
        }
    }

    fn values(&self, name: &str, each: &mut dyn FnMut(&[u8])) {
        for value in self.0.get_all(name) {
            each(value.as_bytes());
        }
    }
}
