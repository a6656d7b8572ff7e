//! JSON text that arrives in fragments, as tool arguments do: read as the text it stands for.
//!
//! A detector must see `ada@example.com` where the JSON says `ada\u0040example.com`, and what leaves must still be JSON. So
//! the decoded text goes to the scanner, and each stretch that the scanner lets go is turned back into the very
//! bytes it came from.

use std::collections::VecDeque;

use super::{escape, steps};

/// Longest escape: a surrogate pair, `\ud83d\ude00`.
const ESCAPE_BYTES_MAX: usize = 12;

/// Decodes fragments of JSON text, and gives back the spelling of what has been let go.
///
/// Text that is no JSON passes unchanged: whatever is not an escape stands for itself.
#[derive(Debug, Default)]
pub struct Fragments {
    /// The start of an escape whose end has not arrived; at most [`ESCAPE_BYTES_MAX`].
    partial: String,
    in_string: bool,
    /// What was decoded and not yet taken, character by character.
    units: VecDeque<Unit>,
    /// The spelling of `units`, in order, after `taken` bytes that have been let go.
    raw: String,
    /// `taken <= raw.len() / 2` after each call: what was let go is dropped half by half, so that each byte moves once.
    taken: usize,
}

/// One decoded character.
#[derive(Debug, Clone, Copy)]
struct Unit {
    decoded_bytes: u8,
    raw_bytes: u8,
    in_string: bool,
}

/// A stretch of JSON text as it was spelt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spelling {
    /// The bytes it came from.
    pub raw: String,
    /// Whether it began inside a string: only there may other text be put without quotes.
    pub in_string: bool,
}

impl Fragments {
    /// Takes a fragment and returns the text it adds. An escape that is cut off is kept until the rest arrives.
    pub fn push(&mut self, fragment: &str) -> String {
        let mut text = std::mem::take(&mut self.partial);
        text.push_str(fragment);
        self.decode(&text)
    }

    /// Ends the text: what is left of a cut-off escape stands for itself.
    pub fn finish(&mut self) -> String {
        let rest = std::mem::take(&mut self.partial);
        let mut decoded = String::new();
        rest.chars()
            .for_each(|plain| self.take_in(plain, plain.len_utf8(), &mut decoded));
        self.raw.push_str(&rest);
        decoded
    }

    /// The spelling of the next `decoded_bytes` of the text. Costs what it gives, however much is left.
    pub fn spelling(&mut self, decoded_bytes: usize) -> Spelling {
        let in_string = self.units.front().is_some_and(|unit| unit.in_string);
        let (mut decoded, mut raw) = (0, 0);
        while decoded < decoded_bytes {
            let Some(unit) = self.units.pop_front() else {
                break;
            };
            decoded += usize::from(unit.decoded_bytes);
            raw += usize::from(unit.raw_bytes);
        }
        Spelling {
            raw: self.let_go(raw),
            in_string,
        }
    }

    fn let_go(&mut self, bytes: usize) -> String {
        steps::add(bytes);
        let from = self.taken;
        let spelt = self.raw.get(from..from + bytes).unwrap_or_default().to_owned();
        self.taken += spelt.len();
        if self.taken > self.raw.len() / 2 {
            steps::add(self.raw.len() - self.taken);
            self.raw.drain(..self.taken);
            self.taken = 0;
        }
        spelt
    }

    fn decode(&mut self, text: &str) -> String {
        let mut decoded = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (character, length) = match escaped(rest, self.in_string) {
                Escape::None => (first, first.len_utf8()),
                Escape::Whole(character, length) => (character, length),
                Escape::Cut => {
                    rest.clone_into(&mut self.partial);
                    break;
                }
            };
            let (spelt, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
            self.take_in(character, length, &mut decoded);
            self.in_string ^= first == '"';
            self.raw.push_str(spelt);
            rest = after;
        }
        decoded
    }

    fn take_in(&mut self, character: char, raw_bytes: usize, decoded: &mut String) {
        decoded.push(character);
        self.units.push_back(Unit {
            decoded_bytes: u8::try_from(character.len_utf8()).unwrap_or(u8::MAX),
            raw_bytes: u8::try_from(raw_bytes).unwrap_or(u8::MAX),
            in_string: self.in_string,
        });
    }
}

