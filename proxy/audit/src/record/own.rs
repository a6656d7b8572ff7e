//! Records of the gateway itself, of no exchange.

use super::{PolicyRef, Reason};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

kind!(
    /// The member `kind` of a [`LogStarted`].
    LogStartedKind = "log_started"
);
kind!(
    /// The member `kind` of a [`LogStopped`].
    LogStoppedKind = "log_stopped"
);
kind!(
    /// The member `kind` of an [`Ongoing`].
    OngoingKind = "ongoing"
);
kind!(
    /// The member `kind` of a [`ClockStep`].
    ClockStepKind = "clock_step"
);
kind!(
    /// The member `kind` of a [`KeyRotated`].
    KeyRotatedKind = "key_rotated"
);
kind!(
    /// The member `kind` of an [`Erased`].
    ErasedKind = "erased"
);
kind!(
    /// The member `kind` of a [`LogRead`].
    LogReadKind = "log_read"
);
kind!(
    /// The member `kind` of a [`Lost`].
    LostKind = "lost"
);
kind!(
    /// The member `kind` of a [`Strangers`].
    StrangersKind = "strangers"
);
kind!(
    /// The member `kind` of a [`PolicyActivated`].
    PolicyActivatedKind = "policy_activated"
);
kind!(
    /// The member `kind` of a [`PolicyRefused`].
    PolicyRefusedKind = "policy_refused"
);

kind!(
    /// The member `kind` of a [`Shadow`].
    ShadowKind = "shadow"
);

/// The log was opened.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogStarted {
    /// Digest of the configuration, as it is archived; absent in logs of before that was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub configuration: String,
    /// Place in the log.
    pub index: u64,
    /// `log_started`.
    pub kind: LogStartedKind,
    /// When a decision may be acted on: `strict` or `relaxed`.
    pub mode: String,
    /// The name of the log, under which its checkpoints are signed; absent in files of before there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The peaks of the tree over all records before this one, in lower-case hexadecimal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peaks: Vec<String>,
    /// Process id of the writer.
    pub pid: u32,
    /// The policies in force.
    pub policy: PolicyRef,
    /// When.
    pub time: u64,
    /// What was being written when the process before was killed, and is no record, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub torn_bytes: Option<u64>,
    /// [`SCHEMA_VERSION`].
    pub v: u32,
    /// Version of Palisade.
    pub version: String,
}

/// The log was closed in order.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogStopped {
    /// Place in the log.
    pub index: u64,
    /// `log_stopped`.
    pub kind: LogStoppedKind,
    /// When.
    pub time: u64,
    /// [`SCHEMA_VERSION`].
    pub v: u32,
}

/// Exchanges that go on, and whose decisions stand in segments before: records of a segment's beginning, so that it alone says which have no
/// completion.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ongoing {
    /// Which; sorted.
    pub exchanges: Vec<OngoingExchange>,
    /// Place in the log.
    pub index: u64,
    /// `ongoing`.
    pub kind: OngoingKind,
    /// When the segment began.
    pub time: u64,
    /// [`SCHEMA_VERSION`].
    pub v: u32,
}

/// An exchange that goes on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OngoingExchange {
    /// Id of its [`Decision`](super::Decision).
    pub decision: String,
    /// The id that the caller was told.
    pub request_id: String,
}

/// The clock was set, or jumped: times before this record and after it do not belong together. Records are in the order of their indices.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockStep {
    /// How far it went, in milliseconds: below zero if it went back.
    pub by_ms: i64,
    /// Place in the log.
    pub index: u64,
    /// `clock_step`.
    pub kind: ClockStepKind,
    /// What the clock says now.
    pub time: u64,
    /// [`SCHEMA_VERSION`].
    pub v: u32,
}

/// From here on another key signs the log.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRotated {
    /// Signature of the key before over the next one, in base64: see [`Signer::certify`](crate::note::Signer::certify).
    pub certificate: String,
    /// Place in the log.
    pub index: u64,
    /// `key_rotated`.
    pub kind: KeyRotatedKind,
    /// The public key that signs from now on.
    pub next: String,
    /// The public key that signed before.
    pub previous: String,
    /// When.
    pub time: u64,
    /// [`SCHEMA_VERSION`].
    pub v: u32,
}

