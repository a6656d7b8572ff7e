//! Audit records of Palisade and their canonical form.
//!
//! An exchange leaves two records: a [`Decision`], durable before the first byte goes upstream, and a
//! [`Completion`] that says how it ended. A record is one line of canonical JSON (RFC 8785 restricted to
//! integers), so that equal records have equal bytes and a digest of the bytes can stand for the record.
//!
//! INVARIANT: no prompt text, completion text, matched value or credential has a field here. The schema is
//! closed; there is no free-form map that a caller could fill: [`Facts`] hold what the registry and issuers of tokens say.
//!
//! All records of a log are the leaves of one Merkle tree ([`tree`]), whose root is signed now and then ([`checkpoint`]).
//!
//! Records stand in files in frames ([`frame`]), a batch each, so that what was being written at a crash is told from what was changed.
//!
//! This crate does no I/O: [`Journal`] writes to anything that can append and make durable.

pub mod canonical;
pub mod record;
pub mod reader;
pub mod tree;
pub mod note;
pub mod checkpoint;
pub mod proof;
pub mod witness;
pub mod frame;
pub mod tiles;
pub mod sealed;
pub mod journal;

pub use journal::{Journal, Store};
pub use reader::{Brief, Entry, ReadError, read_brief, read_line};
pub use record::{
    Action, Attempt, Authentication, Changed, ChangedEntry, ClockStep, Completion, CoverageGap, Decision,
    Effect, End, Entries, EntryRef, Erased, Facts, Finding, Http, KeyRotated, LogRead, LogStarted,
    LogStopped, Lost, ModelRef, Ongoing, OngoingExchange, PolicyActivated, PolicyRef, PolicyRefused,
    PrincipalRef, Question, Reason, Record, RegistryChanged, RegistryReach, Restored, Sent, Shadow,
    Strangers, Treatment, Usage, UsedRef,
};
