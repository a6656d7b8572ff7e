//! Lists of words, found whole and in any case: one trie for all lists.
//!
//! Text is folded a character at a time as it is read, so a list costs nothing but the trie.

use crate::automaton::{Ending, Hit};
use crate::error::Error;
use aho_corasick::automaton::{Automaton as _, StateID};
use aho_corasick::nfa::contiguous::{Builder, NFA};
use aho_corasick::{Anchored, MatchKind};

/// The words of the lists of an engine.
pub(crate) struct Words {
    trie: NFA,
    /// For each word, whose list it is of, as a place in the engine.
    rows: Vec<usize>,
    /// The first bytes that a word can have in a text, two at a time: 256 bits for each first byte.
    pairs: Vec<u64>,
}

/// A walk under way, from a candidate's start on.
#[derive(Clone, Copy)]
pub(crate) struct WordWalk {
    start: usize,
    at: usize,
    state: StateID,
    /// Bytes of folded text read.
    folded: usize,
}

impl Words {
    /// A trie of words, each with the place in the engine of the list it is of.
    pub(crate) fn new<'a>(words: impl IntoIterator<Item = (usize, &'a str)>) -> Result<Self, Error> {
        let mut pairs = vec![0; 1024];
        let (rows, folded): (Vec<_>, Vec<_>) = words
            .into_iter()
            .map(|(row, word)| {
                (
                    row,
                    word.trim()
                        .chars()
                        .flat_map(char::to_lowercase)
                        .collect::<String>(),
                )
            })
            .unzip();
        for word in &folded {
            for (first, second) in starts_of(word) {
                if let Some(bits) = pairs.get_mut(usize::from(first) * 4 + usize::from(second / 64)) {
                    *bits |= 1 << (second % 64);
                }
            }
        }
        let trie = Builder::new()
            .match_kind(MatchKind::Standard)
            .prefilter(false)
            .build(&folded);
        Ok(Self {
            trie: trie.map_err(|_| Error::Words)?,
            rows,
            pairs,
        })
    }

    /// Whether a word can start with `first` and `second`, or with `first` at the end of a text.
    pub(crate) fn may_start(&self, first: u8, second: Option<u8>) -> bool {
        let row = usize::from(first) * 4;
        match second {
            Some(second) => {
                let bits = self
                    .pairs
                    .get(row + usize::from(second / 64))
                    .copied()
                    .unwrap_or_default();
                (bits >> (second % 64)) & 1 != 0
            }
            None => self
                .pairs
                .get(row..row + 4)
                .is_some_and(|bits| bits.iter().any(|bits| *bits != 0)),
        }
    }

    /// A walk from `start`, if no letter or digit stands before it.
    pub(crate) fn begin(&self, text: &str, start: usize) -> Option<WordWalk> {
        let before = text.get(..start)?.chars().next_back();
        let state = self.trie.start_state(Anchored::Yes).ok()?;
        (!before.is_some_and(is_word)).then_some(WordWalk {
            start,
            at: start,
            state,
            folded: 0,
        })
    }

    /// Reads on, adding to `hits`. Returns whether the outcome is known.
    pub(crate) fn walk(&self, walk: &mut WordWalk, text: &str, ending: Ending, hits: &mut Vec<Hit>) -> bool {
        for character in text.get(walk.at..).unwrap_or_default().chars() {
            if !is_word(character) {
                self.record(walk, hits);
            }
            for folded in character.to_lowercase() {
                for byte in folded.encode_utf8(&mut [0; 4]).bytes() {
                    walk.state = self.trie.next_state(Anchored::Yes, walk.state, byte);
                    walk.folded += 1;
                }
            }
            walk.at += character.len_utf8();
            if self.trie.is_dead(walk.state) {
                return true;
            }
        }
        if ending == Ending::Last {
            self.record(walk, hits);
        }
        ending == Ending::Last
    }

    /// The size in memory, in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.trie.memory_usage() + self.rows.len() * size_of::<usize>()
    }

    /// Notes the words that end where the walk is.
    fn record(&self, walk: &WordWalk, hits: &mut Vec<Hit>) {
        if !self.trie.is_match(walk.state) {
            return;
        }
        // A state also knows the words that end with it and start later.
        let whole = (0..self.trie.match_len(walk.state))
            .map(|index| self.trie.match_pattern(walk.state, index))
            .filter(|word| self.trie.pattern_len(*word) == walk.folded);
        for word in whole {
            hits.push(Hit {
                len: walk.at - walk.start,
                row: self.rows.get(word.as_usize()).copied().unwrap_or_default(),
                refutes: false,
            });
        }
    }
}

impl WordWalk {
    /// Accounts for `bytes` dropped from the front of the text.
    pub(crate) fn shift(&mut self, bytes: usize) {
        self.start = self.start.saturating_sub(bytes);
        self.at = self.at.saturating_sub(bytes);
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The first two bytes that a folded word can have in a text.
fn starts_of(word: &str) -> Vec<(u8, u8)> {
    let mut characters = word.chars();
    let firsts = characters.next().map_or_else(Vec::new, spellings);
    let seconds: Vec<u8> = match characters.next() {
        Some(second) => spellings(second)
            .iter()
            .filter_map(|bytes| bytes.first().copied())
            .collect(),
        None => (0..=u8::MAX).collect(),
    };
    let pairs = firsts.iter().flat_map(|first| match first.as_slice() {
        [first] => seconds.iter().map(|second| (*first, *second)).collect(),
        [first, second, ..] => vec![(*first, *second)],
        [] => Vec::new(),
    });
    pairs.collect()
}

/// The ways to write a folded character, in UTF-8.
fn spellings(character: char) -> Vec<Vec<u8>> {
    let upper: String = character.to_uppercase().collect();
    vec![String::from(character).into_bytes(), upper.into_bytes()]
}
