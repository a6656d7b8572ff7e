//! `ada(at)example[dot]org`.

/// What stands in an address for `@` and for `.`, between brackets.
pub(super) const WORDS: [(&str, u8); 3] = [("at", b'@'), ("@", b'@'), ("dot", b'.')];

/// How a bracketed word goes on.
pub(super) enum Closed {
    /// It ends here, and a letter or digit follows.
    At(usize),
    Unknown,
    Never,
}

/// How `text`, behind an opening bracket, goes on: with `word` and `closing`, and what an address goes on with?
pub(super) fn closed(text: &[u8], word: &[u8], closing: u8) -> Closed {
    let end = word.len() + 1;
    let pattern = word.iter().chain([&closing]);
    let agreed = text
        .iter()
        .zip(pattern)
        .take_while(|(a, b)| a.eq_ignore_ascii_case(b))
        .count();
    if agreed < end {
        return if agreed == text.len() {
            Closed::Unknown
        } else {
            Closed::Never
        };
    }
    match text.get(end) {
        Some(byte) if byte.is_ascii_alphanumeric() => Closed::At(end),
        Some(_) => Closed::Never,
        None => Closed::Unknown,
    }
}

/// Whether `byte` opens a bracketed word.
pub(super) fn opens(byte: u8) -> bool {
    matches!(byte, b'(' | b'[' | b'{' | b'<')
}

/// Whether the bracket at `at` closes one of `WORDS`; where the text begins within one, it may.
pub(super) fn closes_word(bytes: &[u8], at: usize) -> bool {
    WORDS.iter().any(|(word, _)| {
        let before = bytes.get(..at).unwrap_or_default();
        let start = before.len().saturating_sub(word.len());
        let (before, closed) = before.split_at_checked(start).unwrap_or_default();
        let part = word
            .as_bytes()
            .get(word.len() - closed.len()..)
            .unwrap_or_default();
        closed.eq_ignore_ascii_case(part) && before.last().is_none_or(|byte| opens(*byte))
    })
}