/// The key of a person was destroyed: what is [sealed](crate::sealed) under it, before and behind this record, nobody can read any more.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erased {
    /// Who asked for it, by the number of the system's user.
    pub by: u32,
    /// Place in the log.
    pub index: u64,
    /// Id of the key.
    pub key: String,
    /// `erased`.
    pub kind: ErasedKind,
    /// What asked for it, as the operator's own records name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// When.
    pub time: u64,
    /// [`SCHEMA_VERSION`].
    pub v: u32,
}

/// The log was read while it was written, by a command of Palisade.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogRead {
    /// Who did, by the number of the system's user.
    pub by: u32,
    /// The command.
    pub command: String,
    /// Place in the log.
    pub index: u64,
    /// `log_read`.
    pub kind: LogReadKind,
    /// Whether people could be read by name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub names: bool,
    /// The one call that was looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The one tenant that was looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// When.
    pub time: u64,
    /// [`SCHEMA_VERSION`].
    pub v: u32,
}

/// Records that could not be queued.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lost {
    /// How many records are missing before this one.
    pub count: u64,
    /// Place in the log.
    pub index: u64,
    /// `lost`.
    pub kind: LostKind,
    /// When the loss was written down.
    pub time: u64,
    /// [`SCHEMA_VERSION`].
    pub v: u32,
}

/// Refusals of callers that nobody could identify, beyond those that have records of their own: of one address for one
/// reason, since the last record of this kind.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strangers {
    /// An address of IPv4, a /64 of IPv6, or `others`: all that are not listed.
    pub client_ip: String,
    /// How many were refused.
    pub count: u64,
    /// Place in the log.
    pub index: u64,
    /// `strangers`.
    pub kind: StrangersKind,
    /// Why, as one word.
    pub reason: Reason,
    /// When the count was written down.
    pub time: u64,
    /// [`SCHEMA_VERSION`].
    pub v: u32,
}

/// Other rules are in force, for exchanges that begin from now on: registry, policies and detectors, which change as one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyActivated {
    /// Digest of the configuration that says so. Of it, registry, policies and detectors are in force; everything else is as at the start of the process.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub configuration: String,
    /// Place in the log.
    pub index: u64,
    /// `policy_activated`.
    pub kind: PolicyActivatedKind,
    /// The policies in force.
    pub policy: PolicyRef,
    /// Digest of the policies that were in force before; the same where other rules have changed.
    pub previous: String,
    /// Digest of the policies that are tried beside them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shadow: Option<String>,
    /// When.
    pub time: u64,
    /// [`SCHEMA_VERSION`](super::SCHEMA_VERSION).
    pub v: u32,
}

/// Rules that were offered cannot be used; those in force stay.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRefused {
    /// Place in the log.
    pub index: u64,
    /// `policy_refused`.
    pub kind: PolicyRefusedKind,
    /// The policies that stay in force.
    pub policy: PolicyRef,
    /// What is wrong, a problem each; the first of them where there are very many.
    pub problems: Vec<String>,
    /// When.
    pub time: u64,
    /// [`SCHEMA_VERSION`](super::SCHEMA_VERSION).
    pub v: u32,
}

/// What a bundle that is only tried says otherwise about a call, or about what was found in its answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shadow {
    /// What it says otherwise.
    pub changes: Vec<Changed>,
    /// Id of the [`Decision`](super::Decision).
    pub decision: String,
    /// Place in the log.
    pub index: u64,
    /// `shadow`.
    pub kind: ShadowKind,
    /// The policies that are tried.
    pub policy: PolicyRef,
    /// The id that the caller was told.
    pub request_id: String,
    /// The tenant.
    pub tenant: String,
    /// When.
    pub time: u64,
    /// [`SCHEMA_VERSION`](super::SCHEMA_VERSION).
    pub v: u32,
}

/// One thing that comes out otherwise.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    /// Category of the finding; absent where it is the call itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// How many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// What it would be: a treatment; of a call `allowed`, `denied`, `blocked` by a finding, or `open`, if that depends on its body, which was
    /// not read.
    pub is: Cow<'static, str>,
    /// Place of the finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The policies that it is owed to, sorted.
    pub policies: Vec<String>,
    /// What it was.
    pub was: Cow<'static, str>,
}
