//! What goes wrong with stores.

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else has changed it since.
    #[error(
        "it was changed meanwhile: it is at revision {found}, not {expected}. Look at it again, then apply again"
    )]
    Conflict {
        /// The revision that the change was meant for.
        expected: u64,
        /// The one that the store is at.
        found: u64,
    },
    /// Somebody else is writing to it.
    #[error("another process is writing to it; try again")]
    Busy,
    /// It is not one of this version.
    #[error(
        "its format is {found}, and this version reads {known}: use the version that wrote it, or export with that and apply with this"
    )]
    Version {
        /// What it says it is.
        found: u64,
        /// What is known.
        known: u64,
    },
    /// An entry is none.
    #[error("{kind} {id}: {why}")]
    Entry {
        /// Its kind.
        kind: &'static str,
        /// Its id.
        id: String,
        /// What is wrong with it.
        why: String,
    },
    /// It cannot be read or written.
    #[error("{0}")]
    Unavailable(String),
}
