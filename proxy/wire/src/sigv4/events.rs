//! Signatures over the events of a request whose body is a stream of them (`InvokeModelWithBidirectionalStream`).
//!
//! Each event travels as the payload of an outer frame with two headers, `:date` and `:chunk-signature`; the signature covers
//! the one before it, the first that of the request. A frame without payload ends the stream. Source: AWS Transcribe Developer
//! Guide, "Event stream encoding"; the form is that of `aws-sigv4` (`event_stream::sign_message`), which tests compare with.
//!
//! INVARIANT: events that [`EventSignatures::verify`] has accepted are those that the holder of the key signed, in this order and
//! without a gap.

use super::{AmzDate, Authorization, EVENT_ALGORITHM, Error, SigningKey, hex};
use crate::eventstream::{self, Frame, HeaderValue};
use bytes::BytesMut;
use ring::digest;

const DATE: &str = ":date";
const SIGNATURE: &str = ":chunk-signature";

/// The signatures of one stream: each covers the one before.
///
/// No `Debug`: a signature is a credential while it is fresh.
pub struct EventSignatures {
    /// The one before the next, in hex as it is signed.
    prior: [u8; 64],
}

impl EventSignatures {
    /// Those that follow the signature of a request, in 64 digits of lower-case hex.
    #[must_use]
    pub fn after(request: [u8; 64]) -> Self {
        Self { prior: request }
    }

    /// Those that follow the signature of a request that was received.
    #[must_use]
    pub fn after_received(request: &Authorization<'_>) -> Self {
        Self::after(hex(&request.signature))
    }

    /// Whether the next event is signed by `key`, which must be for the day of [`event_date`]. The age is not judged here.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the frame has other headers than the two; [`Error::Date`]; [`Error::Scope`] when `key` is for
    /// another day; [`Error::SignatureMismatch`]. The comparison takes constant time.
    pub fn verify(&mut self, frame: &Frame, key: &SigningKey) -> Result<(), Error> {
        let (unix_ms, signature) = signed_headers(frame)?;
        let message = self.string_to_sign(unix_ms, frame.payload_bytes(), key)?;
        key.verify(&message, &signature)?;
        self.prior = hex(&signature);
        Ok(())
    }

    /// Appends the next event to `out`, signed at a time in milliseconds since 1970-01-01 UTC; an empty one ends the stream.
    ///
    /// # Errors
    /// [`Error::Date`]; [`Error::Scope`] when `key` is for another day; [`Error::Malformed`] when the event is larger than a frame
    /// can be.
    pub fn sign(
        &mut self,
        event: &[u8],
        unix_ms: i64,
        key: &SigningKey,
        out: &mut BytesMut,
    ) -> Result<(), Error> {
        let message = self.string_to_sign(unix_ms, event, key)?;
        let signature = key.sign(&message);
        let headers = [
            (SIGNATURE, HeaderValue::Bytes(&signature)),
            (DATE, HeaderValue::TimestampMs(unix_ms)),
        ];
        eventstream::encode_values(&headers, event, out).map_err(|_| Error::Malformed)?;
        self.prior = hex(&signature);
        Ok(())
    }

    fn string_to_sign(&self, unix_ms: i64, event: &[u8], key: &SigningKey) -> Result<Vec<u8>, Error> {
        let date = date_of(unix_ms)?;
        if key.scope().split('/').next() != Some(date.day()) {
            return Err(Error::Scope);
        }
        let mut headers = Vec::with_capacity(DATE.len() + 10);
        eventstream::write_header(DATE, HeaderValue::TimestampMs(unix_ms), &mut headers)
            .map_err(|_| Error::Date)?;
        let hash = |bytes: &[u8]| hex(digest::digest(&digest::SHA256, bytes).as_ref());
        let parts: [&[u8]; 11] = [
            EVENT_ALGORITHM.as_bytes(),
            b"\n",
            date.as_str().as_bytes(),
            b"\n",
            key.scope().as_bytes(),
            b"\n",
            &self.prior,
            b"\n",
            &hash(&headers),
            b"\n",
            &hash(event),
        ];
        Ok(parts.concat())
    }
}

/// When an event was signed, by its own account.
///
/// # Errors
/// [`Error::Malformed`] when its headers are not those of a signed event; [`Error::Date`].
pub fn event_date(frame: &Frame) -> Result<AmzDate, Error> {
    signed_headers(frame).and_then(|(unix_ms, _)| date_of(unix_ms))
}

fn date_of(unix_ms: i64) -> Result<AmzDate, Error> {
    AmzDate::from_unix(unix_ms.div_euclid(1000))
}

/// The two headers of a signed event. What else stood there would go on unread.
fn signed_headers(frame: &Frame) -> Result<(i64, [u8; 32]), Error> {
    let known = |(name, _): (&str, _)| matches!(name, DATE | SIGNATURE);
    let signature = match (frame.header(SIGNATURE), frame.headers().all(known)) {
        (Some(HeaderValue::Bytes(signature)), true) => signature.try_into().ok(),
        _ => None,
    };
    let signature = signature.ok_or(Error::Malformed)?;
    match frame.header(DATE) {
        Some(HeaderValue::TimestampMs(unix_ms)) => Ok((unix_ms, signature)),
        _ => Err(Error::Date),
    }
}
