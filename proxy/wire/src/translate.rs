//! Other protocols, spoken over Converse where the model does not speak them itself: what a caller asks in its own words becomes a request of Converse, and the answer is said in the
//! caller's words again. Everything between, policy and guardrails with it, sees Converse only.
//!
//! What Converse cannot carry is an error that names the field, unless its own documentation calls it advice: then it is left out, and
//! [`Translated::left_out`] names it.

mod family;
mod converse;
mod names;
mod media;
mod fields;
mod tools;
mod draft;
mod sse;
mod heard;
mod chat;
mod messages;
mod responses;
mod embeddings;
mod voice;
#[cfg(test)]
mod tests;

pub use family::{Own, Spoken};
pub(crate) use messages::refused;
use names::Names;
pub use voice::{Heading, Stream, Unspeakable, Voice};

use crate::json::Document;
use std::borrow::Cow;

/// A protocol that is translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    /// OpenAI's chat completions (platform.openai.com/docs/api-reference/chat).
    Chat,
    /// OpenAI's Responses (platform.openai.com/docs/api-reference/responses).
    Responses,
    /// OpenAI's embeddings (platform.openai.com/docs/api-reference/embeddings).
    Embeddings,
    /// Anthropic's Messages (docs.anthropic.com/en/api/messages).
    Messages,
    /// How many tokens a message would be (docs.anthropic.com/en/api/messages-count-tokens).
    MessagesCount,
}

/// The operation that a request becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// `Converse`, or `ConverseStream`.
    Converse,
    /// `CountTokens`.
    CountTokens,
    /// `InvokeEndpoint`, or `InvokeEndpointWithResponseStream`.
    InvokeEndpoint,
    /// `InvokeModel`, or `InvokeModelWithResponseStream`, with a body in the model's own words.
    InvokeModel,
}

/// A request as Converse takes it.
#[derive(Debug)]
pub struct Translated {
    /// For which operation.
    pub way: Way,
    /// The body.
    pub body: Vec<u8>,
    /// Whether the answer is to be streamed.
    pub is_streaming: bool,
    /// Fields that were advice, and are not carried over.
    pub left_out: Vec<&'static str>,
    /// How the answer is said.
    pub voice: Voice,
}

/// What cannot be carried over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {why}")]
pub struct Untranslatable {
    /// Where it stands, such as `messages[2].content`.
    pub field: String,
    /// Why: a part of a sentence about the field.
    pub why: Cow<'static, str>,
}

impl Untranslatable {
    fn of(field: impl Into<String>, why: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: field.into(),
            why: why.into(),
        }
    }
}

impl Tongue {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Chat,
        Self::Responses,
        Self::Embeddings,
        Self::Messages,
        Self::MessagesCount,
    ];

    /// Its name in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Chat => "openai-chat",
            Self::Responses => "openai-responses",
            Self::Embeddings => "openai-embeddings",
            Self::Messages => "anthropic-messages",
            Self::MessagesCount => "anthropic-count-tokens",
        }
    }

    /// The protocol of a path, raw and without any mount prefix.
    #[must_use]
    pub fn of_path(raw_path: &str) -> Option<Self> {
        match raw_path {
            "/v1/chat/completions" | "/openai/v1/chat/completions" => Some(Self::Chat),
            "/v1/responses" | "/openai/v1/responses" => Some(Self::Responses),
            "/v1/embeddings" | "/openai/v1/embeddings" => Some(Self::Embeddings),
            "/v1/messages" | "/anthropic/v1/messages" => Some(Self::Messages),
            "/v1/messages/count_tokens" | "/anthropic/v1/messages/count_tokens" => Some(Self::MessagesCount),
            _ => None,
        }
    }

    /// The model that a request names.
    ///
    /// # Errors
    /// When it names none.
    pub fn model(self, body: &Document) -> Result<Cow<'_, str>, Untranslatable> {
        let named = body.root().get("model").and_then(|model| model.as_str());
        named
            .filter(|name| !name.is_empty())
            .ok_or_else(|| Untranslatable::of("model", "names the model, and is missing"))
    }

    /// Says a request in the words of Converse. `betas` are what headers ask for beside it (`anthropic-beta`).
    ///
    /// # Errors
    /// The first field that cannot be carried over to this model.
    pub fn request(
        self,
        body: &Document,
        model: Spoken<'_>,
        betas: &[&str],
    ) -> Result<Translated, Untranslatable> {
        match (self, model.own) {
            (Self::Chat, Own::Chat) => chat::native(body),
            (_, Own::Chat) => {
                let why = "is an endpoint, which speaks chat completions only: `/v1/chat/completions`";
                Err(Untranslatable::of("model", why))
            }
            (Self::Messages, Own::Messages) => messages::native(body, betas),
            (Self::Chat, _) => chat::request(body, model),
            (Self::Responses, _) => responses::request(body, model),
            (Self::Embeddings, _) => embeddings::request(body, model),
            (Self::Messages, _) => messages::request(body, model, betas),
            (Self::MessagesCount, _) => messages::count(body, model, betas),
        }
    }
}
