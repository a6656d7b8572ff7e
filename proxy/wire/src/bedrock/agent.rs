//! Typed targets of Bedrock Agent Runtime: what knowledge bases are asked.

use super::TargetError;
use super::label::{is_word, segments};

/// The operations that are served. Source: AWS API reference, "Agents for Amazon Bedrock Runtime", actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `POST /knowledgebases/{knowledgeBaseId}/retrieve`
    Retrieve,
}

impl Operation {
    /// The name in AWS's API and in IAM policies.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Retrieve => "Retrieve",
        }
    }

    /// The only HTTP method it has.
    #[must_use]
    pub fn method(self) -> &'static str {
        "POST"
    }

    /// Whether the response is an event stream.
    #[must_use]
    pub fn is_streaming(self) -> bool {
        match self {
            Self::Retrieve => false,
        }
    }
}

/// The id of a knowledge base: up to ten letters and digits. Needs no encoding in a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KnowledgeBaseId(String);

impl KnowledgeBaseId {
    /// Accepts an id.
    ///
    /// # Errors
    /// [`TargetError::ResourceName`]. Source: AWS API reference, `Retrieve`, `knowledgeBaseId`: at most 10 characters of the pattern
    /// `[0-9a-zA-Z]+`.
    pub fn new(id: &str) -> Result<Self, TargetError> {
        let accepted = id.len() <= 10 && is_word(id, |b| b.is_ascii_alphanumeric());
        accepted
            .then(|| Self(id.to_owned()))
            .ok_or(TargetError::ResourceName)
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a request is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// The operation.
    pub operation: Operation,
    /// The knowledge base that is asked.
    pub knowledge_base: KnowledgeBaseId,
}

impl Target {
    /// Reads a method and a raw path, without query and without any mount prefix.
    ///
    /// # Errors
    /// See [`TargetError`].
    pub fn parse(method: &str, raw_path: &str) -> Result<Self, TargetError> {
        let segments = segments(raw_path)?;
        let ["knowledgebases", id, "retrieve"] = segments[..] else {
            return Err(TargetError::UnknownOperation);
        };
        let operation = Operation::Retrieve;
        let knowledge_base = KnowledgeBaseId::new(id)?;
        if method != operation.method() {
            return Err(TargetError::WrongMethod);
        }
        Ok(Self {
            operation,
            knowledge_base,
        })
    }

    /// The path to send upstream.
    #[must_use]
    pub fn canonical_path(&self) -> String {
        ["/knowledgebases/", self.knowledge_base.as_str(), "/retrieve"].concat()
    }
}
