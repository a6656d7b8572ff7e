//! The protocols that are spoken here, and what follows from which one it is: told by the path alone, before anything can
//! be refused, so that every error has the shape that its caller's SDK reads.

use crate::header::Grammar;

/// A protocol, by the API it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Bedrock Runtime's own operations, `/model/…` and everything that is no other's.
    BedrockRuntime,
    /// Bedrock Agent Runtime, as far as it is about retrieval: `/knowledgebases/…`, `/rerank`, `/retrieveAndGenerate`.
    BedrockAgentRuntime,
    /// SageMaker Runtime, `/endpoints/…`.
    SageMakerRuntime,
    /// Chat completions and responses, `/openai/…` and `/v1/…`.
    OpenAi,
    /// Messages, `/anthropic/…` and `/v1/messages`.
    AnthropicMessages,
}

/// Names a guardrail of the caller's own. Source: AWS API reference, `InvokeModel`.
pub const GUARDRAIL_HEADER: &str = "x-amzn-bedrock-guardrailidentifier";

/// Headers of a Bedrock Runtime request that reach the provider: content negotiation, service options, and a guardrail of
/// the caller's own, which can only add to what policy does here. Source: AWS API reference, `Converse`, `InvokeModel`.
const BEDROCK_REQUEST: &[(&str, Grammar)] = &[
    ("accept", Grammar::MediaTypes),
    ("x-amzn-bedrock-accept", Grammar::MediaTypes),
    ("x-amzn-bedrock-performanceconfig-latency", Grammar::Word),
    ("x-amzn-bedrock-service-tier", Grammar::Word),
    (GUARDRAIL_HEADER, Grammar::Guardrail),
    ("x-amzn-bedrock-guardrailversion", Grammar::GuardrailVersion),
    ("x-amzn-bedrock-trace", Grammar::Word),
];

/// Headers of its answers that reach the client. The request id is the gateway's own: it is the one in the records.
const BEDROCK_ANSWER: &[&str] = &[
    "content-type",
    "x-amzn-errortype",
    "x-amzn-bedrock-content-type",
    "x-amzn-bedrock-performanceconfig-latency",
    "x-amzn-bedrock-service-tier",
    "x-amzn-bedrock-input-token-count",
    "x-amzn-bedrock-output-token-count",
    "x-amzn-bedrock-cache-read-input-token-count",
    "x-amzn-bedrock-cache-write-input-token-count",
    "x-amzn-bedrock-invocation-latency",
    "retry-after",
    "x-amz-retry-after",
];

/// Names the conversation that a stream of Bedrock Agent Runtime belongs to. Source: AWS API reference, `RetrieveAndGenerateStream`.
pub const SESSION_HEADER: &str = "x-amzn-bedrock-knowledge-base-session-id";

/// Headers of answers of Bedrock Agent Runtime that reach the client. None of a request reach the provider.
const AGENT_ANSWER: &[&str] = &[
    "content-type",
    SESSION_HEADER,
    "x-amzn-errortype",
    "retry-after",
    "x-amz-retry-after",
];

/// The same for SageMaker Runtime. What chooses what runs (components, variants, models, containers) is not among them: that
/// is a part of the target. Source: AWS API reference, `InvokeEndpoint`, `InvokeEndpointWithResponseStream`,
/// `InvokeEndpointAsync`.
const SAGEMAKER_REQUEST: &[(&str, Grammar)] = &[
    ("accept", Grammar::MediaTypes),
    ("x-amzn-sagemaker-accept", Grammar::MediaTypes),
    ("x-amzn-sagemaker-custom-attributes", Grammar::Token),
    ("x-amzn-sagemaker-enable-explanations", Grammar::Token),
    ("x-amzn-sagemaker-inference-id", Grammar::Token),
    ("x-amzn-sagemaker-session-id", Grammar::Token),
    // Of asynchronous calls.
    ("x-amzn-sagemaker-content-type", Grammar::MediaTypes),
    ("x-amzn-sagemaker-filename", Grammar::Token),
    ("x-amzn-sagemaker-inputlocation", Grammar::Token),
    ("x-amzn-sagemaker-invocationtimeoutseconds", Grammar::Number),
    ("x-amzn-sagemaker-requestttlseconds", Grammar::Number),
    ("x-amzn-sagemaker-s3outputpathextension", Grammar::Token),
];

