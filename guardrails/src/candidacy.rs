//! One candidate: the walks that read on from it, what they hit, and what comes of that.
//!
//! ```text
//!   begin ──► walks over? ──► best: the longest hit that is sure, valid and not refuted
//!               │    ▲
//!               ▼    │ more text
//!             resume ┘
//! ```

use crate::automaton::{Automaton, Ending, Hit, Hits, Text, Walk};
use crate::context::Seen;
use crate::detector::{Before, Detector, LOOK_BEHIND};
use crate::engine::{ASSIGNED, Engine, MAILBOXES, TOLD};
use crate::finding::Confidence;
use crate::gate::Candidate;
use crate::place::SearchPlace;
use crate::rows::RowSet;
use crate::table::Tables;
use crate::words::WordWalk;
use std::cmp::Reverse;
use std::ops::Range;

/// A candidate under way, or the last one.
#[derive(Default)]
pub(crate) struct Candidacy {
    pub(crate) start: usize,
    /// The walks that are not over; while there are some, the candidate is undecided.
    pub(crate) walks: Vec<Walk>,
    word: Option<WordWalk>,
    hits: Vec<Hit>,
    /// A value may be assigned here.
    assigned: bool,
    /// The detectors that a word before the candidate or the header over it tells of, once somebody needed to know.
    pub(crate) in_context: Option<RowSet>,
    #[cfg(test)]
    pub(crate) walked: usize,
}

/// What a candidate is read in.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) text: &'a str,
    pub(crate) ending: Ending,
    pub(crate) place: &'a SearchPlace,
}

/// What is remembered of a text: telling words, and tables.
#[derive(Default)]
pub(crate) struct Background {
    pub(crate) seen: Seen,
    pub(crate) tables: Tables,
}

/// What a candidate turned out to be.
pub(crate) struct Recognised {
    pub(crate) row: usize,
    pub(crate) detector: &'static Detector,
    pub(crate) confidence: Confidence,
    pub(crate) end: usize,
}

impl Candidacy {
    pub(crate) fn is_over(&self) -> bool {
        self.walks.is_empty() && self.word.is_none()
    }

    /// Gives up what more text could bring.
    pub(crate) fn close(&mut self) {
        self.walks.clear();
        self.word = None;
    }

    /// Accounts for `bytes` dropped from the front of the text.
    pub(crate) fn shift(&mut self, bytes: usize) {
        self.start = self.start.saturating_sub(bytes);
        self.walks.iter_mut().for_each(|walk| walk.shift(bytes));
        self.word.iter_mut().for_each(|walk| walk.shift(bytes));
    }

    /// Reads from a candidate on.
    pub(crate) fn begin(
        &mut self,
        candidate: &Candidate,
        within: Surroundings<'_>,
        background: &mut Background,
    ) {
        let text = within.text();
        let engine = within.engine;
        self.start = candidate.start;
        self.assigned = candidate.assigned;
        self.in_context = None;
        self.hits.clear();
        let words = engine.words.as_ref();
        self.word = words.and_then(|words| words.begin(within.text, candidate.start));
        self.read_word(within);
        let first = text.bytes.get(candidate.start).copied().unwrap_or_default();
        let general = engine.gate.rules_at(text.bytes, candidate.start);
        for (machine, automaton) in engine.machines.iter().enumerate() {
            let rules = match machine {
                MAILBOXES => u32::from(candidate.mailbox) * Before::Mailbox as u32,
                ASSIGNED => u32::from(candidate.assigned) * Before::Assigned as u32,
                _ => general,
            };
            if !automaton.starts_with(first, rules) {
                continue;
            }
            if machine == TOLD && !self.is_told(automaton, within, background) {
                continue;
            }
            let mut walk = automaton.begin(machine, candidate.start, rules);
            let mut hits = Hits {
                allowed: allowed(machine, within.place, &self.in_context),
                noted: &mut self.hits,
            };
            if !automaton.walk(&mut walk, text, &mut hits) {
                self.walks.push(walk);
            }
            #[cfg(test)]
            {
                self.walked += walk.read() - candidate.start;
            }
        }
    }

    /// Whether something tells of a value that `automaton` may find here.
    fn is_told(
        &mut self,
        automaton: &Automaton,
        within: Surroundings<'_>,
        background: &mut Background,
    ) -> bool {
        automaton.may_start(within.text.as_bytes(), self.start)
            && self.in_context(within, background).meets(automaton.rows())
    }

    /// Reads on where text ran out.
    pub(crate) fn resume(&mut self, within: Surroundings<'_>) {
        self.read_word(within);
        let text = within.text();
        self.walks.retain_mut(|walk| {
            #[cfg(test)]
            let before = walk.read();
            let mut hits = Hits {
                allowed: allowed(walk.machine, within.place, &self.in_context),
                noted: &mut self.hits,
            };
            let automaton = within.engine.machines.get(walk.machine);
            let over = automaton.is_none_or(|automaton| automaton.walk(walk, text, &mut hits));
            #[cfg(test)]
            {
                self.walked += walk.read() - before;
            }
            !over
        });
    }

