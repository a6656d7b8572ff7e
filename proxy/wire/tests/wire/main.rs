//! Frames, signatures, targets and errors, against captures of real clients.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests stop at the first surprise"
)]

mod captures;

mod bedrock;
mod eventstream;
mod fault;
mod sigv4_events;
mod sigv4_head;
mod sigv4_sign;
mod sigv4_verify;
mod turns;
