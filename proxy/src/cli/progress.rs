//! How far a long command is, for whoever sits before it.

use std::io::{IsTerminal, Write};

/// Tells on standard error, where that is a terminal. What was told is gone when it ends.
pub(super) struct Progress {
    told: bool,
    every: u64,
}

impl Progress {
    /// Tells at each `every`th step.
    pub(super) fn every(every: u64) -> Self {
        Self {
            told: std::io::stderr().is_terminal(),
            every,
        }
    }

    /// So many steps are done.
    pub(super) fn at(&self, step: u64, of: &str) {
        if self.told && step > 0 && step.is_multiple_of(self.every) {
            // Whoever has closed it wants to know nothing.
            let _ = write!(std::io::stderr(), "\r{step} {of}\x1b[K");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.told {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