    fn read_word(&mut self, within: Surroundings<'_>) {
        let words = within.engine.words.as_ref();
        let hits = &mut self.hits;
        self.word
            .take_if(|walk| words.is_none_or(|words| words.walk(walk, within.text, within.ending, hits)));
    }

    /// Whether more text could make a match: the telling words before the candidate are what they are.
    pub(crate) fn may_match(&mut self, within: Surroundings<'_>, background: &mut Background) -> bool {
        if self.word.is_some() || self.can_reach(within.engine, &within.engine.alone) {
            return true;
        }
        let rows = self.in_context(within, background);
        self.can_reach(within.engine, &rows)
    }

    fn can_reach(&self, engine: &Engine, rows: &RowSet) -> bool {
        self.walks.iter().any(|walk| {
            let automaton = engine.machines.get(walk.machine);
            automaton.is_some_and(|automaton| automaton.prospects(walk).meets(rows))
        })
    }

    /// The detectors that a word before the candidate tells of, the header over it, or what it is assigned to.
    fn in_context(&mut self, within: Surroundings<'_>, background: &mut Background) -> RowSet {
        *self.in_context.get_or_insert_with(|| {
            let bytes = within.text.as_bytes();
            let Background { seen, tables } = background;
            let mut rows = within.engine.contexts.rows_before(bytes, self.start, seen);
            rows.add(&tables.rows_at(within.engine, bytes, self.start));
            if self.assigned {
                rows.add(&within.place.assignable);
            }
            rows.keep(&within.engine.in_context);
            rows
        })
    }

    /// The longest hit that its validator passes and that no longer hit refutes; of several, the surest.
    pub(crate) fn best(
        &mut self,
        within: Surroundings<'_>,
        background: &mut Background,
    ) -> Option<Recognised> {
        // Walks note the shorter first, so this order is nearly there already.
        self.hits
            .sort_unstable_by_key(|hit| (hit.len, Reverse((hit.row, hit.refutes))));
        let mut best: Option<Recognised> = None;
        let mut refuted = RowSet::default();
        let hits = std::mem::take(&mut self.hits);
        for hit in hits.iter().rev() {
            if best.as_ref().is_some_and(|best| best.end > self.start + hit.len) {
                break;
            }
            if hit.refutes {
                refuted.insert(hit.row);
            } else if !refuted.contains(hit.row) {
                let found = self.recognise(hit, within, background);
                let better = |found: &Recognised| {
                    best.as_ref()
                        .is_none_or(|best| found.confidence > best.confidence)
                };
                if let Some(found) = found.filter(better) {
                    best = Some(found);
                }
            }
        }
        self.hits = hits;
        best
    }

    /// What a hit amounts to, if it is sure enough and its validator passes it. Whether something tells of it is asked last, for that
    /// takes longest, but where nothing else could make it sure.
    fn recognise(
        &mut self,
        hit: &Hit,
        within: Surroundings<'_>,
        background: &mut Background,
    ) -> Option<Recognised> {
        let engine = within.engine;
        let detector = *engine.detectors.get(hit.row)?;
        let alone = engine.alone.contains(hit.row);
        if !alone && !self.in_context(within, background).contains(hit.row) {
            return None;
        }
        let end = self.start + hit.len;
        let passes = within.passes(detector, self.start..end);
        passes.then(|| Recognised {
            row: hit.row,
            detector,
            confidence: if self.in_context(within, background).contains(hit.row) {
                detector.in_context
            } else {
                detector.alone
            },
            end,
        })
    }
}

/// The detectors whose hits count in a walk of `machine`: of assigned values, those that the name is of; of told ones, those that
/// something tells of.
fn allowed<'a>(machine: usize, place: &'a SearchPlace, in_context: &'a Option<RowSet>) -> &'a RowSet {
    match machine {
        ASSIGNED => &place.assignable,
        TOLD => in_context.as_ref().unwrap_or(&RowSet::NONE),
        _ => &RowSet::ALL,
    }
}

impl<'a> Surroundings<'a> {
    fn text(&self) -> Text<'a> {
        Text {
            bytes: self.text.as_bytes(),
            ending: self.ending,
        }
    }

    /// The text before `start`, as far as a decision may look back.
    fn before(&self, start: usize) -> &'a str {
        let from = self.text.ceil_char_boundary(start.saturating_sub(LOOK_BEHIND));
        self.text.get(from..start).unwrap_or_default()
    }

    /// Whether a detector's validator passes what stands at `value`, behind what it stands.
    fn passes(&self, detector: &Detector, value: Range<usize>) -> bool {
        let start = value.start;
        let lead_in = |other: fn(&str) -> bool| other(self.before(start));
        self.text
            .get(value)
            .is_some_and(|value| detector.check.passes(value, &self.engine.regions))
            && !detector.unless_after.is_some_and(lead_in)
    }
}
