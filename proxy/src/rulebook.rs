//! What requests are judged by: who is known, what may be done, what is looked for, and what takes its place.
//!
//! The parts depend on each other (policies name tenants and categories), so they are built, and changed, as one.

use crate::forms::Forms;
use crate::registry::Registry;
use palisade_guardrails::Engine;
use palisade_policies::Snapshot;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The rules in force.
pub struct Rulebook {
    /// Tenants, models, keys.
    pub registry: Registry,
    /// The policies.
    pub policies: Arc<Snapshot>,
    /// The detectors.
    pub engine: Engine,
    /// What takes the place of values.
    pub forms: Forms,
    generation: u64,
}

impl Rulebook {
    /// Binds rules together, under a number that no other rules of this process have.
    #[must_use]
    pub fn new(registry: Registry, policies: Arc<Snapshot>, engine: Engine, forms: Forms) -> Self {
        static GENERATIONS: AtomicU64 = AtomicU64::new(0);
        Self {
            registry,
            policies,
            engine,
            forms,
            generation: GENERATIONS.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Tells these rules from those before and after them: what was made from others, such as a remembered caller, does
    /// not hold under these.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }
}
