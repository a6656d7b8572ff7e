//! What the reference takes for an assignment: every place before a value is tried as every operator.

use palisade_guardrails::{Detector, LOOK_BEHIND};

/// The most bytes between an operator and its value.
const GAP: usize = 12;

/// How far back from an operator its subject may reach: what is left of the look-behind for the longest operator and gap.
const SUBJECT: usize = LOOK_BEHIND - GAP - OPTION;

/// The longest option, with what belongs to it in front of its value.
const OPTION: usize = 40;

const VERBS: [&str; 12] = [
    "is",
    "was",
    "ist",
    "lautet",
    "war",
    "est",
    "\u{e9}tait",
    "es",
    "era",
    "\u{e8}",
    "\u{e9}",
    "to",
];

const OF: &str = " for of on to at in f\u{fc}r von zum pour de du del para per voor ";

/// Whether a name that tells of the row is assigned what stands at `start`. `anything` says whether a text ends with a name of any row.
pub(crate) fn is_assigned(
    detector: &Detector,
    bytes: &[u8],
    start: usize,
    anything: &dyn Fn(&[u8]) -> bool,
) -> bool {
    let named = |text: &[u8]| detector.telling.iter().any(|name| ends_with_name(text, name));
    let is_password = detector.telling.contains(&"password");
    (start.saturating_sub(GAP + OPTION)..start).any(|at| {
        let (before, rest) = bytes.split_at(at);
        let subject = &before[before.len().saturating_sub(SUBJECT)..];
        let apart = before.last().is_none_or(|byte| !is_word(*byte));
        let verbs = VERBS
            .iter()
            .filter(|_| apart)
            .flat_map(|verb| [": ", " : ", " "].map(|closing| (*verb, [verb, closing].concat())));
        let by_verb = || {
            verbs.into_iter().any(|(verb, text)| {
                rest.starts_with(text.as_bytes())
                    && gap(&bytes[..=start], at + text.len())
                    && sentence(subject, verb == "to", &named, anything)
            })
        };
        match rest[0] {
            b':' | b'=' => {
                let length = if rest.starts_with(b":=") { 2 } else { 1 };
                gap(&bytes[..=start], at + length) && pair(subject, &named)
            }
            b'>' => gap(&bytes[..=start], at + 1) && element(subject, &named),
            b'-' => apart && option(subject, &rest[..start - at], &named, is_password),
            _ => by_verb(),
        }
    })
}

/// Whether nothing but a gap is between `end` and the last byte of `upto`, with which a value starts.
fn gap(upto: &[u8], end: usize) -> bool {
    let in_gap = |byte: &u8| b" \t\"'`>\\".contains(byte);
    let (value, before) = upto.split_last().unwrap();
    let Some(between) = before.get(end..) else {
        return false;
    };
    between.len() <= GAP && between.iter().all(in_gap) && (between.len() == GAP || !in_gap(value))
}

fn pair(before: &[u8], named: &dyn Fn(&[u8]) -> bool) -> bool {
    named(before) || second_half(stripped(before, 4, b" \"'\\"), named)
}

/// Whether `text` ends with the key of a value whose name stands before it.
fn second_half(text: &[u8], named: &dyn Fn(&[u8]) -> bool) -> bool {
    let key = ["value", "val", "string", "default"]
        .iter()
        .find(|key| is_last_part(text, key));
    key.is_some_and(|key| {
        let first = stripped(&text[..text.len() - key.len()], 32, b" \t\r\n,;\"'`\\-{<:=");
        if !first.ends_with(b">") {
            return named(first);
        }
        let tag = (0..first.len()).rev().find(|at| first[*at..].starts_with(b"</"));
        tag.is_some_and(|tag| named(&first[..tag]))
    })
}

fn element(before: &[u8], named: &dyn Fn(&[u8]) -> bool) -> bool {
    let closes = |byte: &u8| byte.is_ascii_alphanumeric() || b"\"'_".contains(byte);
    let Some(open) = before.iter().rposition(|byte| b"<>\n".contains(byte)) else {
        return false;
    };
    let tag = &before[open + 1..];
    let name = tag.split(|byte| b" \t/".contains(byte)).next().unwrap();
    before[open] == b'<'
        && before.last().is_some_and(closes)
        && tag.first().is_some_and(u8::is_ascii_alphabetic)
        && (named(name) || second_half(&before[..open + 1 + name.len()], named))
}

