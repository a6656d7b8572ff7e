//! The detectors of one set of categories, compiled: built once, shared by every exchange, never changed.

use crate::assignment::Assignments;
use crate::automaton::{Automaton, starts_with_letter};
use crate::catalogue;
use crate::category::Category;
use crate::context::{Contexts, Seen};
use crate::custom::{Custom, CustomShape};
use crate::detector::{Before, Detector, Lead};
use crate::error::Error;
use crate::finding::Confidence;
use crate::gate::{Gate, Leads};
use crate::region::Regions;
use crate::rows::{ROWS_MAX, RowSet};
use crate::specimen::Specimen;
use crate::swallow::Tail;
use crate::words::Words;
use std::fmt;
use std::panic;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Numbers engines, so that a channel notices when it is handed to another one.
static BUILT: AtomicU64 = AtomicU64::new(0);

/// Where in an engine's list each automaton stands.
pub(crate) const NUMBERS: usize = 0;
pub(crate) const PREFIXED: usize = 1;
pub(crate) const CUSTOM: usize = 2;
/// Numbers that only what stands before or over them makes values: read where something does.
pub(crate) const TOLD: usize = 3;
pub(crate) const WORDED: usize = 4;
pub(crate) const HOSTS: usize = 5;
pub(crate) const MAILBOXES: usize = 6;
pub(crate) const ASSIGNED: usize = 7;
pub(crate) const MACHINES: usize = 8;

/// Finds the categories it was built for. Building takes a fraction of a second and some megabytes; scanning neither locks
/// nor, on text without matches, allocates.
pub struct Engine {
    /// Unique in this process, and never 0.
    pub(crate) id: u64,
    pub(crate) detectors: Vec<&'static Detector>,
    /// Apart, because the states of one automaton for all would be the product of these.
    pub(crate) machines: [Automaton; MACHINES],
    pub(crate) gate: Gate,
    pub(crate) contexts: Contexts,
    /// How the values of each detector go on.
    pub(crate) tails: Vec<Tail>,
    /// Detectors that are sure enough without a telling word, and with one.
    pub(crate) alone: RowSet,
    pub(crate) in_context: RowSet,
    /// Detectors of what is assigned to a name.
    pub(crate) assigned: RowSet,
    pub(crate) regions: Regions,
    pub(crate) words: Option<Words>,
}

/// What an engine looks for.
#[derive(Debug, Clone)]
pub struct Options {
    /// The categories to find, in any order, repeated or not. With none it finds nothing.
    pub categories: Vec<Category>,
    /// Matches below this are none. A detector that is sure enough only after a telling word then needs one.
    pub minimum: Confidence,
    /// Where telephone numbers in national form come from.
    pub regions: Regions,
    /// Values of documentation that are looked for.
    pub specimens: Vec<Specimen>,
    /// Detectors of the configuration, beside those of the catalogue.
    pub custom: Vec<Custom>,
}

impl Default for Options {
    /// Every category, at [`Confidence::DEFAULT_MINIMUM`], telephone numbers of the United States, and of specimens the test cards.
    fn default() -> Self {
        Self {
            categories: Category::all().to_vec(),
            minimum: Confidence::DEFAULT_MINIMUM,
            regions: Regions::new(["US"]).unwrap_or_default(),
            specimens: vec![Specimen::TestCards],
            custom: Vec::new(),
        }
    }
}

impl Engine {
    /// An engine for `categories`, everything else being as [`Options::default`] says.
    ///
    /// # Errors
    /// As [`Engine::with`].
    pub fn new(categories: &[Category]) -> Result<Self, Error> {
        Self::with(Options {
            categories: categories.to_vec(),
            ..Options::default()
        })
    }

    /// An engine for what `options` say.
    ///
    /// # Errors
    /// When a custom detector cannot be used, or the shapes of these categories together exceed the size limit of an automaton.
    pub fn with(options: Options) -> Result<Self, Error> {
        let Options {
            categories,
            minimum,
            regions,
            specimens,
            custom,
        } = options;
        let looked_for = |row: &Detector| row.specimen.is_none_or(|specimen| specimens.contains(&specimen));
        let listed = catalogue::rows().filter(|row| categories.contains(&row.category) && looked_for(row));
        let sure = |row: &&'static Detector| row.alone.max(row.in_context) >= minimum;
        let mut enabled: Vec<_> = listed.filter(sure).collect();
        let shipped = enabled.len();
        for custom in &custom {
            let detector = custom
                .detector()
                .map_err(|error| Error::Custom(custom.category, error))?;
            enabled.push(detector);
        }
        let mut engine = Self::of(enabled, shipped, minimum, regions)?;
        let lists = custom
            .iter()
            .zip(shipped..)
            .filter_map(|(custom, row)| match &custom.shape {
                CustomShape::Words(words) => Some(words.iter().map(move |word| (row, word.as_str()))),
                CustomShape::Pattern { .. } => None,
            });
        let words: Vec<_> = lists.flatten().collect();
        if !words.is_empty() {
            engine.words = Some(Words::new(words)?);
        }
        engine.gate.watch(engine.words.as_ref());
        Ok(engine)
    }

