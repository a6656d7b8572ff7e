//! What happens to each finding, carried out: policy is asked for each category, and the text is rewritten in place.
//!
//! ```text
//! findings ─► treatments (ask, count, record) ─► forms: names, masks, tokens ─► edits ─► rewritten
//!                  repeats: values that went as tokens, seen again    restoring: values in the place of their tokens
//!                  keys: renamed, and told from each other
//!                  sealed: originals of signed reasoning come back, seals take the place of signatures
//! ```

mod tokens;
mod account;
mod tally;
mod keys;
mod replaced;
mod repeats;
mod sealed;
mod treatments;
mod restoring;

pub use tally::not_asked;
pub use tokens::{Tokens, Withheld};
pub use treatments::Treatments;
