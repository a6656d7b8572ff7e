//! The error contract: one [`Fault`], shown as the caller's SDK expects it, before or inside a stream.
//!
//! The shape follows the path, not the client: an error in the wrong shape reaches an SDK without code and message.
//!
//! INVARIANT: a denial is never retried. Its status is outside every SDK's retry set (408, 429, 5xx), and it says
//! `x-should-retry: false` to the SDKs that read that header.

use std::borrow::Cow;

use bytes::BytesMut;
use serde::Deserialize;
use serde_json::json;

use crate::eventstream;
use crate::protocol::Protocol;

/// What went wrong, as a caller may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Policy, tenant or model does not allow this. 403.
    AccessDenied,
    /// The request is malformed, too large or not supported. 400.
    Validation,
    /// The access key or token is not one of ours. 403.
    UnrecognizedClient,
    /// The signature does not match, or its time is off. 403.
    InvalidSignature,
    /// The signature lacks a part. 403.
    IncompleteSignature,
    /// No credentials at all. 403.
    MissingAuthenticationToken,
    /// The token is past its time. 403.
    ExpiredToken,
    /// No such model or endpoint. 404.
    ResourceNotFound,
    /// Too many requests for now. 429, retried by SDKs after the given time.
    Throttling {
        /// When to come back, in milliseconds.
        retry_after_ms: u64,
    },
    /// A budget is used up: coming back soon does not help. 400.
    ServiceQuotaExceeded,
    /// The model took too long. 408, retried by some SDKs.
    ModelTimeout,
    /// The model, or the endpoint's container, failed. 424.
    ModelError,
    /// A part the gateway must not do without is down. 503, retried.
    ServiceUnavailable,
    /// A defect of the gateway. 500, retried.
    InternalServer,
}

/// What an error of AWS says of itself, in a body or a frame. Services differ in how they spell the member.
#[derive(Deserialize)]
struct Told {
    #[serde(default, alias = "Message")]
    message: String,
}

/// An error response: every header that belongs to the error, and the body. `date` and `content-length` are the
/// server's to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// HTTP status.
    pub status: u16,
    /// Lower-case names, unique.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// JSON.
    pub body: Vec<u8>,
}

