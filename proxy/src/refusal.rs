//! Refusals: why an exchange stops, and how that reads in the caller's own protocol.
//!
//! One place turns a refusal into a status and a body. What the caller is told never says which policy, tenant or
//! detector was involved, unless the policy's author wrote a message for callers.

use palisade_audit::{End, Finding, Reason, Treatment};
use palisade_wire::fault::Fault;
use std::fmt;

/// Why an exchange stops before, or instead of, the model's answer.
#[derive(Debug)]
pub enum Refusal {
    /// The caller could not be identified.
    Unidentified(Unidentified),
    /// Nothing here is called that.
    Unroutable(Unroutable),
    /// The request is not well-formed; the text names the fault and its place, never content.
    Malformed(String),
    /// The request is over a limit of one call.
    Exceeded(Exceeded),
    /// The client was too slow.
    TooSlow,
    /// Policy refuses.
    Denied(Denied),
    /// The prompt holds something that policy withholds and that cannot be taken out.
    Blocked(Blocked),
    /// The answer does.
    Withheld,
    /// Too much at once.
    Overloaded,
    /// The decision could not be made durable.
    AuditUnavailable,
    /// The rules are older than they may be, for what they are read from does not answer.
    Outdated,
    /// The provider could not be reached or broke off before its response.
    Upstream(ProviderFailure),
    /// The client left.
    ClientGone,
    /// The gateway is stopping, and the time for running exchanges is over.
    Stopping,
    /// A defect of the gateway.
    Internal(&'static str),
}

/// A limit of one call, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// Which.
    pub limit: Limit,
    /// The most there may be.
    pub max: u64,
}

/// The limits of one call; see [`CallLimits`].
///
/// [`CallLimits`]: crate::config::CallLimits
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Bytes of the body.
    BodyBytes,
    /// Values and keys of the JSON.
    Nodes,
    /// Arrays and objects inside each other.
    Depth,
    /// Texts to scan.
    Regions,
    /// Bytes of all texts once decoded.
    DecodedBytes,
    /// Findings.
    Findings,
    /// Milliseconds of processor time.
    CpuTime,
}

/// Why a caller could not be identified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unidentified {
    /// No credential at all, or one of an unknown kind.
    Missing,
    /// The credential is not well-formed.
    Incomplete,
    /// The key or the issuer is not known here, or the token is not meant for us.
    Unknown,
    /// The signature does not fit.
    Signature,
    /// A key was shown where others could read it.
    InTheClear,
    /// The token is too old or too new.
    Expired,
    /// The request's date is too far from our clock.
    Skewed,
    /// The token's keys could not be had.
    KeysUnavailable,
}

/// Why a request has no route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unroutable {
    /// No operation has this path.
    Operation,
    /// The operation exists, but not with this method.
    Method,
    /// The operation exists but is not served yet.
    NotServed,
    /// The path is not canonical or the model id is not well-formed.
    Path,
    /// The model is not in the registry.
    Model,
    /// The guardrail is not in the registry.
    Guardrail,
    /// The knowledge base is not in the registry.
    KnowledgeBase,
    /// The tenant has no such place for what asynchronous calls give.
    Output,
    /// The asynchronous call is none of the caller's.
    Invocation,
}

/// What policy said.
#[derive(Debug, Default)]
pub struct Denied {
    /// Why, in the words of the record.
    pub reason: Reason,
    /// Policies that decided, sorted.
    pub determining: Vec<String>,
    /// Policies that failed, sorted.
    pub errors: Vec<String>,
    /// What had been found; nobody was asked about it.
    pub findings: Vec<Finding>,
    /// What the policy's author lets callers know.
    pub message: Option<String>,
}

/// What a prompt holds that may not be sent.
#[derive(Debug, Default)]
pub struct Blocked {
    /// All that was found, as the record shows it.
    pub findings: Vec<Finding>,
    /// Policies that failed while they were asked about it, sorted.
    pub errors: Vec<String>,
    /// What the policy's author lets callers know.
    pub message: Option<String>,
}

