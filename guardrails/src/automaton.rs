//! One anchored automaton for the shapes of many detectors, and the walk through it from a candidate.
//!
//! Each state knows which detectors can still match from it. A walk ends as soon as none of its own can, so text is
//! held only while some continuation would make it part of a match.

use crate::bytes::ByteTable;
use crate::detector::{After, Detector};
use crate::error::Error;
use crate::rows::RowSet;
use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::util::primitives::{PatternID, StateID};
use regex_automata::util::syntax;
use regex_automata::{Anchored, MatchKind, nfa::thompson};
use std::collections::{HashMap, HashSet};

/// The most bytes one walk reads, which bounds what a channel holds: the longest e-mail address (64 + 1 + 255 bytes,
/// RFC 5321 §4.5.3.1) is the longest value; what is longer has a terminator or an overflow instead.
pub(crate) const WALK_BYTES_MAX: usize = 320;

/// Limits of an automaton in bytes, a guard against a row that explodes rather than a tuned value.
const AUTOMATON_BYTES_MAX: usize = 64 << 20;
const BUILD_BYTES_MAX: usize = 256 << 20;

/// Where in a state's info the `After` rules stand of the shapes that ended one byte ago; below are `Before` rules under which
/// a further hit is reachable.
const ENDED: u32 = 16;

/// Shapes in one automaton.
pub(crate) struct Automaton {
    dfa: dense::DFA<Vec<u32>>,
    start: StateID,
    /// For each state, as `ENDED` says.
    info: Vec<u32>,
    /// For each state, the detectors that a further hit can be of, as a place in `prospects`.
    ahead: Vec<u16>,
    prospects: Vec<RowSet>,
    shapes: Vec<Shape>,
    after: ByteTable<u32>,
    /// The bytes a value can start with.
    first: ByteTable<bool>,
}

/// What the automaton's pattern numbers mean.
#[derive(Clone, Copy)]
struct Shape {
    row: usize,
    refutes: bool,
    before: u32,
    after: u32,
}

/// A shape that matched `len` bytes from the start of a walk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    pub(crate) len: usize,
    /// Whose shape, as a place in the engine.
    pub(crate) row: usize,
    /// It shows shorter hits of the same detector to be part of something else.
    pub(crate) refutes: bool,
}

/// A walk under way: what is known about the text from a candidate's start on, of which it has read up to `at`.
#[derive(Clone, Copy)]
pub(crate) struct Walk {
    /// Which automaton of the engine.
    pub(crate) machine: usize,
    pub(crate) start: usize,
    at: usize,
    state: StateID,
    rules: u32,
}

/// Whether more text may follow.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    More,
    Last,
}

