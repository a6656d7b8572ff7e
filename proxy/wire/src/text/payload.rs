//! Strings that are no text: base64, alone or in a `data:` URI.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::Unscanned;

/// Strings from this length on that are base64 throughout count as encoded payloads.
const ENCODED_MIN: usize = 256;

/// The shortest encrypted reasoning, in bytes of base64: a nonce, a tag and a few words need as much. What is shorter could be a value.
const CIPHERTEXT_MIN: usize = 64;

/// What a string of free JSON carries beside text.
pub(super) enum Payload {
    None,
    Media(Unscanned),
    Encoded,
}

impl Payload {
    /// Whether a string literal is base64 throughout, alone or in a `data:` URI (RFC 2397).
    pub(super) fn of(raw: &[u8]) -> Self {
        let [b'"', inner @ .., b'"'] = raw else {
            return Self::None;
        };
        if inner.len() < ENCODED_MIN && !inner.starts_with(b"data:") {
            return Self::None;
        }
        let uri = inner.strip_prefix(b"data:").and_then(|uri| {
            let comma = memchr::memchr(b',', uri.get(..64).unwrap_or(uri))?;
            let (kind, data) = uri.split_at_checked(comma)?;
            Some((kind.strip_suffix(b";base64")?, data.get(1..)?))
        });
        let (kind, data) = uri.unwrap_or((b"", inner));
        if !data.iter().all(is_base64) {
            return Self::None;
        }
        media(kind, data).map_or(Self::Encoded, Self::Media)
    }
}

/// The text that base64 (RFC 4648 §4) stands for; none if it is no text in UTF-8, or has what no text has.
pub(super) fn text_of(base64: &str) -> Option<String> {
    let bytes = BASE64_STANDARD.decode(base64).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    (!text.contains('\0')).then_some(text)
}

/// A text in base64, as documents travel.
#[must_use]
pub fn in_base64(text: &str) -> String {
    BASE64_STANDARD.encode(text)
}

/// Whether a text can be base64 of something encrypted.
pub(super) fn is_ciphertext(text: &[u8]) -> bool {
    text.len() >= CIPHERTEXT_MIN && text.iter().all(is_base64)
}

pub(super) fn is_base64(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_')
}

/// The medium that a MIME type names, or else the first bytes of the data, in base64.
fn media(kind: &[u8], data: &[u8]) -> Option<Unscanned> {
    let by_name = [
        (&b"image/"[..], Unscanned::Image),
        (b"audio/", Unscanned::Audio),
        (b"video/", Unscanned::Video),
        (b"application/pdf", Unscanned::Document),
    ];
    // PNG, JPEG, GIF and PDF begin with these bytes; RIFF, shared by WebP and WAV, is left out.
    let by_magic = [
        (&b"iVBORw0KGgo"[..], Unscanned::Image),
        (b"/9j/", Unscanned::Image),
        (b"R0lGOD", Unscanned::Image),
        (b"JVBERi0", Unscanned::Document),
    ];
    let starts = |text: &[u8], list: &[(&[u8], Unscanned)]| {
        list.iter()
            .find(|(prefix, _)| text.starts_with(prefix))
            .map(|(_, what)| *what)
    };
    starts(kind, &by_name).or_else(|| starts(data, &by_magic).filter(|_| data.len() >= ENCODED_MIN))
}
