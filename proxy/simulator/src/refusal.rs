//! Errors in the shape of AWS: a status, `x-amzn-errortype` and a JSON message.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::json;

/// Error names and their status. Source: the Bedrock Runtime and `SageMaker` Runtime API references, "Errors", and AWS
/// "Common Errors". The first name of a status is the one for a script that gives the status only.
const NAMES: [(&str, u16); 21] = [
    ("ValidationException", 400),
    ("ServiceQuotaExceededException", 400),
    ("ValidationError", 400),
    ("AccessDeniedException", 403),
    ("InvalidSignatureException", 403),
    ("UnrecognizedClientException", 403),
    ("MissingAuthenticationTokenException", 403),
    ("IncompleteSignatureException", 403),
    ("ExpiredTokenException", 403),
    ("ResourceNotFoundException", 404),
    ("UnknownOperationException", 404),
    ("ModelTimeoutException", 408),
    ("ModelErrorException", 424),
    ("ModelError", 424),
    ("ThrottlingException", 429),
    ("ModelNotReadyException", 429),
    ("InternalServerException", 500),
    ("InternalFailure", 500),
    ("ServiceUnavailableException", 503),
    ("ServiceUnavailable", 503),
    ("InternalDependencyException", 530),
];

/// One error response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) name: Cow<'static, str>,
    pub(crate) message: Cow<'static, str>,
}

impl Refusal {
    /// A refusal of the simulator's own.
    pub(crate) fn new(name: &'static str, message: &'static str) -> Self {
        Self {
            status: status_of(name),
            name: name.into(),
            message: message.into(),
        }
    }

    /// A scripted error: the name, the status, or both.
    pub(crate) fn scripted(status: Option<u16>, name: Option<String>, message: Option<String>) -> Self {
        let status = status.or_else(|| name.as_deref().map(status_of)).unwrap_or(400);
        let name = name.map_or_else(|| Cow::Borrowed(name_of(status)), Cow::Owned);
        let message = message.map_or(Cow::Borrowed("scripted by the simulator"), Cow::Owned);
        Self {
            status,
            name,
            message,
        }
    }

    /// A body over the limit of its operation.
    pub(crate) fn too_large(is_sagemaker: bool) -> Self {
        let name = if is_sagemaker {
            "ValidationError"
        } else {
            "ValidationException"
        };
        Self {
            status: 413,
            ..Self::new(name, "request body exceeds the maximum size")
        }
    }

    /// The JSON body. `SageMaker` models the member with a capital.
    pub(crate) fn body(&self, is_sagemaker: bool) -> Bytes {
        let body = if self.name == "UnknownOperationException" {
            // The router in front of every AWS service answers before any service does, in a form of its own.
            json!({ "Output": { "__type": "com.amazon.coral.service#UnknownOperationException" }, "Version": "1.0" })
        } else if is_sagemaker {
            json!({ "Message": self.message })
        } else {
            json!({ "message": self.message })
        };
        body.to_string().into()
    }
}

fn status_of(name: &str) -> u16 {
    NAMES
        .iter()
        .find(|(known, _)| *known == name)
        .map_or(400, |(_, status)| *status)
}

fn name_of(status: u16) -> &'static str {
    let known = NAMES.iter().find(|(_, known)| *known == status);
    let class = if status >= 500 {
        "InternalServerException"
    } else {
        "ValidationException"
    };
    known.map_or(class, |(name, _)| name)
}
