//! Behaviour of the public interface.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test helper that fails must fail its test"
)]

mod texts;

mod streams;

mod detection;
mod catalogue;
mod families;
mod pseudonyms;
mod custom;
mod exactness;
mod normalised;
mod assigned;
mod columns;
mod reference;
mod hostile;
