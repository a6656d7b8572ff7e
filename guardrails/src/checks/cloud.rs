//! Rules of credentials of clouds and of models' providers.

use super::entropy;
use super::secrets::{base64, drawn};

/// Whether an access key id is one of AWS's documentation.
pub(crate) fn aws_example_key_id(text: &str) -> bool {
    text.ends_with("EXAMPLE")
}

/// Whether an access key id is somebody's.
pub(crate) fn aws_key_id(text: &str) -> bool {
    !aws_example_key_id(text)
}

/// Whether a secret access key is one of AWS's documentation.
pub(crate) fn aws_example_secret_key(text: &str) -> bool {
    text.len() == 40 && text.ends_with("EXAMPLEKEY")
}

/// An AWS secret access key: 40 base64 characters of all kinds, too varied for a name or a path. A SHA-1 digest in hexadecimal
/// has the same length and no upper-case letters, or no lower-case ones.
pub(crate) fn aws_secret_key(text: &str) -> bool {
    let has = |rule: fn(&u8) -> bool| text.as_bytes().iter().any(rule);
    text.len() == 40
        && !aws_example_secret_key(text)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && has(|byte| !byte.is_ascii_alphabetic())
        && entropy(text) >= 4.25
}

/// An Amazon Bedrock API key: `ABSK` and base64 of `BedrockAPIKey-…:…`.
pub(crate) fn bedrock_key(text: &str) -> bool {
    let named = |key: Vec<u8>| key.starts_with(b"BedrockAPIKey-") && key.contains(&b':');
    text.strip_prefix("ABSK").and_then(base64).is_some_and(named)
}

/// A key of `N` bytes in base64 that is not all alike.
pub(crate) fn symmetric_key<const N: usize>(text: &str) -> bool {
    base64(text).is_some_and(|key| key.len() == N) && drawn(text)
}

/// A shared access signature: after `sig=` base64 of 32 bytes, with `+`, `/` and `=` percent-encoded or not.
pub(crate) fn azure_signature(text: &str) -> bool {
    let value = text.strip_prefix("sig=").unwrap_or(text);
    let decoded = [
        ("%2B", "+"),
        ("%2b", "+"),
        ("%2F", "/"),
        ("%2f", "/"),
        ("%3D", "="),
        ("%3d", "="),
    ]
    .iter()
    .fold(value.to_owned(), |value, (coded, plain)| {
        value.replace(coded, plain)
    });
    symmetric_key::<32>(&decoded)
}

/// An OpenAI key: at least 40 drawn characters after the prefix, or the mark `T3BlbkFJ` (base64 of `OpenAI`) in the middle.
pub(crate) fn openai_key(text: &str) -> bool {
    let marked = text.contains(concat!("T3Blbk", "FJ"));
    drawn(text) && (marked && text.len() >= 40 || text.len() >= 48)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::check;

    /// `count` characters of `alphabet` in an order that looks random and never changes.
    fn characters(alphabet: &str, count: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        (0..count as u64)
            .map(|at| letters[(at * at * 31 + at * 17 + 7) as usize % letters.len()])
            .collect()
    }

    #[test]
    fn secret_key_refuses_digests_paths_and_words() {
        let documented = ["wJalrXUtnFEMI/K7MDENG/", "bPxRfiCYEXAMPLEKEY"].concat();
        let drawn = documented.replace("EXAMPLE", "qW8rZt0");
        check(
            aws_secret_key,
            &[&drawn],
            &[
                &documented,
                &drawn[1..],
                "da39a3ee5e6b4b0d3255bfef95601890afd80709",
                "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
                "src/main/resources/resources/Resources/r",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAa1",
            ],
        );
    }

    #[test]
    fn bedrock_key_must_say_in_base64_that_it_is_one() {
        use base64::Engine as _;
        let coded = |text: &str| {
            format!(
                "{}{}",
                "ABSK",
                base64::engine::general_purpose::STANDARD.encode(text)
            )
        };
        check(
            bedrock_key,
            &[&coded("BedrockAPIKey-ab12-at-123456789012:c2VjcmV0")],
            &[
                &coded("BedrockAPIKey-ab12-at-123456789012"),
                &coded("Something-ab12-at-123456789012:c2VjcmV0"),
                "ABSK",
                "ABSK!",
            ],
        );
    }

    #[test]
    fn keys_in_base64_have_the_length_of_the_key() {
        let body = characters(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            86,
        );
        let key = format!("{body}==");
        check(symmetric_key::<64>, &[&key], &[&body[1..], &"A".repeat(86)]);
        let short = &body[..43];
        check(
            azure_signature,
            &[
                &format!("sig={short}%3D"),
                &format!("sig={}%2f{}%3d", &body[..21], &body[..21]),
            ],
            &[&format!("sig={}%3D", &short[1..]), "sig=%3D"],
        );
    }
}
