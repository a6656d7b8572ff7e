//! Typed targets of Bedrock Runtime (and, in [`agent`] and [`sagemaker`], of Bedrock Agent Runtime and SageMaker Runtime): method and raw path in, operation and
//! resource out, and back to the one path that goes upstream.
//!
//! SDKs spell the same model in two ways, `v1%3A0` and `v1:0`, and ARNs come with `%2F` or `/`. A path is decoded exactly
//! once; what still looks encoded after that is refused.
//!
//! INVARIANT: `Target::parse(t.operation().method(), &t.canonical_path()) == Ok(t)`. The upstream path is built from the
//! target, so nothing of the received path, decoded differently by someone behind us, gets through.

mod label;
mod model;
pub mod agent;
pub mod discovery;
pub mod sagemaker;

pub use model::ModelId;

use label::{is_account, is_region, is_word, segments, strip_partition};

/// How paths of [`Operation::InvokeModelWithBidirectionalStream`] end.
pub const BOTH_WAYS: &str = "/invoke-with-bidirectional-stream";

/// The operations of Bedrock Runtime. Source: AWS API reference, "Amazon Bedrock Runtime", actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `POST /model/{modelId}/converse`
    Converse,
    /// `POST /model/{modelId}/converse-stream`
    ConverseStream,
    /// `POST /model/{modelId}/invoke`
    InvokeModel,
    /// `POST /model/{modelId}/invoke-with-response-stream`
    InvokeModelWithResponseStream,
    /// `POST /model/{modelId}/invoke-with-bidirectional-stream`, HTTP/2 only
    InvokeModelWithBidirectionalStream,
    /// `POST /model/{modelId}/count-tokens`; its body carries prompt text too
    CountTokens,
    /// `POST /guardrail/{guardrailIdentifier}/version/{guardrailVersion}/apply`
    ApplyGuardrail,
    /// `POST /guardrail-checks/invoke`
    InvokeGuardrailChecks,
    /// `POST /async-invoke`; the model is named in the body
    StartAsyncInvoke,
    /// `GET /async-invoke/{invocationArn}`
    GetAsyncInvoke,
    /// `GET /async-invoke`
    ListAsyncInvokes,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 11] = [
        Self::Converse,
        Self::ConverseStream,
        Self::InvokeModel,
        Self::InvokeModelWithResponseStream,
        Self::InvokeModelWithBidirectionalStream,
        Self::CountTokens,
        Self::ApplyGuardrail,
        Self::InvokeGuardrailChecks,
        Self::StartAsyncInvoke,
        Self::GetAsyncInvoke,
        Self::ListAsyncInvokes,
    ];

    /// The name in AWS's API and in IAM policies.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Converse => "Converse",
            Self::ConverseStream => "ConverseStream",
            Self::InvokeModel => "InvokeModel",
            Self::InvokeModelWithResponseStream => "InvokeModelWithResponseStream",
            Self::InvokeModelWithBidirectionalStream => "InvokeModelWithBidirectionalStream",
            Self::CountTokens => "CountTokens",
            Self::ApplyGuardrail => "ApplyGuardrail",
            Self::InvokeGuardrailChecks => "InvokeGuardrailChecks",
            Self::StartAsyncInvoke => "StartAsyncInvoke",
            Self::GetAsyncInvoke => "GetAsyncInvoke",
            Self::ListAsyncInvokes => "ListAsyncInvokes",
        }
    }

    /// The only HTTP method it has.
    #[must_use]
    pub fn method(self) -> &'static str {
        match self {
            Self::GetAsyncInvoke | Self::ListAsyncInvokes => "GET",
            Self::Converse
            | Self::ConverseStream
            | Self::InvokeModel
            | Self::InvokeModelWithResponseStream
            | Self::InvokeModelWithBidirectionalStream
            | Self::CountTokens
            | Self::ApplyGuardrail
            | Self::InvokeGuardrailChecks
            | Self::StartAsyncInvoke => "POST",
        }
    }

    /// Whether the response is an event stream.
    #[must_use]
    pub fn is_streaming(self) -> bool {
        matches!(
            self,
            Self::ConverseStream
                | Self::InvokeModelWithResponseStream
                | Self::InvokeModelWithBidirectionalStream
        )
    }

    /// Whether the request is an event stream too, and goes on while the response does.
    #[must_use]
    pub fn goes_both_ways(self) -> bool {
        self == Self::InvokeModelWithBidirectionalStream
    }

    /// Whether it tells of asynchronous calls that were started.
    #[must_use]
    pub fn is_of_invocations(self) -> bool {
        matches!(self, Self::GetAsyncInvoke | Self::ListAsyncInvokes)
    }

    /// The last path segment of an operation on `/model/{modelId}`; `None` for the others.
    fn model_suffix(self) -> Option<&'static str> {
        match self {
            Self::Converse => Some("converse"),
            Self::ConverseStream => Some("converse-stream"),
            Self::InvokeModel => Some("invoke"),
            Self::InvokeModelWithResponseStream => Some("invoke-with-response-stream"),
            Self::InvokeModelWithBidirectionalStream => BOTH_WAYS.strip_prefix('/'),
            Self::CountTokens => Some("count-tokens"),
            Self::ApplyGuardrail
            | Self::InvokeGuardrailChecks
            | Self::StartAsyncInvoke
            | Self::GetAsyncInvoke
            | Self::ListAsyncInvokes => None,
        }
    }
}

