//! Palisade's policies: loads a bundle of Cedar policies, and decides with it who may send what to which model, and what
//! happens to each thing that was found in the text.
//!
//! INVARIANTS, stated as absences: no Cedar type leaves this crate; no evaluation error, missing entity or unknown
//! category ever becomes a permission; no decision mixes two snapshots; no cached entry of one principal serves another.
//!
//! ```
//! use palisade_policies::{Bundle, DEFAULT_BUNDLE, Snapshot};
//! use std::sync::Arc;
//!
//! let bundle = Bundle::load(DEFAULT_BUNDLE).expect("the bundle that ships is valid");
//! let snapshot = Snapshot::new(Arc::new(bundle), &[("EMAIL", "PII")]).expect("the forest has no cycle");
//! assert_eq!(snapshot.digest().len(), 64);
//! ```

mod problem;
mod source;
mod guard;
mod parse;
mod vocabulary;
mod action;
mod archived;
mod keyed;
mod lineage;
mod base;
mod facts;
mod entry;
mod question;
mod names;
mod context;
mod entities;
mod administration;
mod reads;
mod plan;
mod index;
mod cache;
mod validate;
mod probe;
mod coverage;
mod trial;
mod bundle;
mod examination;
mod format;
mod snapshot;
mod revive;
mod decide;
mod administer;
mod treatment;
mod literals;
mod explain;
#[cfg(test)]
mod tests;

/// The engine that decides, and its version, as records name it. Pinned in the manifest: another engine could decide
/// otherwise.
pub const ENGINE: &str = "cedar-policy/4.14.1";

pub use action::Action;
pub use administer::administer;
pub use administration::{Administering, Administration};
pub use archived::{Archived, Unreadable};
pub use base::{Base, Classification};
pub use bundle::Bundle;
pub use coverage::{Gap, Unreached};
pub use decide::{About, Denial, Permit, Reason, admit, decide, observe};
pub use entry::EntryFacts;
pub use examination::{CaseOutcome, Examination, examine};
pub use explain::{Explanation, Near, Stated, explain};
pub use facts::{
    CallFacts, FindingFacts, Limits, Model, ModelFacts, ModelKind, Principal, PrincipalFacts, PrincipalKind,
    Used,
};
pub use format::{Unformattable, formatted};
pub use lineage::Lineage;
pub use literals::{Inventory, Registered};
pub use problem::{Invalid, Position, Problem};
pub use question::Direction;
pub use snapshot::Snapshot;
pub use source::{BUNDLE_BYTES_MAX, BundleFile, DEFAULT_BUNDLE, POLICY_BYTES_MAX};
pub use treatment::{Restoring, Treated, Treatment};
pub use vocabulary::{
    Environment, Jurisdiction, Lifecycle, Modality, Place, Provider, Purpose, UnknownTerm, Unscanned,
};
