//! What a record says. Fields are declared in alphabetical order: see [`crate::canonical`].
//!
//! Units: `time` is nanoseconds since the Unix epoch, durations are microseconds, sizes are bytes.
//! Absent facts are absent members; there are no nulls.

#[macro_use]
mod kind;

mod words;

mod own;

mod registry;

mod question;

pub use own::{
    Changed, ClockStep, ClockStepKind, Erased, ErasedKind, KeyRotated, KeyRotatedKind, LogRead, LogReadKind,
    LogStarted, LogStartedKind, LogStopped, LogStoppedKind, Lost, LostKind, Ongoing, OngoingExchange,
    OngoingKind, PolicyActivated, PolicyActivatedKind, PolicyRefused, PolicyRefusedKind, Shadow, ShadowKind,
    Strangers, StrangersKind,
};
pub use question::{Facts, FactsKind, Question, UsedRef};
pub use registry::{
    ChangedEntry, Entries, EntryRef, RegistryChanged, RegistryChangedKind, RegistryReach, RegistryReachKind,
};
pub use words::{Action, Authentication, CoverageGap, Effect, End, Reason, Sent, Treatment};

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The version of this schema, the member `v` of every record.
pub const SCHEMA_VERSION: u32 = 1;

/// One record of the log. Serialises as the record itself, told apart by its member `kind`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Record {
    /// What was decided, durable before it is acted on.
    Decision(Decision),
    /// How the exchange ended.
    Completion(Completion),
    /// The log was opened; the first record of a segment.
    LogStarted(LogStarted),
    /// The log was closed in order; the last record of a segment.
    LogStopped(LogStopped),
    /// Another key signs the log.
    KeyRotated(KeyRotated),
    /// The clock was set.
    ClockStep(ClockStep),
    /// A person was erased.
    Erased(Erased),
    /// Somebody read the log.
    LogRead(LogRead),
    /// Entries of the registry came, went, or changed.
    RegistryChanged(RegistryChanged),
    /// Whether the store of the registry answers.
    RegistryReach(RegistryReach),
    /// Exchanges that go on from segments before.
    Ongoing(Ongoing),
    /// Records that could not be queued; the log says so itself.
    Lost(Lost),
    /// Refusals that have no records of their own.
    Strangers(Strangers),
    /// Other rules are in force.
    PolicyActivated(PolicyActivated),
    /// Rules that were offered cannot be used.
    PolicyRefused(PolicyRefused),
    /// What decisions after it were made about.
    Facts(Facts),
    /// What a bundle that is only tried says otherwise.
    Shadow(Shadow),
}

impl Record {
    /// Gives the record its place in the log. Called once, by the one writer.
    pub(crate) fn set_index(&mut self, index: u64) {
        match self {
            Self::Decision(r) => r.index = index,
            Self::Completion(r) => r.index = index,
            Self::LogStarted(r) => r.index = index,
            Self::LogStopped(r) => r.index = index,
            Self::KeyRotated(r) => r.index = index,
            Self::ClockStep(r) => r.index = index,
            Self::Erased(r) => r.index = index,
            Self::LogRead(r) => r.index = index,
            Self::RegistryChanged(r) => r.index = index,
            Self::RegistryReach(r) => r.index = index,
            Self::Ongoing(r) => r.index = index,
            Self::Lost(r) => r.index = index,
            Self::Strangers(r) => r.index = index,
            Self::PolicyActivated(r) => r.index = index,
            Self::PolicyRefused(r) => r.index = index,
            Self::Facts(r) => r.index = index,
            Self::Shadow(r) => r.index = index,
        }
    }

    /// The record's place in its log, from 0 without gaps.
    #[must_use]
    pub fn index(&self) -> u64 {
        match self {
            Self::Decision(r) => r.index,
            Self::Completion(r) => r.index,
            Self::LogStarted(r) => r.index,
            Self::LogStopped(r) => r.index,
            Self::KeyRotated(r) => r.index,
            Self::ClockStep(r) => r.index,
            Self::Erased(r) => r.index,
            Self::LogRead(r) => r.index,
            Self::RegistryChanged(r) => r.index,
            Self::RegistryReach(r) => r.index,
            Self::Ongoing(r) => r.index,
            Self::Lost(r) => r.index,
            Self::Strangers(r) => r.index,
            Self::PolicyActivated(r) => r.index,
            Self::PolicyRefused(r) => r.index,
            Self::Facts(r) => r.index,
            Self::Shadow(r) => r.index,
        }
    }
}

kind!(
    /// The member `kind` of a [`Decision`].
    DecisionKind = "decision"
);
kind!(
    /// The member `kind` of a [`Completion`].
    CompletionKind = "completion"
);

