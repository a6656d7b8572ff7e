//! One anchored automaton for the shapes of many detectors, and the walk through it from a candidate.
//!
//! Each state knows which detectors can still match from it. A walk ends as soon as none of its own can, so text is
//! held only while some continuation would make it part of a match.

use crate::bytes::ByteTable;
use crate::detector::{After, Detector};
use crate::error::Error;
use crate::rows::RowSet;
use std::collections::HashMap;
use table::{START, State, Table};

mod compile;
mod table;

pub(crate) use compile::{compile, matches_empty, starts_with_letter};

/// How many bytes are looked at before a walk is begun: enough to tell most words from a prefix.
const LOOK_BYTES: usize = 8;

/// How many hits are let pile up before those are dropped that a longer one of their row refutes.
const HITS_KEPT: usize = 8;

/// Where in a state's info the `After` rules stand of the shapes that ended one byte ago; below are `Before` rules under which
/// a further hit is reachable.
const ENDED: u32 = 16;

/// Shapes in one automaton.
pub(crate) struct Automaton {
    table: Table,
    /// For each state, as `ENDED` says.
    info: Vec<u32>,
    /// For each state, the detectors that a further hit can be of, as a place in `prospects`.
    ahead: Vec<u16>,
    prospects: Vec<RowSet>,
    /// For each pattern, whose shape it is: rows may share one.
    shapes: Vec<Vec<Shape>>,
    /// Whose shapes these are.
    rows: RowSet,
    /// The most bytes that a walk reads.
    reach: usize,
    after: ByteTable<u32>,
    /// For each byte, the `Before` rules under which a value can start with it.
    first: ByteTable<u32>,
}

/// What a pattern of the automaton means for a row.
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

/// What walks have noted of one candidate.
pub(crate) struct Hits<'a> {
    /// The detectors whose hits count.
    pub(crate) allowed: &'a RowSet,
    pub(crate) noted: &'a mut Vec<Hit>,
}

/// A walk under way: what is known about the text from a candidate's start on, of which it has read up to `at`.
#[derive(Clone, Copy)]
pub(crate) struct Walk {
    /// Which automaton of the engine.
    pub(crate) machine: usize,
    pub(crate) start: usize,
    at: usize,
    state: State,
    rules: u32,
}

/// A text as far as it has come.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) ending: Ending,
}

/// Whether more text may follow.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    More,
    Last,
}

/// Where shapes ended: the state one byte later, the `After` rules that what follows allows, and how long the value is.
struct Ended {
    state: State,
    after: u32,
    len: usize,
}

