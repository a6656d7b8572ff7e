//! Rules of secrets of no particular issuer, and what the secrets of all issuers have in common.

use super::entropy;
use base64::Engine as _;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};

mod words;

pub(crate) use words::{assigned_long_secret, assigned_password, assigned_secret};

/// Text whose encoder is not known to pad, or that was cut at any character: padding and trailing bits are not looked at.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

/// RFC 4648 §4.
const BASE64: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);

/// RFC 4648 §5.
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);

/// A value of this length, in bytes, may be the beginning of one that is longer than a walk, so its end proves nothing.
const CUT_BYTES: usize = 300;

/// The bytes that `text` stands for in base64, `None` if it is none.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

/// Whether the last 20 bytes look drawn rather than written: two kinds of characters among lower-case letters, upper-case letters
/// and digits, and few repetitions. It refuses `YOUR-KEY-HERE` and `xxxx…`, and by chance two
/// random tokens in 10⁴ of hexadecimal digits, two in 10³ of capitals and digits.
pub(crate) fn drawn(text: &str) -> bool {
    let tail = text.get(text.len().saturating_sub(20)..).unwrap_or(text);
    let kind = |rule: fn(&u8) -> bool| usize::from(tail.as_bytes().iter().any(rule));
    let kinds = kind(u8::is_ascii_lowercase) + kind(u8::is_ascii_uppercase) + kind(u8::is_ascii_digit);
    kinds > 1 && entropy(tail) >= 2.5
}

/// A token of exactly `N` bytes.
pub(crate) fn token<const N: usize>(text: &str) -> bool {
    text.len() == N && drawn(text)
}

/// A token of at least `N` bytes.
pub(crate) fn long_token<const N: usize>(text: &str) -> bool {
    text.len() >= N && drawn(text)
}

/// A JSON web token: the part before the first full stop is base64url of an object with an `alg` member (RFC 7515 §3.1 and
/// §4.1.1, RFC 7516 §3.1); three parts if signed, five if encrypted. Only an unsecured token ends with an empty part (RFC 7519 §6.1).
pub(crate) fn json_web_token(text: &str) -> bool {
    let header = text.split('.').next().unwrap_or_default();
    // A header that was cut may end within a group of four characters.
    let whole = header.len() - usize::from(header.len() % 4 == 1);
    let Some(object) = header
        .get(..whole)
        .and_then(|header| BASE64_URL.decode(header).ok())
    else {
        return false;
    };
    let holds = |member: &[u8]| object.windows(member.len()).any(|part| part == member);
    let complete = match text.split('.').count() {
        3 => !text.ends_with('.') || holds(b"\"none\""),
        5 => !text.ends_with('.'),
        _ => text.len() >= CUT_BYTES,
    };
    complete && object.starts_with(b"{") && holds(b"\"alg\"")
}

/// A URL whose user information has a password that is one (RFC 3986 §3.2.1).
pub(crate) fn url_with_password(text: &str) -> bool {
    let authority = text
        .split_once("://")
        .and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
    authority
        .and_then(|authority| authority.rsplit_once('@'))
        .and_then(|(user, _)| user.split_once(':'))
        .is_some_and(|(_, password)| !words::placeholder(password))
}

/// A connection string of Java or of Azure: what follows the last `=` of a key or password, or stands between `/` and `@`.
pub(crate) fn connection_string(text: &str) -> bool {
    let after = text
        .rsplit_once("assword=")
        .or_else(|| text.rsplit_once("ccessKey="));
    let secret = after.or_else(|| text.rsplit_once("ccountKey="));
    let thin = || text.split_once('/').and_then(|(_, rest)| rest.split_once('@'));
    match (secret, thin()) {
        (Some((_, secret)), _) => !words::placeholder(secret),
        (None, Some((secret, _))) => !words::placeholder(secret),
        (None, None) => false,
    }
}

/// Credentials in an `Authorization` header (RFC 9110 §11.6.2): a scheme that carries a secret, a space, and
/// a token that looks drawn.
pub(crate) fn authorization(text: &str) -> bool {
    let (scheme, token) = text.split_once(' ').unwrap_or_default();
    let schemes = ["basic", "bearer", "token", "apikey", "negotiate"];
    schemes.iter().any(|known| scheme.eq_ignore_ascii_case(known))
        && token.len() >= 16
        && drawn(token)
        && !words::placeholder(token)
}

#[cfg(test)]
mod tests;