/// What was decided about one exchange.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The operation.
    pub action: Action,
    /// The caller asks for a provider's guardrail of its own choice.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub client_guardrail: bool,
    /// Kinds of content that could not be scanned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coverage_gaps: Vec<CoverageGap>,
    /// Ids of the policies that determined the outcome, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub determining: Vec<String>,
    /// What was done.
    pub effect: Effect,
    /// The entries of the registry that it is about, if it is about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries: Option<Box<Entries>>,
    /// Ids of policies that failed to evaluate, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    /// What was found in the request and how it was treated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// The request as HTTP.
    pub http: Http,
    /// This decision's id, a UUID; the completion names it.
    pub id: String,
    /// Place in the log.
    pub index: u64,
    /// `decision`.
    pub kind: DecisionKind,
    /// The limit that the request is over, by its key in the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// Policy was only watched: the call went on whatever it says, and all else is what would have been.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub log_only: bool,
    /// Model or endpoint asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelRef>,
    /// The policies that were asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyRef>,
    /// Who called; absent when nobody could be identified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<Box<PrincipalRef>>,
    /// What policy was asked about the call; absent when it was refused before its body was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Box<Question>>,
    /// Why, as one word.
    pub reason: Reason,
    /// The id that the caller was told.
    pub request_id: String,
    /// The store of the registry did not answer: how old what was read from it was, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_s: Option<u64>,
    /// Whether the exchange was to stream.
    pub streaming: bool,
    /// The tenant; empty when nobody could be identified.
    pub tenant: String,
    /// When the request head had arrived.
    pub time: u64,
    /// The protocol that it was asked in, if it was translated into the operation: `openai-chat`. What was sent is the translation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub translated_from: Option<Cow<'static, str>>,
    /// [`SCHEMA_VERSION`].
    pub v: u32,
}

/// The request as HTTP.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Size of the request body as received.
    pub body_bytes: u64,
    /// Address of the peer.
    pub client_ip: String,
    /// Request method; `other` when it is none of RFC 9110 and RFC 5789.
    pub method: String,
    /// SHA-256 of the raw path: it is caller-controlled text, so it is not kept itself.
    pub path_sha256: String,
    /// SHA-256 of the body as it goes upstream; absent when nothing is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_sha256: Option<String>,
    /// HTTP version as the client spoke it.
    pub version: String,
}

/// Who called.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalRef {
    /// How the caller proved it: `sigv4` or `jwt`.
    pub authentication: Authentication,
    /// Fingerprint of the credential: the access key id, or the issuer's key id.
    pub credential: String,
    /// Digest of the [`Facts`] of the principal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub facts: String,
    /// Id within the tenant.
    pub id: String,
    /// Roles held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// `Application` or `User`.
    pub r#type: String,
}

/// The model or endpoint asked for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelRef {
    /// The name that the caller has for it, of the registry, if it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Digest of the [`Facts`] of the model.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub facts: String,
    /// Id in the registry.
    pub id: String,
}

/// The policies that were asked.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRef {
    /// Digest of the bundle.
    pub digest: String,
    /// Name and version of the engine.
    pub engine: String,
}

/// Findings of one category in one place that were treated in one way.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Category of what was found.
    pub category: String,
    /// Highest confidence, 0 to 100.
    pub confidence: u8,
    /// How many.
    pub count: u32,
    /// Policies that allowed the treatment, sorted; empty when none did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub determining: Vec<String>,
    /// What was done instead of `treatment`, where policy is only watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Treatment>,
    /// Whose words they were in, or what for: `context.place` of policies.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// How many of the category, in all places, and the surest of them, policy was told when it was last asked, where that is not `count` and
    /// `confidence`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<(u32, u8)>,
    /// What policy has done with them; `not_asked` when the call was denied anyway.
    pub treatment: Treatment,
    /// Where the first one stood, as a JSON pointer without caller-chosen names.
    #[serde(default, rename = "where", skip_serializing_if = "String::is_empty")]
    pub pointer: String,
}

/// One sending of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// Host, and port where it is not the usual one, that it was sent to.
    pub host: String,
    /// What came of it.
    pub result: Sent,
}

/// How an exchange ended.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Completion {
    /// Each time that the request was sent, in order; none when it was not, whatever the decision says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// Bytes of response body written to the client.
    pub client_bytes: u64,
    /// Status that the client saw; 0 when none was written.
    pub client_status: u16,
    /// Kinds of content in the response that could not be scanned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coverage_gaps: Vec<CoverageGap>,
    /// Id of the [`Decision`] this completes.
    pub decision: String,
    /// How it ended.
    pub end: End,
    /// Ids of policies that failed to evaluate while the response passed, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    /// What was found in the response and how it was treated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// Why the model stopped, in the provider's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<String>,
    /// Place in the log.
    pub index: u64,
    /// `completion`.
    pub kind: CompletionKind,
    /// The id that the caller was told.
    pub request_id: String,
    /// Values of the caller that were put back in the place of their tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restored: Vec<Restored>,
    /// When the exchange ended.
    pub time: u64,
    /// Microseconds from the request head to the end.
    pub total_us: u64,
    /// Microseconds from the request head to the first response byte for the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttfb_us: Option<u64>,
    /// The provider's own request id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream_request_id: Option<String>,
    /// Status of the provider's response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream_status: Option<u16>,
    /// Tokens, as the provider reported them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// [`SCHEMA_VERSION`].
    pub v: u32,
}

/// Values of one category that were put back in the place of their tokens.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restored {
    /// Category of the values.
    pub category: String,
    /// How many tokens gave way.
    pub count: u32,
    /// Policies that permit it, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub determining: Vec<String>,
}

/// Tokens, as the provider reported them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// Prompt tokens read from the provider's cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_read_tokens: Option<u64>,
    /// Prompt tokens written to the provider's cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_tokens: Option<u64>,
    /// Prompt tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<u64>,
    /// Completion tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
}
