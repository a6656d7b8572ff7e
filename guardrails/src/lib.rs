//! Finds personal data and secrets in text, whole or in pieces as it streams.
//!
//! An [`Engine`] is built once from the categories to look for and shared by every exchange. Whole text goes
//! through [`Engine::scan`]; a stream goes through one [`TextStream`] per independent text (one choice, one content
//! block, one tool input). Both hand out the same [`Piece`]s: clear text and matches. Detectors find; what happens to a match
//! is the caller's decision.
//!
//! INVARIANT: the texts of all pieces, in order, are the input byte for byte.
//! INVARIANT: a stream's pieces, once adjacent ones are joined, equal those of the whole text under every chunking.
//! INVARIANT: a byte is held only while some continuation could still give it the shape of a match.
//!
//! ```
//! use palisade_guardrails::{Category, TextStream, Engine, Piece};
//!
//! let engine = Engine::new(&[Category::EMAIL])?;
//! let mut stream = TextStream::default();
//! let mut out = String::new();
//! let mut redact = |piece: Piece<'_>| match piece {
//!     Piece::Clear(text) => out.push_str(text),
//!     Piece::Match(found) if !found.continues => out.push_str(found.category.placeholder()),
//!     Piece::Match(_) => {}
//! };
//! stream.push(&engine, "write to ada@exam", &mut redact);
//! stream.push(&engine, "ple.org today", &mut redact);
//! stream.finish(&engine, &mut redact);
//! assert_eq!(out, "write to {EMAIL} today");
//! # Ok::<(), palisade_guardrails::Error>(())
//! ```

mod category;
mod undetected;
mod finding;
mod region;
mod specimen;
mod script;

mod detector;
mod checks;
mod catalogue;

mod bytes;
mod beginnings;
mod normal;

mod rows;
mod error;
mod automaton;
mod custom;
mod words;
mod swallow;
mod assignment;
mod context;
mod place;
mod mailbox;
mod lead;
mod gate;

mod engine;
mod table;
mod candidacy;
mod emission;
mod progress;
mod scan;

mod pseudonym;
mod mask;

pub mod eval;

pub use catalogue::rows;
pub use category::{Category, NameError, forest};
pub use custom::{Custom, CustomShape};
pub use detector::{After, Before, Check, Detector, Lead};
pub use detector::{CONTEXT_BYTES, LOOK_BEHIND};
pub use engine::{Engine, Options};
pub use error::{CustomError, Error};
pub use finding::{Confidence, Finding, Match, Piece};
pub use mask::mask;
pub use pseudonym::{Pseudonyms, Restored, Restorer, TokenKey, TooManyPseudonyms};
pub use region::{NotARegion, Regions};
pub use scan::TextStream;
pub use specimen::Specimen;
pub use undetected::UNDETECTED_EVERYWHERE;
