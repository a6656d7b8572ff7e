//! One anchored automaton for every shape of every enabled detector, and the walk through it from a candidate.
//!
//! Each state knows which start rules can still lead to a match from it. A walk ends as soon as none of its own
//! can, so text is held only while some continuation would make it part of a match.

use crate::detectors::{After, Detector};
use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::util::primitives::{PatternID, StateID};
use regex_automata::util::syntax;
use regex_automata::{Anchored, MatchKind, nfa::thompson};

/// The most bytes one walk reads, which bounds what a channel holds: the longest e-mail address (64 + 1 + 255 bytes,
/// RFC 5321 §4.5.3.1) is the longest value; what is longer has a terminator instead.
pub(crate) const WALK_BYTES_MAX: usize = 320;

/// The most hits kept of one walk; the shortest are forgotten first. More than this needs a value with as many
/// plausible ends, such as a domain of thirty short labels.
const HITS_MAX: usize = 32;

/// Limits of the automaton in bytes, a guard against a table row that explodes rather than a tuned value.
const AUTOMATON_BYTES_MAX: usize = 64 << 20;
const BUILD_BYTES_MAX: usize = 256 << 20;

/// The bit of a state's info that says a shape ended one byte ago; the others are `Before` rules.
const HIT: u32 = 1 << 31;

/// Why an engine cannot be built: always a fault of the detector table, never of a text.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The enabled shapes do not compile, or compile to more than the size limit.
    #[error("the detectors do not compile")]
    Shapes(#[source] Box<dense::BuildError>),
    /// A shape looks at what is around it, which would make its outcome depend on where a scan began.
    #[error("a detector's shape uses look-around")]
    LookAround,
}

/// A value for each byte.
pub(crate) struct ByteTable<T>([T; 256]);

/// All shapes in one automaton.
pub(crate) struct Automaton {
    dfa: dense::DFA<Vec<u32>>,
    start: StateID,
    /// For each state: `HIT`, and the `Before` rules under which a further hit is reachable.
    info: Vec<u32>,
    shapes: Vec<Shape>,
    after: ByteTable<u32>,
}

/// What the automaton's pattern numbers mean.
pub(crate) struct Shape {
    /// Index among the enabled detectors.
    pub(crate) detector: usize,
    /// Whether a hit refutes shorter ones of the same detector.
    pub(crate) refutes: bool,
    before: u32,
    after: u32,
}

/// Finds the first end of an open-ended value.
pub(crate) struct Terminator {
    dfa: dense::DFA<Vec<u32>>,
    start: StateID,
}

/// A shape that matched `len` bytes from the start of the walk.
#[derive(Clone, Copy)]
pub(crate) struct Hit {
    pub(crate) len: usize,
    shape: PatternID,
}

/// A walk under way: what is known about the text from `start` on, of which it has read up to `at`.
pub(crate) struct Walk {
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

impl<T: Copy + Default> ByteTable<T> {
    pub(crate) fn new(value: impl Fn(u8) -> T) -> Self {
        let mut byte = 0u8;
        Self([(); 256].map(|()| {
            let current = value(byte);
            byte = byte.wrapping_add(1);
            current
        }))
    }

