//! Options of commands: `--password …`, and `curl -u ada:…`.

use super::Unresolved;
use super::names::Names;
use super::window;
use crate::automaton::Ending;
use crate::rows::RowSet;

/// The longest option with what belongs to it in front of a value: dashes, name, blanks, user and colon.
pub(super) const LENGTH_MAX: usize = 40;

/// Commands whose `-u` and `--user` take a user and a password.
const WITH_USER: [&[u8]; 4] = [b"curl", b"wget", b"http", b"https"];

/// The first three bytes of options.
pub(super) fn beginnings(sink: &mut dyn FnMut([u8; 3])) {
    (b'A'..=b'Z')
        .chain(b'a'..=b'z')
        .for_each(|letter| sink([b'-', b'-', letter]));
    [b' ', b'\t', b'"', b'\'']
        .iter()
        .for_each(|gap| sink([b'-', b'u', *gap]));
}

/// Where the value of the option starts that `text` may start with, and what it is.
pub(super) fn value(
    names: &Names,
    before: &[u8],
    text: &[u8],
    ending: Ending,
) -> Result<Option<(usize, RowSet)>, Unresolved> {
    let begins = match text {
        [b'-', b'-', third, ..] => third.is_ascii_alphabetic(),
        [b'-', b'-'] | [b'-', b'u'] | [b'-'] => true,
        [b'-', b'u', third, ..] => matches!(third, b' ' | b'\t' | b'"' | b'\''),
        _ => false,
    };
    if !begins {
        return Ok(None);
    }
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let limit = text.get(..LENGTH_MAX).unwrap_or(text);
    let complete = limit.len() == LENGTH_MAX || ending == Ending::Last;
    let skip = |from: usize, rule: &dyn Fn(&u8) -> bool| {
        let rest = limit.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|byte| rule(byte)).count()
    };
    let end = skip(0, &is_name);
    let start = skip(end, &|byte| matches!(byte, b' ' | b'\t' | b'"' | b'\''));
    if start == limit.len() {
        return if complete { Ok(None) } else { Err(Unresolved) };
    }
    let name = limit.get(..end).unwrap_or_default();
    if start == end {
        return Ok(None);
    }
    if name == b"-u" || name == b"--user" {
        if !is_of_command(before) {
            return Ok(None);
        }
        let colon = skip(start, &|byte| !matches!(byte, b':' | b' ' | b'\n' | b'"' | b'\''));
        return match limit.get(colon) {
            Some(b':') if colon + 1 < limit.len() => {
                Ok(names.at_end_of(b"password").map(|rows| (colon + 1, rows)))
            }
            Some(b':') | None if !complete => Err(Unresolved),
            _ => Ok(None),
        };
    }
    let rows = if name.starts_with(b"--") {
        names.at_end_of(name)
    } else {
        None
    };
    Ok(rows.map(|rows| (start, rows)))
}

/// Whether the line that ends with `before` has a command with a user.
fn is_of_command(before: &[u8]) -> bool {
    let line = window(before)
        .rsplit(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    line.split(|byte| matches!(byte, b' ' | b'"' | b'\'' | b'/' | b'(' | b'`'))
        .any(|word| WITH_USER.contains(&word))
}
