//! Text that is written in base64 (RFC 4648 §4 and §5), once over: each four characters are read as the three that they stand for.
//!
//! It is told from words, names and keys by what it stands for: the first [`RUN_BYTES_MIN`] characters of a run must all be printable
//! ASCII. Little else comes to that by chance (one in 10^5), and most words are done with in their second letter. A run begins behind a
//! sign that values stand behind, or else with a capital, so that no word of a sentence is held back.

use crate::bytes::ByteTable;
use std::sync::LazyLock;

/// The shortest run that is read, in characters.
pub(super) const RUN_BYTES_MIN: usize = 16;

/// How far a name in front of a run is looked for, in bytes.
const NAME_BYTES_MAX: usize = 32;

/// Parts of the names of secrets. What is assigned to one is a secret as it stands.
const SECRETS: [&[u8]; 8] = [
    b"pass", b"pwd", b"secret", b"token", b"key", b"auth", b"cred", b"basic",
];

/// The parameters that a JOSE header may begin with (RFC 7515 §4.1, RFC 7516 §4.1): the first part of a token that is found as such.
const JOSE: [&[u8]; 8] = [b"alg", b"typ", b"kid", b"enc", b"cty", b"x5t", b"jku", b"zip"];

/// The first run of a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    At(usize),
    /// What is from here on may become one.
    Unknown(usize),
    None,
}

/// The number that each character stands for, and whether it stands for one.
static SEXTETS: LazyLock<ByteTable<(u8, bool)>> = LazyLock::new(|| {
    ByteTable::new(|byte| match byte {
        b'A'..=b'Z' => (byte - b'A', true),
        b'a'..=b'z' => (byte - b'a' + 26, true),
        b'0'..=b'9' => (byte - b'0' + 52, true),
        b'+' | b'-' => (62, true),
        b'/' | b'_' => (63, true),
        _ => (0, false),
    })
});

/// The number that a character stands for.
fn sextet(byte: u8) -> Option<u8> {
    let (sextet, known) = SEXTETS.of(byte);
    known.then_some(sextet)
}

/// Whether a run may hold `byte`.
pub(super) fn is_of_run(byte: u8) -> bool {
    SEXTETS.of(byte).1
}

/// The text that two to four characters stand for, and how long it is; nothing if that is no text.
pub(super) fn text_of(characters: &[u8]) -> Option<([u8; 3], usize)> {
    let sextets = characters
        .iter()
        .try_fold(0u32, |bits, byte| Some(bits << 6 | u32::from(sextet(*byte)?)))?;
    let length = characters
        .len()
        .checked_sub(1)
        .filter(|length| (1..=3).contains(length))?;
    let bits = sextets << (6 * (4 - characters.len()));
    let [_, text @ ..] = bits.to_be_bytes();
    text.iter()
        .take(length)
        .all(|byte| is_text(*byte))
        .then_some((text, length))
}

fn is_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')
}

/// Whether text may begin with what `characters`, of a run, stand for.
fn may_be_text(characters: &[u8]) -> bool {
    let first = characters.get(..RUN_BYTES_MIN).unwrap_or(characters);
    let quads = first.chunks_exact(4);
    let rest = quads.remainder();
    quads.clone().all(|quad| text_of(quad).is_some()) && may_begin(rest)
}

/// Whether text may begin with what up to three characters stand for.
fn may_begin(characters: &[u8]) -> bool {
    // The last of them is known in part: its highest bits must be those of some character.
    let possible = |high: u8, known: u32| {
        (0..=u8::MAX)
            .filter(|byte| byte >> (8 - known) == high)
            .any(is_text)
    };
    let known = characters.len() < 2 || text_of(characters).is_some();
    let Some(last) = characters.last().copied().and_then(sextet) else {
        return true;
    };
    known
        && match characters.len() {
            1 => possible(last, 6),
            2 => possible(last & 0x0F, 4),
            _ => possible(last & 0x03, 2),
        }
}

/// The first run in `stretch`, behind `before`; with `more`, text may follow directly.
pub(super) fn find(stretch: &[u8], before: &[u8], more: bool) -> Run {
    if !may_hold(stretch, more) {
        return Run::None;
    }
    let mut at = 0;
    while let Some(skipped) = stretch
        .get(at..)
        .and_then(|rest| rest.iter().position(|byte| is_of_run(*byte)))
    {
        let start = at + skipped;
        let run = stretch.get(start..).unwrap_or_default();
        let length = run.iter().take_while(|byte| is_of_run(**byte)).count();
        let run = run.get(..length).unwrap_or_default();
        let open = more && start + length == stretch.len();
        if may_be_text(run) && begins(stretch, start, before) {
            if length < RUN_BYTES_MIN && open {
                return Run::Unknown(start);
            }
            if length >= RUN_BYTES_MIN && !is_token(run) {
                return Run::At(start);
            }
        }
        at = start + length;
    }
    Run::None
}

