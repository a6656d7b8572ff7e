//! How far the scan of one text has come, and the loop that moves it on: whole texts and streams run the same code.
//!
//! ```text
//!            ┌────────────── no match: next byte ──────────────┐
//!            ▼                                                 │
//!   search ──► candidate ──► walk ──► decided ──► match ──► search
//!     │                       │                     │
//!     │ none left             │ out of text         │ open-ended
//!     ▼                       ▼                     ▼
//!   release all           hold from the         swallow up to the end
//!                         candidate on
//! ```
//! Text before the first undecided candidate is out, text from there on is held.

use crate::automaton::{Ending, Hit, Walk};
use crate::context::Seen;
use crate::detector::{Before, Detector};
use crate::engine::{ASSIGNED, Engine, MAILBOXES};
use crate::finding::{Confidence, Match, Piece};
use crate::gate::{Candidate, Looked, Place};
use crate::mailbox::Lookout;
use crate::normal::Changes;
use crate::rows::RowSet;
use crate::swallow::{Swallow, Tail};
use crate::words::WordWalk;
use std::borrow::Cow;

/// The state of one text. All positions are bytes of the text that the caller shows, which a channel trims in front.
#[derive(Default)]
pub(crate) struct Progress {
    place: Place,
    /// How much has been handed out.
    pub(crate) released: usize,
    /// If undecided, it starts at `released`.
    candidacy: Candidacy,
    seen: Seen,
    swallow: Option<Swallow>,
    #[cfg(test)]
    pub(crate) walked: usize,
}

/// A candidate under way, or the last one.
#[derive(Default)]
struct Candidacy {
    start: usize,
    /// The walks that are not over; while there are some, the candidate is undecided.
    walks: Vec<Walk>,
    word: Option<WordWalk>,
    hits: Vec<Hit>,
    /// A value may be assigned here.
    assigned: bool,
    /// The detectors that a word before the candidate tells of, once somebody needed to know.
    told: Option<RowSet>,
}

impl Candidacy {
    fn is_over(&self) -> bool {
        self.walks.is_empty() && self.word.is_none()
    }
}

/// One advance of a `Progress` over `text`.
pub(crate) struct Scan<'a> {
    pub(crate) engine: &'a Engine,
    /// The view of the text.
    pub(crate) text: &'a str,
    /// Where the view differs from what has not been released.
    pub(crate) changes: &'a mut Changes,
    pub(crate) ending: Ending,
    pub(crate) progress: &'a mut Progress,
    pub(crate) sink: &'a mut dyn FnMut(Piece<'_>),
}

/// A candidate's outcome.
struct Found {
    row: usize,
    detector: &'static Detector,
    confidence: Confidence,
    end: usize,
}

impl Progress {
    /// Accounts for `bytes` dropped from the front of the text.
    pub(crate) fn shift(&mut self, bytes: usize) {
        self.place.shift(bytes);
        self.released = self.released.saturating_sub(bytes);
        self.seen.shift(bytes);
        self.candidacy.start = self.candidacy.start.saturating_sub(bytes);
        self.candidacy.walks.iter_mut().for_each(|walk| walk.shift(bytes));
        self.candidacy.word.iter_mut().for_each(|walk| walk.shift(bytes));
    }

    /// Prepares for another engine, whose states mean other things: held text is judged anew; an open-ended match goes on if
    /// that engine has its detector.
    pub(crate) fn rebind(&mut self, engine: &Engine) {
        self.place.rewind(self.released);
        self.candidacy.walks.clear();
        self.candidacy.word = None;
        self.seen = Seen::default();
        self.swallow = self.swallow.take().and_then(|mut swallow| {
            let same = |detector: &&'static Detector| std::ptr::eq(*detector, swallow.detector);
            swallow.row = engine.detectors.iter().position(same)?;
            Some(swallow)
        });
    }
}

