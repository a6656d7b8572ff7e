//! Characters that are written as others: escapes of JSON and of programs, percent-encoding, character references of HTML, the
//! hexadecimal of quoted-printable.
//!
//! Each may be encoded again, as text is that goes through several programs: up to [`DEPTH_MAX`] times.

use std::ops::RangeInclusive;

/// How often an encoding may be encoded again.
const DEPTH_MAX: usize = 3;

/// The most backslashes in front of an escape: each time that JSON is put into JSON doubles them.
const BACKSLASHES_MAX: usize = 1 << DEPTH_MAX;

/// Named character references (HTML Living Standard §13.5) for characters that stand in values and around them.
const REFERENCES: &[(&str, char)] = &[
    ("amp", '&'),
    ("apos", '\''),
    ("colon", ':'),
    ("commat", '@'),
    ("dash", '-'),
    ("equals", '='),
    ("gt", '>'),
    ("hyphen", '-'),
    ("lowbar", '_'),
    ("lt", '<'),
    ("nbsp", ' '),
    ("period", '.'),
    ("plus", '+'),
    ("quot", '"'),
    ("shy", '\u{AD}'),
    ("sol", '/'),
];

/// The longest number of a character, in digits.
const DIGITS_MAX: usize = 7;

/// The longest domain that is looked at behind an `=40`: a label and a full stop (RFC 1035 §2.3.4).
const DOMAIN_BYTES_MAX: usize = 64;

/// How long a line of quoted-printable is that goes on behind a soft break, in bytes: at most 76 with the `=`, and less by what may not
/// be cut (RFC 2045 §6.7).
const SOFT_BREAK_COLUMNS: RangeInclusive<usize> = 70..=75;

/// What an encoding turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoded {
    /// This character, in so many bytes.
    As(char, usize),
    /// A line break of the encoding, in so many bytes: the line goes on.
    SoftBreak(usize),
    /// Nothing that is encoded.
    Not,
    /// More text is needed to tell.
    Unknown,
}

/// The first byte of an encoding.
pub(super) fn is_sign(byte: u8) -> bool {
    matches!(byte, b'\\' | b'%' | b'&' | b'=')
}

/// Whether what is at `at`, a sign, may be an encoding, by a few bytes.
pub(super) fn may_start(bytes: &[u8], at: usize) -> bool {
    let next = |distance: usize, is: fn(u8) -> bool| bytes.get(at + distance).is_none_or(|byte| is(*byte));
    let hexadecimal = |byte: u8| byte.is_ascii_hexdigit();
    match bytes.get(at) {
        Some(b'\\') => next(1, |byte| matches!(byte, b'u' | b'x' | b'\\')),
        Some(b'%') => next(1, hexadecimal) && next(2, hexadecimal),
        Some(b'&') => {
            next(1, |byte| byte == b'#') || may_be_reference(bytes.get(at + 1..).unwrap_or_default())
        }
        Some(b'=') => {
            next(1, |byte| matches!(byte, b'3' | b'4' | b'\r' | b'\n')) && next(2, |byte| byte != b' ')
        }
        _ => false,
    }
}

/// Whether `text` may start with the name of a character: a word and a semicolon, or as much as there is of them.
fn may_be_reference(text: &[u8]) -> bool {
    let word = text.iter().take_while(|byte| byte.is_ascii_lowercase());
    text.get(word.count()).is_none_or(|byte| *byte == b';')
}

/// What `text` starts with, behind `last` and so many bytes of its line. It starts with a sign.
pub(super) fn decode(text: &str, last: Option<char>, column: usize) -> Encoded {
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(b'\\') => escape(bytes),
        Some(b'%') => percent(bytes),
        Some(b'&') => reference(bytes),
        Some(b'=') if SOFT_BREAK_COLUMNS.contains(&column) && may_break(bytes) => soft_break(bytes),
        Some(b'=') if last.is_some_and(|last| last.is_ascii_alphanumeric()) => quoted(bytes),
        _ => Encoded::Not,
    }
}