impl Blocked {
    /// What the caller is told: the author's words or ours, and where the first of what may not be sent stands.
    fn told(&self) -> String {
        let ours = "the request holds data that may not be sent to this model";
        let message = self.message.as_deref().unwrap_or(ours);
        let blocked =
            |finding: &&Finding| finding.treatment == Treatment::Block && !finding.pointer.is_empty();
        match self.findings.iter().find(blocked) {
            Some(finding) => format!("{message} (at {} in the body)", finding.pointer),
            None => message.to_owned(),
        }
    }
}

/// How the provider failed before its response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderFailure {
    /// No connection, or it died.
    Unreachable,
    /// No response in time.
    Timeout,
    /// The response is not what the protocol says.
    Malformed,
    /// The provider does not accept the gateway's own credentials.
    Refused,
    /// The answer is over a limit.
    Exceeds(Exceeded),
    /// An error with this status, whose body nobody can read.
    Status(u16),
}

impl Refusal {
    /// The word for the decision record.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::Unidentified(_) => Reason::Authentication,
            Self::Unroutable(_) => Reason::Unroutable,
            Self::Malformed(_) | Self::TooSlow => Reason::Malformed,
            Self::Exceeded(_) => Reason::LimitExceeded,
            Self::Denied(denied) => denied.reason,
            Self::Blocked(blocked) if !blocked.errors.is_empty() => Reason::PolicyError,
            Self::Blocked(_) | Self::Withheld => Reason::Finding,
            Self::Overloaded => Reason::Overloaded,
            Self::AuditUnavailable => Reason::AuditUnavailable,
            Self::Outdated => Reason::RegistryUnreachable,
            Self::ClientGone => Reason::ClientGone,
            Self::Stopping => Reason::Stopped,
            Self::Upstream(_) | Self::Internal(_) => Reason::Internal,
        }
    }

    /// How the exchange ended.
    #[must_use]
    pub fn end(&self) -> End {
        match self {
            Self::ClientGone => End::ClientGone,
            Self::Stopping => End::Stopped,
            Self::Withheld => End::PolicyCut,
            Self::Internal(_) => End::Abandoned,
            Self::Upstream(ProviderFailure::Timeout) => End::Timeout,
            Self::Upstream(_) => End::UpstreamError,
            _ => End::Refused,
        }
    }

    /// The protocol's own fault. The mapping is facts of AWS's API reference and of what its SDKs retry:
    /// a denial must not be retried, so it is never 408, 429 or 5xx.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Unidentified(Unidentified::Missing) => Fault::MissingAuthenticationToken,
            Self::Unidentified(Unidentified::Incomplete) => Fault::IncompleteSignature,
            Self::Unidentified(Unidentified::Unknown | Unidentified::InTheClear) => Fault::UnrecognizedClient,
            Self::Unidentified(Unidentified::Signature | Unidentified::Skewed) => Fault::InvalidSignature,
            Self::Unidentified(Unidentified::Expired) => Fault::ExpiredToken,
            Self::Unidentified(Unidentified::KeysUnavailable)
            | Self::Overloaded
            | Self::AuditUnavailable
            | Self::Outdated
            | Self::Stopping => Fault::ServiceUnavailable,
            Self::Unroutable(Unroutable::Model | Unroutable::Guardrail | Unroutable::KnowledgeBase) => {
                Fault::ResourceNotFound
            }
            Self::Unroutable(Unroutable::Output | Unroutable::Invocation) => Fault::Validation,
            Self::Unroutable(Unroutable::Operation | Unroutable::Method) => Fault::ResourceNotFound,
            Self::Unroutable(Unroutable::NotServed | Unroutable::Path)
            | Self::Malformed(_)
            | Self::Exceeded(_)
            | Self::TooSlow => Fault::Validation,
            Self::Denied(_) | Self::Blocked(_) | Self::Withheld => Fault::AccessDenied,
            Self::Upstream(ProviderFailure::Timeout) => Fault::ModelTimeout,
            Self::Upstream(ProviderFailure::Status(429)) => Fault::Throttling { retry_after_ms: 1000 },
            Self::Upstream(ProviderFailure::Unreachable | ProviderFailure::Status(500..)) => {
                Fault::ServiceUnavailable
            }
            Self::Upstream(
                ProviderFailure::Malformed
                | ProviderFailure::Refused
                | ProviderFailure::Exceeds(_)
                | ProviderFailure::Status(_),
            ) => Fault::ModelError,
            Self::ClientGone | Self::Internal(_) => Fault::InternalServer,
        }
    }

    /// What the caller is told: a sentence that says what to do and gives nothing away.
    #[must_use]
    pub fn message(&self) -> String {
        let fixed = match self {
            Self::Malformed(why) => return format!("the request is not valid: {why}"),
            Self::Exceeded(exceeded) => return format!("the request is over a limit: {exceeded}"),
            Self::Upstream(ProviderFailure::Exceeds(exceeded)) => {
                return format!("the model's answer is over a limit of the gateway: {exceeded}");
            }
            Self::Denied(Denied {
                message: Some(message),
                ..
            }) => return message.clone(),
            Self::Blocked(blocked) => return blocked.told(),
            Self::Denied(_) => "you are not allowed to do this with this model",
            Self::Withheld => "the model's answer holds data that may not be shown",
            Self::TooSlow => "the request did not arrive in time",
            Self::Unidentified(why) => why.message(),
            Self::Unroutable(why) => why.message(),
            Self::Overloaded => "the gateway is at its limit; try again later",
            Self::Stopping => "the gateway is stopping; try again",
            Self::AuditUnavailable => "the gateway cannot record decisions now; try again later",
            Self::Outdated => {
                "the gateway has not been able to confirm its rules for too long; try again later"
            }
            Self::Upstream(ProviderFailure::Unreachable) => "the model provider cannot be reached",
            Self::Upstream(ProviderFailure::Timeout) => "the model provider did not answer in time",
            Self::Upstream(ProviderFailure::Malformed) => "the model provider's answer is not valid",
            Self::Upstream(ProviderFailure::Status(_)) => "the model provider reports an error",
            Self::Upstream(ProviderFailure::Refused) => {
                "the model provider refuses the gateway; its operator must look into it"
            }
            Self::ClientGone | Self::Internal(_) => "an internal error occurred",
        };
        fixed.to_owned()
    }
}

