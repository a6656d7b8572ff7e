//! Signing keys and payload hashes.

use std::sync::Arc;

use ring::{digest, hmac};

use super::{Error, SCOPE_END, hex};

/// What a bidirectional stream declares instead of a body hash. Source: AWS Transcribe Developer Guide, "Event stream
/// encoding", and the JavaScript SDK's requests for `InvokeModelWithBidirectionalStream`.
const EVENT_STREAM_PAYLOAD: &str = "STREAMING-AWS4-HMAC-SHA256-EVENTS";

/// The key of one secret for one day, region and service. Cheap to clone, so that callers can cache it by scope.
///
/// `Debug` shows the scope only.
#[derive(Clone)]
pub struct SigningKey {
    key: hmac::Key,
    /// `YYYYMMDD/region/service/aws4_request`.
    scope: Arc<str>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Derives the key: four chained HMAC-SHA-256 over `date` (`YYYYMMDD`), `region`, `service` and a constant.
    #[must_use]
    pub fn derive(secret: &str, date: &str, region: &str, service: &str) -> Self {
        let root = hmac::Key::new(hmac::HMAC_SHA256, ["AWS4", secret].concat().as_bytes());
        let key = [date, region, service, SCOPE_END].iter().fold(root, |key, part| {
            hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref())
        });
        Self {
            key,
            scope: [date, region, service, SCOPE_END].join("/").into(),
        }
    }

    /// `YYYYMMDD/region/service/aws4_request`.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.scope
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 32] {
        let mut signature = [0; 32];
        signature.copy_from_slice(hmac::sign(&self.key, message).as_ref());
        signature
    }

    pub(super) fn sign_hex(&self, message: &[u8]) -> [u8; 64] {
        hex(&self.sign(message))
    }

    /// In constant time.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8; 32]) -> Result<(), Error> {
        hmac::verify(&self.key, message, signature).map_err(|_| Error::SignatureMismatch)
    }
}

/// What stands for the body in the canonical request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadHash(Form);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Sha256([u8; 64]),
    EventStream,
}

impl PayloadHash {
    /// The hash of a whole body.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(body);
        Self::finish(context)
    }

    /// The hash of a body that was fed, piece by piece, to `context`, which must be one for SHA-256.
    ///
    /// With another algorithm the signature cannot match.
    #[must_use]
    pub fn finish(context: digest::Context) -> Self {
        Self(Form::Sha256(finish_hex(context)))
    }

    /// The literal of a request whose body is a stream of signed events. Only for
    /// `InvokeModelWithBidirectionalStream`: the request signature then covers no body byte, each event carries its own.
    #[must_use]
    pub fn event_stream() -> Self {
        Self(Form::EventStream)
    }

    /// 64 lower-case hex digits, or the literal.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Form::Sha256(text) => str::from_utf8(text).unwrap_or_default(),
            Form::EventStream => EVENT_STREAM_PAYLOAD,
        }
    }

    /// Compares with the value of `x-amz-content-sha256`, `None` when the request has none.
    pub(super) fn check_declared(&self, declared: Option<&[u8]>) -> Result<(), Error> {
        match (declared, &self.0) {
            (Some(value), _) if value == self.as_str().as_bytes() => Ok(()),
            (None, Form::Sha256(_)) => Ok(()),
            (Some(value), _) if value == b"UNSIGNED-PAYLOAD" => Err(Error::UnsignedPayload),
            (Some(value), Form::Sha256(_)) if value.starts_with(b"STREAMING-") => {
                Err(Error::StreamingPayload)
            }
            (Some(_), _) | (None, Form::EventStream) => Err(Error::PayloadMismatch),
        }
    }
}

/// The hex digest of a SHA-256 context.
pub(super) fn finish_hex(context: digest::Context) -> [u8; 64] {
    hex(context.finish().as_ref())
}