/// `\u0040` (RFC 8259 §7) and `\x40`, with any number of backslashes that repeated encoding makes.
fn escape(bytes: &[u8]) -> Encoded {
    let run = bytes
        .iter()
        .take(BACKSLASHES_MAX + 1)
        .take_while(|byte| **byte == b'\\');
    let slashes = run.count();
    if slashes > BACKSLASHES_MAX {
        return Encoded::Not;
    }
    let digits = match bytes.get(slashes) {
        Some(b'u') => 4,
        Some(b'x') => 2,
        Some(_) => return Encoded::Not,
        None => return Encoded::Unknown,
    };
    let code = bytes.get(slashes + 1..).unwrap_or_default();
    match hexadecimal(code, digits) {
        Some(code) => scalar(code, slashes + 1 + digits),
        None if code.len() < digits && code.iter().all(u8::is_ascii_hexdigit) => Encoded::Unknown,
        None => Encoded::Not,
    }
}

/// `%40` (RFC 3986 §2.1), `%2540` and so on. Only characters of values: what separates the parts of a URL stays.
fn percent(bytes: &[u8]) -> Encoded {
    let mut start = 1;
    while start < 1 + 2 * DEPTH_MAX && bytes.get(start..).is_some_and(|rest| rest.starts_with(b"25")) {
        start += 2;
    }
    let code = bytes.get(start..).unwrap_or_default();
    let of_value = |scalar: &u32| {
        u8::try_from(*scalar).is_ok_and(|byte| byte.is_ascii_alphanumeric() || b"@._-+:=\"'".contains(&byte))
    };
    match hexadecimal(code, 2) {
        Some(code) if of_value(&code) => scalar(code, start + 2),
        Some(_) => Encoded::Not,
        None if code.len() < 2 && code.iter().all(u8::is_ascii_hexdigit) => Encoded::Unknown,
        None => Encoded::Not,
    }
}

/// `&#64;`, `&#x40;`, `&commat;` (HTML Living Standard §13.5), `&amp;#64;` and so on.
fn reference(bytes: &[u8]) -> Encoded {
    const AGAIN: &[u8] = b"amp;";
    let mut start = 1;
    for _ in 0..DEPTH_MAX {
        let rest = bytes.get(start..).unwrap_or_default();
        match rest.strip_prefix(AGAIN).map(<[u8]>::first) {
            Some(None) => return Encoded::Unknown,
            Some(Some(byte)) if *byte == b'#' || byte.is_ascii_lowercase() => start += AGAIN.len(),
            _ => break,
        }
    }
    let name = bytes.get(start..).unwrap_or_default();
    let longest = REFERENCES
        .iter()
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or_default();
    let length = name
        .iter()
        .take(longest.max(DIGITS_MAX + 2) + 1)
        .position(|byte| *byte == b';');
    let Some(length) = length else {
        let whole = name.len() > longest.max(DIGITS_MAX + 2);
        let may_go_on = name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'#');
        return if whole || !may_go_on {
            Encoded::Not
        } else {
            Encoded::Unknown
        };
    };
    let name = name.get(..length).unwrap_or_default();
    let end = start + length + 1;
    let number = |digits: &[u8], radix| {
        let digits = std::str::from_utf8(digits)
            .ok()
            .filter(|digits| digits.len() <= DIGITS_MAX);
        digits.and_then(|digits| u32::from_str_radix(digits, radix).ok())
    };
    let code = match name {
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16),
        [b'#', digits @ ..] => number(digits, 10),
        _ => {
            let known = REFERENCES.iter().find(|(known, _)| known.as_bytes() == name);
            known.map(|(_, character)| u32::from(*character))
        }
    };
    code.map_or(Encoded::Not, |code| scalar(code, end))
}

/// Whether a soft line break may be what `bytes` begin with.
fn may_break(bytes: &[u8]) -> bool {
    matches!(bytes, [_] | [_, b'\r' | b'\n', ..])
}

