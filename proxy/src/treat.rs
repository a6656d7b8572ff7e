//! What happens to each finding, carried out: policy is asked for each category, and the text is rewritten in place.
//!
//! ```text
//! findings ─► treatments (ask, count, record) ─► forms: names, masks, tokens ─► edits ─► rewritten
//!                  repeats: values that went as tokens, seen again    restoring: values in the place of their tokens
//!                  keys: renamed, and told from each other
//! ```

mod tokens;
mod keys;
mod replaced;
mod repeats;
mod treatments;
mod restoring;

pub use tokens::{Tokens, Withheld};
pub use treatments::{Treatments, not_asked};
