//! What literals look like: identifiers that are no text, and numbers that could identify somebody.

/// Numbers with fewer digits hold no identifier that a detector knows without a word beside it.
const NUMBER_DIGITS_MIN: usize = 6;

/// The same for whole numbers under a key, which can be such a word: three digits are a card's security code.
const KEYED_DIGITS_MIN: usize = 3;

/// No credential of a known form is shorter, in bytes.
const CREDENTIAL_BYTES_MIN: usize = 20;

/// More digits than a figure of a setting or a time in seconds has.
const FIGURE_DIGITS_MAX: usize = 10;

/// Whether a number can be a figure or a time where one is expected.
pub(super) fn is_figure(literal: &[u8]) -> bool {
    literal.iter().filter(|byte| byte.is_ascii_digit()).count() <= FIGURE_DIGITS_MAX
}

/// A letter, then letters, digits and the marks of model ids and ARNs: no address, no number, no sentence has this form.
/// Access keys have, so a long run of capitals and digits is none.
pub(super) fn is_id(text: &[u8]) -> bool {
    let mark = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | b'/');
    let capital = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let key = || {
        text.chunk_by(|a, b| capital(a) == capital(b))
            .any(|run| run.len() >= 16 && run.iter().all(capital))
    };
    match text {
        [] => true,
        [first, rest @ ..] => {
            first.is_ascii_alphabetic() && rest.len() < 256 && rest.iter().all(mark) && !key()
        }
    }
}

/// The longest word of a setting, in bytes, its fewest letters, and the most digits in it, which a date has.
const WORD_BYTES_MAX: usize = 64;
const WORD_LETTERS_MIN: usize = 4;
const WORD_DIGITS_MAX: usize = 8;

/// A word of a setting, such as `clear_tool_uses_20250919`: no piece of a text, and no value, has this form.
#[must_use]
pub fn is_word(text: &[u8]) -> bool {
    let of_word = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_';
    let count = |rule: fn(&u8) -> bool| text.iter().filter(|byte| rule(byte)).count();
    text.first().is_none_or(u8::is_ascii_lowercase)
        && text.len() <= WORD_BYTES_MAX
        && (text.is_empty() || count(u8::is_ascii_lowercase) >= WORD_LETTERS_MIN)
        && count(u8::is_ascii_digit) <= WORD_DIGITS_MAX
        && text.iter().all(of_word)
}

/// Whether an identifier could be a credential: it is long enough, and no words with full stops between.
pub(super) fn may_be_credential(id: &[u8]) -> bool {
    id.len() >= CREDENTIAL_BYTES_MIN && !id.split(|byte| *byte == b'.').all(is_word)
}

/// Keys whose values are identifiers or enums in every family. `id` and `tool_call_id` are
/// random strings that secret detectors would mistake for keys, `created` is seconds since 1970.
pub(super) fn is_name(key: &[u8]) -> bool {
    matches!(
        key,
        b"role"
            | b"type"
            | b"model"
            | b"object"
            | b"id"
            | b"tool_call_id"
            | b"schemaVersion"
            | b"stop_reason"
            | b"finish_reason"
            | b"completionReason"
            | b"event_type"
            | b"system_fingerprint"
            | b"service_tier"
            | b"taskType"
            | b"generation_id"
            | b"created"
            | b"status"
    )
}

/// Whether a key is a name that holds nothing.
pub(super) fn is_plain_key(name: &[u8]) -> bool {
    is_id(name) && !may_be_credential(name)
}

/// A number that could be an account, a card or a telephone; `keyed` if it stands under a key. Magnitudes below one are scores
/// and vectors, thousands of which come in one embedding.
pub(super) fn is_identifying(literal: &[u8], keyed: bool) -> bool {
    let fraction = literal.starts_with(b"0.") || literal.starts_with(b"-0.");
    let small = literal.windows(2).any(|pair| matches!(pair, b"e-" | b"E-"));
    let digits = literal.iter().filter(|byte| byte.is_ascii_digit()).count();
    let digits_min = match keyed && digits == literal.len() {
        true => KEYED_DIGITS_MIN,
        false => NUMBER_DIGITS_MIN,
    };
    digits >= digits_min && !fraction && !small
}
