//! The `Authorization` header of Signature Version 4.

use super::{ALGORITHM, Error, SCOPE_END};

/// Longest accepted header value. Ours: real SDKs stay under 1 KiB with sixteen signed headers.
const AUTHORIZATION_BYTES_MAX: usize = 8192;
/// Longest accepted access key id. Source: AWS IAM API reference, `AccessKey`, `AccessKeyId`: 16 to 128 characters.
const ACCESS_KEY_ID_BYTES_MAX: usize = 128;

/// A parsed header value. Nothing in it has been proved yet.
///
/// `Debug` leaves the signature out.
#[derive(Clone, Copy)]
pub struct Authorization<'a> {
    /// Which secret signed: any visible ASCII except `/`.
    pub access_key_id: &'a str,
    /// Day of the scope, `YYYYMMDD`.
    pub date: &'a str,
    /// Region of the scope, such as `us-east-1`.
    pub region: &'a str,
    /// Signing name of the scope, such as `bedrock`, `bedrock-mantle`, `sagemaker`.
    pub service: &'a str,
    /// `date/region/service/aws4_request`.
    pub(super) scope: &'a str,
    /// Lower-case names, strictly ascending, joined with `;`.
    pub(super) signed_headers: &'a str,
    pub(super) signature: [u8; 32],
}

impl std::fmt::Debug for Authorization<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authorization")
            .field("access_key_id", &self.access_key_id)
            .field("scope", &self.scope)
            .field("signed_headers", &self.signed_headers)
            .finish_non_exhaustive()
    }
}

impl<'a> Authorization<'a> {
    /// The scope as a signing key names it: `date/region/service/aws4_request`.
    #[must_use]
    pub fn scope(&self) -> &'a str {
        self.scope
    }

    /// Parses a header value: the algorithm, then `Credential`, `SignedHeaders` and `Signature`, each once, in any order.
    ///
    /// # Errors
    /// [`Error::MissingToken`] when empty, [`Error::UnknownAlgorithm`] for another scheme, otherwise
    /// [`Error::Malformed`].
    pub fn parse(value: &'a str) -> Result<Self, Error> {
        if value.trim_ascii().is_empty() {
            return Err(Error::MissingToken);
        }
        if value.len() > AUTHORIZATION_BYTES_MAX {
            return Err(Error::Malformed);
        }
        let (algorithm, fields) = value.split_once(' ').ok_or(Error::Malformed)?;
        if algorithm != ALGORITHM {
            return Err(Error::UnknownAlgorithm);
        }
        let [mut credential, mut signed_headers, mut signature] = [None; 3];
        for field in fields.split(',') {
            let (name, text) = field.trim_ascii().split_once('=').ok_or(Error::Malformed)?;
            let place = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => return Err(Error::Malformed),
            };
            if place.replace(text).is_some() {
                return Err(Error::Malformed);
            }
        }
        let (Some(credential), Some(headers), Some(signature)) = (credential, signed_headers, signature)
        else {
            return Err(Error::Malformed);
        };
        Self::assemble(credential, headers, signature).ok_or(Error::Malformed)
    }

    fn assemble(credential: &'a str, signed_headers: &'a str, signature: &str) -> Option<Self> {
        let (access_key_id, scope) = credential.split_once('/')?;
        let mut parts = scope.split('/');
        let (date, region, service) = (parts.next()?, parts.next()?, parts.next()?);
        let ends = parts.next() == Some(SCOPE_END) && parts.next().is_none();
        let well_formed = ends
            && (1..=ACCESS_KEY_ID_BYTES_MAX).contains(&access_key_id.len())
            && access_key_id.bytes().all(|b| b.is_ascii_graphic())
            && date.len() == 8
            && date.bytes().all(|b| b.is_ascii_digit())
            && is_scope_name(region)
            && is_scope_name(service)
            && is_header_list(signed_headers);
        well_formed.then_some(Self {
            access_key_id,
            date,
            region,
            service,
            scope,
            signed_headers,
            signature: parse_hex(signature)?,
        })
    }

    /// Names of the signed headers: lower-case, ascending, unique.
    pub fn signed_headers(&self) -> impl Iterator<Item = &'a str> {
        self.signed_headers.split(';')
    }

    /// Whether the header `name`, in any case, is signed.
    #[must_use]
    pub fn signs(&self, name: &str) -> bool {
        self.signed_headers()
            .any(|signed| signed.eq_ignore_ascii_case(name))
    }
}

/// Regions and signing names are lower-case words joined with `-`.
fn is_scope_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_header_list(text: &str) -> bool {
    text.split(';').all(is_header_name) && text.split(';').is_sorted_by(|a, b| a < b)
}

/// A lower-case field name (RFC 9110 §5.1), or `:authority`, which the JavaScript SDK signs over HTTP/2.
fn is_header_name(name: &str) -> bool {
    let is_name_byte =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&b);
    name == ":authority" || (!name.is_empty() && name.bytes().all(is_name_byte))
}

/// Exactly 64 lower-case hex digits.
fn parse_hex(text: &str) -> Option<[u8; 32]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = hex_digit(*high)? << 4 | hex_digit(*low)?;
    }
    Some(bytes)
}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}