/// Whether there may be a run in `text`, whatever stands before it, by a look at few bytes.
pub(super) fn may_hold(text: &[u8], more: bool) -> bool {
    let sextets: &ByteTable<_> = &SEXTETS;
    let mut at = RUN_BYTES_MIN - 1;
    while let Some(window) = text.get(at + 1 - RUN_BYTES_MIN..=at) {
        match window.iter().rposition(|byte| !sextets.of(*byte).1) {
            Some(place) => at += place + 1,
            None => return true,
        }
    }
    let tail = text
        .iter()
        .rev()
        .take(RUN_BYTES_MIN)
        .take_while(|byte| is_of_run(**byte));
    let length = tail.count();
    more && length > 0 && may_be_text(text.get(text.len() - length..).unwrap_or_default())
}

/// Whether a run may begin at `start` of `stretch`, which stands behind `before`.
fn begins(stretch: &[u8], start: usize, before: &[u8]) -> bool {
    let lead = stretch.get(..start).unwrap_or_default();
    let mut behind = lead.iter().rev().chain(before.iter().rev()).copied();
    let capital = stretch.get(start).is_some_and(u8::is_ascii_uppercase);
    let allowed = match behind.next() {
        None | Some(b'\n') => capital,
        Some(b' ') => capital || matches!(behind.next(), Some(b':' | b'=')),
        Some(byte) => byte.is_ascii_punctuation() && byte != b'.' && byte != b'@',
    };
    allowed && !names_a_secret(lead, before)
}

/// Whether the text that ends with `lead`, behind `before`, names a secret.
fn names_a_secret(lead: &[u8], before: &[u8]) -> bool {
    let mut name = [0; NAME_BYTES_MAX];
    let last = lead.iter().rev().chain(before.iter().rev());
    for (slot, byte) in name.iter_mut().rev().zip(last) {
        *slot = byte.to_ascii_lowercase();
    }
    SECRETS
        .iter()
        .any(|part| name.windows(part.len()).any(|window| window == *part))
}

/// Whether a run begins like a token that is found as it stands: a JSON Web Token, a session of AWS (whose first bytes are these), or
/// one of Discord's, which begins with a number.
fn is_token(run: &[u8]) -> bool {
    let quads = run.chunks_exact(4).take(RUN_BYTES_MIN / 4).filter_map(text_of);
    let text: Vec<u8> = quads.flat_map(|(text, _)| text).collect();
    let header = text.strip_prefix(b"{\"");
    header.is_some_and(|rest| JOSE.iter().any(|name| rest.starts_with(name)))
        || text.starts_with(b"!\n\torigin")
        || text.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

    #[test]
    fn characters_stand_for_text() {
        assert_eq!(text_of(b"YWRh"), Some((*b"ada", 3)));
        assert_eq!(text_of(b"YWQ"), Some((*b"ad\0", 2)));
        assert_eq!(text_of(b"YQ"), Some((*b"a\0\0", 1)));
        assert_eq!(text_of(b"Y"), None);
        assert_eq!(text_of(b"AAAA"), None);
    }

    #[test]
    fn runs_are_told_from_words_and_keys() {
        let run = BASE64_STANDARD.encode("ann@mail.example");
        let small = BASE64_STANDARD.encode("please write to ann@mail.example");
        let token = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        let cases = [
            (run.clone(), Run::At(0)),
            (format!("echo {run}"), Run::At(5)),
            (format!("see x={small}"), Run::At(6)),
            (format!("see {small}"), Run::None),
            (format!("mail: {small}"), Run::At(6)),
            (format!("password: {run}"), Run::None),
            (format!("\"{token}"), Run::None),
            ("Bundesverfassungsgericht".to_owned(), Run::None),
            ("iVBORw0KGgoAAAANSUhEUg".to_owned(), Run::None),
            ("Internationalization of Names".to_owned(), Run::None),
            ("see YW".to_owned(), Run::Unknown(4)),
            ("see MTIzNDU2".to_owned(), Run::Unknown(4)),
            ("see MTIzNDU2Nzg5MDEyMzQ1Njc4.".to_owned(), Run::None),
            ("see Th".to_owned(), Run::None),
            ("see al".to_owned(), Run::None),
        ];
        for (text, expected) in cases {
            assert_eq!(find(text.as_bytes(), b"", true), expected, "{text}");
            assert!(expected == Run::None || may_hold(text.as_bytes(), true), "{text}");
        }
        assert_eq!(find(b"YWRh", b"", false), Run::None);
    }

    #[test]
    fn whatever_text_is_encoded_may_begin_a_run() {
        for text in ["{\"a\": 1}, and so on", "~~~~~~~~~~~~~~", "A\tB\r\nC: 1234567"] {
            let run = BASE64_STANDARD.encode(text);
            for end in 0..run.trim_end_matches('=').len() {
                assert!(may_be_text(&run.as_bytes()[..end]), "{text} up to {end}");
            }
        }
    }
}
