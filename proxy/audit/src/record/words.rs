//! The closed vocabularies of records.

use serde::{Deserialize, Serialize};

/// What was done with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Sent on as it came.
    Allow,
    /// Sent on with something taken out.
    AllowModified,
    /// Not sent on.
    #[default]
    Deny,
}

impl Effect {
    /// The word of the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::AllowModified => "allow_modified",
            Self::Deny => "deny",
        }
    }
}

/// Why a request was treated as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A policy permits it, or a policy forbids it.
    Policy,
    /// No policy permits it.
    NoPermit,
    /// A policy failed to evaluate, and an error is a denial.
    PolicyError,
    /// Something was found that policy withholds and that cannot be taken out.
    Finding,
    /// The caller could not be identified.
    Authentication,
    /// The request is not well-formed.
    Malformed,
    /// The request is over a limit of one call.
    LimitExceeded,
    /// Nothing here is called that.
    Unroutable,
    /// Too much at once.
    Overloaded,
    /// The log could not be written.
    AuditUnavailable,
    /// The caller left before a decision.
    ClientGone,
    /// The gateway stopped before a decision.
    Stopped,
    /// A defect of the gateway.
    #[default]
    Internal,
}

impl Reason {
    /// The word of the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::NoPermit => "no_permit",
            Self::PolicyError => "policy_error",
            Self::Finding => "finding",
            Self::Authentication => "authentication",
            Self::Malformed => "malformed",
            Self::LimitExceeded => "limit_exceeded",
            Self::Unroutable => "unroutable",
            Self::Overloaded => "overloaded",
            Self::AuditUnavailable => "audit_unavailable",
            Self::ClientGone => "client_gone",
            Self::Stopped => "stopped",
            Self::Internal => "internal",
        }
    }
}

/// How an exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The client has the whole response.
    Completed,
    /// Palisade refused the request.
    Refused,
    /// The client left.
    ClientGone,
    /// The provider failed or broke off.
    UpstreamError,
    /// The provider was too slow.
    Timeout,
    /// Policy cut the response short.
    PolicyCut,
    /// The gateway stopped first, and told the client.
    Stopped,
    /// The exchange was dropped without a word: a defect or a forced stop.
    #[default]
    Abandoned,
}

impl End {
    /// The word of the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Refused => "refused",
            Self::ClientGone => "client_gone",
            Self::UpstreamError => "upstream_error",
            Self::Timeout => "timeout",
            Self::PolicyCut => "policy_cut",
            Self::Stopped => "stopped",
            Self::Abandoned => "abandoned",
        }
    }
}