impl Automaton {
    /// Compiles the shapes of detectors, each with its place in the engine.
    pub(crate) fn new<'a>(detectors: impl IntoIterator<Item = (usize, &'a Detector)>) -> Result<Self, Error> {
        let detectors: Vec<_> = detectors.into_iter().collect();
        let reach = detectors.iter().map(|(_, detector)| detector.reach()).max();
        let mut patterns: Vec<&str> = Vec::new();
        let mut shapes: Vec<Vec<Shape>> = Vec::new();
        let mut known = HashMap::new();
        for (pattern, shape) in detectors.into_iter().flat_map(shapes_of) {
            let place = *known.entry(pattern).or_insert(patterns.len());
            match shapes.get_mut(place) {
                Some(shared) => shared.push(shape),
                None => {
                    patterns.push(pattern);
                    shapes.push(vec![shape]);
                }
            }
        }
        let mut automaton = Self {
            table: Table::new(&patterns)?,
            info: Vec::new(),
            ahead: Vec::new(),
            prospects: Vec::new(),
            rows: RowSet::of(shapes.iter().flatten().map(|shape| shape.row)),
            shapes,
            reach: reach.unwrap_or_default(),
            after: ByteTable::new(After::allowing),
            first: ByteTable::new(|_| 0),
        };
        automaton.learn_prospects();
        automaton.first = ByteTable::new(|byte| automaton.rules_of(&automaton.prospects_after(byte)));
        Ok(automaton)
    }

    /// Whether a value can start with `byte` under `rules`.
    #[inline]
    pub(crate) fn starts_with(&self, byte: u8, rules: u32) -> bool {
        self.first.of(byte) & rules != 0
    }

    /// The detectors whose shapes these are.
    pub(crate) fn rows(&self) -> &RowSet {
        &self.rows
    }

    /// The `Before` rules of `rows`.
    fn rules_of(&self, rows: &RowSet) -> u32 {
        let shapes = self
            .shapes
            .iter()
            .flatten()
            .filter(|shape| rows.contains(shape.row));
        shapes.fold(0, |rules, shape| rules | shape.before)
    }

    /// Whether a value can start with what is at `start`, as far as a few bytes tell.
    pub(crate) fn may_start(&self, bytes: &[u8], start: usize) -> bool {
        let mut state = START;
        for &byte in bytes.iter().skip(start).take(LOOK_BYTES) {
            state = self.table.step(state, byte);
            match self.info(state) {
                0 => return false,
                info if info >> ENDED != 0 => return true,
                _ => {}
            }
        }
        true
    }

    /// Hands every three bytes to `sink` that a value can start with whose first is `first`; where one is shorter, with whatever
    /// may follow.
    pub(crate) fn beginnings(&self, first: u8, sink: &mut dyn FnMut([u8; 3])) {
        let bytes = || 0..=u8::MAX;
        let alive = |state: &State| self.info(*state) != 0;
        let state = Some(self.table.step(START, first)).filter(alive);
        for (state, second) in state
            .into_iter()
            .flat_map(|state| bytes().map(move |byte| (state, byte)))
        {
            let state = self.table.step(state, second);
            let ended = self.info(state) >> ENDED != 0;
            let thirds =
                bytes().filter(|third| ended || alive(&state) && alive(&self.table.step(state, *third)));
            thirds.for_each(|third| sink([first, second, third]));
        }
    }

    /// A walk from `start` under `rules`; it has read nothing yet.
    pub(crate) fn begin(&self, machine: usize, start: usize, rules: u32) -> Walk {
        Walk {
            machine,
            start,
            at: start,
            state: START,
            rules,
        }
    }

    /// Reads on through `text`, noting hits. Returns whether the outcome is known: no further byte can change it. A walk has few
    /// hits: at most one for each shape and each byte it reads.
    pub(crate) fn walk(&self, walk: &mut Walk, text: Text<'_>, hits: &mut Hits<'_>) -> bool {
        let cap = walk.start.saturating_add(self.reach);
        let end = cap.min(text.bytes.len());
        loop {
            let unread = text.bytes.get(walk.at..end).unwrap_or_default();
            let (state, read) = self.skim(walk.state, unread, walk.rules);
            (walk.state, walk.at) = (state, walk.at + read);
            let Some(&byte) = unread.get(read.wrapping_sub(1)) else {
                break;
            };
            let (info, after) = (self.info(state), self.after.of(byte));
            if (info >> ENDED) & after != 0 {
                let len = walk.at - 1 - walk.start;
                self.record(walk.rules, &Ended { state, after, len }, hits);
            }
            if info & walk.rules == 0 {
                return true;
            }
        }
        let last = walk.at == cap || text.ending == Ending::Last;
        if last {
            // A value that fills a walk may go on: what follows is judged by its overflow, not by `after`.
            let ended = Ended {
                state: self.table.end_of_text(walk.state),
                after: u32::MAX,
                len: walk.at - walk.start,
            };
            self.record(walk.rules, &ended, hits);
        }
        last
    }

    /// Reads up to the first byte that ends a shape, or all of them. Apart from `walk`, so that its loop stays in registers.
    #[inline(never)]
    fn skim(&self, state: State, bytes: &[u8], rules: u32) -> (State, usize) {
        let stop = |info: u32, byte| (info >> ENDED) & self.after.of(byte) != 0 || info & rules == 0;
        self.table.read(state, bytes, &self.info, stop)
    }

    /// The detectors that more text could make `walk` hit.
    pub(crate) fn prospects(&self, walk: &Walk) -> &RowSet {
        self.prospects_of(walk.state)
    }

    /// The detectors that can hit on text that starts with `first`.
    pub(crate) fn prospects_after(&self, first: u8) -> RowSet {
        let state = self.table.step(START, first);
        let mut rows = *self.prospects_of(state);
        rows.add(&RowSet::of(self.ended_at(state).map(|shape| shape.row)));
        rows
    }

    /// Notes the shapes that `ended`, of those that `rules` let start where the walk did.
    fn record(&self, rules: u32, ended: &Ended, hits: &mut Hits<'_>) {
        for shape in self.ended_at(ended.state) {
            let allowed = shape.before & rules != 0 && shape.after & ended.after != 0;
            if allowed && hits.allowed.contains(shape.row) {
                let noted = &mut *hits.noted;
                if shape.refutes && noted.len() >= HITS_KEPT {
                    noted.retain(|hit| hit.row != shape.row || (hit.len == ended.len && !hit.refutes));
                }
                noted.push(Hit {
                    len: ended.len,
                    row: shape.row,
                    refutes: shape.refutes,
                });
            }
        }
    }

    /// The shapes that ended one byte before `state`.
    fn ended_at(&self, state: State) -> impl Iterator<Item = &Shape> {
        let patterns = self.table.ended(state).iter();
        patterns
            .filter_map(|pattern| self.shapes.get(usize::from(*pattern)))
            .flatten()
    }

    #[inline]
    fn info(&self, state: State) -> u32 {
        self.info.get(usize::from(state)).copied().unwrap_or_default()
    }

    fn prospects_of(&self, state: State) -> &RowSet {
        const NONE: &RowSet = &RowSet::NONE;
        let place = self.ahead.get(usize::from(state)).copied().unwrap_or_default();
        self.prospects.get(usize::from(place)).unwrap_or(NONE)
    }

    /// Computes `info`, `ahead` and `prospects`.
    fn learn_prospects(&mut self) {
        let mut known = HashMap::new();
        for (state, rows) in self.table.states().zip(self.carried_back()) {
            let after = self.ended_at(state).fold(0, |rules, shape| rules | shape.after);
            let next = known.len();
            let place = *known.entry(rows).or_insert(next);
            if place == self.prospects.len() {
                self.prospects.push(rows);
            }
            self.info.push(self.rules_of(&rows) | (after << ENDED));
            self.ahead.push(u16::try_from(place).unwrap_or(u16::MAX));
        }
    }

    /// For each state, the rows of what ended at any state that is reachable from it: hits where they are, carried backwards
    /// along every transition until nothing changes.
    fn carried_back(&self) -> Vec<RowSet> {
        let rows_ended = |state| RowSet::of(self.ended_at(state).map(|shape| shape.row));
        let ended: Vec<_> = self.table.states().map(rows_ended).collect();
        let successors: Vec<Vec<State>> = self
            .table
            .states()
            .map(|state| self.distinct_successors(state))
            .collect();
        let mut ahead = vec![RowSet::default(); ended.len()];
        let mut settled = false;
        while !settled {
            settled = true;
            for (state, next) in successors.iter().enumerate().rev() {
                let mut rows = ahead.get(state).copied().unwrap_or_default();
                for &next in next {
                    rows.add(ended.get(usize::from(next)).unwrap_or(&RowSet::NONE));
                    rows.add(ahead.get(usize::from(next)).unwrap_or(&RowSet::NONE));
                }
                if let Some(ahead) = ahead.get_mut(state).filter(|ahead| **ahead != rows) {
                    *ahead = rows;
                    settled = false;
                }
            }
        }
        ahead
    }

    fn distinct_successors(&self, state: State) -> Vec<State> {
        let mut next = self.table.successors(state).to_vec();
        next.sort_unstable();
        next.dedup();
        next
    }

    /// The size in memory, in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.table.memory() + self.info.len() * 6 + self.prospects.len() * size_of::<RowSet>()
    }
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