impl Scan<'_> {
    pub(crate) fn run(&mut self) {
        let bytes = self.text.as_bytes();
        let mut lookout = Lookout::default();
        let looked = Looked {
            automata: &self.engine.machines,
            words: self.engine.words.as_ref(),
            bytes,
            ending: self.ending,
        };
        while self.swallow() {
            if self.progress.candidacy.is_over() {
                let place = &mut self.progress.place;
                let Some(candidate) = self.engine.gate.next(looked, place, &mut lookout) else {
                    self.progress.place.cursor = bytes.len();
                    return self.clear(bytes.len());
                };
                self.begin(&candidate);
            } else {
                self.resume();
            }
            let start = self.progress.candidacy.start;
            if !self.progress.candidacy.is_over() && self.may_match() {
                return self.clear(start);
            }
            self.progress.candidacy.walks.clear();
            self.progress.candidacy.word = None;
            match self.found() {
                Some(found) => self.emit(start, &found),
                None => self.progress.place.cursor = start + 1,
            }
        }
        if self.ending == Ending::Last {
            self.clear(bytes.len());
        }
    }

    /// Reads from a candidate on.
    fn begin(&mut self, candidate: &Candidate) {
        let bytes = self.text.as_bytes();
        let Candidacy {
            start,
            walks,
            word,
            hits,
            assigned,
            told,
        } = &mut self.progress.candidacy;
        hits.clear();
        (*start, *assigned, *told) = (candidate.start, candidate.assigned, None);
        let words = self.engine.words.as_ref();
        *word = words.and_then(|words| words.begin(self.text, candidate.start));
        word.take_if(|walk| words.is_none_or(|words| words.walk(walk, self.text, self.ending, hits)));
        let first = bytes.get(candidate.start).copied().unwrap_or_default();
        let general = self.engine.gate.rules_at(bytes, candidate.start);
        for (machine, automaton) in self.engine.machines.iter().enumerate() {
            let rules = match machine {
                MAILBOXES => u32::from(candidate.mailbox) * Before::Mailbox as u32,
                ASSIGNED => u32::from(candidate.assigned) * Before::Assigned as u32,
                _ => general,
            };
            if automaton.starts_with(first, rules) {
                let mut walk = automaton.begin(machine, candidate.start, rules);
                let allowed = self.engine.allowed(machine, &self.progress.place);
                if !automaton.walk(&mut walk, (bytes, self.ending), (allowed, hits)) {
                    walks.push(walk);
                }
                #[cfg(test)]
                {
                    self.progress.walked += walk.read() - candidate.start;
                }
            }
        }
    }

    /// Reads on where text ran out.
    fn resume(&mut self) {
        let Progress {
            candidacy,
            place,
            #[cfg(test)]
            walked,
            ..
        } = &mut *self.progress;
        let Candidacy {
            walks, word, hits, ..
        } = candidacy;
        let words = self.engine.words.as_ref();
        word.take_if(|walk| words.is_none_or(|words| words.walk(walk, self.text, self.ending, hits)));
        walks.retain_mut(|walk| {
            #[cfg(test)]
            let before = walk.read();
            let automaton = self.engine.machines.get(walk.machine);
            let text = (self.text.as_bytes(), self.ending);
            let allowed = self.engine.allowed(walk.machine, place);
            let over = automaton.is_none_or(|automaton| automaton.walk(walk, text, (allowed, hits)));
            #[cfg(test)]
            {
                *walked += walk.read() - before;
            }
            !over
        });
    }

    /// Whether more text could make a match of a candidate: the telling words before it are what they are.
    fn may_match(&mut self) -> bool {
        let engine = self.engine;
        let reach = |walks: &[Walk], allowed: &RowSet| {
            walks.iter().any(|walk| {
                let automaton = engine.machines.get(walk.machine);
                automaton.is_some_and(|automaton| automaton.prospects(walk).meets(allowed))
            })
        };
        self.progress.candidacy.word.is_some() || reach(&self.progress.candidacy.walks, &engine.bare) || {
            let told = self.told();
            reach(&self.progress.candidacy.walks, &told)
        }
    }

    /// The detectors that a word before the candidate tells of.
    fn told(&mut self) -> RowSet {
        let Progress {
            candidacy,
            seen,
            place,
            ..
        } = &mut *self.progress;
        *candidacy.told.get_or_insert_with(|| {
            let contexts = &self.engine.contexts;
            let mut told = contexts.told(self.text.as_bytes(), candidacy.start, seen);
            if candidacy.assigned {
                told.add(&place.armed);
            }
            told.keep(&self.engine.told);
            told
        })
    }

    /// The longest hit that its validator passes and that no longer hit refutes; of several, the surest.
    fn found(&mut self) -> Option<Found> {
        if self.progress.candidacy.hits.is_empty() {
            return None;
        }
        let told = self.told();
        let Candidacy { start, hits, .. } = &mut self.progress.candidacy;
        // Walks note the shorter first, so this order is nearly there already.
        hits.sort_unstable_by_key(|hit| (hit.len, std::cmp::Reverse((hit.row, hit.refutes))));
        let (start, hits) = (*start, &self.progress.candidacy.hits);
        let mut best: Option<Found> = None;
        let mut refuted = RowSet::default();
        for hit in hits.iter().rev() {
            if best.as_ref().is_some_and(|best| best.end > start + hit.len) {
                break;
            }
            if hit.refutes {
                refuted.insert(hit.row);
            } else if self.is_sure(hit, &told) && !refuted.contains(hit.row) {
                let better = |found: &Found| {
                    best.as_ref()
                        .is_none_or(|best| found.confidence > best.confidence)
                };
                if let Some(found) = self.judge(start, hit, &told).filter(better) {
                    best = Some(found);
                }
            }
        }
        best
    }

    /// Whether a hit would be sure enough if its value were valid.
    fn is_sure(&self, hit: &Hit, told: &RowSet) -> bool {
        told.contains(hit.row) || self.engine.bare.contains(hit.row)
    }

    /// What a hit amounts to, if its validator passes it.
    fn judge(&self, start: usize, hit: &Hit, told: &RowSet) -> Option<Found> {
        let detector = *self.engine.detectors.get(hit.row)?;
        let end = start + hit.len;
        let value = self.text.get(start..end)?;
        let told = told.contains(hit.row);
        detector
            .check
            .passes(value, &self.engine.regions)
            .then_some(Found {
                row: hit.row,
                detector,
                confidence: if told { detector.told } else { detector.bare },
                end,
            })
    }

    /// Hands out the match, and what is before it.
    fn emit(&mut self, start: usize, found: &Found) {
        self.clear(start);
        self.matched(found.end, found.detector, found.confidence, false);
        self.progress.place.resume_after(found.end);
        let tail = self.engine.tails.get(found.row);
        self.progress.swallow = tail.and_then(|tail| match tail {
            Tail::Until(_) => Some(tail.begin(found.row, found.detector, found.confidence)),
            Tail::While(_) if found.end - start == found.detector.reach() => {
                Some(tail.begin(found.row, found.detector, found.confidence))
            }
            Tail::While(_) | Tail::None => None,
        });
    }

    /// Takes an open-ended match as far as it goes. Returns whether it is over (or there is none).
    fn swallow(&mut self) -> bool {
        let Some(mut swallow) = self.progress.swallow.take() else {
            return true;
        };
        let engine = self.engine;
        let Some(tail) = engine.tails.get(swallow.row) else {
            return true;
        };
        let from = self.progress.place.cursor;
        let (length, over) = tail.take(&mut swallow, self.text, from);
        self.matched(from + length, swallow.detector, swallow.confidence, true);
        self.progress.place.resume_after(from + length);
        if !over {
            self.progress.swallow = Some(swallow);
        }
        over
    }

    /// Hands out the text up to `end` as clear, but for what a difference between view and text is found to be.
    fn clear(&mut self, end: usize) {
        while let Some(change) = self
            .changes
            .pop_front_if(|change| change.at <= end && change.at + change.len <= end)
        {
            self.clear_plain(change.at);
            self.progress.released += change.len;
            let detector = change.found.and_then(|category| self.engine.hidden(category));
            (self.sink)(match detector {
                None => Piece::Clear(&change.original),
                Some(detector) => Piece::Match(Match {
                    category: detector.category,
                    confidence: detector.bare,
                    text: &change.original,
                    continues: false,
                }),
            });
        }
        self.clear_plain(end);
    }

    /// Hands out the text up to `end`, in which view and text do not differ, as clear.
    fn clear_plain(&mut self, end: usize) {
        let text = self.text.get(self.progress.released..end).unwrap_or_default();
        if !text.is_empty() {
            self.progress.released = end;
            (self.sink)(Piece::Clear(text));
        }
    }

    /// Hands out the text up to `end` as a match or a further part of one.
    fn matched(&mut self, end: usize, detector: &Detector, confidence: Confidence, continues: bool) {
        let view = self.text.get(self.progress.released..end).unwrap_or_default();
        if view.is_empty() {
            return;
        }
        let spelt = self.changes.front().is_some_and(|change| change.at < end);
        let text = if spelt {
            Cow::Owned(self.spelling(end))
        } else {
            Cow::Borrowed(view)
        };
        self.progress.released = end;
        (self.sink)(Piece::Match(Match {
            category: detector.category,
            confidence,
            text: &text,
            continues,
        }));
    }

    /// The text up to `end` as it was spelt.
    fn spelling(&mut self, end: usize) -> String {
        let mut spelling = String::new();
        let mut from = self.progress.released;
        while let Some(change) = self.changes.pop_front_if(|change| change.at < end) {
            spelling.push_str(self.text.get(from..change.at).unwrap_or_default());
            spelling.push_str(&change.original);
            from = change.at + change.len;
        }
        spelling.push_str(self.text.get(from..end).unwrap_or_default());
        spelling
    }
}

#[cfg(test)]
pub(crate) mod tests;
