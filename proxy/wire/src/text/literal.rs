//! What literals look like: identifiers that are no text, and numbers that could identify somebody.

/// Numbers with fewer digits hold no identifier that a detector knows without a word beside it.
const NUMBER_DIGITS_MIN: usize = 6;

/// The same for whole numbers under a key, which can be such a word: three digits are a card's security code.
const KEYED_DIGITS_MIN: usize = 3;

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
