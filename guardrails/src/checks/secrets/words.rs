//! Telling a secret from the words, names and code that stand where a secret could.

use crate::checks::entropy;
use crate::detector::ASSIGNED_BYTES_MAX;
use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// Values that stand for a password, letters only. Compared without case and without `-`, `_` and `.`.
const STAND_INS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pass",
    "pwd",
    "pw",
    "secret",
    "token",
    "key",
    "apikey",
    "accesskey",
    "accountkey",
    "mypassword",
    "mysecret",
    "dbpassword",
    "dbpass",
    "userpassword",
    "username",
    "user",
    "changeme",
    "changeit",
    "none",
    "null",
    "nil",
    "true",
    "false",
    "undefined",
    "empty",
    "default",
    "string",
    "str",
    "value",
    "redacted",
    "hidden",
    "masked",
    "removed",
    "credentials",
    "credential",
    "test",
];

/// Parts of words that no random value holds by chance and no person puts into a password.
const TELLTALES: &[&str] = &[
    "your",
    "example",
    "placeholder",
    "xxxx",
    "insert",
    "redacted",
    "dummy",
    "replaceme",
];

/// Names of algorithms, encodings and types that hold digits, in lower case without `-` and `_`.
const TECHNICAL: &[&str] = &[
    "sha1", "sha2", "sha3", "sha5", "md5", "pbkdf2", "aes1", "aes2", "base64", "base32", "bcrypt", "scrypt",
    "argon2", "hmac", "utf8", "utf16", "oauth", "x509", "ntlm", "int8", "int16", "int32", "int64", "float32",
    "float64", "varchar", "string", "param", "value", "column", "field", "option", "rsa2", "rsa4", "ed25519",
    "secp256", "pkcs",
];

/// `TELLTALES`, and `TECHNICAL`, looked for at once; nothing if they do not compile, which a test rules out.
static TELLING: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(TELLTALES).ok());
static TECHNICALLY: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(TECHNICAL).ok());

/// Whether `text` is what people write where a password would stand: a stand-in, a variable, a mask.
pub(super) fn placeholder(text: &str) -> bool {
    stands_in(text, &plain(text))
}

/// As `placeholder`, of a text that is `plain` without its signs.
fn stands_in(text: &str, plain: &str) -> bool {
    let one_byte = text.bytes().all(|byte| text.as_bytes().first() == Some(&byte));
    let variable = text.strip_prefix(['$', '%', ':', '@']).is_some_and(is_name);
    text.is_empty()
        || one_byte
        || variable
        || !text.bytes().any(|byte| byte.is_ascii_alphanumeric())
        || (!plain.bytes().any(|byte| byte.is_ascii_digit()) && STAND_INS.contains(&plain))
        || holds(&TELLING, plain)
}

/// A value that was assigned to a word for a secret: at least 12 characters, 3.5 bits of entropy each (of 4 that
/// hexadecimal digits can have, 3), and irregular as no name is. Universally unique identifiers
/// (RFC 9562) and digests with the algorithm's name (W3C Subresource Integrity) are none.
pub(crate) fn assigned_secret(text: &str) -> bool {
    let hexadecimal = text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bits = if hexadecimal { 3.0 } else { 3.5 };
    let digest = ["sha1-", "sha256-", "sha384-", "sha512-"];
    (12..ASSIGNED_BYTES_MAX).contains(&text.len())
        && is_irregular(text)
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && entropy(text) >= bits
        && !text.starts_with(['/', '.', '~', '-'])
        && !text.ends_with(['.', '-', '/', '~'])
        && !text.contains("//")
        && !digest.iter().any(|name| text.starts_with(name))
        && !is_uuid(text)
        && !placeholder(text)
}

/// A secret with punctuation marks that was assigned to a word for one: 40 to 127 characters, 4 bits of entropy each, irregular.
pub(crate) fn assigned_long_secret(text: &str) -> bool {
    (40..ASSIGNED_BYTES_MAX).contains(&text.len())
        && text.contains(['!', '@', '#', '$', '%', '^', '&', '*', '('])
        && !is_query(text)
        && is_irregular(text)
        && entropy(text) >= 4.0
        && !placeholder(text)
}

