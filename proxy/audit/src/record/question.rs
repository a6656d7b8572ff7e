//! What was asked: all that an answer of policy depends on, so that a decision can be made again from its record.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

kind!(
    /// The member `kind` of [`Facts`].
    FactsKind = "facts"
);

/// What policy was asked about a call, beside the action and the address of the peer, which stand in the decision itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Whether it was a business day where the tenant is.
    pub business_day: bool,
    /// How confidential the data is, 0 to 4.
    pub classification: u8,
    /// Tokens of the prompt, an estimate.
    pub input_tokens: u64,
    /// The hour where the tenant is, 0 to 23.
    pub local_hour: u8,
    /// Tokens that the model may write.
    pub max_tokens: u64,
    /// Kinds of content, in the words of the policy schema.
    pub modalities: Vec<Cow<'static, str>>,
    /// The time that policy was told, in milliseconds since the Unix epoch.
    pub now_ms: u64,
    /// What the call is for, in a word of the policy schema.
    pub purpose: Cow<'static, str>,
    /// Whether values can go as tokens.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tokens: bool,
    /// Names of the tools that the model is offered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// How many names of tools are not kept, because one of them could be a text: then none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools_withheld: Option<u64>,
    /// What it uses beside its model. Policy is asked about each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<UsedRef>,
}

/// What a call uses beside its model, such as the knowledge base that is searched for it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsedRef {
    /// What policy is asked of it.
    pub action: Cow<'static, str>,
    /// Digest of its facts, which stand in the segment before.
    pub facts: String,
    /// Its id in the registry.
    pub id: String,
}

/// Facts of a principal or a model, as policy was told them. Stands in a segment before the first decision that names them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// SHA-256 over the canonical JSON of `facts`, in lower-case hexadecimal.
    pub digest: String,
    /// The facts.
    pub facts: BTreeMap<String, Value>,
    /// Place in the log.
    pub index: u64,
    /// `facts`.
    pub kind: FactsKind,
    /// When they were written down.
    pub time: u64,
    /// [`SCHEMA_VERSION`](super::SCHEMA_VERSION).
    pub v: u32,
}