/// Why a path leads nowhere. Holds nothing of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// No operation has this path.
    #[error("unknown operation")]
    UnknownOperation,
    /// The path is an operation's, the method is not.
    #[error("wrong method for this operation")]
    WrongMethod,
    /// The model id has none of the accepted forms once decoded.
    #[error("malformed model id")]
    ModelId,
    /// A guardrail, invocation or endpoint name is malformed once decoded.
    #[error("malformed resource name")]
    ResourceName,
    /// The path does not begin with `/`, or has empty, `.` or `..` segments.
    #[error("request path is not canonical")]
    NotCanonical,
}

/// What a request is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    operation: Operation,
    /// INVARIANT: of the kind that `operation` has in its path.
    resource: Resource,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Resource {
    None,
    Model(ModelId),
    Guardrail { identifier: String, version: String },
    Invocation(String),
}

impl Target {
    /// Reads a method and a raw path, without query and without any mount prefix.
    ///
    /// # Errors
    /// See [`TargetError`]; of several faults, the one that comes first reading from the left.
    pub fn parse(method: &str, raw_path: &str) -> Result<Self, TargetError> {
        let segments = segments(raw_path)?;
        let (operation, resource) = match segments.as_slice() {
            ["model", id @ .., last] if !id.is_empty() => {
                let mut operations = Operation::ALL.into_iter();
                let operation = operations.find(|operation| operation.model_suffix() == Some(last));
                let operation = operation.ok_or(TargetError::UnknownOperation)?;
                (operation, Resource::Model(ModelId::decode(&id.join("/"))?))
            }
            ["guardrail", identifier @ .., "version", version, "apply"] if !identifier.is_empty() => (
                Operation::ApplyGuardrail,
                guardrail(&identifier.join("/"), version)?,
            ),
            ["guardrail-checks", "invoke"] => (Operation::InvokeGuardrailChecks, Resource::None),
            ["async-invoke"] if method == "GET" => (Operation::ListAsyncInvokes, Resource::None),
            ["async-invoke"] => (Operation::StartAsyncInvoke, Resource::None),
            ["async-invoke", arn @ ..] => (Operation::GetAsyncInvoke, invocation(&arn.join("/"))?),
            _ => return Err(TargetError::UnknownOperation),
        };
        if method != operation.method() {
            return Err(TargetError::WrongMethod);
        }
        Ok(Self { operation, resource })
    }

    /// A target on a model; `None` when `operation` has no model in its path.
    #[must_use]
    pub fn of_model(operation: Operation, model: ModelId) -> Option<Self> {
        operation.model_suffix().map(|_| Self {
            operation,
            resource: Resource::Model(model),
        })
    }

