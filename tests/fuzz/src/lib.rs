//! The bodies of the fuzz targets: each feeds arbitrary bytes to one decoder and asserts what must hold of every input.
//!
//! They are library functions so that two drivers share them: the fuzzers in `fuzz_targets/` (nightly toolchain) and
//! the smoke test in `tests/` (stable), which keeps them compiling and true between fuzzing sessions.

mod cuts;

mod json;
mod fragments;
mod text_map;

mod eventstream;
mod framing;

mod sigv4;
mod target;
mod discovery;
mod translate;

mod guardrails;
mod restorer;

mod audit_record;
mod audit_note;
mod audit_segment;

mod policy_bundle;

pub use audit_note::audit_note;
pub use audit_record::audit_record;
pub use audit_segment::audit_segment;
pub use discovery::discovery;
pub use eventstream::eventstream;
pub use fragments::fragments;
pub use framing::framing;
pub use guardrails::{guardrails, normaliser};
pub use json::json;
pub use policy_bundle::policy_bundle;
pub use restorer::restorer;
pub use sigv4::sigv4;
pub use target::target;
pub use text_map::text_map;
pub use translate::translate;
