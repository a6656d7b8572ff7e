//! How far the scan of one text has come, and the loop that moves it on: whole texts and streams run the same code.
//!
//! ```text
//!            ┌────────────── no match: next byte ──────────────┐
//!            ▼                                                 │
//!   search ──► candidate ──► walk ──► decided ──► match ──► search
//!     │                       │                     │
//!     │ none left             │ out of text         │ open-ended
//!     ▼                       ▼                     ▼
//!   release all           hold from the         swallow up to the terminator
//!                         candidate on
//! ```
//! Text before the first undecided candidate is out, text from there on is held; nothing released is read again
//! except the few bytes of look-behind.

use crate::automaton::{Ending, Hit, Terminator, Walk};
use crate::candidates::{LOOK_BEHIND, Lookout};
use crate::category::Category;
use crate::detectors::{Detector, is_word};
use crate::engine::Engine;
use crate::finding::{Confidence, Match, Piece};
use regex_automata::util::primitives::StateID;

/// An open-ended match ends after this many bytes without key material, so that a key header quoted in prose does
/// not swallow the rest of the text.
const SWALLOW_IDLE_MAX: usize = 1024;

/// So many base64 characters in a row are key material: shorter runs are words.
const KEY_MATERIAL_BYTES: usize = 32;

/// The state of one text. All positions are bytes of the text that the caller shows, which a channel trims in front.
#[derive(Default)]
pub(crate) struct Progress {
    /// Where the search for candidates goes on.
    cursor: usize,
    /// How much has been handed out. `released <= cursor`
    pub(crate) released: usize,
    /// Where the last match ended.
    fence: usize,
    /// The candidate that text ran out on. Starts at `released`.
    walk: Option<Walk>,
    hits: Vec<Hit>,
    swallow: Option<Swallow>,
    /// Bytes read by walks, to hold the scan to linear work.
    #[cfg(test)]
    pub(crate) walked: usize,
}

/// An open-ended match under way; its text is handed out as it comes.
#[derive(Clone, Copy)]
struct Swallow {
    category: Category,
    confidence: Confidence,
    state: StateID,
    /// Bytes since the last key material, and base64 characters in a row.
    idle: usize,
    run: usize,
}

/// One advance of a `Progress` over `text`.
pub(crate) struct Scan<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) text: &'a str,
    pub(crate) ending: Ending,
    pub(crate) progress: &'a mut Progress,
    pub(crate) sink: &'a mut dyn FnMut(Piece<'_>),
}

/// A walk's outcome.
struct Found {
    detector: &'static Detector,
    confidence: Confidence,
    end: usize,
}

impl Progress {
    /// Accounts for `bytes` dropped from the front of the text.
    pub(crate) fn shift(&mut self, bytes: usize) {
        self.cursor = self.cursor.saturating_sub(bytes);
        self.released = self.released.saturating_sub(bytes);
        self.fence = self.fence.saturating_sub(bytes);
        if let Some(walk) = &mut self.walk {
            walk.shift(bytes);
        }
    }

    /// Ends a match at `end`: whatever comes next starts afresh.
    fn resume_after(&mut self, end: usize) {
        self.cursor = end;
        self.fence = end;
    }

    /// Prepares for another engine, whose states mean other things: held text is judged anew, an open-ended match
    /// goes on under the new engine's terminator.
    pub(crate) fn rebind(&mut self, engine: &Engine) {
        self.cursor = self.released;
        self.walk = None;
        if let Some(swallow) = &mut self.swallow {
            swallow.state = engine
                .terminator(swallow.category)
                .map(Terminator::start)
                .unwrap_or_default();
        }
    }
}

impl<'a> Scan<'a> {
    /// Takes every decision that the text allows.
    pub(crate) fn run(&mut self) {
        let bytes = self.text.as_bytes();
        let mut lookout = Lookout::default();
        while self.swallow() {
            let mut walk = match self.progress.walk.take() {
                Some(walk) => walk,
                None => {
                    let place = (self.progress.fence, self.progress.cursor);
                    let Some((start, rules)) = self.engine.gate.next(bytes, place, self.ending, &mut lookout)
                    else {
                        self.progress.cursor = bytes.len();
                        return self.clear(bytes.len());
                    };
                    self.progress.hits.clear();
                    self.engine.automaton.begin(start, rules)
                }
            };
            if !self.walk(&mut walk) {
                self.clear(walk.start);
                self.progress.walk = Some(walk);
                return;
            }
            match self.found(walk.start) {
                Some(found) => self.emit(walk.start, &found),
                None => self.progress.cursor = walk.start + 1,
            }
        }
    }

    fn walk(&mut self, walk: &mut Walk) -> bool {
        #[cfg(test)]
        let before = walk.read();
        let decided =
            self.engine
                .automaton
                .walk(walk, self.text.as_bytes(), self.ending, &mut self.progress.hits);
        #[cfg(test)]
        {
            self.progress.walked += walk.read() - before;
        }
        decided
    }

