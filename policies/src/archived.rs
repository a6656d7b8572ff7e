//! What a decision depends on, in the form in which it is kept with the records of decisions, so that each can be made again.

use crate::problem::{Invalid, Problem};
use crate::source::sha256;
use serde::Serialize;

/// Something in the form in which it is kept: canonical JSON (RFC 8785), and the name it goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    /// Of facts, SHA-256 over `json` in lower-case hexadecimal; of policies, the digest of their snapshot.
    pub digest: String,
    /// Keys sorted, no white space.
    pub json: String,
}

/// What was kept cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is no such JSON.
    #[error("not in the form in which it is kept: {0}")]
    Form(#[from] serde_json::Error),
    /// A value is none that can be asked about.
    #[error(transparent)]
    Value(#[from] Invalid),
    /// The policies are none that this version can use.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Policies(Vec<Problem>),
    /// They are others than their name says.
    #[error("the digest of what it holds is {0}")]
    Digest(String),
}

impl Archived {
    /// Facts, whose fields are declared in alphabetical order.
    pub(crate) fn of(facts: &impl Serialize) -> Self {
        // Facts are plain values with names for keys; there is none that cannot be JSON.
        let json = serde_json::to_string(facts).unwrap_or_default();
        Self {
            digest: sha256(json.as_bytes()),
            json,
        }
    }
}