/// A value that was assigned to a word for a password: 6 to 127 characters that are neither a stand-in nor a name, a path, a
/// number with a unit, or code. Words alone are let go: `password: required` is said more often than passwords are.
pub(crate) fn assigned_password(text: &str) -> bool {
    if !(6..ASSIGNED_BYTES_MAX).contains(&text.len()) {
        return false;
    }
    let has = |rule: fn(&u8) -> bool| text.as_bytes().iter().any(rule);
    let core = text.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
    let mixed = match (has(u8::is_ascii_alphabetic), has(u8::is_ascii_digit)) {
        (true, true) => true,
        (true, false) => core.contains(['!', '$', '@', '^', '~']) && !core.contains("!="),
        (false, true) => {
            text.bytes().all(|byte| byte.is_ascii_digit()) || core.contains(['!', '$', '@', '^', '~'])
        }
        (false, false) => false,
    };
    let plain = if mixed { plain(text) } else { return false };
    !stands_in(text, &plain) && !is_code(text, &plain)
}

/// Whether `text` holds one of `words`.
fn holds(words: &Option<AhoCorasick>, text: &str) -> bool {
    words.as_ref().is_some_and(|words| words.is_match(text))
}

/// Whether `text`, which is `plain` without its signs, is a piece of code or prose rather than a password.
fn is_code(text: &str, plain: &str) -> bool {
    let joined = || ["://", "::", "->", "@{"].iter().any(|part| text.contains(part));
    text.starts_with(['/', '=', ':', '.'])
        || ["./", "~/", "--", "0x"]
            .iter()
            .any(|start| text.starts_with(start))
        || text.ends_with(['.', ':', '?', '/', '&'])
        || (text.contains([':', '>', '{']) && joined())
        || is_query(text)
        || is_mailbox(text)
        || is_path_of_names(text)
        || is_measure(text)
        || holds(&TECHNICALLY, plain)
}

/// `hunter2&user=bob`: the value of one parameter, and more parameters.
fn is_query(text: &str) -> bool {
    let mut names = text.split('&').skip(1).filter_map(|part| part.split_once('='));
    names.any(|(name, _)| is_name(name))
}

/// `user@example.org`: e-mail addresses have a category of their own.
fn is_mailbox(text: &str) -> bool {
    text.split_once('@').is_some_and(|(_, domain)| {
        domain.contains('.')
            && domain
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
    })
}

/// `config.db_password2`, `USER_PASSWORD_1`, `D3D_PASS`, `option-1`, `2024-01-31`: names and short numbers, joined. A longer number after a
/// hyphen is how people make passwords of words.
fn is_path_of_names(text: &str) -> bool {
    let named = |separators: &[char], digits_max: usize| {
        let ordinary = |part: &str| {
            let number = part.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
            number.len() <= digits_max && number.bytes().all(|byte| byte.is_ascii_digit())
        };
        text.contains(separators) && text.split(separators).all(ordinary)
    };
    let constant = text.contains('_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let letterless = !text.bytes().any(|byte| byte.is_ascii_alphabetic());
    constant
        || named(&['_', '.', ':', '/'], 4)
        || named(&['-', '_', '.', ':', '/'], if letterless { 8 } else { 1 })
}

/// `16-character`, `90days`: a number and a lower-case word, so short a number that no password starts with it.
fn is_measure(text: &str) -> bool {
    let word = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let digits = text.len() - word.len();
    let word = word.strip_prefix('-').unwrap_or(word);
    (1..=3).contains(&digits) && word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// A name in most programming languages.
fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'%'))
}

/// RFC 9562 §4: 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether kinds of characters change more often than in names.
fn is_irregular(text: &str) -> bool {
    switches(text) * 4 >= text.bytes().filter(u8::is_ascii_alphanumeric).count()
}

/// How often lower-case letters, upper-case letters and digits take turns, leaving out all else and a capital before small
/// letters. Once in six or more characters in names; once in two or three in random text.
fn switches(text: &str) -> usize {
    let kinds = text
        .bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|byte| match byte {
            b'a'..=b'z' => 'a',
            b'A'..=b'Z' => 'A',
            _ => '0',
        });
    let next = kinds.clone().skip(1);
    kinds
        .zip(next)
        .filter(|&(kind, next)| kind != next && (kind, next) != ('A', 'a'))
        .count()
}

/// `text` in lower case without `-`, `_` and `.`.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|letter| !matches!(letter, '-' | '_' | '.'))
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}
