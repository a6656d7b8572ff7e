//! AWS event-stream framing (`application/vnd.amazon.eventstream`): bytes in, whole checked frames out.
//!
//! A frame is `total length (u32) | headers length (u32) | CRC-32 of the first 8 bytes | headers | payload |
//! CRC-32 of everything before`, all big-endian. Source: Smithy, "Amazon Event Stream Specification",
//! <https://smithy.io/2.0/aws/amazon-eventstream.html>. The checksum is CRC-32 as in RFC 1952 §8 (IEEE 802.3).
//!
//! INVARIANT: a [`Frame`] exists only when both checksums matched and its headers follow the grammar, so a frame
//! may be forwarded through [`Frame::raw`] byte for byte. Lengths are judged as soon as the 12 prelude bytes
//! are there: a forged length never makes the decoder wait for, or store, more than [`FRAME_BYTES_MAX`].

mod headers;

pub use headers::HeaderValue;

use bytes::{Buf, BufMut, Bytes, BytesMut};

pub(crate) use headers::write_header;
use headers::{HeaderReader, check_headers};

/// Bytes of the fixed head: two lengths and their checksum.
const PRELUDE_BYTES: usize = 12;
/// Bytes of the trailing message checksum.
const CHECKSUM_BYTES: usize = 4;
/// Smallest frame: a prelude and a checksum, no header, no payload.
pub const FRAME_BYTES_MIN: usize = PRELUDE_BYTES + CHECKSUM_BYTES;
/// Largest header block. Source: botocore `eventstream.py`, `_MAX_HEADERS_LENGTH`, 128 KiB.
pub const HEADERS_BYTES_MAX: usize = 128 * 1024;
/// Largest payload. Source: botocore `eventstream.py`, `_MAX_PAYLOAD_LENGTH`, 24 MiB.
pub const PAYLOAD_BYTES_MAX: usize = 24 * 1024 * 1024;
/// Largest frame: the two limits above plus prelude and checksum.
pub const FRAME_BYTES_MAX: usize = FRAME_BYTES_MIN + HEADERS_BYTES_MAX + PAYLOAD_BYTES_MAX;
/// Most headers in one frame. Ours: Bedrock sends three; the limit keeps the search for duplicates short.
pub const HEADERS_MAX: usize = 32;
/// Longest string or byte header value. Source: Smithy event-stream specification, 2^15 - 1.
const HEADER_VALUE_BYTES_MAX: usize = 32_767;

/// Why a stream, or a frame to be written, was refused. Nothing of the content is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The total length is under [`FRAME_BYTES_MIN`] or over [`FRAME_BYTES_MAX`].
    #[error("event-stream frame length out of range")]
    FrameLength,
    /// The header block is longer than [`HEADERS_BYTES_MAX`] or than its frame.
    #[error("event-stream header block length out of range")]
    HeadersLength,
    /// The payload is longer than [`PAYLOAD_BYTES_MAX`].
    #[error("event-stream payload too long")]
    PayloadLength,
    /// The checksum of the two lengths does not match.
    #[error("event-stream prelude checksum mismatch")]
    PreludeChecksum,
    /// The checksum of the frame does not match.
    #[error("event-stream message checksum mismatch")]
    MessageChecksum,
    /// A header does not follow the grammar.
    #[error("malformed event-stream header")]
    Header,
    /// A header name comes twice: two readers could pick different values.
    #[error("duplicate event-stream header")]
    DuplicateHeader,
    /// More than [`HEADERS_MAX`] headers.
    #[error("too many event-stream headers")]
    TooManyHeaders,
    /// The stream ended inside a frame.
    #[error("event-stream ends inside a frame")]
    Truncated,
}

/// Cuts a byte stream into [`Frame`]s, however it was chunked.
///
/// Loop `push(chunk)`, then [`Decoder::next_frame`] until it gives `None`; at the end call [`Decoder::finish`]. A chunk
/// that holds whole frames is sliced, not copied; only a frame that spans chunks is gathered.
#[derive(Debug, Default)]
pub struct Decoder {
    /// The start of a frame whose end has not come yet. `partial.len() < its total length`.
    partial: BytesMut,
    /// What is left of the last chunk.
    pending: Bytes,
    /// Set by the first error: no later frame can be trusted, the boundaries are lost.
    failed: Option<Error>,
}

impl Decoder {
    /// A decoder at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Hands over the next chunk, of any size. Without a copy when the frames before it were all taken.
    pub fn push(&mut self, chunk: Bytes) {
        if self.failed.is_some() {
            return;
        }
        if self.pending.is_empty() {
            self.pending = chunk;
            return;
        }
        let mut joined = BytesMut::with_capacity(self.pending.len() + chunk.len());
        joined.extend_from_slice(&self.pending);
        joined.extend_from_slice(&chunk);
        self.pending = joined.freeze();
    }

