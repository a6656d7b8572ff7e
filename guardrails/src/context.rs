//! Telling words: what stands shortly before a value and says what it is.
//!
//! Text is searched for them only where a candidate needs to know, and no byte twice.

use crate::detector::{CONTEXT_BYTES, Detector};
use crate::rows::RowSet;
use aho_corasick::automaton::Automaton as _;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind, PatternID};
use std::collections::{BTreeMap, VecDeque};

/// The most telling words remembered at a time; the oldest are forgotten first. 64 bytes hold fewer.
const SEEN_MAX: usize = 64;

/// The telling words of an engine.
pub(crate) struct Contexts {
    automaton: Option<NFA>,
    /// For each word, the detectors it tells of.
    rows: Vec<RowSet>,
}

/// The telling words that have been seen in one text.
#[derive(Default)]
pub(crate) struct Seen {
    /// Searched up to here.
    upto: usize,
    state: Option<aho_corasick::automaton::StateID>,
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
        Self {
            automaton: automaton.ok().filter(|_| !rows.is_empty()),
            rows,
        }
    }

    /// The detectors that a word in the `CONTEXT_BYTES` before `at` tells of. Calls for one text come in the order of `at`.
    pub(crate) fn told(&self, bytes: &[u8], at: usize, seen: &mut Seen) -> RowSet {
        let mut rows = RowSet::default();
        let Some(automaton) = &self.automaton else {
            return rows;
        };
        let from = at.saturating_sub(CONTEXT_BYTES);
        self.read(automaton, bytes, (from, at), seen);
        for word in &seen.words {
            if word.start >= from && is_apart(bytes, (word.start, word.end), at) {
                rows.add(self.rows.get(word.pattern.as_usize()).unwrap_or(&RowSet::NONE));
            }
        }
        rows
    }

    /// The size in memory, in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.automaton.as_ref().map_or(0, NFA::memory_usage) + self.rows.len() * size_of::<RowSet>()
    }

    fn read(&self, automaton: &NFA, bytes: &[u8], (from, to): (usize, usize), seen: &mut Seen) {
        let start = automaton.start_state(Anchored::No).unwrap_or_default();
        let mut state = seen.state.filter(|_| seen.upto >= from).unwrap_or(start);
        let first = seen.upto.max(from);
        while seen.words.front().is_some_and(|word| word.start < from) {
            seen.words.pop_front();
        }
        for (&byte, at) in bytes.get(first..to).unwrap_or_default().iter().zip(first..) {
            state = automaton.next_state(Anchored::No, state, byte);
            if automaton.is_special(state) && automaton.is_match(state) {
                for index in 0..automaton.match_len(state) {
                    let pattern = automaton.match_pattern(state, index);
                    if seen.words.len() == SEEN_MAX {
                        seen.words.pop_front();
                    }
                    seen.words.push_back(Word {
                        start: at + 1 - automaton.pattern_len(pattern),
                        end: at + 1,
                        pattern,
                    });
                }
            }
        }
        seen.state = Some(state);
        seen.upto = to.max(seen.upto);
    }
}

impl Seen {
    /// Accounts for `bytes` dropped from the front of the text.
    pub(crate) fn shift(&mut self, bytes: usize) {
        if self.upto < bytes {
            self.state = None;
        }
        self.upto = self.upto.saturating_sub(bytes);
        self.words.retain_mut(|word| {
            let kept = word.start >= bytes;
            word.start = word.start.saturating_sub(bytes);
            word.end = word.end.saturating_sub(bytes);
            kept
        });
    }
}

/// Whether the letters at `start..end` are a word of their own, with or without a final `s`, or a part of a name such as
/// `cardNumber`. Looks at nothing after `limit`.
fn is_apart(bytes: &[u8], (start, end): (usize, usize), limit: usize) -> bool {
    let byte = |at: usize| bytes.get(at).copied().filter(|_| at <= limit);
    let letter = |at: usize| byte(at).is_some_and(|byte| byte.is_ascii_alphabetic());
    let hump = |low: usize, high: usize| {
        byte(low).is_some_and(|byte| byte.is_ascii_lowercase())
            && byte(high).is_some_and(|byte| byte.is_ascii_uppercase())
    };
    let opens = start
        .checked_sub(1)
        .is_none_or(|before| !letter(before) || hump(before, start));
    let last = end.saturating_sub(1);
    let plural = matches!(byte(end), Some(b's' | b'S')) && end < limit && !letter(end + 1);
    let ends = !letter(last) || !letter(end) || hump(last, end) || plural;
    (opens || !letter(start)) && ends
}