/// `=` and a line break (RFC 2045 §6.7).
fn soft_break(bytes: &[u8]) -> Encoded {
    match bytes {
        [_, b'\n', ..] => Encoded::SoftBreak(2),
        [_, b'\r', b'\n', ..] => Encoded::SoftBreak(3),
        [_] | [_, b'\r'] => Encoded::Unknown,
        _ => Encoded::Not,
    }
}

/// `=3D`, the sign itself (RFC 2045 §6.7), and `=40`.
fn quoted(bytes: &[u8]) -> Encoded {
    match bytes {
        [_, b'3', b'D', ..] => Encoded::As('=', 3),
        [_, b'3'] => Encoded::Unknown,
        _ => quoted_at(bytes),
    }
}

/// `=40` (RFC 2045 §6.7) where an address goes on behind it: a label and a full stop, or `width=40px` would be one.
fn quoted_at(bytes: &[u8]) -> Encoded {
    const AT: &[u8] = b"=40";
    let Some(domain) = bytes.strip_prefix(AT) else {
        return if AT.starts_with(bytes) {
            Encoded::Unknown
        } else {
            Encoded::Not
        };
    };
    let label = domain.iter().take(DOMAIN_BYTES_MAX);
    let length = label
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-')
        .count();
    match (domain.get(length), domain.get(length + 1)) {
        (Some(b'.'), Some(next)) if length > 0 && next.is_ascii_alphabetic() => Encoded::As('@', AT.len()),
        (Some(b'.'), None) | (None, None) if length < DOMAIN_BYTES_MAX => Encoded::Unknown,
        _ => Encoded::Not,
    }
}

/// The number that the first `digits` bytes are in hexadecimal; nothing where they are none.
fn hexadecimal(bytes: &[u8], digits: usize) -> Option<u32> {
    let digits = bytes.get(..digits)?;
    let value = |byte: &u8| char::from(*byte).to_digit(16);
    digits
        .iter()
        .try_fold(0, |number, byte| Some(number * 16 + value(byte)?))
}

fn scalar(code: u32, length: usize) -> Encoded {
    char::from_u32(code).map_or(Encoded::Not, |character| Encoded::As(character, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_told_from_what_looks_like_it() {
        let cases = [
            ("\\u0040", Encoded::As('@', 6)),
            ("\\\\u0040", Encoded::As('@', 7)),
            ("\\x40", Encoded::As('@', 4)),
            ("\\u00", Encoded::Unknown),
            ("\\", Encoded::Unknown),
            ("\\user", Encoded::Not),
            ("\\n", Encoded::Not),
            ("%40", Encoded::As('@', 3)),
            ("%252540", Encoded::As('@', 7)),
            ("%20", Encoded::Not),
            ("%2", Encoded::Unknown),
            ("%s", Encoded::Not),
            ("&#64;", Encoded::As('@', 5)),
            ("&#x40;", Encoded::As('@', 6)),
            ("&commat;", Encoded::As('@', 8)),
            ("&amp;#64;", Encoded::As('@', 9)),
            ("&amp; ", Encoded::As('&', 5)),
            ("&am", Encoded::Unknown),
            ("&copy=1", Encoded::Not),
            ("& ", Encoded::Not),
            ("=40mail.example", Encoded::As('@', 3)),
            ("=40px ", Encoded::Not),
            ("=40px", Encoded::Unknown),
            ("=41", Encoded::Not),
            ("=3Dx", Encoded::As('=', 3)),
            ("=3", Encoded::Unknown),
        ];
        for (text, expected) in cases {
            assert_eq!(decode(text, Some('a'), 0), expected, "{text}");
        }
        assert_eq!(decode("=40mail.example", Some(' '), 0), Encoded::Not);
        for (text, expected) in [
            ("=\nx", Encoded::SoftBreak(2)),
            ("=\r\nx", Encoded::SoftBreak(3)),
            ("=\r", Encoded::Unknown),
            ("=", Encoded::Unknown),
            ("=\rx", Encoded::Not),
        ] {
            assert_eq!(decode(text, Some('a'), 75), expected, "{text}");
            assert_ne!(decode(text, Some('a'), 30), Encoded::SoftBreak(2), "{text}");
        }
    }
}