impl Fault {
    /// HTTP status on Bedrock paths. Source: AWS API reference, Bedrock Runtime errors and "Common error types".
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Validation | Self::ServiceQuotaExceeded => 400,
            Self::AccessDenied | Self::ExpiredToken | Self::UnrecognizedClient => 403,
            Self::InvalidSignature | Self::IncompleteSignature | Self::MissingAuthenticationToken => 403,
            Self::ResourceNotFound => 404,
            Self::ModelTimeout => 408,
            Self::ModelError => 424,
            Self::Throttling { .. } => 429,
            Self::InternalServer => 500,
            Self::ServiceUnavailable => 503,
        }
    }

    /// Name on Bedrock paths, as in `x-amzn-errortype`: `AccessDeniedException`. Source: as [`Fault::status`].
    #[must_use]
    pub fn aws_name(self) -> &'static str {
        match self {
            Self::AccessDenied => "AccessDeniedException",
            Self::Validation => "ValidationException",
            Self::UnrecognizedClient => "UnrecognizedClientException",
            Self::InvalidSignature => "InvalidSignatureException",
            Self::IncompleteSignature => "IncompleteSignatureException",
            Self::MissingAuthenticationToken => "MissingAuthenticationTokenException",
            Self::ExpiredToken => "ExpiredTokenException",
            Self::ResourceNotFound => "ResourceNotFoundException",
            Self::Throttling { .. } => "ThrottlingException",
            Self::ServiceQuotaExceeded => "ServiceQuotaExceededException",
            Self::ModelTimeout => "ModelTimeoutException",
            Self::ModelError => "ModelErrorException",
            Self::ServiceUnavailable => "ServiceUnavailableException",
            Self::InternalServer => "InternalServerException",
        }
    }

    /// The fault that AWS calls so, in a header or in a stream: `ThrottlingException`, `throttlingException`, with or without what AWS appends
    /// behind a colon. None for names of no other use here.
    #[must_use]
    pub fn of_aws(name: &str) -> Option<Self> {
        let name = name.split(':').next().unwrap_or_default();
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        // It does not say when to come back.
        let throttling = Self::Throttling {
            retry_after_ms: 1_000,
        };
        const MORE: [(&str, Fault); 9] = [
            ("ModelError", Fault::ModelError),
            ("ModelStreamError", Fault::ModelError),
            ("InternalStreamFailure", Fault::InternalServer),
            ("InternalFailure", Fault::InternalServer),
            ("ServiceUnavailable", Fault::ServiceUnavailable),
            ("ValidationError", Fault::Validation),
            ("ModelStreamErrorException", Fault::ModelError),
            ("ModelNotReadyException", Fault::ServiceUnavailable),
            ("ConflictException", Fault::Validation),
        ];
        let known = [
            Self::AccessDenied,
            Self::Validation,
            Self::ResourceNotFound,
            throttling,
            Self::ServiceQuotaExceeded,
            Self::ModelTimeout,
            Self::ModelError,
            Self::ServiceUnavailable,
            Self::InternalServer,
        ];
        let more = MORE
            .into_iter()
            .find(|(other, _)| is(other))
            .map(|(_, fault)| fault);
        known.into_iter().find(|fault| is(fault.aws_name())).or(more)
    }

    /// What an error of AWS says, in a body or in the frame of an exception; empty where it says nothing.
    #[must_use]
    pub fn told(body: &[u8]) -> String {
        let told = serde_json::from_slice::<Told>(body);
        told.map(|told| told.message).unwrap_or_default()
    }

    /// The nearest to an HTTP status of AWS.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        match status {
            404 => Self::ResourceNotFound,
            408 => Self::ModelTimeout,
            424 => Self::ModelError,
            429 => Self::Throttling {
                retry_after_ms: 1_000,
            },
            400..=499 => Self::Validation,
            503 => Self::ServiceUnavailable,
            _ => Self::InternalServer,
        }
    }

    /// The nearest exception that `ConverseStream` and `InvokeModelWithResponseStream` both model: of any other, boto3
    /// shows neither code nor message. Source: AWS API reference, `ConverseStreamOutput`, `ResponseStream`.
    #[must_use]
    pub fn stream_name(self) -> &'static str {
        match self {
            Self::AccessDenied
            | Self::Validation
            | Self::UnrecognizedClient
            | Self::InvalidSignature
            | Self::IncompleteSignature
            | Self::MissingAuthenticationToken
            | Self::ExpiredToken
            | Self::ResourceNotFound
            | Self::ServiceQuotaExceeded => "validationException",
            Self::Throttling { .. } => "throttlingException",
            Self::ModelTimeout | Self::ModelError => "modelStreamErrorException",
            Self::ServiceUnavailable => "serviceUnavailableException",
            Self::InternalServer => "internalServerException",
        }
    }

    /// Status and name on SageMaker paths, which model no timeout: an endpoint that does not answer is a `ModelError`.
    /// Source: AWS API reference, `InvokeEndpoint` errors; the common ones where it has none.
    fn sagemaker(self) -> (u16, &'static str) {
        match self {
            // It models no error for an endpoint that is not there but this one.
            Self::Validation | Self::ResourceNotFound => (400, "ValidationError"),
            Self::ModelTimeout | Self::ModelError => (424, "ModelError"),
            Self::ServiceUnavailable => (503, "ServiceUnavailable"),
            Self::InternalServer => (500, "InternalFailure"),
            Self::AccessDenied
            | Self::UnrecognizedClient
            | Self::InvalidSignature
            | Self::IncompleteSignature
            | Self::MissingAuthenticationToken
            | Self::ExpiredToken
            | Self::Throttling { .. }
            | Self::ServiceQuotaExceeded => (self.status(), self.aws_name()),
        }
    }

    /// Status and name on paths of Bedrock Agent Runtime. Source: AWS API reference, `Retrieve` errors; the common ones where it has none.
    fn agent(self) -> (u16, &'static str) {
        match self {
            Self::ModelTimeout => (502, "BadGatewayException"),
            Self::ModelError => (424, "DependencyFailedException"),
            other => (other.status(), other.aws_name()),
        }
    }

    /// The name in a stream of Bedrock Agent Runtime. Source: AWS API reference, `RetrieveAndGenerateStreamResponseOutput`.
    fn agent_stream_name(self) -> &'static str {
        match self {
            Self::ModelTimeout => "badGatewayException",
            Self::ModelError => "dependencyFailedException",
            Self::ServiceUnavailable => "internalServerException",
            other => other.stream_name(),
        }
    }

    /// `type` and `code` on OpenAI paths. Source: OpenAI API reference, "Error codes"; codes it lacks are ours.
    fn openai(self) -> (&'static str, &'static str) {
        const INVALID: &str = "invalid_request_error";
        match self {
            Self::AccessDenied => (INVALID, "policy_denied"),
            Self::Validation => (INVALID, "invalid_request"),
            Self::UnrecognizedClient => (INVALID, "invalid_api_key"),
            Self::InvalidSignature | Self::IncompleteSignature => (INVALID, "invalid_signature"),
            Self::MissingAuthenticationToken => (INVALID, "missing_api_key"),
            Self::ExpiredToken => (INVALID, "expired_api_key"),
            Self::ResourceNotFound => (INVALID, "model_not_found"),
            Self::Throttling { .. } => ("rate_limit_error", "rate_limit_exceeded"),
            Self::ServiceQuotaExceeded => ("insufficient_quota", "insufficient_quota"),
            Self::ModelTimeout => ("server_error", "model_timeout"),
            Self::ModelError => ("server_error", "model_error"),
            Self::ServiceUnavailable => ("server_error", "service_unavailable"),
            Self::InternalServer => ("server_error", "internal_error"),
        }
    }

    /// `error.type` on Anthropic paths. Source: Anthropic API reference, "Errors".
    fn anthropic(self) -> &'static str {
        match self {
            Self::AccessDenied => "permission_error",
            Self::Validation | Self::ServiceQuotaExceeded => "invalid_request_error",
            Self::ResourceNotFound => "not_found_error",
            Self::Throttling { .. } => "rate_limit_error",
            Self::ServiceUnavailable => "overloaded_error",
            Self::ModelTimeout | Self::ModelError | Self::InternalServer => "api_error",
            Self::UnrecognizedClient
            | Self::InvalidSignature
            | Self::IncompleteSignature
            | Self::MissingAuthenticationToken
            | Self::ExpiredToken => "authentication_error",
        }
    }

    /// Status in the caller's protocol. AWS answers 403 to bad credentials, the others 401; and a model that takes
    /// too long is, to the others, one behind a gateway (RFC 9110 section 15.6.5).
    fn status_in(self, protocol: Protocol) -> u16 {
        match protocol {
            Protocol::BedrockRuntime => self.status(),
            Protocol::BedrockAgentRuntime => self.agent().0,
            Protocol::SageMakerRuntime => self.sagemaker().0,
            Protocol::OpenAi | Protocol::AnthropicMessages if self.anthropic() == "authentication_error" => {
                401
            }
            Protocol::OpenAi | Protocol::AnthropicMessages if self == Self::ModelTimeout => 504,
            Protocol::OpenAi | Protocol::AnthropicMessages => self.status(),
        }
    }

    /// Whether another attempt of the same request could succeed soon.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        match self {
            Self::Throttling { .. }
            | Self::ModelTimeout
            | Self::ServiceUnavailable
            | Self::InternalServer => true,
            Self::AccessDenied
            | Self::Validation
            | Self::UnrecognizedClient
            | Self::InvalidSignature
            | Self::IncompleteSignature
            | Self::MissingAuthenticationToken
            | Self::ExpiredToken
            | Self::ResourceNotFound
            | Self::ServiceQuotaExceeded
            | Self::ModelError => false,
        }
    }

    /// The whole response. `message` and `request_id` are shown to the caller: neither may hold prompt text.
    #[must_use]
    pub fn render(self, protocol: Protocol, message: &str, request_id: &str) -> Rendered {
        let mut headers = vec![("content-type", Cow::Borrowed("application/json"))];
        let ids = protocol.request_id_headers().iter();
        headers.extend(ids.map(|&name| (name, Cow::Owned(request_id.to_owned()))));
        match protocol {
            Protocol::BedrockRuntime => headers.push(("x-amzn-errortype", Cow::Borrowed(self.aws_name()))),
            Protocol::BedrockAgentRuntime => {
                headers.push(("x-amzn-errortype", Cow::Borrowed(self.agent().1)));
            }
            Protocol::SageMakerRuntime => {
                headers.push(("x-amzn-errortype", Cow::Borrowed(self.sagemaker().1)));
            }
            Protocol::OpenAi | Protocol::AnthropicMessages => {}
        }
        self.push_retry_headers(&mut headers);
        Rendered {
            status: self.status_in(protocol),
            headers,
            body: self.body(protocol, message, request_id).into_bytes(),
        }
    }

    /// Each SDK reads another header: `retry-after` (seconds) JavaScript, `retry-after-ms` and `x-should-retry` the
    /// OpenAI and Anthropic SDKs, `x-amz-retry-after` (milliseconds) boto3 and Rust.
    fn push_retry_headers(self, headers: &mut Vec<(&'static str, Cow<'static, str>)>) {
        if let Self::Throttling { retry_after_ms } = self {
            let seconds = retry_after_ms.div_ceil(1000).max(1);
            headers.push(("retry-after", Cow::Owned(seconds.to_string())));
            headers.push(("retry-after-ms", Cow::Owned(retry_after_ms.to_string())));
            headers.push(("x-amz-retry-after", Cow::Owned(retry_after_ms.to_string())));
        }
        if !self.is_retryable() {
            headers.push(("x-should-retry", Cow::Borrowed("false")));
        }
    }

    /// Appends the last bytes of a stream that has begun and must stop: an exception frame, or the error event of a
    /// text stream. A stream that merely ends would pass for complete in every SDK.
    ///
    /// # Errors
    /// [`eventstream::Error::PayloadLength`] when `message` is over 24 MiB; `out` is then unchanged.
    pub fn exception_frame(
        self,
        protocol: Protocol,
        message: &str,
        request_id: &str,
        out: &mut BytesMut,
    ) -> Result<(), eventstream::Error> {
        let body = self.body(protocol, message, request_id);
        match protocol {
            Protocol::BedrockRuntime => eventstream::exception(self.stream_name(), body.as_bytes(), out)?,
            Protocol::BedrockAgentRuntime => {
                eventstream::exception(self.agent_stream_name(), body.as_bytes(), out)?;
            }
            Protocol::SageMakerRuntime => {
                let (_, code) = self.sagemaker();
                let body = json!({ "Message": message, "ErrorCode": code }).to_string();
                eventstream::exception("ModelStreamError", body.as_bytes(), out)?;
            }
            Protocol::OpenAi => extend(out, &["data: ", &body, "\n\n"]),
            Protocol::AnthropicMessages => extend(out, &["event: error\ndata: ", &body, "\n\n"]),
        }
        Ok(())
    }

    fn body(self, protocol: Protocol, message: &str, request_id: &str) -> String {
        let body = match protocol {
            Protocol::BedrockRuntime | Protocol::BedrockAgentRuntime => json!({ "message": message }),
            Protocol::SageMakerRuntime => json!({ "Message": message }),
            Protocol::OpenAi => {
                let (kind, code) = self.openai();
                json!({ "error": { "message": message, "type": kind, "param": null, "code": code } })
            }
            Protocol::AnthropicMessages => json!({
                "type": "error",
                "error": { "type": self.anthropic(), "message": message },
                "request_id": request_id,
            }),
        };
        body.to_string()
    }
}

fn extend(out: &mut BytesMut, parts: &[&str]) {
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}
