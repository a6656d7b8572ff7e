//! What requests are judged by: who is known, what may be done, what is looked for, and what takes its place.
//!
//! The parts depend on each other (policies name tenants and categories), so they are built, and would be changed, as one.

use crate::forms::Forms;
use crate::registry::Registry;
use palisade_guardrails::Engine;
use palisade_policies::Snapshot;
use std::sync::Arc;

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
}
