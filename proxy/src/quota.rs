//! What a call may use up is set aside before it is recorded and sent.
//!
//! Nothing is counted yet: a reservation carries the call on. That it comes before the record, and that a call which is
//! dropped gives back what was set aside, is in the types.

use crate::authorize::Cleared;

/// A cleared call with what is set aside for it.
#[derive(Debug)]
#[must_use = "what is set aside is used or given back"]
pub struct Reserved {
    cleared: Cleared,
}

/// Sets aside what a call may use up.
pub fn reserve(cleared: Cleared) -> Reserved {
    Reserved { cleared }
}

impl Reserved {
    /// The cleared call.
    pub fn cleared(&self) -> &Cleared {
        &self.cleared
    }
}