impl Limit {
    /// The key in the configuration, which names the limit in metrics and records.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::BodyBytes => "body_bytes_max",
            Self::Nodes => "nodes_max",
            Self::Depth => "depth_max",
            Self::Regions => "regions_max",
            Self::DecodedBytes => "decoded_bytes_max",
            Self::Findings => "findings_max",
            Self::CpuTime => "cpu_ms_max",
        }
    }

    fn counts(self) -> &'static str {
        match self {
            Self::BodyBytes => "bytes of body",
            Self::Nodes => "JSON values and keys",
            Self::Depth => "arrays and objects inside each other",
            Self::Regions => "texts",
            Self::DecodedBytes => "bytes of text",
            Self::Findings => "values that look like personal data or secrets",
            Self::CpuTime => "milliseconds to read it",
        }
    }
}

/// Says what to do: the caller can send less, the operator can raise the limit.
impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, max } = self;
        write!(
            f,
            "more than {max} {} (`{}`); send less at once",
            limit.counts(),
            limit.key()
        )
    }
}

impl Unidentified {
    fn message(self) -> &'static str {
        match self {
            Self::Missing => "the request carries no credential: sign it or send a bearer token",
            Self::Incomplete => "the credential is not complete",
            Self::Unknown => "the credential is not known here",
            Self::Signature => {
                "the signature does not match: check the secret and that nothing changed the request on its way"
            }
            Self::InTheClear => "a key is taken over TLS only; sign with it, or use `https`",
            Self::Expired => "the token is not valid now",
            Self::Skewed => "the request's date is too far from now: check the clock",
            Self::KeysUnavailable => "the token cannot be checked now; try again later",
        }
    }
}

impl Unroutable {
    fn message(self) -> &'static str {
        match self {
            Self::Operation => "no operation has this path",
            Self::Method => "the operation does not have this method",
            Self::NotServed => "this operation is not served by the gateway",
            Self::Path => {
                "the path or the model id in it is not well-formed: no part may be empty, `.` or `..`, and no `/` or query follow"
            }
            Self::Model => "the model is not known here",
            Self::Guardrail => "the guardrail is not known here",
            Self::KnowledgeBase => "the knowledge base is not known here",
            Self::Output => "the output does not go to a place that your tenant has for it",
            Self::Invocation => "the invocation is not known here",
        }
    }
}