/// And for its answers.
const SAGEMAKER_ANSWER: &[&str] = &[
    "content-type",
    "x-amzn-errortype",
    "x-amzn-invoked-production-variant",
    "x-amzn-sagemaker-content-type",
    "x-amzn-sagemaker-new-session-id",
    "x-amzn-sagemaker-closed-session-id",
    "x-amzn-sagemaker-outputlocation",
    "x-amzn-sagemaker-failurelocation",
    "retry-after",
    "x-amz-retry-after",
];

impl Protocol {
    /// The protocol of a request path, raw, without any mount prefix. Unknown paths are Bedrock Runtime's.
    #[must_use]
    pub fn of_path(raw_path: &str) -> Self {
        let is = |prefix: &str| {
            raw_path
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if is("/anthropic") || is("/v1/messages") {
            Self::AnthropicMessages
        } else if is("/openai") || is("/v1") {
            Self::OpenAi
        } else if is("/knowledgebases")
            || is("/rerank")
            || is("/retrieveAndGenerate")
            || is("/retrieveAndGenerateStream")
        {
            Self::BedrockAgentRuntime
        } else if is("/endpoints") {
            Self::SageMakerRuntime
        } else {
            Self::BedrockRuntime
        }
    }

    /// The service name that requests are signed for, to the provider. Source: AWS Service Authorization Reference.
    #[must_use]
    pub fn service(self) -> &'static str {
        match self {
            Self::SageMakerRuntime => "sagemaker",
            Self::BedrockRuntime | Self::BedrockAgentRuntime | Self::OpenAi | Self::AnthropicMessages => {
                "bedrock"
            }
        }
    }

    /// The service names that callers' SDKs sign for: the same, and that of Bedrock's OpenAI-compatible host.
    #[must_use]
    pub fn signed_for(self) -> &'static [&'static str] {
        match self {
            Self::SageMakerRuntime => &["sagemaker"],
            Self::BedrockRuntime | Self::BedrockAgentRuntime => &["bedrock"],
            Self::OpenAi | Self::AnthropicMessages => &["bedrock", "bedrock-mantle"],
        }
    }

    /// Headers of a request that reach the provider, and what they can be. Every other header that it would act on is dropped.
    #[must_use]
    pub fn request_headers(self) -> &'static [(&'static str, Grammar)] {
        match self {
            Self::SageMakerRuntime => SAGEMAKER_REQUEST,
            Self::BedrockAgentRuntime => &[],
            Self::BedrockRuntime | Self::OpenAi | Self::AnthropicMessages => BEDROCK_REQUEST,
        }
    }

    /// Headers that tell clients the id of the exchange.
    #[must_use]
    pub fn request_id_headers(self) -> &'static [&'static str] {
        match self {
            Self::BedrockRuntime | Self::BedrockAgentRuntime | Self::SageMakerRuntime => {
                &["x-amzn-requestid"]
            }
            Self::OpenAi => &["x-amzn-requestid", "x-request-id"],
            Self::AnthropicMessages => &["x-amzn-requestid", "request-id"],
        }
    }

    /// Headers of an answer that reach the client.
    #[must_use]
    pub fn answer_headers(self) -> &'static [&'static str] {
        match self {
            Self::SageMakerRuntime => SAGEMAKER_ANSWER,
            Self::BedrockAgentRuntime => AGENT_ANSWER,
            Self::BedrockRuntime | Self::OpenAi | Self::AnthropicMessages => BEDROCK_ANSWER,
        }
    }
}
