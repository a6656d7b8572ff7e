//! Signing a request that goes upstream.

use super::canonical::{self, Head, Headers};
use super::{ALGORITHM, AmzDate, Error, PayloadHash, SigningKey, string_to_sign};

const DATE: &str = "x-amz-date";
const TOKEN: &str = "x-amz-security-token";

/// What is to be signed. No `Debug`: it holds credentials.
pub struct SignRequest<'a> {
    /// Such as `POST`.
    pub method: &'a str,
    /// The path exactly as it will be sent, percent-encoded once.
    pub path: &'a str,
    /// The query as it will be sent, without `?`; empty for none.
    pub query: &'a str,
    /// The `Host` or `:authority` that will be sent, port included when not the default.
    pub host: &'a str,
    /// The headers to sign besides host, date and token: lower-case names; a repeated name is joined with `,`.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The hash of the body that will be sent.
    pub payload: &'a PayloadHash,
    /// Now, in seconds since 1970-01-01 UTC. Its day must be that of `key`.
    pub unix_seconds: i64,
    /// Id of the access key whose secret gave `key`.
    pub access_key_id: &'a str,
    /// Key for the day, region and service.
    pub key: &'a SigningKey,
    /// Token of temporary credentials. Signed here, to be sent as `x-amz-security-token`.
    pub session_token: Option<&'a str>,
}

/// The headers to add, besides the session token. No `Debug`: a signature is a credential while it is fresh.
pub struct Signed {
    /// Value of `authorization`.
    pub authorization: String,
    /// Value of `x-amz-date`.
    pub x_amz_date: AmzDate,
    /// The signature alone, in hex.
    pub signature: [u8; 64],
}

/// Signs a request.
///
/// # Errors
/// [`Error::Date`] for a time outside 1970 to 9999; [`Error::Scope`] when `key` is for another day;
/// [`Error::RequestLine`] or [`Error::Query`] when they are not canonical; [`Error::Header`] when `headers` names what
/// is signed anyway, is not lower-case, or a value holds a line break.
pub fn sign(request: &SignRequest<'_>) -> Result<Signed, Error> {
    let date = AmzDate::from_unix(request.unix_seconds)?;
    if request.key.scope().split('/').next() != Some(date.day()) {
        return Err(Error::Scope);
    }
    let signed_headers = signed_headers(request)?;
    let head = Head {
        method: request.method,
        path: request.path.as_bytes(),
        query: request.query.as_bytes(),
        authority: request.host,
        headers: &Outgoing {
            given: request.headers,
            date: date.as_str(),
            token: request.session_token,
        },
    };
    let canonical = canonical::hash(&head, &signed_headers, request.payload.as_str())?;
    let message = string_to_sign(&date, request.key.scope(), &canonical);
    let signature = request.key.sign_hex(&message);
    let parts = [
        ALGORITHM,
        " Credential=",
        request.access_key_id,
        "/",
        request.key.scope(),
        ", SignedHeaders=",
        &signed_headers,
        ", Signature=",
        str::from_utf8(&signature).unwrap_or_default(),
    ];
    Ok(Signed {
        authorization: parts.concat(),
        x_amz_date: date,
        signature,
    })
}

/// Names of all headers to sign: ascending, unique, joined with `;`.
fn signed_headers(request: &SignRequest<'_>) -> Result<String, Error> {
    let mut names: Vec<&str> = request.headers.iter().map(|(name, _)| *name).collect();
    let reserved = |name: &&str| matches!(*name, "host" | "authorization" | DATE | TOKEN);
    if names
        .iter()
        .any(|name| reserved(name) || name.bytes().any(|b| b.is_ascii_uppercase()))
    {
        return Err(Error::Header);
    }
    names.extend(["host", DATE]);
    names.extend(request.session_token.map(|_| TOKEN));
    names.sort_unstable();
    names.dedup();
    Ok(names.join(";"))
}

struct Outgoing<'a> {
    given: &'a [(&'a str, &'a [u8])],
    date: &'a str,
    token: Option<&'a str>,
}

impl Headers for Outgoing<'_> {
    fn for_each(&self, each: &mut dyn FnMut(&str, &[u8])) {
        self.given.for_each(each);
        each(DATE, self.date.as_bytes());
        if let Some(token) = self.token {
            each(TOKEN, token.as_bytes());
        }
    }
}
