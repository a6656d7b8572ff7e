//! Percent-encoding and path segments, as paths and signatures both need them.

/// Whether a path segment stands for itself: `.`, `..` and nothing at all are read differently by different programs.
pub(crate) fn is_plain_segment(segment: &[u8]) -> bool {
    !matches!(segment, b"" | b"." | b"..")
}

/// Everything except the unreserved characters of RFC 3986 §2.3, and except `keep`, becomes `%XX`, upper-case.
pub(crate) fn percent_encode(text: &[u8], keep: &[u8], put: &mut dyn FnMut(&[u8])) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
    let kept = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b) || keep.contains(&b);
    for run in text.chunk_by(|a, b| kept(*a) == kept(*b)) {
        if run.first().is_some_and(|b| kept(*b)) {
            put(run);
        } else {
            for byte in run {
                put(&[b'%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }
}

/// Percent-decodes once. `None` for broken escapes.
pub(crate) fn percent_decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(byte) = rest.split_off_first() {
        if *byte != b'%' {
            out.push(*byte);
            continue;
        }
        let digits = rest.split_off(..2)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        out.push(u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?);
    }
    Some(out)
}
