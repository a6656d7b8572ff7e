//! AWS Signature Version 4 in request headers: verifying what SDKs send and signing what goes upstream, without a clock.
//!
//! Both directions share one canonical form, that of every AWS service except S3: the path as sent, percent-encoded
//! once more. Source: AWS IAM User Guide, "Create a signed AWS API request",
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.
//!
//! ```text
//! Authorization::parse ─► caller looks the access key id up ─► SigningKey (cached per scope)
//! request_date ─► AmzDate::check_skew                                  │
//! body ─► PayloadHash ────────────────────────► verify(head, authorization, key, payload)
//! ```
//!
//! INVARIANT: what the canonical form could present in two ways is refused, not normalised: dot segments, repeated
//! date headers, an unsigned body, AWS parameters in the query.

mod authorization;
mod canonical;
mod date;
mod events;
mod key;
mod sign;
mod verify;

pub use authorization::Authorization;
pub use canonical::{Head, Headers};
pub use date::AmzDate;
pub use events::{EventSignatures, event_date};
pub use key::{PayloadHash, SigningKey};
pub use sign::{SignRequest, Signed, sign};
pub use verify::{request_date, verify};

use crate::fault::Fault;

/// Largest allowed distance between a signature's time and ours, in seconds, both ways. Source: AWS IAM User Guide,
/// "Signature Version 4": requests must reach AWS within five minutes of their time stamp.
pub const SKEW_SECONDS_MAX: u64 = 300;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// What is signed of an event of a stream.
const EVENT_ALGORITHM: &str = "AWS4-HMAC-SHA256-PAYLOAD";
const SCOPE_END: &str = "aws4_request";

/// Why a signature was refused, or could not be made. Holds nothing that the client sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No `Authorization` value, or an empty one.
    #[error("request carries no authentication token")]
    MissingToken,
    /// Another scheme or another AWS algorithm, such as `AWS4-ECDSA-P256-SHA256`.
    #[error("unsupported signature algorithm")]
    UnknownAlgorithm,
    /// The `Authorization` value does not follow the grammar, or is too long.
    #[error("malformed authorization header")]
    Malformed,
    /// A header that must be signed is not: the host, the date, or an `x-amz-*`, `x-amzn-*` header.
    #[error("a header that must be signed is not signed")]
    UnsignedHeader,
    /// A signed header is not in the request.
    #[error("a signed header is missing")]
    MissingHeader,
    /// A header value holds a control character, or a header that only the signer sets was given to it.
    #[error("a header cannot be signed")]
    Header,
    /// No date, several, or one that is no date.
    #[error("missing or malformed request date")]
    Date,
    /// The date of the credential scope is not the day of the request, or the key is for another scope.
    #[error("credential scope does not match the request")]
    Scope,
    /// The request date is more than [`SKEW_SECONDS_MAX`] away from our clock.
    #[error("signature expired or not yet valid")]
    Skewed,
    /// The body is declared `UNSIGNED-PAYLOAD`.
    #[error("unsigned payloads are not accepted")]
    UnsignedPayload,
    /// The body is declared `STREAMING-…`, and the caller did not ask for that.
    #[error("streaming signatures are not accepted for this operation")]
    StreamingPayload,
    /// `x-amz-content-sha256` is not the hash of the body.
    #[error("payload hash does not match the body")]
    PayloadMismatch,
    /// The method is not upper-case letters, or the path has empty, `.` or `..` segments.
    #[error("request path is not canonical")]
    RequestLine,
    /// The query string has empty parts or broken percent-encoding.
    #[error("malformed query string")]
    Query,
    /// The query string carries `X-Amz-…` parameters: presigned requests are not accepted.
    #[error("presigned requests are not accepted")]
    Presigned,
    /// The signature is not the one our key gives.
    #[error("signature does not match")]
    SignatureMismatch,
}

impl Error {
    /// The AWS error that an SDK should see. Skew is an invalid signature, as AWS's JSON services answer: on that
    /// code SDKs correct their clock.
    #[must_use]
    pub fn fault(self) -> Fault {
        match self {
            Self::MissingToken => Fault::MissingAuthenticationToken,
            Self::UnknownAlgorithm | Self::Malformed | Self::UnsignedHeader => Fault::IncompleteSignature,
            Self::MissingHeader | Self::Header | Self::Date | Self::Presigned => Fault::IncompleteSignature,
            Self::Scope | Self::Skewed | Self::SignatureMismatch => Fault::InvalidSignature,
            Self::UnsignedPayload | Self::StreamingPayload | Self::PayloadMismatch => Fault::InvalidSignature,
            Self::RequestLine | Self::Query => Fault::Validation,
        }
    }
}

/// The text that is signed. `canonical` is the hex hash of the canonical request.
fn string_to_sign(date: &AmzDate, scope: &str, canonical: &[u8; 64]) -> Vec<u8> {
    let parts: [&[u8]; 7] = [
        ALGORITHM.as_bytes(),
        b"\n",
        date.as_str().as_bytes(),
        b"\n",
        scope.as_bytes(),
        b"\n",
        canonical,
    ];
    parts.concat()
}

/// Lower-case hex of the 32 bytes of a SHA-256 or HMAC-SHA-256 value.
fn hex(bytes: &[u8]) -> [u8; 64] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [b'0'; 64];
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    for (place, nibble) in text.iter_mut().zip(nibbles) {
        *place = DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
    }
    text
}