    /// The next whole frame; `None` when more bytes are needed.
    ///
    /// # Errors
    /// The first fault of the stream, and the same one on every later call.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.advance().inspect_err(|error| {
            self.failed = Some(*error);
            self.partial = BytesMut::new();
            self.pending = Bytes::new();
        })
    }

    /// To be called when the stream has ended and `next_frame` gives `None`.
    ///
    /// # Errors
    /// [`Error::Truncated`] when bytes are left over, or the stream's earlier error.
    pub fn finish(&self) -> Result<(), Error> {
        match self.failed {
            Some(error) => Err(error),
            None if self.buffered_bytes() == 0 => Ok(()),
            None => Err(Error::Truncated),
        }
    }

    /// Bytes held that belong to no frame yet.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        self.partial.len() + self.pending.len()
    }

    fn advance(&mut self) -> Result<Option<Frame>, Error> {
        if self.partial.is_empty() {
            if let Some(prelude) = Prelude::read(&self.pending)?
                && prelude.total <= self.pending.len()
            {
                return Frame::check(self.pending.split_to(prelude.total), prelude).map(Some);
            }
            self.partial.extend_from_slice(&self.pending);
            self.pending.clear();
            return Ok(None);
        }
        self.gather(PRELUDE_BYTES);
        let Some(prelude) = Prelude::read(&self.partial)? else {
            return Ok(None);
        };
        self.gather(prelude.total);
        if self.partial.len() < prelude.total {
            return Ok(None);
        }
        Frame::check(self.partial.split().freeze(), prelude).map(Some)
    }

    /// Moves bytes from the chunk until the partial frame has `want`, or the chunk is used up.
    fn gather(&mut self, want: usize) {
        let missing = want.saturating_sub(self.partial.len());
        let taken = self.pending.split_to(missing.min(self.pending.len()));
        self.partial.extend_from_slice(&taken);
    }
}

/// The two lengths of a frame, checked. `16 + headers <= total <= FRAME_BYTES_MAX`.
#[derive(Debug, Clone, Copy)]
struct Prelude {
    total: usize,
    headers: usize,
}

impl Prelude {
    /// `None` when fewer than 12 bytes are there.
    fn read(bytes: &[u8]) -> Result<Option<Self>, Error> {
        let Some((lengths, rest)) = bytes.split_at_checked(PRELUDE_BYTES - CHECKSUM_BYTES) else {
            return Ok(None);
        };
        let Some(checksum) = rest.first_chunk() else {
            return Ok(None);
        };
        if crc32fast::hash(lengths) != u32::from_be_bytes(*checksum) {
            return Err(Error::PreludeChecksum);
        }
        let mut lengths = lengths;
        let total = usize::try_from(lengths.get_u32()).map_err(|_| Error::FrameLength)?;
        let headers = usize::try_from(lengths.get_u32()).map_err(|_| Error::HeadersLength)?;
        Self { total, headers }.check().map(Some)
    }

    fn check(self) -> Result<Self, Error> {
        if !(FRAME_BYTES_MIN..=FRAME_BYTES_MAX).contains(&self.total) {
            return Err(Error::FrameLength);
        }
        if self.headers > HEADERS_BYTES_MAX || self.headers > self.total - FRAME_BYTES_MIN {
            return Err(Error::HeadersLength);
        }
        if self.total - FRAME_BYTES_MIN - self.headers > PAYLOAD_BYTES_MAX {
            return Err(Error::PayloadLength);
        }
        Ok(self)
    }
}

/// One whole, checked frame. Cloning shares the bytes.
///
/// `Debug` shows lengths only: the payload is a completion.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    raw: Bytes,
    /// `12 <= headers_end <= raw.len() - 4`.
    headers_end: usize,
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frame")
            .field("total_bytes", &self.raw.len())
            .field("headers_end", &self.headers_end)
            .finish()
    }
}

impl Frame {
    fn check(raw: Bytes, prelude: Prelude) -> Result<Self, Error> {
        let Some((body, checksum)) = raw.split_last_chunk::<CHECKSUM_BYTES>() else {
            return Err(Error::FrameLength);
        };
        if crc32fast::hash(body) != u32::from_be_bytes(*checksum) {
            return Err(Error::MessageChecksum);
        }
        let frame = Self {
            headers_end: PRELUDE_BYTES + prelude.headers,
            raw,
        };
        check_headers(frame.headers_raw())?;
        Ok(frame)
    }

    /// The frame as it came, checksums included.
    #[must_use]
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// The payload, sharing the frame's bytes.
    #[must_use]
    pub fn payload(&self) -> Bytes {
        self.raw.slice(self.headers_end..self.payload_end())
    }

