//! What stands before a value and shows it to be something else: the number of a version, the account of a transport, a name.
//!
//! Each rule sees the text before a value as far as a decision may look back, see [`LOOK_BEHIND`].

use crate::detector::LOOK_BEHIND;
use words::{
    CHANGES, INSTALLERS, JOINING, NETWORKING, NUMBERED, PARTS, SPANNING, STANDARDS, SUBCOMMANDS, TRANSPORTS,
};

mod words;

/// The most words that are looked at before a value.
const WORDS_MAX: usize = 8;

/// Whether the number that follows is that of a version, or of a part of a document.
pub(crate) fn numbers_a_version(before: &str) -> bool {
    is_pinned(before) || is_called(before, NUMBERED)
}

/// Whether the number that follows is that of a part, an order or a range.
pub(crate) fn numbers_a_part(before: &str) -> bool {
    is_called(before, PARTS)
}

/// Whether the `user@host` that follows is where something connects to: user information of a URL (RFC 3986 §3.2.1), or an
/// argument of a command that connects.
pub(crate) fn names_a_transport(before: &str) -> bool {
    let line = before.rsplit(['\n', '|', ';', '`']).next().unwrap_or_default();
    if line.ends_with("//") {
        return !line.ends_with("mailto://");
    }
    line.ends_with([' ', '\t', '"', '\'']) && is_argument(line)
}

/// Whether what follows is part of an Amazon Resource Name, which names things and holds none.
pub(crate) fn names_a_resource(before: &str) -> bool {
    let name = before.rsplit([' ', '\t', '\n', '"', '\'', '=', ',', '(']).next();
    name.is_some_and(|name| name.starts_with("arn:"))
}

/// `numpy==1.26.4.1`, `pkg-1.2.3.4`, `Chrome/49.0.2.1`, `npm i left-pad@1.2.3.4`.
fn is_pinned(before: &str) -> bool {
    let operator = before.strip_suffix(' ').unwrap_or(before);
    let pins = ["==", ">=", "<=", "~=", "!=", "~>", "^", "~"];
    if pins.iter().any(|pin| operator.ends_with(pin)) {
        return true;
    }
    let Some((name, joint)) = before
        .char_indices()
        .next_back()
        .and_then(|(at, joint)| Some((before.get(..at)?, joint)))
    else {
        return false;
    };
    let (rest, word) = last_word(name);
    let product = word.starts_with(|first: char| first.is_ascii_alphabetic())
        && !is_among(
            NETWORKING,
            word.rsplit(['-', '_', '.']).next().unwrap_or_default(),
        );
    match joint {
        '-' => product,
        // A path has a slash in front as well, and a URL a host.
        '/' => product && !rest.ends_with('/') && !word.contains('.'),
        '@' => rest.ends_with(['@', '/']) || installs(rest),
        _ => false,
    }
}

fn installs(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.split([' ', '"', '\'', '`'])
        .any(|word| is_among(INSTALLERS, word))
}

/// Whether one of `names` stands before a number, with nothing but joining words and other numbers of its kind between.
fn is_called(before: &str, names: &[&str]) -> bool {
    let mut rest = before;
    for _ in 0..WORDS_MAX {
        let (front, word) = last_word(unpunctuated(rest));
        if word.is_empty() {
            return unpunctuated(rest).ends_with('§');
        }
        // What is cut off in front may be the end of another word.
        if front.is_empty() && before.len() + 4 > LOOK_BEHIND {
            return false;
        }
        let earlier = || last_word(unpunctuated(front)).1;
        if word.ends_with(|last: char| last.is_ascii_digit()) {
            if !is_dotted(word) {
                return is_number(word) && is_among(STANDARDS, earlier());
            }
            rest = front;
            continue;
        }
        let part = last_part(word);
        if is_among(names, part) {
            return true;
        }
        if is_among(SPANNING, part) {
            let earlier = earlier();
            if is_among(CHANGES, earlier) {
                return true;
            }
            if !is_dotted(earlier) {
                return false;
            }
        } else if !is_among(JOINING, part) {
            return false;
        }
        // `Number` of `itemNumber` joins `item` and a number.
        rest = match word.trim_end_matches('.').strip_suffix(part) {
            Some(whole) => before.get(..front.len() + whole.len()).unwrap_or(front),
            None => front,
        };
    }
    false
}

