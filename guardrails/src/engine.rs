//! The detectors of one set of categories, compiled: built once, shared by every exchange, never changed.

use crate::automaton::{Automaton, Error, Terminator};
use crate::candidates::Gate;
use crate::category::Category;
use crate::detectors::{DETECTORS, Detector};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers engines, so that a channel notices when it is handed to another one.
static BUILT: AtomicU64 = AtomicU64::new(0);

/// Finds the categories it was built for. Building takes milliseconds and a few megabytes; scanning neither locks nor,
/// on text without matches, allocates.
pub struct Engine {
    /// Unique in this process, and never 0.
    pub(crate) id: u64,
    pub(crate) detectors: Vec<&'static Detector>,
    pub(crate) automaton: Automaton,
    pub(crate) gate: Gate,
    terminators: Vec<(Category, Terminator)>,
}

impl Engine {
    /// An engine for `categories`, in any order, repeated or not. With none it finds nothing.
    ///
    /// # Errors
    /// When the shapes of these categories together exceed the size limit of an automaton.
    pub fn new(categories: &[Category]) -> Result<Self, Error> {
        let enabled = DETECTORS
            .iter()
            .filter(|detector| categories.contains(&detector.category));
        Self::of(enabled.collect())
    }

    /// An engine for rows of the table.
    pub(crate) fn of(detectors: Vec<&'static Detector>) -> Result<Self, Error> {
        let automaton = Automaton::new(&detectors)?;
        let gate = Gate::new(&automaton, &detectors);
        let ends = detectors
            .iter()
            .filter_map(|detector| Some((detector.category, detector.terminator?)));
        let terminators = ends
            .map(|(category, shape)| Ok((category, Terminator::new(shape)?)))
            .collect::<Result<_, Error>>()?;
        let id = BUILT.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(Self {
            id,
            detectors,
            automaton,
            gate,
            terminators,
        })
    }

    /// What ends an open-ended match of `category`.
    pub(crate) fn terminator(&self, category: Category) -> Option<&Terminator> {
        self.terminators
            .iter()
            .find(|(of, _)| *of == category)
            .map(|(_, terminator)| terminator)
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.detectors.iter().map(|detector| detector.category))
            .finish()
    }
}
