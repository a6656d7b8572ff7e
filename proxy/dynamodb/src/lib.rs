//! A store of entries in a table of DynamoDB, for gateways on several machines.
//!
//! A change is written beside what is there, under names of its own, and comes into force with one transaction of two items. So a change of any size is
//! there as a whole or not at all, whoever is killed meanwhile, and nobody reads half of it.
//!
//! ```text
//! pk           sk         attributes
//! head         head       format, revision, attempt           what gateways look at, and what a change is conditional on
//! manifest     manifest   the same, buckets (JSON)            which items hold the entries of which bucket
//! bucket#017   NAME#0     entries (JSON)                      never changed once written
//! attempt      NAME       base, items (JSON)                  what a change has written and has replaced, for tidying up
//! ```

mod table;
mod layout;
mod store;
mod create;

pub use create::{Access, access_policy};
pub use store::DynamoDb;
pub use table::Place;

#[cfg(test)]
mod tests;