    /// The payload, borrowed.
    #[must_use]
    pub fn payload_bytes(&self) -> &[u8] {
        self.raw
            .get(self.headers_end..self.payload_end())
            .unwrap_or_default()
    }

    /// The headers in their order: names are unique.
    pub fn headers(&self) -> impl Iterator<Item = (&str, HeaderValue<'_>)> {
        HeaderReader(self.headers_raw()).map_while(Result::ok)
    }

    /// The value of the header `name` (exact case), of any type.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<HeaderValue<'_>> {
        self.headers().find_map(|(n, value)| (n == name).then_some(value))
    }

    /// `:message-type`: `event`, `exception` or `error`. `None` when absent or not a string.
    #[must_use]
    pub fn message_type(&self) -> Option<&str> {
        self.header_str(":message-type")
    }

    /// `:event-type`, such as `contentBlockDelta` or `chunk`. `None` when absent or not a string.
    #[must_use]
    pub fn event_type(&self) -> Option<&str> {
        self.header_str(":event-type")
    }

    /// `:exception-type`, such as `throttlingException`. `None` when absent or not a string.
    #[must_use]
    pub fn exception_type(&self) -> Option<&str> {
        self.header_str(":exception-type")
    }

    /// `:content-type` of the payload. `None` when absent or not a string.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.header_str(":content-type")
    }

    /// Appends this frame to `out` with its own headers, of every type and in order, and another payload.
    ///
    /// # Errors
    /// [`Error::PayloadLength`]; `out` is then unchanged.
    pub fn with_payload(&self, payload: &[u8], out: &mut BytesMut) -> Result<(), Error> {
        write_frame(self.headers_raw(), payload, out)
    }

    fn header_str(&self, name: &str) -> Option<&str> {
        match self.header(name)? {
            HeaderValue::String(value) => Some(value),
            _ => None,
        }
    }

    fn headers_raw(&self) -> &[u8] {
        self.raw.get(PRELUDE_BYTES..self.headers_end).unwrap_or_default()
    }

    fn payload_end(&self) -> usize {
        self.raw.len().saturating_sub(CHECKSUM_BYTES)
    }
}

/// Appends one frame to `out`: string headers in the order given, then `payload`.
///
/// # Errors
/// A name that is empty, over 255 bytes or repeated, a value over 32,767 bytes, or a limit of this module;
/// `out` is then unchanged.
pub fn encode(headers: &[(&str, &str)], payload: &[u8], out: &mut BytesMut) -> Result<(), Error> {
    let mut block = Vec::with_capacity(headers.iter().map(|(n, v)| 4 + n.len() + v.len()).sum());
    for (name, value) in headers {
        write_header(name, HeaderValue::String(value), &mut block)?;
    }
    check_headers(&block)?;
    write_frame(&block, payload, out)
}

/// Appends one frame to `out`: headers of any type in the order given, then `payload`.
///
/// # Errors
/// As [`encode`].
pub fn encode_values(
    headers: &[(&str, HeaderValue<'_>)],
    payload: &[u8],
    out: &mut BytesMut,
) -> Result<(), Error> {
    let mut block = Vec::new();
    for (name, value) in headers {
        write_header(name, *value, &mut block)?;
    }
    check_headers(&block)?;
    write_frame(&block, payload, out)
}

/// Appends an exception frame: `name` is a lower-camel exception of the service's model, such as
/// `validationException`; `payload` its JSON, such as `{"message":"…"}`.
///
/// # Errors
/// As [`encode`].
pub fn exception(name: &str, payload: &[u8], out: &mut BytesMut) -> Result<(), Error> {
    let headers = [
        (":exception-type", name),
        (":content-type", "application/json"),
        (":message-type", "exception"),
    ];
    encode(&headers, payload, out)
}

fn write_frame(headers: &[u8], payload: &[u8], out: &mut BytesMut) -> Result<(), Error> {
    let prelude = Prelude {
        total: FRAME_BYTES_MIN + headers.len() + payload.len(),
        headers: headers.len(),
    };
    if payload.len() > PAYLOAD_BYTES_MAX {
        return Err(Error::PayloadLength);
    }
    prelude.check()?;
    let total = u32::try_from(prelude.total).map_err(|_| Error::FrameLength)?;
    let headers_bytes = u32::try_from(prelude.headers).map_err(|_| Error::HeadersLength)?;

    let start = out.len();
    out.reserve(prelude.total);
    out.put_u32(total);
    out.put_u32(headers_bytes);
    out.put_u32(crc32fast::hash(out.get(start..).unwrap_or_default()));
    out.put_slice(headers);
    out.put_slice(payload);
    out.put_u32(crc32fast::hash(out.get(start..).unwrap_or_default()));
    Ok(())
}
