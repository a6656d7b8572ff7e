//! The shape of a body: which walk finds its texts.

use crate::json::Document;

use super::{
    Event, RequestMap, ResponseMap, ShapeError, anthropic, asked, converse, count, endpoint,
    gather::Gather,
    generation, generic,
    guardrail::{self, nothing_is_written},
    nova, retrieval, sonic, started,
};

/// The shape of a body, by API and model family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Converse and `ConverseStream`.
    Converse,
    /// `CountTokens`, around a body of Converse or `InvokeModel`.
    CountTokens,
    /// Anthropic Messages, and the older text completions, through `InvokeModel`.
    Anthropic,
    /// Amazon Nova understanding models through `InvokeModel`.
    Nova,
    /// Amazon Nova Sonic through `InvokeModelWithBidirectionalStream`: lists of the caller's events, and the model's one by one.
    Sonic,
    /// Every other body: OpenAI chat, Llama, Titan, Cohere, Mistral, custom models. Bodies that
    /// show themselves to be Anthropic's or Nova's are mapped as such.
    Generic,
    /// `ApplyGuardrail`.
    Guardrail,
    /// `InvokeGuardrailChecks`.
    GuardrailChecks,
    /// `StartAsyncInvoke`.
    StartAsyncInvoke,
    /// `GetAsyncInvoke` and `ListAsyncInvokes`: calls without a body.
    AsyncInvokes,
    /// `Retrieve`.
    Retrieve,
    /// `Rerank`.
    Rerank,
    /// `RetrieveAndGenerate` and `RetrieveAndGenerateStream`.
    RetrieveAndGenerate,
    /// An endpoint that speaks OpenAI Chat Completions.
    OpenAiChat,
    /// An endpoint of Text Generation Inference.
    Tgi,
    /// An endpoint of a JumpStart model.
    JumpStart,
    /// An endpoint that takes any JSON.
    Json,
    /// An endpoint that takes plain text.
    Text,
    /// An endpoint that takes what cannot be read here.
    Opaque,
    /// An input that lies in S3.
    Elsewhere,
}

/// What a body is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// JSON.
    Json,
    /// UTF-8 text, read as one string.
    Text,
    /// Bytes, not read.
    Opaque,
}

impl Dialect {
    /// The dialect that a model speaks through `InvokeModel`.
    ///
    /// Knows foundation-model ids, ids with a cross-region prefix, and ARNs that end in these.
    /// An id that hides the model (application profiles, prompts, custom models) is `Generic`.
    #[must_use]
    pub fn of_model(model_id: &str) -> Self {
        let named = ["foundation-model/", ":inference-profile/"];
        let id = match model_id.starts_with("arn:") {
            true => named
                .iter()
                .find_map(|part| model_id.split_once(part))
                .map_or("", |(_, id)| id),
            false => model_id,
        };
        let regions = ["us.", "us-gov.", "eu.", "apac.", "jp.", "au.", "ca.", "global."];
        let id = regions
            .iter()
            .find_map(|region| id.strip_prefix(region))
            .unwrap_or(id);
        let speaks_messages = |id: &str| {
            !["canvas", "reel", "sonic", "embed"]
                .iter()
                .any(|other| id.contains(other))
        };
        match id.split_once('.') {
            Some(("anthropic", _)) => Self::Anthropic,
            Some(("amazon", model)) if model.starts_with("nova-") && speaks_messages(model) => Self::Nova,
            _ => Self::Generic,
        }
    }

    /// The dialect of an endpoint, by its name in a registry.
    #[must_use]
    pub fn of_endpoint(name: &str) -> Option<Self> {
        let known = [
            ("openai-chat", Self::OpenAiChat),
            ("tgi", Self::Tgi),
            ("jumpstart", Self::JumpStart),
            ("json", Self::Json),
            ("text", Self::Text),
            ("opaque", Self::Opaque),
        ];
        known
            .into_iter()
            .find(|(own, _)| *own == name)
            .map(|(_, dialect)| dialect)
    }

    /// What its bodies are made of.
    #[must_use]
    pub fn form(self) -> Form {
        match self {
            Self::Text => Form::Text,
            Self::Opaque | Self::Elsewhere => Form::Opaque,
            Self::Converse
            | Self::CountTokens
            | Self::Guardrail
            | Self::GuardrailChecks
            | Self::StartAsyncInvoke
            | Self::AsyncInvokes
            | Self::Retrieve
            | Self::Rerank
            | Self::RetrieveAndGenerate
            | Self::Anthropic
            | Self::Nova
            | Self::Sonic
            | Self::Generic
            | Self::OpenAiChat
            | Self::Tgi
            | Self::JumpStart
            | Self::Json => Form::Json,
        }
    }

    /// Whether its requests have no body.
    #[must_use]
    pub fn takes_nothing(self) -> bool {
        matches!(self, Self::Elsewhere | Self::AsyncInvokes)
    }

