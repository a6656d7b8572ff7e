//! Strings that are no text: base64, alone or in a `data:` URI.

use std::borrow::Cow;

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
        let in_lines = uri.is_none() && may_be_encoded(raw);
        if !in_lines && !data.iter().all(is_base64) {
            return Self::None;
        }
        media(kind, data).map_or(Self::Encoded, Self::Media)
    }
}

/// The shortest string of free JSON that is taken for text in base64, in bytes: shorter ones may be words.
const TEXT_MIN: usize = 32;

/// Whether a string literal looks like base64 in one line or in lines of one length (RFC 2045 §6.8), as far as its bytes tell.
pub(super) fn may_be_encoded(raw: &[u8]) -> bool {
    let [b'"', inner @ .., b'"'] = raw else {
        return false;
    };
    let mut rest = inner;
    let mut first = None;
    loop {
        let length = rest.iter().take_while(|byte| is_base64(byte)).count();
        let line = *first.get_or_insert(length);
        let behind = rest.get(length..).unwrap_or_default();
        let next = behind
            .strip_prefix(br"\r\n")
            .or_else(|| behind.strip_prefix(br"\n"))
            .or_else(|| behind.strip_prefix(b" "));
        match next {
            _ if line < TEXT_MIN || length > line => return false,
            None => return behind.is_empty(),
            Some([]) => return true,
            Some(_) if length < line => return false,
            Some(next) => rest = next,
        }
    }
}

/// So much of base64 is looked at first, in bytes: a whole number of fours.
const BEGINNING: usize = 256;

/// The text that base64 (RFC 4648 §4, in lines or not) stands for; none if it is no text in UTF-8, or has what no text has.
pub(super) fn text_of(base64: &str) -> Option<String> {
    let joined = match base64.contains(|letter: char| letter.is_ascii_whitespace()) {
        true => Cow::Owned(base64.split_ascii_whitespace().collect()),
        false => Cow::Borrowed(base64),
    };
    // Most of what is no text is told by its beginning.
    let beginning = joined
        .get(..BEGINNING)
        .and_then(|text| BASE64_STANDARD.decode(text).ok());
    let breaks_off =
        |bytes: &Vec<u8>| std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_some());
    if beginning.as_ref().is_some_and(breaks_off) {
        return None;
    }
    let bytes = BASE64_STANDARD.decode(joined.as_bytes()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let is_text = |letter: char| !letter.is_control() || matches!(letter, '\t' | '\n' | '\r');
    text.chars().all(is_text).then_some(text)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_base64_by_its_lines() {
        let line = "QUJD".repeat(19);
        let good = [
            format!("\"{line}\""),
            format!("\"{line}\\n{line}\\nQUI=\""),
            format!("\"{line}\\r\\n{line}\\r\\n\""),
            format!("\"{line} {line}\""),
        ];
        for raw in good {
            assert!(may_be_encoded(raw.as_bytes()), "{raw}");
            assert!(text_of(&raw.trim_matches('"').replace("\\r", "").replace("\\n", "\n")).is_some());
        }
        let bad = [
            "\"hello there, all of you\"".to_owned(),
            "\"QUJD\"".to_owned(),
            format!("\"{line}\\nQUJD\\n{line}\""),
            format!("\"{line}, {line}\""),
            line,
        ];
        for raw in bad {
            assert!(!may_be_encoded(raw.as_bytes()), "{raw}");
        }
        assert_eq!(text_of("AAECAw=="), None);
        assert_eq!(text_of("w6k=").as_deref(), Some("\u{e9}"));
    }
}
