//! How good the detectors are: labelled texts, and precision and recall on them.
//!
//! A line of a labelled file is a [`Case`]; an [`Evaluation`] scans cases and keeps the [`Score`]. Nothing here reads files.
//! Lines are JSON objects: `text`; `only`, the categories that the line labels; `spans`, each with `category`, `start` and
//! `end` in Unicode code points, end exclusive; and `strong`, false for values that nobody could tell without context.
//!
//! INVARIANT: a finding or label of a category outside `only` counts neither way.

mod case;
mod score;

#[cfg(test)]
mod tests;

use crate::category::Category;
use crate::engine::{Engine, Options};
use crate::error::Error;
use crate::finding::Confidence;
use crate::region::Regions;
use crate::specimen::Specimen;
use std::collections::BTreeMap;

pub use case::{Case, Expected, LineError, Strength};
pub use score::{Kind, Mistake, Row, Score, Sheet, Tally};

/// What an evaluation counts unless told otherwise: every match but those whose shape is that of countless other things.
pub const DEFAULT_MINIMUM: Confidence = Confidence::SHAPE;

/// Scans cases and scores what it finds. Each case is scanned for the categories it labels and no others, as findings of
/// another category could take a value that a labelled one would have had.
#[derive(Debug)]
pub struct Evaluation {
    minimum: Confidence,
    regions: Regions,
    /// One for each distinct set of categories met.
    engines: BTreeMap<Vec<Category>, Engine>,
    score: Score,
}

impl Evaluation {
    /// An evaluation that counts matches of at least `minimum`, and telephone numbers of `regions` in national form.
    #[must_use]
    pub fn new(minimum: Confidence, regions: Regions) -> Self {
        Self {
            minimum,
            regions,
            engines: BTreeMap::new(),
            score: Score::default(),
        }
    }

    /// Scans `case`, counts it, and returns what was missed and what was found wrongly, by position.
    ///
    /// # Errors
    /// As [`Engine::with`].
    pub fn add(&mut self, case: &Case) -> Result<Vec<Mistake>, Error> {
        if !self.engines.contains_key(&case.only) {
            let engine = Engine::with(Options {
                categories: case.only.clone(),
                minimum: self.minimum,
                regions: self.regions.clone(),
                // Labels are about what values look like.
                specimens: Specimen::ALL.to_vec(),
                ..Options::default()
            })?;
            self.engines.insert(case.only.clone(), engine);
        }
        let findings = self
            .engines
            .get(&case.only)
            .map(|engine| engine.find(&case.text))
            .unwrap_or_default();
        Ok(self.score.add(case, &findings))
    }

    /// The score so far.
    #[must_use]
    pub const fn score(&self) -> &Score {
        &self.score
    }
}