    /// Whether its request bodies are objects.
    #[must_use]
    pub fn takes_object(self) -> bool {
        self.form() == Form::Json && !matches!(self, Self::Json | Self::Sonic) && !self.takes_nothing()
    }

    /// The text map of a request body. A body in text is the string at the root of `document`.
    ///
    /// # Errors
    /// [`ShapeError`] when a known field has a shape that its dialect does not allow, or something that policy reads
    /// cannot be read exactly.
    pub fn request(self, document: &Document) -> Result<RequestMap, ShapeError> {
        let mut gather = Gather::default();
        let root = document.root();
        match self {
            Self::Converse => converse::request(&mut gather, root),
            Self::CountTokens => count::request(&mut gather, root),
            Self::Guardrail => guardrail::applied(&mut gather, root),
            Self::GuardrailChecks => guardrail::checked(&mut gather, root),
            Self::StartAsyncInvoke => started::request(&mut gather, root),
            Self::AsyncInvokes => nothing_is_written(&mut gather),
            Self::Retrieve => retrieval::request(&mut gather, root),
            Self::Rerank => retrieval::rerank(&mut gather, root),
            Self::RetrieveAndGenerate => generation::request(&mut gather, root),
            Self::Nova => nova::request(&mut gather, root),
            Self::Sonic => sonic::request(&mut gather, root),
            Self::Anthropic => anthropic::request(&mut gather, root),
            Self::Generic | Self::Json => generic::request(&mut gather, root),
            Self::OpenAiChat => endpoint::chat(&mut gather, root),
            Self::Tgi => endpoint::tgi(&mut gather, root),
            Self::JumpStart => endpoint::jumpstart(&mut gather, root),
            Self::Text => endpoint::text(&mut gather, root),
            Self::Opaque => endpoint::opaque(&mut gather),
            Self::Elsewhere => endpoint::elsewhere(&mut gather),
        }
        asked::limits(&mut gather, root);
        if let Some(offset) = gather.misshapen {
            return Err(ShapeError {
                pointer: document.pointer(offset),
            });
        }
        Ok(gather.into_request(document))
    }

    /// The text map of a whole response body. What has an unexpected shape is walked string by
    /// string.
    #[must_use]
    pub fn response(self, document: &Document) -> ResponseMap {
        let mut gather = Gather::of_answer();
        let root = document.root();
        match self {
            Self::Converse => converse::response(&mut gather, root),
            Self::CountTokens => count::response(&mut gather, root),
            Self::Guardrail | Self::GuardrailChecks => guardrail::response(&mut gather, root),
            Self::StartAsyncInvoke | Self::AsyncInvokes => started::response(&mut gather, root),
            Self::Retrieve => retrieval::response(&mut gather, root),
            Self::Rerank => retrieval::ranked(&mut gather, root),
            Self::RetrieveAndGenerate => generation::response(&mut gather, root),
            Self::Nova => nova::response(&mut gather, root),
            Self::Anthropic => anthropic::response(&mut gather, root),
            Self::Sonic | Self::Generic | Self::OpenAiChat | Self::Tgi | Self::JumpStart | Self::Json => {
                generic::response(&mut gather, root);
            }
            Self::Text => endpoint::text(&mut gather, root),
            Self::Opaque => endpoint::opaque(&mut gather),
            // The answer to an asynchronous call is SageMaker's own.
            Self::Elsewhere => generic::response(&mut gather, root),
        }
        gather.into_response(document)
    }

    /// The text map of one stream event.
    ///
    /// Takes for Converse and `RetrieveAndGenerateStream` the frame's `:event-type` and payload; for the other dialects `chunk`
    /// and the JSON inside the chunk. What has an unexpected shape is walked string by string.
    #[must_use]
    pub fn event(self, event_type: &str, document: &Document) -> Event {
        let mut gather = Gather::of_event();
        let root = document.root();
        match self {
            Self::Converse => converse::event(&mut gather, event_type.as_bytes(), root),
            Self::RetrieveAndGenerate => generation::event(&mut gather, event_type.as_bytes(), root),
            Self::Nova => nova::event(&mut gather, root),
            Self::Sonic => sonic::event(&mut gather, root),
            Self::Anthropic => anthropic::event(&mut gather, root),
            // There are none of these.
            Self::CountTokens
            | Self::Guardrail
            | Self::GuardrailChecks
            | Self::StartAsyncInvoke
            | Self::AsyncInvokes
            | Self::Retrieve
            | Self::Rerank
            | Self::Generic
            | Self::OpenAiChat
            | Self::Tgi
            | Self::JumpStart
            | Self::Json
            | Self::Text
            | Self::Opaque
            | Self::Elsewhere => generic::event(&mut gather, root),
        }
        gather.into_event(document)
    }
}
