//! Typed targets of Bedrock Agent Runtime: what knowledge bases are asked.

use super::TargetError;
use super::label::{is_word, segments};

/// The operations that are served. Source: AWS API reference, "Agents for Amazon Bedrock Runtime", actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `POST /knowledgebases/{knowledgeBaseId}/retrieve`
    Retrieve,
    /// `POST /rerank`; the model is named in the body
    Rerank,
    /// `POST /retrieveAndGenerate`; model and knowledge base are named in the body
    RetrieveAndGenerate,
    /// `POST /retrieveAndGenerateStream`; the same
    RetrieveAndGenerateStream,
}

impl Operation {
    /// The name in AWS's API and in IAM policies.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Retrieve => "Retrieve",
            Self::Rerank => "Rerank",
            Self::RetrieveAndGenerate => "RetrieveAndGenerate",
            Self::RetrieveAndGenerateStream => "RetrieveAndGenerateStream",
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
            Self::Retrieve | Self::Rerank | Self::RetrieveAndGenerate => false,
            Self::RetrieveAndGenerateStream => true,
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
pub enum Target {
    /// To retrieve from a knowledge base.
    Retrieve(KnowledgeBaseId),
    /// To order texts by a model.
    Rerank,
    /// To have a model write of what is found.
    RetrieveAndGenerate {
        /// Whether the answer is an event stream.
        is_streaming: bool,
    },
}

impl Target {
    /// Reads a method and a raw path, without query and without any mount prefix.
    ///
    /// # Errors
    /// See [`TargetError`].
    pub fn parse(method: &str, raw_path: &str) -> Result<Self, TargetError> {
        let segments = segments(raw_path)?;
        let target = match segments[..] {
            ["knowledgebases", id, "retrieve"] => Self::Retrieve(KnowledgeBaseId::new(id)?),
            ["rerank"] => Self::Rerank,
            ["retrieveAndGenerate"] => Self::RetrieveAndGenerate { is_streaming: false },
            ["retrieveAndGenerateStream"] => Self::RetrieveAndGenerate { is_streaming: true },
            _ => return Err(TargetError::UnknownOperation),
        };
        if method != target.operation().method() {
            return Err(TargetError::WrongMethod);
        }
        Ok(target)
    }

    /// The operation.
    #[must_use]
    pub fn operation(&self) -> Operation {
        match self {
            Self::Retrieve(_) => Operation::Retrieve,
            Self::Rerank => Operation::Rerank,
            Self::RetrieveAndGenerate { is_streaming: false } => Operation::RetrieveAndGenerate,
            Self::RetrieveAndGenerate { is_streaming: true } => Operation::RetrieveAndGenerateStream,
        }
    }

    /// Whether the provider keeps conversations, which go on with the id of theirs.
    #[must_use]
    pub fn keeps_sessions(&self) -> bool {
        match self {
            Self::RetrieveAndGenerate { .. } => true,
            Self::Retrieve(_) | Self::Rerank => false,
        }
    }

    /// The path to send upstream.
    #[must_use]
    pub fn canonical_path(&self) -> String {
        match self {
            Self::Retrieve(id) => ["/knowledgebases/", id.as_str(), "/retrieve"].concat(),
            Self::Rerank => "/rerank".to_owned(),
            Self::RetrieveAndGenerate { is_streaming: false } => "/retrieveAndGenerate".to_owned(),
            Self::RetrieveAndGenerate { is_streaming: true } => "/retrieveAndGenerateStream".to_owned(),
        }
    }
}