    /// An engine for detectors, of which the first `shipped` are rows of the catalogue.
    pub(crate) fn of(
        detectors: Vec<&'static Detector>,
        shipped: usize,
        minimum: Confidence,
        regions: Regions,
    ) -> Result<Self, Error> {
        if detectors.len() > ROWS_MAX {
            return Err(Error::TooMany);
        }
        let numbered = || detectors.iter().copied().enumerate();
        let rows = |member: &dyn Fn(&Detector) -> bool| {
            RowSet::of(numbered().filter(|(_, row)| member(row)).map(|(row, _)| row))
        };
        let machine_of = |(place, row): (usize, &Detector)| match (row.before, row.lead) {
            _ if place >= shipped => CUSTOM,
            (Before::Mailbox, _) => MAILBOXES,
            (Before::Assigned, _) => ASSIGNED,
            (_, Lead::Prefix) if row.shapes.iter().any(|shape| starts_with_letter(shape)) => PREFIXED,
            (_, Lead::Prefix) if row.alone < minimum => TOLD,
            (_, Lead::Prefix) => NUMBERS,
            (_, Lead::Digit) => WORDED,
            (_, Lead::Host) => HOSTS,
        };
        let mut sorted: [Vec<_>; MACHINES] = Default::default();
        for entry in numbered() {
            if let Some(rows) = sorted.get_mut(machine_of(entry)) {
                rows.push(entry);
            }
        }
        let machines = machines(&sorted)?;
        let assigned = numbered().filter(|(_, row)| row.before == Before::Assigned);
        let keywords = assigned
            .flat_map(|(place, row)| row.telling.iter().map(move |word| (*word, RowSet::of([place]))));
        let leads = Leads {
            after_letters: rows(&|row| matches!(row.before, Before::Anything | Before::Digitless)),
            after_digits: rows(&|row| row.before == Before::Anything),
            mailboxes: detectors.iter().any(|row| row.before == Before::Mailbox),
            hosts: detectors.iter().any(|row| row.lead == Lead::Host),
            assignments: Assignments::new(keywords),
        };
        Ok(Self {
            id: BUILT.fetch_add(1, Ordering::Relaxed) + 1,
            gate: Gate::new(&machines, leads),
            contexts: Contexts::new(numbered().filter(|(_, row)| row.before != Before::Assigned)),
            tails: detectors
                .iter()
                .map(|row| Tail::of(row))
                .collect::<Result<_, _>>()?,
            alone: rows(&|row| row.before != Before::Assigned && row.alone >= minimum),
            in_context: rows(&|row| row.in_context >= minimum),
            assigned: rows(&|row| row.before == Before::Assigned),
            regions,
            words: None,
            machines,
            detectors,
        })
    }

    /// The detectors that a name tells of, such as that of a column of a table.
    pub(crate) fn named(&self, name: &[u8]) -> RowSet {
        let mut rows = self.contexts.rows_before(name, name.len(), &mut Seen::default());
        rows.add(&self.gate.named(name));
        rows.keep(&self.in_context);
        rows
    }

    /// The detector of a category that is found in how text is spelt, if it is enabled.
    pub(crate) fn hidden(&self, category: Category) -> Option<&'static Detector> {
        self.detectors
            .iter()
            .copied()
            .find(|detector| detector.category == category)
    }

    /// The size in memory, in bytes, near enough.
    #[must_use]
    pub fn memory(&self) -> usize {
        let machines: usize = self.machines.iter().map(Automaton::memory).sum();
        size_of::<Self>() + machines + self.contexts.memory() + self.words.as_ref().map_or(0, Words::memory)
    }
}

/// The automata of an engine, each made by a thread of its own: no other work takes a gateway as long when it starts.
fn machines(sorted: &[Vec<(usize, &'static Detector)>; MACHINES]) -> Result<[Automaton; MACHINES], Error> {
    let made = thread::scope(|scope| {
        let makers = sorted
            .each_ref()
            .map(|rows| scope.spawn(|| Automaton::new(rows.iter().copied())));
        makers.map(|maker| {
            maker
                .join()
                .unwrap_or_else(|payload| panic::resume_unwind(payload))
        })
    });
    let [
        numbers,
        prefixed,
        custom,
        told,
        worded,
        hosts,
        mailboxes,
        assigned,
    ] = made;
    Ok([
        numbers?, prefixed?, custom?, told?, worded?, hosts?, mailboxes?, assigned?,
    ])
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.detectors.iter().map(|detector| detector.category))
            .finish()
    }
}
