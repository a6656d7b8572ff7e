//! Path segments and their one decoding, and the parts that all ARNs share.

use super::TargetError;

/// The segments of a raw path, still encoded. None is empty, `.` or `..`.
pub(super) fn segments(raw_path: &str) -> Result<Vec<&str>, TargetError> {
    let path = raw_path.strip_prefix('/').ok_or(TargetError::NotCanonical)?;
    let segments: Vec<&str> = path.split('/').collect();
    if segments.iter().any(|segment| matches!(*segment, "" | "." | "..")) {
        return Err(TargetError::NotCanonical);
    }
    Ok(segments)
}

/// Percent-decodes once. `None` for broken escapes and for what is not visible ASCII before and after; whether a
/// decoded character is allowed is for the grammar of the name to say.
pub(super) fn decode(raw: &str) -> Option<String> {
    let mut rest = raw.as_bytes();
    let mut out = String::with_capacity(raw.len());
    while let Some(byte) = rest.split_off_first() {
        let mut decoded = *byte;
        if decoded == b'%' {
            let digits = rest.split_off(..2)?;
            if !digits.iter().all(u8::is_ascii_hexdigit) {
                return None;
            }
            decoded = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
        }
        if !decoded.is_ascii_graphic() {
            return None;
        }
        out.push(char::from(decoded));
    }
    Some(out)
}

/// Percent-encodes everything but the unreserved characters of RFC 3986 §2.3.
pub(super) fn encode(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |nibble: u8| char::from(DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0'));
    let mut out = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    out
}

/// One or more bytes, all allowed.
pub(super) fn is_word(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(allowed)
}

/// What follows `arn:aws:` or `arn:aws-…:`. Source: AWS IAM User Guide, "ARN format", partitions.
pub(super) fn strip_partition(arn: &str) -> Option<&str> {
    let (partition, rest) = arn.strip_prefix("arn:")?.split_once(':')?;
    let tail = partition.strip_prefix("aws")?;
    let suffix = |tail: &str| is_word(tail, |b| b.is_ascii_lowercase() || b == b'-');
    (tail.is_empty() || tail.strip_prefix('-').is_some_and(suffix)).then_some(rest)
}

/// Source: the patterns of the service model, `[a-z0-9-]{1,20}`.
pub(super) fn is_region(text: &str) -> bool {
    text.len() <= 20
        && is_word(text, |b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'
        })
}

/// Twelve digits.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}
