//! Escapes inside string literals (RFC 8259 §7): measured, decoded, written.

use std::borrow::Cow;

use memchr::memchr;

use super::{ErrorKind, steps};

/// What an escape stands for, and how many bytes it takes, backslash included.
pub(super) fn read(bytes: &[u8]) -> Result<(char, usize), ErrorKind> {
    let plain = |character| Ok((character, 2));
    match bytes.get(1) {
        Some(b'"') => plain('"'),
        Some(b'\\') => plain('\\'),
        Some(b'/') => plain('/'),
        Some(b'b') => plain('\u{8}'),
        Some(b'f') => plain('\u{c}'),
        Some(b'n') => plain('\n'),
        Some(b'r') => plain('\r'),
        Some(b't') => plain('\t'),
        Some(b'u') => unicode(bytes),
        Some(_) => Err(ErrorKind::InvalidEscape),
        None => Err(ErrorKind::Unfinished),
    }
}

fn unicode(bytes: &[u8]) -> Result<(char, usize), ErrorKind> {
    let first = hex(bytes.get(2..6))?;
    if let Some(character) = char::from_u32(first) {
        return Ok((character, 6));
    }
    let is_pair = first < 0xDC00 && bytes.get(6..8) == Some(br"\u");
    let second = if is_pair { hex(bytes.get(8..12))? } else { 0 };
    if !(0xDC00..0xE000).contains(&second) {
        return Err(ErrorKind::LoneSurrogate);
    }
    let point = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    char::from_u32(point)
        .map(|character| (character, 12))
        .ok_or(ErrorKind::LoneSurrogate)
}

fn hex(digits: Option<&[u8]>) -> Result<u32, ErrorKind> {
    digits
        .ok_or(ErrorKind::Unfinished)?
        .iter()
        .try_fold(0, |value, digit| {
            Some(value * 16 + char::from(*digit).to_digit(16)?)
        })
        .ok_or(ErrorKind::InvalidEscape)
}

/// The text between the quotes of a literal that the reader has accepted.
pub(super) fn decode(inner: &[u8]) -> Cow<'_, str> {
    let plain = |bytes| std::str::from_utf8(bytes).unwrap_or_default();
    if memchr(b'\\', inner).is_none() {
        return Cow::Borrowed(plain(inner));
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((run, escaped)) = memchr(b'\\', rest).and_then(|at| rest.split_at_checked(at)) {
        text.push_str(plain(run));
        let Ok((character, length)) = read(escaped) else {
            break;
        };
        text.push(character);
        rest = escaped.get(length..).unwrap_or_default();
    }
    text.push_str(plain(rest));
    Cow::Owned(text)
}

/// Appends `text` to `out` as a JSON string literal, escaping only what RFC 8259 §7 demands.
pub fn push_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    push_escaped(out, text);
    out.push(b'"');
}

/// The same without the quotes.
pub(super) fn push_escaped(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    while let Some((run, [byte, tail @ ..])) = rest
        .iter()
        .position(special)
        .and_then(|at| rest.split_at_checked(at))
    {
        out.extend_from_slice(run);
        push_escape(out, *byte);
        rest = tail;
    }
    out.extend_from_slice(rest);
}

/// Where byte `target` of the decoded text stands in `inner`, the text between the quotes. `from` is a place already
/// known, as (decoded, encoded), so that ascending targets cost one walk together: nothing beyond `target` is looked at.
pub(super) fn encoded_offset(inner: &[u8], from: (usize, usize), target: usize) -> (usize, usize) {
    let (mut decoded, mut encoded) = from;
    while decoded < target {
        let rest = inner.get(encoded..).unwrap_or_default();
        let near = rest.get(..target - decoded).unwrap_or(rest);
        let run = memchr(b'\\', near).unwrap_or(near.len());
        steps::add(run + 1);
        if run > 0 {
            decoded += run;
            encoded += run;
            continue;
        }
        let Ok((character, length)) = read(rest) else {
            break;
        };
        decoded += character.len_utf8();
        encoded += length;
    }
    (decoded, encoded)
}

fn push_escape(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}
