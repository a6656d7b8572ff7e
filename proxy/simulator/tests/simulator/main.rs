//! The simulator over real TCP: what a client sees, and what a test learns from the side port.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

mod lab;

mod issuer;
mod life;
mod records;
mod replies;
mod script;
mod signature;
