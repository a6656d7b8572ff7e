//! Path segments and their one decoding, and the parts that all ARNs share.

use super::TargetError;
use crate::uri::{is_plain_segment, percent_decode, percent_encode};

/// The segments of a raw path, still encoded. None is empty, `.` or `..`.
pub(super) fn segments(raw_path: &str) -> Result<Vec<&str>, TargetError> {
    let path = raw_path.strip_prefix('/').ok_or(TargetError::NotCanonical)?;
    let segments: Vec<&str> = path.split('/').collect();
    if !segments
        .iter()
        .all(|segment| is_plain_segment(segment.as_bytes()))
    {
        return Err(TargetError::NotCanonical);
    }
    Ok(segments)
}

/// Percent-decodes once. `None` for broken escapes and for what is not visible ASCII before and after; whether a
/// decoded character is allowed is for the grammar of the name to say.
pub(super) fn decode(raw: &str) -> Option<String> {
    let decoded = percent_decode(raw.as_bytes())?;
    let visible = decoded.iter().all(u8::is_ascii_graphic);
    String::from_utf8(decoded).ok().filter(|_| visible)
}

/// Percent-encodes everything but the unreserved characters of RFC 3986 §2.3.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    percent_encode(text.as_bytes(), b"", &mut |bytes| {
        out.push_str(str::from_utf8(bytes).unwrap_or_default());
    });
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
