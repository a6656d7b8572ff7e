//! Wire formats of Amazon Bedrock and Amazon SageMaker, without I/O: bytes in, values out.
//!
//! ```text
//! stream ─► framing (units, over eventstream) ─► json ─► text ─► regions to scan, deltas, usage
//! request head ─► protocol ─► target (operation, resource)   fault (errors as SDKs read them)   sigv4 (canonical form)
//! ```
//!
//! INVARIANT: nothing here re-serialises a body. A document is read in place, and an edit replaces
//! the literals that it names; every other byte leaves as it came, because prompt caches and
//! reasoning signatures upstream depend on the exact bytes.
//!
//! INVARIANT: no error and no `Debug` output of this crate holds prompt text, a matched value or a
//! credential.
//!
//! Modules stand in reading order, and each uses only those above it.

mod uri;

pub mod eventstream;

pub mod json;

pub mod text;

pub mod bedrock;

pub mod header;

pub mod protocol;

pub mod framing;

pub mod target;

pub mod fault;

pub mod sigv4;

pub mod translate;

pub mod asynchronous;
pub mod parties;
pub mod retrieval;
pub mod turns;

pub mod withheld;