impl Automaton {
    /// Compiles the shapes of detectors, each with its place in the engine.
    pub(crate) fn new<'a>(detectors: impl IntoIterator<Item = (usize, &'a Detector)>) -> Result<Self, Error> {
        let (patterns, shapes): (Vec<_>, Vec<_>) = detectors.into_iter().flat_map(shapes_of).unzip();
        let dfa = compile(&patterns, StartKind::Anchored)?;
        let start = dfa
            .universal_start_state(Anchored::Yes)
            .ok_or(Error::LookAround)?;
        let mut automaton = Self {
            dfa,
            start,
            info: Vec::new(),
            ahead: Vec::new(),
            prospects: Vec::new(),
            shapes,
            after: ByteTable::new(After::allowing),
            first: ByteTable::new(|_| false),
        };
        automaton.learn_prospects();
        automaton.first = ByteTable::new(|byte| !automaton.prospects_after(&[byte]).is_empty());
        Ok(automaton)
    }

    /// Whether a value can start with `byte`.
    #[inline]
    pub(crate) fn starts_with(&self, byte: u8) -> bool {
        self.first.of(byte)
    }

    /// Whether a value can start with what is at `start`, as far as four bytes tell.
    pub(crate) fn may_start(&self, bytes: &[u8], start: usize) -> bool {
        let end = bytes.len().min(start + 4);
        let mut state = self.start;
        bytes.get(start..end).unwrap_or_default().iter().all(|&byte| {
            state = self.dfa.next_state(state, byte);
            self.info(state) != 0
        })
    }

    /// A walk from `start` under `rules`; it has read nothing yet.
    pub(crate) fn begin(&self, machine: usize, start: usize, rules: u32) -> Walk {
        Walk {
            machine,
            start,
            at: start,
            state: self.start,
            rules,
        }
    }

    /// Reads on through `bytes`, adding the hits of detectors in `allowed`. Returns whether the outcome is known: no further byte
    /// can change it. A walk has few hits: at most one for each shape and each byte it reads.
    pub(crate) fn walk(
        &self,
        walk: &mut Walk,
        (bytes, ending): (&[u8], Ending),
        (allowed, hits): (&RowSet, &mut Vec<Hit>),
    ) -> bool {
        let cap = walk.start.saturating_add(WALK_BYTES_MAX);
        let end = cap.min(bytes.len());
        let mut state = walk.state;
        let unread = bytes.get(walk.at..end).unwrap_or_default();
        for (&byte, at) in unread.iter().zip(walk.at..) {
            state = self.dfa.next_state(state, byte);
            let info = self.info(state);
            if (info >> ENDED) & self.after.of(byte) != 0 {
                self.record(
                    state,
                    (walk.rules, self.after.of(byte)),
                    at - walk.start,
                    (allowed, hits),
                );
            }
            if info & walk.rules == 0 {
                walk.at = at + 1;
                return true;
            }
        }
        (walk.state, walk.at) = (state, end);
        let last = walk.at == cap || ending == Ending::Last;
        if last {
            // A value that fills a walk may go on: what follows is judged by its overflow, not by `after`.
            let eoi = self.dfa.next_eoi_state(state);
            self.record(eoi, (walk.rules, u32::MAX), walk.at - walk.start, (allowed, hits));
        }
        last
    }

    /// The detectors that more text could make `walk` hit.
    pub(crate) fn prospects(&self, walk: &Walk) -> &RowSet {
        self.prospects_of(walk.state)
    }

    /// The detectors that can hit on text that starts with `prefix`.
    pub(crate) fn prospects_after(&self, prefix: &[u8]) -> RowSet {
        let state = prefix
            .iter()
            .fold(self.start, |state, byte| self.dfa.next_state(state, *byte));
        let mut rows = *self.prospects_of(state);
        rows.add(&RowSet::of(self.ended_at(state).map(|shape| shape.row)));
        rows
    }

    /// Notes the shapes that ended where `state` says, if they may end before what follows.
    fn record(
        &self,
        state: StateID,
        (rules, after): (u32, u32),
        len: usize,
        (allowed, hits): (&RowSet, &mut Vec<Hit>),
    ) {
        for shape in self.ended_at(state) {
            if shape.before & rules != 0 && shape.after & after != 0 && allowed.contains(shape.row) {
                hits.push(Hit {
                    len,
                    row: shape.row,
                    refutes: shape.refutes,
                });
            }
        }
    }

    /// The shapes that ended one byte before `state`.
    fn ended_at(&self, state: StateID) -> impl Iterator<Item = &Shape> {
        let count = if self.dfa.is_match_state(state) {
            self.dfa.match_len(state)
        } else {
            0
        };
        let pattern = move |index| self.dfa.match_pattern(state, index);
        (0..count).filter_map(move |index| self.shapes.get(PatternID::as_usize(&pattern(index))))
    }

    #[inline]
    fn info(&self, state: StateID) -> u32 {
        self.info.get(self.slot(state)).copied().unwrap_or_default()
    }

    #[inline]
    fn slot(&self, state: StateID) -> usize {
        state.as_usize() >> self.dfa.stride2()
    }

    fn prospects_of(&self, state: StateID) -> &RowSet {
        const NONE: &RowSet = &RowSet::NONE;
        let place = self.ahead.get(self.slot(state)).copied().unwrap_or_default();
        self.prospects.get(usize::from(place)).unwrap_or(NONE)
    }

    /// Computes `info`, `ahead` and `prospects`: hits where they are, carried backwards along every transition until nothing
    /// changes.
    fn learn_prospects(&mut self) {
        let states = self.reachable();
        let slots = states
            .iter()
            .map(|&state| self.slot(state))
            .max()
            .unwrap_or_default()
            + 1;
        let mut ended = vec![RowSet::default(); slots];
        let mut successors = Vec::with_capacity(states.len());
        for &state in &states {
            if let Some(rows) = ended.get_mut(self.slot(state)) {
                *rows = RowSet::of(self.ended_at(state).map(|shape| shape.row));
            }
            let mut next: Vec<usize> = self.successors(state).map(|next| self.slot(next)).collect();
            next.sort_unstable();
            next.dedup();
            successors.push(next);
        }
        let ahead = carried_back(
            &states.iter().map(|&state| self.slot(state)).collect::<Vec<_>>(),
            &successors,
            &ended,
        );
        self.info = vec![0; slots];
        self.ahead = vec![0; slots];
        let mut known = HashMap::new();
        for &state in &states {
            let slot = self.slot(state);
            let rows = ahead.get(slot).copied().unwrap_or_default();
            let after = self.ended_at(state).fold(0, |rules, shape| rules | shape.after);
            let before = self.shapes.iter().filter(|shape| rows.contains(shape.row));
            let before = before.fold(0, |rules, shape| rules | shape.before);
            if let Some(info) = self.info.get_mut(slot) {
                *info = before | (after << ENDED);
            }
            let next = known.len();
            let place = *known.entry(rows).or_insert(next);
            if place == self.prospects.len() {
                self.prospects.push(rows);
            }
            if let Some(ahead) = self.ahead.get_mut(slot) {
                *ahead = u16::try_from(place).unwrap_or(u16::MAX);
            }
        }
    }

    /// The states that can be reached from the start, nearest first.
    fn reachable(&self) -> Vec<StateID> {
        let mut seen = HashSet::from([self.start]);
        let mut states = vec![self.start];
        let mut next = 0;
        while let Some(&state) = states.get(next) {
            next += 1;
            states.extend(self.successors(state).filter(|successor| seen.insert(*successor)));
        }
        states
    }

    /// Where one more byte, or the end of the text, leads from `state`.
    fn successors(&self, state: StateID) -> impl Iterator<Item = StateID> {
        let bytes = self
            .dfa
            .byte_classes()
            .representatives(0..=255)
            .filter_map(|unit| unit.as_u8());
        bytes
            .map(move |byte| self.dfa.next_state(state, byte))
            .chain([self.dfa.next_eoi_state(state)])
    }

    /// The size in memory, in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.dfa.memory_usage() + self.info.len() * 6 + self.prospects.len() * size_of::<RowSet>()
    }
}

