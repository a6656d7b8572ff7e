//! Reads a log back, a line at a time.

use crate::canonical;
use crate::record::{
    ClockStep, Completion, Decision, Erased, Facts, KeyRotated, LogRead, LogStarted, LogStopped, Lost,
    Ongoing, PolicyActivated, PolicyRefused, Record, RegistryChanged, RegistryReach, Shadow, Strangers,
};
use serde::Deserialize;
use std::borrow::Cow;

/// One line of a log.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// A record of a kind this version knows.
    Known(Box<Record>),
    /// A record of a later version; its line is kept as it is.
    Unknown {
        /// The member `kind`.
        kind: String,
    },
}

/// Why a line is no record. The message names the place, never the content.
#[derive(Debug, thiserror::Error)]
#[error("not a record: column {column}")]
pub struct ReadError {
    column: usize,
}

impl From<serde_json::Error> for ReadError {
    fn from(error: serde_json::Error) -> Self {
        Self {
            column: error.column(),
        }
    }
}

/// What a verifier has to know of a record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Brief<'a> {
    /// Its place in the log.
    pub index: u64,
    /// What it is.
    #[serde(borrow)]
    pub kind: Cow<'a, str>,
    /// The policies that it names.
    #[serde(borrow)]
    pub policy: Option<BriefPolicy<'a>>,
    /// The configuration that it names, by digest.
    #[serde(borrow)]
    pub configuration: Option<Cow<'a, str>>,
}

/// Policies that are named.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BriefPolicy<'a> {
    /// Their digest.
    #[serde(borrow)]
    pub digest: Cow<'a, str>,
}

/// Reads of a record what a verifier has to know, and leaves the rest: [`read_line`] costs five times as much.
///
/// # Errors
/// When the line is not JSON, or has no `kind` or `index`.
pub fn read_brief(line: &str) -> Result<Brief<'_>, ReadError> {
    Ok(serde_json::from_str(line)?)
}

#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
}

/// Reads one line (without its line feed).
///
/// # Errors
/// When the line is not JSON, has no `kind`, or is not byte for byte what a writer makes of a record of its kind.
pub fn read_line(line: &str) -> Result<Entry, ReadError> {
    let kind: Kind<'_> = serde_json::from_str(line)?;
    let record = match kind.kind.as_ref() {
        "decision" => Record::Decision(serde_json::from_str::<Decision>(line)?),
        "completion" => Record::Completion(serde_json::from_str::<Completion>(line)?),
        "log_started" => Record::LogStarted(serde_json::from_str::<LogStarted>(line)?),
        "log_stopped" => Record::LogStopped(serde_json::from_str::<LogStopped>(line)?),
        "key_rotated" => Record::KeyRotated(serde_json::from_str::<KeyRotated>(line)?),
        "clock_step" => Record::ClockStep(serde_json::from_str::<ClockStep>(line)?),
        "erased" => Record::Erased(serde_json::from_str::<Erased>(line)?),
        "log_read" => Record::LogRead(serde_json::from_str::<LogRead>(line)?),
        "ongoing" => Record::Ongoing(serde_json::from_str::<Ongoing>(line)?),
        "lost" => Record::Lost(serde_json::from_str::<Lost>(line)?),
        "strangers" => Record::Strangers(serde_json::from_str::<Strangers>(line)?),
        "policy_activated" => Record::PolicyActivated(serde_json::from_str::<PolicyActivated>(line)?),
        "policy_refused" => Record::PolicyRefused(serde_json::from_str::<PolicyRefused>(line)?),
        "registry_changed" => Record::RegistryChanged(serde_json::from_str::<RegistryChanged>(line)?),
        "registry_reach" => Record::RegistryReach(serde_json::from_str::<RegistryReach>(line)?),
        "facts" => Record::Facts(serde_json::from_str::<Facts>(line)?),
        "shadow" => Record::Shadow(serde_json::from_str::<Shadow>(line)?),
        other => {
            return Ok(Entry::Unknown {
                kind: other.to_owned(),
            });
        }
    };
    // Serde reads more spellings of a record than there are; only one is what was written.
    let mut canonical = Vec::with_capacity(line.len());
    let written = match &record {
        // What is inside facts is in whatever order it was read.
        Record::Facts(_) => {
            let value = serde_json::from_str(line)?;
            canonical::canonicalize(&value).map(|bytes| canonical = bytes)
        }
        _ => canonical::append(&record, &mut canonical),
    };
    if written.is_err() || canonical != line.as_bytes() {
        return Err(ReadError { column: 0 });
    }
    Ok(Entry::Known(Box::new(record)))
}
