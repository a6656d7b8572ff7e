//! The decision log, as configured.

use serde::Deserialize;
use std::path::PathBuf;

/// The longest segment of a log, in bytes: a start has it in memory.
pub const SEGMENT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The decision log.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// Folder of the log files; made if it is not there.
    pub directory: PathBuf,
    /// File with the key that checkpoints are signed with; without it, one that is made in the folder of the log.
    pub signing_key: Option<PathBuf>,
    /// File with the key that signed before, for the first start with another: it certifies that one in the log.
    pub retired_key: Option<PathBuf>,
    /// Others that remember how far the log had grown.
    #[serde(rename = "witness")]
    pub witnesses: Vec<Witness>,
    /// When a decision may be acted on.
    pub mode: AuditMode,
    /// How people stand in the log.
    pub personal_ids: PersonalIds,
    /// Folder of the keys that people are sealed under; without it, `people` in that of the log.
    pub people_keys: Option<PathBuf>,
    /// Records that have room at one time; beyond it requests are refused. An exchange takes room for two when its caller is
    /// known and gives it back as they are written, so half of this is the number of exchanges at one time.
    pub queue_max: usize,
    /// A file of the log that is longer, in bytes, is followed by another. A start reads the last one.
    pub segment_bytes: u64,
    /// Milliseconds until a blocked disk counts as a failed one.
    pub sync_timeout_ms: u64,
    /// Refused exchanges of callers that nobody could identify that leave records of their own, for each address, at once.
    /// All addresses together have room for ten times as many. The rest is counted.
    pub unidentified_burst: u32,
    /// How many more, each minute.
    pub unidentified_per_minute: u32,
    /// Bytes that are kept free on the log's disk for the records of identified callers.
    pub disk_floor_bytes: u64,
}

impl Default for Audit {
    fn default() -> Self {
        Self {
            directory: PathBuf::from("audit"),
            signing_key: None,
            retired_key: None,
            witnesses: Vec::new(),
            mode: AuditMode::Strict,
            personal_ids: PersonalIds::Sealed,
            people_keys: None,
            queue_max: 65_536,
            segment_bytes: SEGMENT_BYTES_MAX,
            sync_timeout_ms: 2_000,
            unidentified_burst: 1_000,
            unidentified_per_minute: 60,
            disk_floor_bytes: 256 * 1024 * 1024,
        }
    }
}

/// How people stand in the log: their ids and addresses, and what policy is told of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonalIds {
    /// Under a key for each, which can be destroyed.
    Sealed,
    /// As they are.
    Plain,
}

/// A witness of the log (c2sp.org/tlog-witness).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// Its submission prefix: `/add-checkpoint` is put behind it. That it says no is not signed, so it is `https`, but on this machine.
    pub url: String,
    /// File with its public key.
    pub key: PathBuf,
}

/// When a decision may be acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditMode {
    /// When its record is on disk. Nothing that was acted on is lost, whatever happens.
    Strict,
    /// When its record is handed to the operating system, which has it on disk within 100 ms. A power cut can lose those.
    Relaxed,
    /// When its record is queued, or cannot be: calls go on whatever becomes of the log, which says how many records it lost.
    BestEffort,
}

impl AuditMode {
    /// The name in configuration and records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Relaxed => "relaxed",
            Self::BestEffort => "best_effort",
        }
    }
}