    /// The longest hit from `start` that passes its validator and that no longer hit refutes.
    fn found(&mut self, start: usize) -> Option<Found> {
        self.progress.hits.sort_unstable_by_key(Hit::preference);
        let hits = &self.progress.hits;
        let accepted = hits.iter().enumerate().find_map(|(longer, hit)| {
            let shape = self.engine.automaton.shape(hit)?;
            let detector = *self.engine.detectors.get(shape.detector)?;
            let value = self.text.get(start..start + hit.len)?;
            let valid = !shape.refutes && detector.check.is_none_or(|check| check(value));
            let refuted = || {
                hits.iter()
                    .take(longer)
                    .any(|hit| self.refutes(hit, shape.detector))
            };
            (valid && !refuted()).then_some((detector, start + hit.len))
        });
        let (detector, end) = accepted?;
        Some(Found {
            detector,
            confidence: self.confidence(detector, start),
            end,
        })
    }

    fn refutes(&self, hit: &Hit, detector: usize) -> bool {
        let shape = self.engine.automaton.shape(hit);
        shape.is_some_and(|shape| shape.refutes && shape.detector == detector)
    }

    fn confidence(&self, detector: &Detector, start: usize) -> Confidence {
        let window = self
            .text
            .as_bytes()
            .get(start.saturating_sub(LOOK_BEHIND)..start)
            .unwrap_or_default();
        let told = detector
            .telling
            .iter()
            .any(|word| contains_word(window, word.as_bytes()));
        if told {
            detector.confidence.max(Confidence::CONTEXT)
        } else {
            detector.confidence
        }
    }

    /// Hands out the match, and what is before it.
    fn emit(&mut self, start: usize, found: &Found) {
        self.clear(start);
        let category = found.detector.category;
        self.matched(found.end, category, found.confidence, false);
        self.progress.resume_after(found.end);
        self.progress.swallow = self.engine.terminator(category).map(|terminator| Swallow {
            category,
            confidence: found.confidence,
            state: terminator.start(),
            idle: 0,
            run: 0,
        });
    }

    /// Takes an open-ended match as far as it goes. Returns whether it is over (or there is none).
    fn swallow(&mut self) -> bool {
        let Some(mut swallow) = self.progress.swallow.take() else {
            return true;
        };
        let terminator = self.engine.terminator(swallow.category);
        let bytes = self.text.as_bytes();
        let rest = bytes.get(self.progress.cursor..).unwrap_or_default();
        let over = rest.iter().zip(self.progress.cursor..).find(|&(&byte, at)| {
            let ended = terminator.is_some_and(|terminator| terminator.step(&mut swallow.state, byte));
            let idle = swallow.idle > SWALLOW_IDLE_MAX && self.text.is_char_boundary(at);
            swallow.read(byte);
            ended || idle
        });
        let end = over.map_or(bytes.len(), |(_, at)| at);
        self.matched(end, swallow.category, swallow.confidence, true);
        self.progress.resume_after(end);
        if over.is_none() {
            self.progress.swallow = Some(swallow);
        }
        over.is_some()
    }

    /// The text up to `end` that is still held, now released.
    fn release(&mut self, end: usize) -> Option<&'a str> {
        let text = self
            .text
            .get(self.progress.released..end)
            .filter(|text| !text.is_empty())?;
        self.progress.released = end;
        Some(text)
    }

    /// Hands out the text up to `end` as clear.
    fn clear(&mut self, end: usize) {
        if let Some(text) = self.release(end) {
            (self.sink)(Piece::Clear(text));
        }
    }

    /// Hands out the text up to `end` as a match or a further part of one.
    fn matched(&mut self, end: usize, category: Category, confidence: Confidence, continues: bool) {
        if let Some(text) = self.release(end) {
            (self.sink)(Piece::Match(Match {
                category,
                confidence,
                text,
                continues,
            }));
        }
    }
}

impl Swallow {
    fn read(&mut self, byte: u8) {
        let base64 = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        self.run = if base64 { self.run.saturating_add(1) } else { 0 };
        self.idle = if self.run >= KEY_MATERIAL_BYTES {
            0
        } else {
            self.idle.saturating_add(1)
        };
    }
}

/// Whether `text` holds `word` (lower-case ASCII), in any case, with no letter, digit or underscore beside it.
fn contains_word(text: &[u8], word: &[u8]) -> bool {
    let alone = |at: Option<usize>| at.and_then(|at| text.get(at)).is_none_or(|byte| !is_word(*byte));
    let found = |(at, part): (usize, &[u8])| {
        part.eq_ignore_ascii_case(word) && alone(at.checked_sub(1)) && alone(Some(at + word.len()))
    };
    text.windows(word.len()).enumerate().any(found)
}

#[cfg(test)]
mod tests;
