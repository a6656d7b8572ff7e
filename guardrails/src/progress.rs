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

use crate::automaton::{Ending, Text};
use crate::candidacy::{Background, Candidacy, Recognised, Surroundings};
use crate::detector::Detector;
use crate::emission::Emission;
use crate::engine::Engine;
use crate::gate::{Candidate, Searched};
use crate::mailbox::Lookout;
use crate::place::SearchPlace;
use crate::rows::RowSet;
use crate::swallow::{Swallow, Tail};

/// The state of one text. All positions are bytes of the text that the caller shows, which a stream trims in front.
#[derive(Default)]
pub(crate) struct Progress {
    place: SearchPlace,
    /// How much has been handed out.
    pub(crate) released: usize,
    /// If undecided, it starts at `released`.
    candidacy: Candidacy,
    background: Background,
    swallow: Option<Swallow>,
}

/// One advance of a `Progress` over the text of `out`.
pub(crate) struct Scan<'a> {
    pub(crate) progress: &'a mut Progress,
    pub(crate) ending: Ending,
    pub(crate) out: Emission<'a>,
}

impl Progress {
    /// Accounts for `dropped` bytes at the front of `text` that go.
    pub(crate) fn shift(&mut self, engine: &Engine, text: &str, dropped: usize) {
        self.place.shift(dropped);
        self.released = self.released.saturating_sub(dropped);
        self.background.seen.shift(dropped);
        self.background.tables.shift(engine, text.as_bytes(), dropped);
        self.candidacy.shift(dropped);
    }

    /// Prepares for another engine, whose states mean other things: held text is judged anew; an open-ended match goes on if
    /// that engine has its detector.
    pub(crate) fn rebind(&mut self, engine: &Engine) {
        self.place.rewind(self.released);
        self.candidacy.close();
        self.background = Background::default();
        self.swallow = self.swallow.take().and_then(|mut swallow| {
            let same = |detector: &&'static Detector| std::ptr::eq(*detector, swallow.detector);
            swallow.row = engine.detectors.iter().position(same)?;
            Some(swallow)
        });
    }
}

impl Scan<'_> {
    /// Moves on as far as the text allows.
    pub(crate) fn run(&mut self) {
        let length = self.out.text.len();
        let mut lookout = Lookout::default();
        while self.swallow() {
            if self.progress.candidacy.is_over() {
                let Some(candidate) = self.search(&mut lookout) else {
                    self.progress.place.cursor = length;
                    return self.clear(length);
                };
                let (candidacy, within, background) = self.candidacy();
                candidacy.begin(&candidate, within, background);
            } else {
                let (candidacy, within, _) = self.candidacy();
                candidacy.resume(within);
            }
            let (candidacy, within, background) = self.candidacy();
            let start = candidacy.start;
            if !candidacy.is_over() && candidacy.may_match(within, background) {
                return self.clear(start);
            }
            candidacy.close();
            match candidacy.best(within, background) {
                Some(found) => self.emit(start, &found),
                None => self.progress.place.pass(start),
            }
        }
        if self.ending == Ending::Last {
            self.clear(length);
        }
    }

    fn search(&mut self, lookout: &mut Lookout) -> Option<Candidate> {
        let engine = self.out.engine;
        let searched = Searched {
            automata: &engine.machines,
            words: engine.words.as_ref(),
            text: Text {
                bytes: self.out.text.as_bytes(),
                ending: self.ending,
            },
        };
        let Progress {
            place, background, ..
        } = &mut *self.progress;
        let cell = background.tables.next(engine, searched.text.bytes, place.cursor);
        let candidate = engine.gate.next(searched, place, lookout);
        let Some(cell) = cell else {
            return candidate;
        };
        let same = candidate.filter(|candidate| candidate.start <= cell.start);
        let mut candidate = match same {
            Some(earlier) if earlier.start < cell.start => return Some(earlier),
            same => same.unwrap_or_else(|| Candidate::at(cell.start)),
        };
        if !candidate.assigned {
            place.assignable = RowSet::NONE;
        }
        place.assignable.add(&cell.rows);
        candidate.assigned = true;
        Some(candidate)
    }

    /// The candidate, and what it is judged by.
    fn candidacy(&mut self) -> (&mut Candidacy, Surroundings<'_>, &mut Background) {
        let within = Surroundings {
            engine: self.out.engine,
            text: self.out.text,
            ending: self.ending,
            place: &self.progress.place,
        };
        (
            &mut self.progress.candidacy,
            within,
            &mut self.progress.background,
        )
    }

    fn clear(&mut self, end: usize) {
        self.out.clear(&mut self.progress.released, end);
    }

    /// Hands out the match, and what is before it.
    fn emit(&mut self, start: usize, found: &Recognised) {
        let Recognised {
            row,
            detector,
            confidence,
            end,
        } = *found;
        let progress = &mut *self.progress;
        self.out.clear(&mut progress.released, start);
        self.out
            .matched(&mut progress.released, end, detector, confidence, false);
        progress.place.resume_after(end);
        let tail = self.out.engine.tails.get(row);
        progress.swallow = tail.and_then(|tail| match tail {
            Tail::Until(_) => Some(tail.begin(row, detector, confidence)),
            Tail::While(_) if end - start == detector.reach() => Some(tail.begin(row, detector, confidence)),
            Tail::While(_) | Tail::None => None,
        });
    }

    /// Takes an open-ended match as far as it goes. Returns whether it is over (or there is none).
    fn swallow(&mut self) -> bool {
        let progress = &mut *self.progress;
        let Some(mut swallow) = progress.swallow.take() else {
            return true;
        };
        let Some(tail) = self.out.engine.tails.get(swallow.row) else {
            return true;
        };
        let from = progress.place.cursor;
        let (length, over) = tail.take(&mut swallow, self.out.text, from);
        let Swallow {
            detector, confidence, ..
        } = swallow;
        self.out
            .matched(&mut progress.released, from + length, detector, confidence, true);
        progress.place.resume_after(from + length);
        if !over {
            progress.swallow = Some(swallow);
        }
        over
    }
}

#[cfg(test)]
pub(crate) mod tests;