/// Whether the end of a command line is an argument of a command that connects: between them are options and their values,
/// paths, names of files and the like, and no words of a sentence.
fn is_argument(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace().map(|word| {
        let word = word.trim_matches(['"', '\'', '[', ',', '(', '$']);
        word.rsplit('/')
            .next()
            .filter(|name| is_among(TRANSPORTS, name))
            .unwrap_or(word)
    });
    let Some(command) = words.by_ref().find(|word| is_among(TRANSPORTS, word)) else {
        return false;
    };
    let mut option = false;
    words.all(|word| {
        let value = std::mem::replace(&mut option, word.len() == 2 && word.starts_with('-'));
        value
            || word.is_empty()
            || word.starts_with('-')
            || word.contains(['/', '.', '~', '=', ':', '@', '*', '$'])
            || word.bytes().all(|byte| byte.is_ascii_digit())
            || (command == "git" && is_among(SUBCOMMANDS, word))
    })
}

/// The text in front of a name, without what stands between the name and its value.
fn unpunctuated(text: &str) -> &str {
    text.trim_end_matches([
        ' ', '\t', '"', '\'', '`', ':', '=', '<', '>', '(', ')', '[', ']', '{', '}', '*', ',', '&', '#', '.',
    ])
}

/// The last word of `text`, and what is in front of it.
fn last_word(text: &str) -> (&str, &str) {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-');
    let front = text.trim_end_matches(is_part);
    text.split_at_checked(front.len()).unwrap_or((text, ""))
}

/// The last part of a name: `Version` in `packageVersion`, `file_version` and `assembly.version`.
fn last_part(name: &str) -> &str {
    let name = name.trim_end_matches(|letter: char| !letter.is_alphabetic());
    let mut start = name.len();
    let mut after = None;
    for (at, letter) in name.char_indices().rev() {
        let hump = letter.is_lowercase() && after.is_some_and(char::is_uppercase);
        if !letter.is_alphabetic() || hump {
            break;
        }
        (start, after) = (at, Some(letter));
    }
    name.get(start..).unwrap_or_default()
}

fn is_among(words: &[&str], word: &str) -> bool {
    let same = |known: &str| {
        known.eq_ignore_ascii_case(word)
            || !word.is_ascii() && known.chars().eq(word.chars().flat_map(char::to_lowercase))
    };
    words.iter().any(|known| known.len() == word.len() && same(known))
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

/// `1.2.3.4`, `v1.2`: two numbers or more with full stops between.
fn is_dotted(word: &str) -> bool {
    let word = word.strip_prefix(['v', 'V']).unwrap_or(word);
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    word.contains('.') && word.split('.').all(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::check;

    #[test]
    fn versions_and_clauses_are_told_from_addresses() {
        check(
            numbers_a_version,
            &[
                "\"packageVersion\":\"",
                "numpy==",
                "foo >= ",
                "clause ",
                "see § ",
                "<Version>",
                "AssemblyVersion(\"",
                "pkg-",
                "Mozilla/5.0 Chrome/",
                "npm install left-pad@",
                "versions 1.2.3.4, 1.2.3.5 and ",
                "version number is ",
                "ISO 9001 ",
                "upgraded from ",
                "upgraded from 1.2.3.4 to ",
                "Abschnitt ",
                "версия ",
            ],
            &[
                "",
                "server ",
                "from 10.20.30.40 to ",
                "version 3 runs on ",
                "the release is at ",
                "tcp/",
                "ip-",
                "https://host.example/",
                "http://",
                "root@",
                "conversions ",
                "version 2, host ",
            ],
        );
    }

    #[test]
    fn parts_are_told_from_persons() {
        check(
            numbers_a_part,
            &["part no. ", "range ", "order ", "SKU: ", "itemNumber=\""],
            &["SSN ", "order of Ann, SSN ", "apart ", ""],
        );
    }

    #[test]
    fn accounts_of_transports_are_told_from_mail() {
        check(
            names_a_transport,
            &[
                "ssh ",
                "ssh://",
                "scp app.jar ",
                "rsync -av ",
                "ssh -i ~/.ssh/id -p 22 ",
                "git remote add origin ",
                "cd x && git clone ",
                "\"command\": \"ssh ",
                "/usr/bin/ssh -l x ",
                "https://",
            ],
            &[
                "to ssh in, ask ",
                "ssh into the box of ",
                "git config user.email ",
                "git commit --author \"Ann <",
                "mailto://",
                "write to ",
                "ssh is down | mail ",
                "",
            ],
        );
    }

    #[test]
    fn what_is_in_a_resource_name_is_a_name() {
        check(
            names_a_resource,
            &["x: arn:aws:secretsmanager:eu-west-1:1:secret:"],
            &["secret:", "arn:aws:iam::1:user/x secret: "],
        );
    }
}