    pub(crate) fn of(&self, byte: u8) -> T {
        self.0.get(usize::from(byte)).copied().unwrap_or_default()
    }
}

impl Automaton {
    /// Compiles the shapes of `detectors`.
    pub(crate) fn new(detectors: &[&'static Detector]) -> Result<Self, Error> {
        let (patterns, shapes): (Vec<_>, Vec<_>) = detectors.iter().enumerate().flat_map(shapes_of).unzip();
        let dfa = compile(&patterns, StartKind::Anchored)?;
        let start = dfa
            .universal_start_state(Anchored::Yes)
            .ok_or(Error::LookAround)?;
        let mut automaton = Self {
            dfa,
            start,
            info: Vec::new(),
            shapes,
            after: ByteTable::new(After::allowing),
        };
        automaton.info = automaton.prospects();
        Ok(automaton)
    }

    /// The rules under which a value can start with `byte`.
    pub(crate) fn rules_starting_with(&self, byte: u8) -> u32 {
        self.info(self.dfa.next_state(self.start, byte)) & !HIT
    }

    /// A walk from `start` under `rules`; it has read nothing yet.
    pub(crate) fn begin(&self, start: usize, rules: u32) -> Walk {
        Walk {
            start,
            at: start,
            state: self.start,
            rules,
        }
    }

    /// Reads on through `bytes`, adding to `hits`. Returns whether the outcome is known: no further byte can change it.
    pub(crate) fn walk(&self, walk: &mut Walk, bytes: &[u8], ending: Ending, hits: &mut Vec<Hit>) -> bool {
        let cap = walk.start.saturating_add(WALK_BYTES_MAX);
        let mut state = walk.state;
        for (&byte, at) in bytes
            .get(walk.at..cap.min(bytes.len()))
            .unwrap_or_default()
            .iter()
            .zip(walk.at..)
        {
            state = self.dfa.next_state(state, byte);
            let info = self.info(state);
            if info & HIT != 0 {
                self.record(state, walk.rules, self.after.of(byte), at - walk.start, hits);
            }
            if info & walk.rules == 0 {
                walk.at = at + 1;
                return true;
            }
        }
        walk.state = state;
        walk.at = cap.min(bytes.len());
        if walk.at == cap {
            return true;
        }
        if ending == Ending::Last {
            let last = self.dfa.next_eoi_state(state);
            if self.dfa.is_match_state(last) {
                self.record(last, walk.rules, u32::MAX, walk.at - walk.start, hits);
            }
        }
        ending == Ending::Last
    }

    /// What the shape of `hit` belongs to.
    pub(crate) fn shape(&self, hit: &Hit) -> Option<&Shape> {
        self.shapes.get(hit.shape.as_usize())
    }

    /// Notes the shapes that ended where `state` says, if they may end before what follows.
    fn record(&self, state: StateID, rules: u32, after: u32, len: usize, hits: &mut Vec<Hit>) {
        for index in 0..self.dfa.match_len(state) {
            let shape = self.dfa.match_pattern(state, index);
            let known = self.shapes.get(shape.as_usize());
            if known.is_some_and(|known| known.before & rules != 0 && known.after & after != 0) {
                if hits.len() == HITS_MAX {
                    hits.remove(0);
                }
                hits.push(Hit { len, shape });
            }
        }
    }

    fn info(&self, state: StateID) -> u32 {
        self.info
            .get(state.as_usize() >> self.dfa.stride2())
            .copied()
            .unwrap_or_default()
    }

    /// Computes `info`: hits where they are, and prospects carried backwards along every transition until nothing changes.
    fn prospects(&self) -> Vec<u32> {
        let slot = |state: StateID| state.as_usize() >> self.dfa.stride2();
        let states = self.reachable();
        let slots = states.iter().map(|&state| slot(state)).max().unwrap_or_default() + 1;
        let mut info = vec![0; slots];
        for &state in &states {
            if let Some(info) = info.get_mut(slot(state)) {
                *info = if self.rules_ending_at(state) == 0 { 0 } else { HIT };
            }
        }
        let mut settled = false;
        while !settled {
            settled = true;
            for &state in states.iter().rev() {
                let ahead = self.successors(state).fold(0, |rules, next| {
                    rules
                        | self.rules_ending_at(next)
                        | info.get(slot(next)).copied().unwrap_or_default() & !HIT
                });
                if let Some(info) = info.get_mut(slot(state)).filter(|info| **info | ahead != **info) {
                    *info |= ahead;
                    settled = false;
                }
            }
        }
        info
    }

    /// The states that can be reached from the start, nearest first.
    fn reachable(&self) -> Vec<StateID> {
        let mut seen = std::collections::HashSet::from([self.start]);
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

    /// The rules of the shapes that a visit to `state` reports.
    fn rules_ending_at(&self, state: StateID) -> u32 {
        if !self.dfa.is_match_state(state) {
            return 0;
        }
        let shapes = (0..self.dfa.match_len(state)).map(|index| self.dfa.match_pattern(state, index));
        shapes
            .filter_map(|shape| self.shapes.get(shape.as_usize()))
            .fold(0, |rules, shape| rules | shape.before)
    }
}

impl Terminator {
    /// Compiles the shape of an end.
    pub(crate) fn new(pattern: &str) -> Result<Self, Error> {
        let dfa = compile(&[pattern], StartKind::Unanchored)?;
        let start = dfa.universal_start_state(Anchored::No).ok_or(Error::LookAround)?;
        Ok(Self { dfa, start })
    }

    /// The state before any text.
    pub(crate) fn start(&self) -> StateID {
        self.start
    }

    /// Reads one byte. Returns whether the end came just before it.
    pub(crate) fn step(&self, state: &mut StateID, byte: u8) -> bool {
        *state = self.dfa.next_state(*state, byte);
        self.dfa.is_match_state(*state)
    }
}

impl Hit {
    /// The order in which hits are tried: longest first, then by row of the table.
    pub(crate) fn preference(&self) -> (std::cmp::Reverse<usize>, PatternID) {
        (std::cmp::Reverse(self.len), self.shape)
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

fn compile(patterns: &[&str], starts: StartKind) -> Result<dense::DFA<Vec<u32>>, Error> {
    let config = dense::Config::new()
        .match_kind(MatchKind::All)
        .start_kind(starts)
        .accelerate(false)
        .dfa_size_limit(Some(AUTOMATON_BYTES_MAX))
        .determinize_size_limit(Some(BUILD_BYTES_MAX));
    dense::Builder::new()
        .configure(config)
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .thompson(thompson::Config::new().utf8(false))
        .build_many(patterns)
        .map_err(|fault| Error::Shapes(Box::new(fault)))
}

/// The patterns of one detector, each with what its number will mean.
fn shapes_of((index, detector): (usize, &&'static Detector)) -> Vec<(&'static str, Shape)> {
    let before = detector.before as u32;
    let shape = |after: After, refutes| Shape {
        detector: index,
        refutes,
        before,
        after: after as u32,
    };
    let values = detector
        .shapes
        .iter()
        .map(|pattern| (*pattern, shape(detector.after, false)));
    values
        .chain(
            detector
                .refuted_by
                .iter()
                .map(|pattern| (*pattern, shape(After::Anything, true))),
        )
        .collect()
}

#[cfg(test)]
mod tests;