/// For each slot, what ended at any slot that is reachable from it. `states` and `successors` run side by side.
fn carried_back(states: &[usize], successors: &[Vec<usize>], ended: &[RowSet]) -> Vec<RowSet> {
    let mut ahead = vec![RowSet::default(); ended.len()];
    let mut settled = false;
    while !settled {
        settled = true;
        for (&state, next) in states.iter().zip(successors).rev() {
            let mut rows = ahead.get(state).copied().unwrap_or_default();
            for &next in next {
                rows.add(&ended.get(next).copied().unwrap_or_default());
                rows.add(&ahead.get(next).copied().unwrap_or_default());
            }
            if let Some(ahead) = ahead.get_mut(state).filter(|ahead| **ahead != rows) {
                *ahead = rows;
                settled = false;
            }
        }
    }
    ahead
}

impl Walk {
    /// How far it has read.
    #[cfg(test)]
    pub(crate) fn read(&self) -> usize {
        self.at
    }

    /// Accounts for `bytes` dropped from the front of the text.
    pub(crate) fn shift(&mut self, bytes: usize) {
        self.start = self.start.saturating_sub(bytes);
        self.at = self.at.saturating_sub(bytes);
    }
}

pub(crate) fn compile(patterns: &[&str], starts: StartKind) -> Result<dense::DFA<Vec<u32>>, Error> {
    compile_within(patterns, starts, (AUTOMATON_BYTES_MAX, BUILD_BYTES_MAX)).map_err(Error::Shapes)
}

/// Whether `pattern` matches the empty text; nothing if it looks around. Its automaton has `bytes_max` at most, and three times
/// that while it is made.
pub(crate) fn matches_empty(pattern: &str, bytes_max: usize) -> Result<Option<bool>, Box<dense::BuildError>> {
    let dfa = compile_within(&[pattern], StartKind::Anchored, (bytes_max, 3 * bytes_max))?;
    let start = dfa.universal_start_state(Anchored::Yes);
    Ok(start.map(|start| dfa.is_match_state(dfa.next_eoi_state(start))))
}

fn compile_within(
    patterns: &[&str],
    starts: StartKind,
    (automaton, build): (usize, usize),
) -> Result<dense::DFA<Vec<u32>>, Box<dense::BuildError>> {
    let config = dense::Config::new()
        .match_kind(MatchKind::All)
        .start_kind(starts)
        .accelerate(false)
        .dfa_size_limit(Some(automaton))
        .determinize_size_limit(Some(build));
    dense::Builder::new()
        .configure(config)
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .thompson(thompson::Config::new().utf8(false).nfa_size_limit(Some(build)))
        .build_many(patterns)
        .map_err(Box::new)
}

/// The patterns of one detector, each with what its number will mean.
fn shapes_of((row, detector): (usize, &Detector)) -> Vec<(&str, Shape)> {
    let shape = |after: After, refutes| Shape {
        row,
        refutes,
        before: detector.before as u32,
        after: after as u32,
    };
    let values = detector
        .shapes
        .iter()
        .map(|pattern| (*pattern, shape(detector.after, false)));
    let others = detector
        .refuted_by
        .iter()
        .map(|pattern| (*pattern, shape(After::Anything, true)));
    values.chain(others).collect()
}

#[cfg(test)]
mod tests;