    /// The operation.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The model in the path, if the operation has one there.
    #[must_use]
    pub fn model(&self) -> Option<&ModelId> {
        match &self.resource {
            Resource::Model(model) => Some(model),
            Resource::None | Resource::Guardrail { .. } | Resource::Invocation(_) => None,
        }
    }

    /// Identifier or ARN, and version, of the guardrail to apply.
    #[must_use]
    pub fn guardrail(&self) -> Option<(&str, &str)> {
        match &self.resource {
            Resource::Guardrail { identifier, version } => Some((identifier, version)),
            Resource::None | Resource::Model(_) | Resource::Invocation(_) => None,
        }
    }

    /// ARN of the asynchronous invocation to look up.
    #[must_use]
    pub fn invocation_arn(&self) -> Option<&str> {
        match &self.resource {
            Resource::Invocation(arn) => Some(arn),
            Resource::None | Resource::Model(_) | Resource::Guardrail { .. } => None,
        }
    }

    /// The path to send upstream: everything but unreserved characters percent-encoded, as AWS's own SDKs do.
    #[must_use]
    pub fn canonical_path(&self) -> String {
        match &self.resource {
            Resource::Model(model) => {
                let suffix = self.operation.model_suffix().unwrap_or_default();
                ["/model/", &label::encode(model.as_str()), "/", suffix].concat()
            }
            Resource::Guardrail { identifier, version } => {
                let identifier = label::encode(identifier);
                ["/guardrail/", &identifier, "/version/", version, "/apply"].concat()
            }
            Resource::Invocation(arn) => ["/async-invoke/", &label::encode(arn)].concat(),
            Resource::None if self.operation == Operation::InvokeGuardrailChecks => {
                "/guardrail-checks/invoke".into()
            }
            Resource::None => "/async-invoke".into(),
        }
    }
}

/// Source: AWS API reference, `ApplyGuardrail`, patterns of `guardrailIdentifier` and `guardrailVersion`.
fn guardrail(identifier: &str, version: &str) -> Result<Resource, TargetError> {
    let identifier = label::decode(identifier).ok_or(TargetError::ResourceName)?;
    let named = match strip_partition(&identifier) {
        Some(rest) => is_arn_of(rest, "bedrock", "guardrail/"),
        None => is_lower_alphanumeric(&identifier),
    };
    let numbered = (1..=8).contains(&version.len())
        && version.bytes().all(|b| b.is_ascii_digit())
        && !version.starts_with('0');
    if !named || !(numbered || version == "DRAFT") || identifier.len() > 2048 {
        return Err(TargetError::ResourceName);
    }
    Ok(Resource::Guardrail {
        identifier,
        version: version.to_owned(),
    })
}

/// The length of an invocation's name. Source: AWS API reference, `GetAsyncInvoke`, pattern of `invocationArn`: `async-invoke/[a-z0-9]{12}`.
const INVOCATION_BYTES: usize = 12;

/// Source: AWS API reference, `GetAsyncInvoke`, pattern of `invocationArn`.
fn invocation(arn: &str) -> Result<Resource, TargetError> {
    let arn = label::decode(arn).ok_or(TargetError::ResourceName)?;
    let known = strip_partition(&arn).is_some_and(|rest| is_arn_of(rest, "bedrock", "async-invoke/"));
    let name = arn.rsplit('/').next().unwrap_or_default();
    if !known || name.len() != INVOCATION_BYTES {
        return Err(TargetError::ResourceName);
    }
    Ok(Resource::Invocation(arn))
}

/// `service:region:account:kind/name`, the name of lower-case letters and digits.
fn is_arn_of(rest: &str, service: &str, kind: &str) -> bool {
    let parts: Vec<&str> = rest.splitn(4, ':').collect();
    let [this_service, region, account, resource] = parts[..] else {
        return false;
    };
    this_service == service
        && is_region(region)
        && is_account(account)
        && resource.strip_prefix(kind).is_some_and(is_lower_alphanumeric)
}

fn is_lower_alphanumeric(text: &str) -> bool {
    is_word(text, |b| b.is_ascii_lowercase() || b.is_ascii_digit())
}
