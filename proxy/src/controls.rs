//! What the gate and the admin listener hold in common: the rules in force, and the log.

use crate::rulebook::Rulebook;
use crate::trail::Audit;
use arc_swap::ArcSwap;
use std::sync::Arc;

/// The rules in force, and the log.
pub struct Controls {
    rulebook: ArcSwap<Rulebook>,
    audit: Audit,
}

impl Controls {
    /// Puts the first rules in force.
    #[must_use]
    pub fn new(rulebook: Rulebook, audit: Audit) -> Self {
        Self {
            rulebook: ArcSwap::from_pointee(rulebook),
            audit,
        }
    }

    /// The rules in force. An exchange asks once, first, and keeps what it got to its end.
    #[must_use]
    pub fn rulebook(&self) -> Arc<Rulebook> {
        self.rulebook.load_full()
    }

    /// Puts other rules in force, for exchanges that begin from now on.
    pub fn replace(&self, rulebook: Rulebook) {
        self.rulebook.store(Arc::new(rulebook));
    }

    /// The log.
    #[must_use]
    pub fn audit(&self) -> &Audit {
        &self.audit
    }
}