/// Whether what `before` speaks of tells of the row: directly, or of something that no name is itself.
fn sentence(
    before: &[u8],
    to: bool,
    named: &dyn Fn(&[u8]) -> bool,
    anything: &dyn Fn(&[u8]) -> bool,
) -> bool {
    let changes = ["set", "reset", "change", "changed", "update", "updated", "setze"];
    let changed = before.split(|byte| !byte.is_ascii_alphabetic()).any(|word| {
        changes
            .iter()
            .any(|change| word.eq_ignore_ascii_case(change.as_bytes()))
    });
    if named(before) || to {
        return named(before) && (changed || !to);
    }
    if anything(before) {
        return false;
    }
    let mut rest = before;
    for _ in 0..5 {
        let upto = stripped(rest, rest.len(), b" ");
        let Some(blank) = upto.iter().rposition(|byte| *byte == b' ') else {
            return false;
        };
        let word = &upto[blank + 1..];
        if word.iter().any(|byte| b".,;:\n!?".contains(byte)) {
            return false;
        }
        rest = &upto[..=blank];
        let word = format!(" {} ", String::from_utf8_lossy(word));
        if OF.contains(&word) && named(rest) {
            return true;
        }
    }
    false
}

/// Whether `text` is an option, behind `before`, with what belongs to it in front of its value.
fn option(before: &[u8], text: &[u8], named: &dyn Fn(&[u8]) -> bool, is_password: bool) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    let length = text.iter().take_while(|byte| is_name(byte)).count();
    let (name, rest) = text.split_at(length);
    let blanks = rest.iter().take_while(|byte| b" \t\"'".contains(byte)).count();
    if blanks == 0 || text.len() > OPTION {
        return false;
    }
    let user = &rest[blanks..];
    if name == b"-u" || name == b"--user" {
        let line = before.split(|byte| *byte == b'\n').next_back().unwrap();
        let command = line
            .split(|byte| b" \"'/(`".contains(byte))
            .any(|word| [&b"curl"[..], b"wget", b"http", b"https"].contains(&word));
        let colon = user.iter().position(|byte| b": \n\"'".contains(byte));
        return command && is_password && colon == user.len().checked_sub(1) && user.ends_with(b":");
    }
    let begins = name.starts_with(b"--") && name.get(2).is_some_and(u8::is_ascii_alphabetic);
    user.is_empty() && begins && named(name)
}

/// `text` without up to `max` of `bytes` at its end.
fn stripped<'a>(text: &'a [u8], max: usize, bytes: &[u8]) -> &'a [u8] {
    let last = text
        .iter()
        .rev()
        .take(max)
        .take_while(|byte| bytes.contains(byte));
    &text[..text.len() - last.count()]
}

/// Whether `text` ends with `name`, or with a longer name of which it is the last part, its number and closing quotes left out.
pub(crate) fn ends_with_name(text: &[u8], name: &str) -> bool {
    let closing = text
        .iter()
        .rev()
        .take(4)
        .take_while(|byte| b" \t\"'`])\\".contains(byte));
    let text = &text[..text.len() - closing.count()];
    let numbers = text.iter().rev().take(2).take_while(|byte| byte.is_ascii_digit());
    let text = &text[..text.len() - numbers.count()];
    let Some(length) = spelt_at_end(text, name.as_bytes()) else {
        return false;
    };
    opens_part(text, text.len() - length)
}

/// Whether `text` ends with `key`, in any case, as a name or the last part of one.
fn is_last_part(text: &[u8], key: &str) -> bool {
    spelt_at_end(text, key.as_bytes()).is_some_and(|length| opens_part(text, text.len() - length))
}

fn opens_part(text: &[u8], start: usize) -> bool {
    let before = start.checked_sub(1).map(|at| text[at]);
    let hump = text[start].is_ascii_uppercase() && before.is_some_and(|byte| byte.is_ascii_lowercase());
    hump || !before.is_some_and(|byte| byte.is_ascii_alphabetic())
}

/// How many bytes at the end of `text` spell `name`, in any case; a space in it may be `_`, `-`, `.` or nothing.
fn spelt_at_end(text: &[u8], name: &[u8]) -> Option<usize> {
    let Some((last, name)) = name.split_last() else {
        return Some(0);
    };
    let rest = text.split_last();
    match (last, rest) {
        (b' ', Some((found, text))) if b" _-.".contains(found) => Some(spelt_at_end(text, name)? + 1),
        (b' ', _) => spelt_at_end(text, name),
        (_, Some((found, text))) if found.eq_ignore_ascii_case(last) => Some(spelt_at_end(text, name)? + 1),
        _ => None,
    }
}

pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
