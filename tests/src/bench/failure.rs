//! Why a run stopped.

use std::fmt::Display;

/// A run that cannot give its numbers.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The operating system refused something.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// Why it failed.
        source: std::io::Error,
    },
    /// An answer, a process or a number is not as it must be.
    #[error("{0}")]
    Wrong(String),
}

impl Failure {
    /// A failure in words.
    pub fn wrong(what: impl Display) -> Self {
        Self::Wrong(what.to_string())
    }
}

/// Says what was being done when something failed.
pub trait During<T> {
    /// Adds `what` to an error.
    ///
    /// # Errors
    /// The error it was called on.
    fn during(self, what: impl Display) -> Result<T, Failure>;
}

impl<T> During<T> for std::io::Result<T> {
    fn during(self, what: impl Display) -> Result<T, Failure> {
        self.map_err(|source| Failure::Io {
            what: what.to_string(),
            source,
        })
    }
}