/// What stands at the start of `rest`.
fn escaped(rest: &str, in_string: bool) -> Escape {
    if !in_string || !rest.starts_with('\\') {
        return Escape::None;
    }
    match escape::read(rest.as_bytes()) {
        Ok((character, length)) => Escape::Whole(character, length),
        Err(_) if rest.len() < ESCAPE_BYTES_MAX && could_go_on(rest) => Escape::Cut,
        Err(_) => Escape::None,
    }
}

enum Escape {
    None,
    Whole(char, usize),
    Cut,
}

/// Whether more bytes could make an escape of `rest`, which begins with a backslash and is none yet.
fn could_go_on(rest: &str) -> bool {
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match rest.strip_prefix("\\u") {
        None => rest == "\\",
        Some(first) => match first.split_at_checked(4) {
            None => hex(first),
            // The first half of a pair is whole; the second is on its way.
            Some((high, low)) => {
                let is_high =
                    u16::from_str_radix(high, 16).is_ok_and(|unit| (0xD800..0xDC00).contains(&unit));
                is_high && ("\\u".starts_with(low) || low.strip_prefix("\\u").is_some_and(hex))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces() -> impl Strategy<Value = Vec<(String, String)>> {
        let same = |text: &str| (text.to_owned(), text.to_owned());
        let piece = prop_oneof![
            "[a-z@.0-9 ]{1,5}".prop_map(move |text| (text.clone(), text)),
            Just(("@".to_owned(), r"\u0040".to_owned())),
            Just(("\n".to_owned(), r"\n".to_owned())),
            Just(("\"".to_owned(), "\\\"".to_owned())),
            Just(("\\".to_owned(), r"\\".to_owned())),
            Just(("😀".to_owned(), r"\ud83d\ude00".to_owned())),
            Just(same("é")),
        ];
        prop::collection::vec(piece, 0..12)
    }

    proptest! {
        #[test]
        fn decodes_the_same_under_every_chunking_and_gives_every_byte_back(
            pieces in pieces(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
            takes in prop::collection::vec(0usize..9, 1..5),
        ) {
            let decoded: String = pieces.iter().map(|(decoded, _)| decoded.as_str()).collect();
            let raw: String = pieces.iter().map(|(_, raw)| raw.as_str()).collect();
            let (decoded, raw) = (format!("{{\"{decoded}\":1}}"), format!("{{\"{raw}\":1}}"));
            let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(raw.len() + 1)).filter(|at| raw.is_char_boundary(*at)).collect();
            at.extend([0, raw.len()]);
            at.sort_unstable();

            let mut fragments = Fragments::default();
            let mut text = String::new();
            for pair in at.windows(2) {
                text.push_str(&fragments.push(&raw[pair[0]..pair[1]]));
            }
            text.push_str(&fragments.finish());
            prop_assert_eq!(&text, &decoded);

            let mut spelt = String::new();
            let mut from = 0;
            for take in takes.iter().cycle().take(decoded.len() * 2) {
                let mut to = (from + take).min(decoded.len());
                while !decoded.is_char_boundary(to) {
                    to += 1;
                }
                spelt.push_str(&fragments.spelling(to - from).raw);
                from = to;
            }
            spelt.push_str(&fragments.spelling(decoded.len() - from).raw);
            prop_assert_eq!(spelt, raw);
        }

        #[test]
        fn any_text_comes_back_as_it_was(chunks in prop::collection::vec(".{0,8}|[\\\\\"ud0-9a-f]{0,8}", 0..12)) {
            let mut fragments = Fragments::default();
            let mut decoded: usize = chunks.iter().map(|chunk| fragments.push(chunk).len()).sum();
            decoded += fragments.finish().len();
            prop_assert_eq!(fragments.spelling(decoded).raw, chunks.concat());
        }
    }

    #[test]
    fn tells_strings_from_numbers() {
        let mut fragments = Fragments::default();
        let text = fragments.push(r#"{"a": 42, "b":"42"}"#);
        let inside = |fragments: &mut Fragments, bytes: usize| fragments.spelling(bytes).in_string;
        let number = text.find("42").unwrap();
        let string = text.rfind("42").unwrap();
        assert!(!inside(&mut fragments, number));
        assert!(!inside(&mut fragments, 2));
        inside(&mut fragments, string - number - 2);
        assert!(inside(&mut fragments, 2));
    }
}
