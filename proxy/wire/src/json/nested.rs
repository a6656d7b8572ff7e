//! JSON that stands in a whole text, as tool arguments do in some APIs: what it says, and where parts of that stand.
//!
//! The counterpart of [`Fragments`] for texts that are there at once: nothing is kept of a character but the character.
//!
//! [`Fragments`]: super::Fragments

use std::ops::Range;

use memchr::{memchr, memchr2};

use super::{escape, steps};

/// Where a part of what JSON text says stands in that text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The bytes it is spelt with.
    pub span: Range<usize>,
    /// Whether it begins inside a string: only there may other text be put without quotes.
    pub in_string: bool,
}

/// What JSON text says: the text with the escapes in its strings decoded. Text that is no JSON says what it is.
#[must_use]
pub fn said(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    for stretch in Stretches::of(text) {
        match stretch.says {
            Says::Itself(text) => said.push_str(text),
            Says::Character(character) => said.push(character),
        }
    }
    said
}

/// Where `parts` of what `text` says stand in it: byte ranges of [`said`], ascending and apart, on character boundaries.
/// One walk over the text, however many there are.
#[must_use]
pub fn places(text: &str, parts: &[Range<usize>]) -> Vec<Place> {
    let mut finder = Finder {
        stretches: Stretches::of(text),
        here: Stretch::NOTHING,
        said_at: 0,
        text_at: 0,
    };
    let mut place = |part: &Range<usize>| {
        let (start, in_string) = finder.find(part.start);
        let (end, _) = finder.find(part.end);
        Place {
            span: start..end,
            in_string,
        }
    };
    parts.iter().map(&mut place).collect()
}

/// A stretch of JSON text that is spelt in one way.
struct Stretch<'t> {
    says: Says<'t>,
    spelt_bytes: usize,
    in_string: bool,
}

enum Says<'t> {
    Itself(&'t str),
    Character(char),
}

impl Stretch<'_> {
    const NOTHING: Self = Stretch {
        says: Says::Itself(""),
        spelt_bytes: 0,
        in_string: false,
    };

    fn said_bytes(&self) -> usize {
        match self.says {
            Says::Itself(text) => text.len(),
            Says::Character(character) => character.len_utf8(),
        }
    }
}

/// Walks a text stretch by stretch.
struct Stretches<'t> {
    rest: &'t str,
    in_string: bool,
}

impl<'t> Stretches<'t> {
    fn of(text: &'t str) -> Self {
        Self {
            rest: text,
            in_string: false,
        }
    }
}

impl<'t> Iterator for Stretches<'t> {
    type Item = Stretch<'t>;

    fn next(&mut self) -> Option<Stretch<'t>> {
        let bytes = self.rest.as_bytes();
        let special = match self.in_string {
            true => memchr2(b'"', b'\\', bytes),
            false => memchr(b'"', bytes),
        };
        let in_string = self.in_string;
        if special == Some(0) {
            if let Some(b'\\') = bytes.first()
                && let Ok((character, spelt_bytes)) = escape::read(bytes)
            {
                self.rest = self.rest.get(spelt_bytes..).unwrap_or_default();
                steps::add(spelt_bytes);
                return Some(Stretch {
                    says: Says::Character(character),
                    spelt_bytes,
                    in_string,
                });
            }
            self.in_string ^= bytes.first() == Some(&b'"');
        }
        let length = special.unwrap_or(bytes.len()).max(1);
        let (itself, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        steps::add(length);
        Some(Stretch {
            says: Says::Itself(itself),
            spelt_bytes: length,
            in_string,
        })
    }
}

/// Finds ascending places.
struct Finder<'t> {
    stretches: Stretches<'t>,
    here: Stretch<'t>,
    /// Where `here` begins, in what the text says and in the text.
    said_at: usize,
    text_at: usize,
}

impl Finder<'_> {
    /// Where byte `target` of what the text says stands, and whether that is inside a string.
    fn find(&mut self, target: usize) -> (usize, bool) {
        while self.said_at + self.here.said_bytes() <= target {
            let Some(next) = self.stretches.next() else {
                return (self.text_at + self.here.spelt_bytes, self.here.in_string);
            };
            self.said_at += self.here.said_bytes();
            self.text_at += self.here.spelt_bytes;
            self.here = next;
        }
        let within = match self.here.says {
            Says::Itself(_) => target.saturating_sub(self.said_at),
            Says::Character(_) => 0,
        };
        (self.text_at + within, self.here.in_string)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Fragments;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_whole_text_says_what_its_fragments_say(text in "[\\\\\"ud0-9a-f@{}:, é]{0,60}", cut in any::<prop::sample::Index>()) {
            let mut cut = cut.index(text.len() + 1);
            while !text.is_char_boundary(cut) {
                cut -= 1;
            }
            let mut fragments = Fragments::default();
            let mut expected = fragments.push(&text[..cut]);
            expected.push_str(&fragments.push(&text[cut..]));
            expected.push_str(&fragments.finish());
            let said = said(&text);
            prop_assert_eq!(&said, &expected);

            let ends: Vec<usize> = (0..=said.len()).filter(|at| said.is_char_boundary(*at)).collect();
            let parts: Vec<Range<usize>> = ends.windows(2).step_by(2).map(|pair| pair[0]..pair[1]).collect();
            let mut read_to = 0;
            for (part, place) in parts.iter().zip(places(&text, &parts)) {
                fragments.spelling(part.start - read_to);
                let spelling = fragments.spelling(part.len());
                prop_assert_eq!(&text[place.span], &spelling.raw);
                prop_assert_eq!(place.in_string, spelling.in_string);
                read_to = part.end;
            }
        }
    }
}
