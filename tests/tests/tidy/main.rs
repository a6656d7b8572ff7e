//! Rules of this repository that a compiler does not know: layering, sizes, words, manifests.
//!
//! Each test gives every offender at once, as `file:line: what is wrong`.
#![expect(clippy::unwrap_used, reason = "a rule that cannot be checked is broken")]

mod layers;
mod manifests;
mod places;
mod sizes;
mod source;
mod words;
