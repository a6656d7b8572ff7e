//! What the value of a header can be. Headers go to the provider as they come, so each is held to a grammar in which no sentence fits.

/// Longest value; a guardrail's ARN has 2,048 at most (AWS API reference).
const VALUE_BYTES_MAX: usize = 2048;

/// The longest word of an option, in bytes.
const WORD_BYTES_MAX: usize = 32;

/// The grammar of a header's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grammar {
    /// Media types with parameters, separated by commas (RFC 9110 §12.5.1).
    MediaTypes,
    /// A word of an option, such as `ENABLED_FULL`.
    Word,
    /// A whole number.
    Number,
    /// An id or the ARN of a guardrail (AWS API reference, `InvokeModel`).
    Guardrail,
    /// `DRAFT` or a number.
    GuardrailVersion,
    /// An id, a path or an expression of the caller's own: letters, digits and a few signs. It is looked into for findings.
    Token,
}

impl Grammar {
    /// Whether `value` can be one.
    #[must_use]
    pub fn holds(self, value: &str) -> bool {
        let number =
            |text: &str| !text.is_empty() && text.len() <= 10 && text.bytes().all(|b| b.is_ascii_digit());
        let fits = match self {
            Self::MediaTypes => value.split(',').all(is_media_type),
            Self::Word => {
                value.len() <= WORD_BYTES_MAX && value.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_')
            }
            Self::Number => number(value),
            Self::Guardrail => is_guardrail(value),
            Self::GuardrailVersion => value.is_empty() || value == "DRAFT" || number(value),
            Self::Token => value
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.:/*+;=, `".contains(&b)),
        };
        fits && value.len() <= VALUE_BYTES_MAX
    }
}

/// `type/subtype;name=value`, each a token (RFC 9110 §5.6.2, §8.3.1).
fn is_media_type(text: &str) -> bool {
    let mut parts = text.split(';').map(str::trim);
    let kind = parts.next().and_then(|kind| kind.split_once('/'));
    let is_parameter = |part: &str| {
        part.split_once('=')
            .is_some_and(|(name, value)| is_token(name) && is_token(value))
    };
    kind.is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype)) && parts.all(is_parameter)
}

fn is_token(text: &str) -> bool {
    let of_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$&^_.+*-".contains(&b);
    (1..=127).contains(&text.len()) && text.bytes().all(of_token)
}

fn is_guardrail(value: &str) -> bool {
    let id = value.rsplit_once(":guardrail/").map_or(value, |(_, id)| id);
    let of_id = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let is_id = id.len() <= 64 && id.bytes().all(of_id);
    let is_arn = id.len() == value.len() || value.starts_with("arn:aws");
    let of_arn = |b: u8| b.is_ascii_alphanumeric() || b"-:/".contains(&b);
    is_id && is_arn && value.bytes().all(of_arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_a_header_can_be() {
        use Grammar::*;
        let good = [
            (MediaTypes, "application/json"),
            (MediaTypes, "text/event-stream; charset=utf-8, */*;q=0.1"),
            (MediaTypes, "application/vnd.amazon.eventstream"),
            (Word, "ENABLED_FULL"),
            (Number, "3600"),
            (Guardrail, "abc123"),
            (
                Guardrail,
                "arn:aws:bedrock:eu-west-1:123456789012:guardrail/abc123",
            ),
            (GuardrailVersion, "DRAFT"),
            (GuardrailVersion, "12"),
            (Token, "a-b/c_1.2"),
        ];
        for (grammar, value) in good {
            assert!(grammar.holds(value), "{grammar:?} {value}");
        }
        let bad = [
            (MediaTypes, "hello world"),
            (MediaTypes, "application/json; note=ann at mail"),
            (MediaTypes, "json"),
            (MediaTypes, ""),
            (Word, "536904399"),
            (Word, "two words"),
            (Number, "12345678901"),
            (Number, "x"),
            (Guardrail, "ann.example"),
            (Guardrail, "note:guardrail/abc"),
            (GuardrailVersion, "v1"),
            (Token, "ann@mail.example"),
            (Token, "é"),
        ];
        for (grammar, value) in bad {
            assert!(!grammar.holds(value), "{grammar:?} {value}");
        }
        assert!(!Token.holds(&"a".repeat(2049)));
    }
}
