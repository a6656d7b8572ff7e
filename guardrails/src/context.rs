//! Telling words: what stands shortly before a value and says what it is.
//!
//! Text is searched for them only where a candidate needs to know, no word twice, and only from where a word can start.

use crate::beginnings::Beginnings;
use crate::detector::{CONTEXT_BYTES, Detector};
use crate::rows::RowSet;
use aho_corasick::automaton::Automaton as _;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind, PatternID};
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

/// The most telling words remembered at a time; the oldest are forgotten first. 64 bytes hold fewer.
const SEEN_MAX: usize = 64;

/// The telling words of an engine.
pub(crate) struct Contexts {
    automaton: Option<NFA>,
    /// What a word can start with, in any case.
    first: Beginnings,
    /// For each word, the detectors it tells of.
    rows: Vec<RowSet>,
}

/// The telling words that have been seen in one text.
#[derive(Default)]
pub(crate) struct Seen {
    /// Searched up to here.
    upto: usize,
    /// Where the first word starts that more text can complete, or `upto`.
    open: usize,
    words: VecDeque<Word>,
}

#[derive(Clone, Copy)]
struct Word {
    start: usize,
    end: usize,
    pattern: PatternID,
}

impl Contexts {
    /// The words of detectors, each with its place in the engine. Words that do not compile tell nothing; none can fail to.
    pub(crate) fn new<'a>(detectors: impl IntoIterator<Item = (usize, &'a Detector)>) -> Self {
        let mut words: BTreeMap<&str, RowSet> = BTreeMap::new();
        for (row, detector) in detectors {
            for word in detector.telling {
                words.entry(word).or_default().add(&RowSet::of([row]));
            }
        }
        let (patterns, rows): (Vec<_>, Vec<_>) = words.into_iter().unzip();
        let automaton = aho_corasick::nfa::contiguous::Builder::new()
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .prefilter(false)
            .build(&patterns);
        let mut first = Beginnings::default();
        for word in &patterns {
            begin_with(&mut first, word);
        }
        Self {
            first,
            automaton: automaton.ok().filter(|_| !rows.is_empty()),
            rows,
        }
    }

    /// The detectors that a word in the `CONTEXT_BYTES` before `at` tells of. Calls for one text come in the order of `at`.
    pub(crate) fn rows_before(&self, bytes: &[u8], at: usize, seen: &mut Seen) -> RowSet {
        let mut rows = RowSet::default();
        let Some(automaton) = &self.automaton else {
            return rows;
        };
        let from = at.saturating_sub(CONTEXT_BYTES);
        self.read(automaton, bytes, from..at, seen);
        for word in &seen.words {
            if word.start >= from && closes(bytes, word.end, at) {
                rows.add(self.rows.get(word.pattern.as_usize()).unwrap_or(&RowSet::NONE));
            }
        }
        rows
    }

    /// The size in memory, in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.automaton.as_ref().map_or(0, NFA::memory_usage)
            + self.rows.len() * size_of::<RowSet>()
            + self.first.memory()
    }

    fn read(&self, automaton: &NFA, bytes: &[u8], stretch: Range<usize>, seen: &mut Seen) {
        let Range { start: from, end: to } = stretch;
        while seen.words.front().is_some_and(|word| word.start < from) {
            seen.words.pop_front();
        }
        let mut open = to;
        for start in seen.open.max(from)..to {
            let first = bytes.get(start..to).and_then(<[u8]>::first_chunk);
            let begins = first.is_none_or(|first| self.first.may_hold(*first));
            if begins && opens(bytes, start) && !read_word(automaton, bytes, start..to, seen) {
                open = open.min(start);
            }
        }
        seen.open = open;
        seen.upto = to.max(seen.upto);
    }
}

/// Notes what `word`, in lower case, can start with in a text.
fn begin_with(beginnings: &mut Beginnings, word: &str) {
    let either = |byte: Option<&u8>| match byte {
        Some(byte) => vec![*byte, byte.to_ascii_uppercase()],
        None => (0..=u8::MAX).collect(),
    };
    let mut bytes = word.bytes().collect::<Vec<_>>();
    bytes.truncate(3);
    for first in either(bytes.first()) {
        for second in either(bytes.get(1)) {
            for third in either(bytes.get(2)) {
                beginnings.insert([first, second, third]);
            }
        }
    }
}

/// Notes the telling words that start where `stretch` does and end in it. Returns whether no more text can make one.
fn read_word(automaton: &NFA, bytes: &[u8], stretch: Range<usize>, seen: &mut Seen) -> bool {
    let start = stretch.start;
    let Ok(mut state) = automaton.start_state(Anchored::Yes) else {
        return true;
    };
    for (&byte, end) in bytes.get(stretch).unwrap_or_default().iter().zip(start + 1..) {
        state = automaton.next_state(Anchored::Yes, state, byte);
        if automaton.is_dead(state) {
            return true;
        }
        // A state also has the words that end in it and start later; they are noted from their own start.
        let matches = if automaton.is_match(state) && end > seen.upto {
            automaton.match_len(state)
        } else {
            0
        };
        for pattern in (0..matches).map(|index| automaton.match_pattern(state, index)) {
            if automaton.pattern_len(pattern) == end - start {
                if seen.words.len() == SEEN_MAX {
                    seen.words.pop_front();
                }
                seen.words.push_back(Word { start, end, pattern });
            }
        }
    }
    false
}

impl Seen {
    /// Accounts for `bytes` dropped from the front of the text.
    pub(crate) fn shift(&mut self, bytes: usize) {
        self.upto = self.upto.saturating_sub(bytes);
        self.open = self.open.saturating_sub(bytes);
        self.words.retain_mut(|word| {
            let kept = word.start >= bytes;
            word.start = word.start.saturating_sub(bytes);
            word.end = word.end.saturating_sub(bytes);
            kept
        });
    }
}

/// Whether a word of its own can start at `start`: behind no letter, as a hump of a name, or in a script that has no blanks.
fn opens(bytes: &[u8], start: usize) -> bool {
    let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
    let before = start.checked_sub(1);
    before.is_none_or(|before| !letter(before) || is_hump(bytes, before)) || !letter(start)
}

/// Whether a name such as `cardNumber` has a hump between the byte at `at` and the next.
fn is_hump(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(u8::is_ascii_lowercase) && bytes.get(at + 1).is_some_and(u8::is_ascii_uppercase)
}

/// Whether a word that ends at `end` is whole there, with or without a final `s`. Looks at nothing after `limit`.
fn closes(bytes: &[u8], end: usize, limit: usize) -> bool {
    let bytes = bytes.get(..=limit).unwrap_or(bytes);
    let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
    let last = end.saturating_sub(1);
    let plural = matches!(bytes.get(end), Some(b's' | b'S')) && end < limit && !letter(end + 1);
    !letter(last) || !letter(end) || is_hump(bytes, last) || plural
}
