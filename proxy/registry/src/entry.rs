//! One table of the registry.

use crate::error::StoreError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Longest entry, in bytes of JSON.
const ENTRY_BYTES_MAX: usize = 64 * 1024;

/// What an entry is about. In the order in which they refer to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A line of business.
    Tenant,
    /// A group of models.
    Group,
    /// A model.
    Model,
    /// Another name of a model.
    Alias,
    /// A SageMaker endpoint.
    Endpoint,
    /// A guardrail of Bedrock's own.
    Guardrail,
    /// A knowledge base.
    #[serde(rename = "knowledge_base")]
    KnowledgeBase,
    /// A place for what asynchronous calls give.
    Output,
    /// A workload of a tenant.
    Application,
    /// A key of an application.
    Key,
    /// What a tenant may call.
    Grant,
}

impl Kind {
    /// All.
    pub const ALL: [Self; 11] = [
        Self::Tenant,
        Self::Group,
        Self::Model,
        Self::Alias,
        Self::Endpoint,
        Self::Guardrail,
        Self::KnowledgeBase,
        Self::Output,
        Self::Application,
        Self::Key,
        Self::Grant,
    ];

    /// The name of its table in the file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Group => "group",
            Self::Model => "model",
            Self::Alias => "alias",
            Self::Endpoint => "endpoint",
            Self::Guardrail => "guardrail",
            Self::KnowledgeBase => "knowledge_base",
            Self::Output => "output",
            Self::Application => "application",
            Self::Key => "key",
            Self::Grant => "grant",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One table of the registry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What it is about.
    pub kind: Kind,
    /// Unique among its kind: of an application and a tenant's own alias `TENANT/ID`, of an endpoint its name and what is chosen behind it.
    pub id: String,
    /// Its members, without those that have their defaults.
    pub value: Map<String, Value>,
}

impl Entry {
    /// What tells it from all others, in the order in which entries are given.
    #[must_use]
    pub fn name(&self) -> (Kind, &str) {
        (self.kind, &self.id)
    }

    /// Its members, as stores keep them.
    ///
    /// # Errors
    /// [`StoreError::Entry`] when they are longer than 64 KiB.
    pub fn json(&self) -> Result<Vec<u8>, StoreError> {
        let wrong = |why: String| StoreError::Entry {
            kind: self.kind.name(),
            id: self.id.clone(),
            why,
        };
        let json = serde_json::to_vec(&self.value).map_err(|error| wrong(error.to_string()))?;
        match json.len() > ENTRY_BYTES_MAX {
            true => Err(wrong(format!("is longer than {ENTRY_BYTES_MAX} bytes"))),
            false => Ok(json),
        }
    }
}
