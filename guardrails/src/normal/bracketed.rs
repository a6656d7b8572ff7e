//! `ada(at)example[dot]org` and `ada (at) example [ dot ] org`.

/// What stands in an address for `@` and for `.`, between brackets.
const WORDS: [(&str, u8); 3] = [("at", b'@'), ("@", b'@'), ("dot", b'.')];

/// The most bytes that a bracketed word has, with a blank on each side of each of its parts.
const LENGTH_MAX: usize = 9;

/// What is behind a letter or digit.
pub(super) enum Bracketed {
    /// A word, of so many bytes with its brackets and the blanks around them. A letter or digit follows.
    As(u8, usize),
    Not,
    /// More text is needed to tell.
    Unknown,
}

/// What `text` starts with: it is behind a letter or digit.
pub(super) fn read(text: &[u8]) -> Bracketed {
    let mut read = Bracketed::Not;
    for (word, byte) in WORDS {
        match length(text, word.as_bytes()) {
            Ok(Some(length)) => return Bracketed::As(byte, length),
            Ok(None) => {}
            Err(Ended) => read = Bracketed::Unknown,
        }
    }
    read
}

/// The text ended before it could be told.
struct Ended;

/// How long `word` in brackets is, if `text` starts with it and goes on as an address does.
fn length(text: &[u8], word: &[u8]) -> Result<Option<usize>, Ended> {
    let byte = |at: usize| text.get(at).copied().ok_or(Ended);
    let behind_blank = |at: usize| byte(at).map(|byte| at + usize::from(byte == b' '));
    let bracket = behind_blank(0)?;
    let Some(closing) = closing(byte(bracket)?) else {
        return Ok(None);
    };
    let start = behind_blank(bracket + 1)?;
    for (at, letter) in (start..).zip(word) {
        if !byte(at)?.eq_ignore_ascii_case(letter) {
            return Ok(None);
        }
    }
    let end = behind_blank(start + word.len())?;
    if byte(end)? != closing {
        return Ok(None);
    }
    let end = behind_blank(end + 1)?;
    Ok(byte(end)?.is_ascii_alphanumeric().then_some(end))
}

/// The bracket that closes what `opening` opens.
fn closing(opening: u8) -> Option<u8> {
    match opening {
        b'(' => Some(b')'),
        b'[' => Some(b']'),
        b'{' => Some(b'}'),
        b'<' => Some(b'>'),
        _ => None,
    }
}

/// Whether `byte` opens a bracketed word.
pub(super) fn opens(byte: u8) -> bool {
    closing(byte).is_some()
}

/// Whether a bracketed word may begin in `text` and go on behind it.
pub(super) fn may_begin_in(text: &[u8]) -> bool {
    let tail = text
        .get(text.len().saturating_sub(LENGTH_MAX)..)
        .unwrap_or_default();
    tail.last() == Some(&b' ') || tail.iter().any(|byte| opens(*byte))
}

/// Whether the bracket at `at` closes one of `WORDS`; where the text begins within one, it may.
pub(super) fn closes_word(bytes: &[u8], at: usize) -> bool {
    fn without_blank(text: &[u8]) -> &[u8] {
        text.strip_suffix(b" ").unwrap_or(text)
    }
    let inner = without_blank(bytes.get(..at).unwrap_or_default());
    let ends = inner.last().is_none_or(|last| matches!(last, b't' | b'T' | b'@')) || inner.len() < 3;
    ends && WORDS.iter().any(|(word, _)| {
        let start = inner.len().saturating_sub(word.len());
        let (before, closed) = inner.split_at_checked(start).unwrap_or_default();
        let part = word
            .as_bytes()
            .get(word.len() - closed.len()..)
            .unwrap_or_default();
        closed.eq_ignore_ascii_case(part) && without_blank(before).last().is_none_or(|byte| opens(*byte))
    })
}
