//! Verifying a received request.

use super::canonical::{self, Head, Headers};
use super::{AmzDate, Authorization, Error, PayloadHash, SigningKey, string_to_sign};

/// `x-amz-*` headers that need no signature. The body hash is compared with the body itself. No SDK signs the trace
/// header, because load balancers add and change it; AWS acts on it in no way but tracing. Source: `auth.py` of botocore
/// and `constants.ts` of the JavaScript SDK's signer.
const NEED_NO_SIGNATURE: [&str; 2] = ["x-amz-content-sha256", "x-amzn-trace-id"];

/// The time of the request: `x-amz-date`, or `date` when that is absent.
///
/// # Errors
/// [`Error::Date`] when both are absent, one is repeated, or it does not parse.
pub fn request_date<H: Headers + ?Sized>(head: &Head<'_, H>) -> Result<AmzDate, Error> {
    dated(head).map(|(_, date)| date)
}

/// Whether the request was signed by `key`, whole: host, date, every AWS header and the body.
///
/// `key` must be of the scope that `authorization` names; `payload` is the hash of the received body. The age of the
/// request is not judged here: see [`AmzDate::check_skew`].
///
/// # Errors
/// Any [`Error`]; [`Error::SignatureMismatch`] when all is well formed and signed with something else. The comparison
/// takes constant time.
pub fn verify<H: Headers + ?Sized>(
    head: &Head<'_, H>,
    authorization: &Authorization<'_>,
    key: &SigningKey,
    payload: &PayloadHash,
) -> Result<(), Error> {
    let (date_header, date) = dated(head)?;
    if key.scope() != authorization.scope || date.day() != authorization.date {
        return Err(Error::Scope);
    }
    check_coverage(head, authorization, date_header)?;
    check_payload(head, payload)?;
    let canonical = canonical::hash(head, authorization.signed_headers, payload.as_str())?;
    let message = string_to_sign(&date, authorization.scope, &canonical);
    key.verify(&message, &authorization.signature)
}

fn dated<H: Headers + ?Sized>(head: &Head<'_, H>) -> Result<(&'static str, AmzDate), Error> {
    let amz = single(head, "x-amz-date", AmzDate::parse).transpose()?;
    if let Some(date) = amz {
        return Ok(("x-amz-date", date));
    }
    let date = single(head, "date", AmzDate::parse_http).ok_or(Error::Date)?;
    Ok(("date", date?))
}

/// The one value of `name`, parsed; a second value is an error.
fn single<H: Headers + ?Sized>(
    head: &Head<'_, H>,
    name: &str,
    parse: fn(&[u8]) -> Result<AmzDate, Error>,
) -> Option<Result<AmzDate, Error>> {
    let mut found = None;
    head.headers.values(name, &mut |value| {
        found = Some(match found {
            None => parse(value.trim_ascii()),
            Some(_) => Err(Error::Date),
        });
    });
    found
}

/// A header that is not signed can be added or changed on the way: none that names the target or that AWS acts on may be.
fn check_coverage<H: Headers + ?Sized>(
    head: &Head<'_, H>,
    authorization: &Authorization<'_>,
    date_header: &str,
) -> Result<(), Error> {
    let host_signed = authorization.signs("host") || authorization.signs(":authority");
    let mut covered = host_signed && authorization.signs(date_header);
    head.headers.for_each(&mut |name, _| {
        covered = covered && (!acts_on_aws(name) || authorization.signs(name));
    });
    if covered {
        Ok(())
    } else {
        Err(Error::UnsignedHeader)
    }
}

fn acts_on_aws(name: &str) -> bool {
    let starts_with = |prefix: &str| {
        let head = name.get(..prefix.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    (starts_with("x-amz-") || starts_with("x-amzn-"))
        && !NEED_NO_SIGNATURE
            .iter()
            .any(|exempt| name.eq_ignore_ascii_case(exempt))
}

fn check_payload<H: Headers + ?Sized>(head: &Head<'_, H>, payload: &PayloadHash) -> Result<(), Error> {
    let mut outcome = None;
    head.headers.values("x-amz-content-sha256", &mut |value| {
        outcome = Some(match outcome {
            None => payload.check_declared(Some(value.trim_ascii())),
            Some(_) => Err(Error::PayloadMismatch),
        });
    });
    outcome.unwrap_or_else(|| payload.check_declared(None))
}
