//! Findings in the pieces of a running text, each read as it stands: of a member that nobody has heard of, a piece may be the
//! whole text. Joined to the next, `536-90-4399` would be no number of anybody any more.

use crate::screen::Found;
use palisade_guardrails::Category;
use std::collections::VecDeque;
use std::ops::Range;

/// What was found, by its place in the running text, until the scanner of that has passed it.
#[derive(Default)]
pub(super) struct Alone {
    found: VecDeque<One>,
    /// How much the scanner was given, and how much it has passed on, in bytes.
    given: usize,
    passed: usize,
}

struct One {
    span: Range<usize>,
    category: Category,
    confidence: u8,
}

/// A part of a text in which the scanner of the running text finds nothing.
pub(super) enum Part<'t> {
    Clear(&'t str),
    /// Found in a piece as it stands: category, percent, and what it is or begins with.
    Found(Category, u8, &'t str),
    /// What goes on of something that has been replaced.
    Rest(&'t str),
}

impl Alone {
    /// Notes what was found in the piece that the scanner is given next.
    pub(super) fn note(&mut self, found: &[Found]) {
        let given = self.given;
        self.found.extend(found.iter().map(|found| One {
            span: given + found.span.start..given + found.span.end,
            category: found.category,
            confidence: found.confidence.percent(),
        }));
    }

    /// The scanner was given a piece of so many bytes.
    pub(super) fn given(&mut self, bytes: usize) {
        self.given += bytes;
    }

    /// The scanner has passed on so many bytes, a match or with nothing noted in them.
    pub(super) fn passed(&mut self, bytes: usize) {
        self.passed += bytes;
        self.forget();
    }

    /// The parts of a text that the scanner has passed on as clear.
    pub(super) fn parts<'t>(&mut self, text: &'t str) -> Vec<Part<'t>> {
        let start = self.passed;
        let end = start + text.len();
        self.passed = end;
        let within = |span: Range<usize>| text.get(span.start - start..span.end - start).unwrap_or_default();
        let mut parts = Vec::new();
        let mut at = start;
        for one in self.found.iter().take_while(|one| one.span.start < end) {
            let span = one.span.start.max(at)..one.span.end.min(end);
            if span.is_empty() {
                continue;
            }
            parts.push(Part::Clear(within(at..span.start)));
            at = span.end;
            parts.push(match one.span.start >= start {
                true => Part::Found(one.category, one.confidence, within(span)),
                false => Part::Rest(within(span)),
            });
        }
        parts.push(Part::Clear(within(at..end)));
        self.forget();
        parts
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    fn forget(&mut self) {
        while self
            .found
            .pop_front_if(|one| one.span.end <= self.passed)
            .is_some()
        {}
    }
}
