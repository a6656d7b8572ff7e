//! What requests are judged by: who is known, what may be done, what is looked for, and what takes its place.
//!
//! The parts depend on each other (policies name tenants and categories), so they are built, and changed, as one.

use crate::config::WithheldAnswers;
use crate::forms::Forms;
use crate::registry::{Registry, Tenant};
use palisade_guardrails::Engine;
use palisade_policies::{Archived, Snapshot};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

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
    /// Policies that are only tried.
    pub shadow: Option<Arc<Snapshot>>,
    /// The files that say all this.
    pub configuration: Archived,
    /// How long they may be in force when the store that the registry was read from does not answer; `None` where there is none.
    pub stale_max: Option<Duration>,
    /// Whether streams end when these rules would not let them begin.
    pub cuts_streams: bool,
    /// How answers end that may not be shown.
    pub withheld_answers: WithheldAnswers,
    log_only: bool,
    generation: u64,
}

impl Rulebook {
    /// Binds rules together, under a number that no other rules of this process have.
    #[must_use]
    pub fn new(
        registry: Registry,
        policies: Arc<Snapshot>,
        engine: Engine,
        forms: Forms,
        configuration: Archived,
    ) -> Self {
        static GENERATIONS: AtomicU64 = AtomicU64::new(0);
        Self {
            registry,
            policies,
            engine,
            forms,
            shadow: None,
            configuration,
            stale_max: None,
            cuts_streams: false,
            withheld_answers: WithheldAnswers::End,
            log_only: false,
            generation: GENERATIONS.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// The same rules, with policies beside them that are only tried.
    #[must_use]
    pub fn beside(self, shadow: Option<Arc<Snapshot>>) -> Self {
        Self { shadow, ..self }
    }

    /// The same rules, of which policy is only watched if `log_only`.
    #[must_use]
    pub fn log_only(self, log_only: bool) -> Self {
        Self { log_only, ..self }
    }

    /// The same rules, in force for so long when the store of the registry does not answer.
    #[must_use]
    pub fn stale_for(self, stale_max: Option<Duration>) -> Self {
        Self { stale_max, ..self }
    }

    /// The same rules, which end streams that they would not let begin if `cuts_streams`.
    #[must_use]
    pub fn cutting_streams(self, cuts_streams: bool) -> Self {
        Self { cuts_streams, ..self }
    }

    /// The same rules, with answers that may not be shown ended like this.
    #[must_use]
    pub fn withholding(self, withheld_answers: WithheldAnswers) -> Self {
        Self {
            withheld_answers,
            ..self
        }
    }

    /// Whether what policy says about a tenant's calls is carried out. Where it is not, nothing is refused or changed by policy, but
    /// that credentials are taken out which policy does not let pass; records say what would have been.
    #[must_use]
    pub fn enforces(&self, tenant: &Tenant) -> bool {
        !(self.log_only || tenant.log_only())
    }

    /// The ids of the tenants of which policy is only watched, sorted.
    #[must_use]
    pub fn log_only_tenants(&self) -> Vec<&str> {
        let watched = self.registry.tenants().filter(|tenant| !self.enforces(tenant));
        let mut watched: Vec<&str> = watched.map(Tenant::id).collect();
        watched.sort_unstable();
        watched
    }

    /// Tells these rules from those before and after them: what was made from others, such as a remembered caller, does
    /// not hold under these.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }
}
