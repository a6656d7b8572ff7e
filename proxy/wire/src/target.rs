//! What a request is for, in any protocol: method and raw path in, operation and resource out, and back to the one path that
//! goes upstream.

use crate::bedrock::{self, TargetError, agent, sagemaker};
use crate::protocol::Protocol;

/// What a request is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// An operation of Bedrock Runtime.
    Bedrock(bedrock::Target),
    /// An operation of Bedrock Agent Runtime.
    Agent(agent::Target),
    /// An operation of SageMaker Runtime.
    SageMaker(sagemaker::Target),
}

impl Target {
    /// Reads a method and a raw path of a protocol, without query and without any mount prefix.
    ///
    /// # Errors
    /// See [`TargetError`]. The paths of protocols that have no targets yet are unknown operations.
    pub fn parse(protocol: Protocol, method: &str, raw_path: &str) -> Result<Self, TargetError> {
        match protocol {
            Protocol::BedrockRuntime => bedrock::Target::parse(method, raw_path).map(Self::Bedrock),
            Protocol::BedrockAgentRuntime => agent::Target::parse(method, raw_path).map(Self::Agent),
            Protocol::SageMakerRuntime => sagemaker::Target::parse(method, raw_path).map(Self::SageMaker),
            Protocol::OpenAi | Protocol::AnthropicMessages => Err(TargetError::UnknownOperation),
        }
    }

    /// The protocol.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        match self {
            Self::Bedrock(_) => Protocol::BedrockRuntime,
            Self::Agent(_) => Protocol::BedrockAgentRuntime,
            Self::SageMaker(_) => Protocol::SageMakerRuntime,
        }
    }

    /// The operation's name in AWS's API and in IAM policies.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        match self {
            Self::Bedrock(target) => target.operation().name(),
            Self::Agent(target) => target.operation().name(),
            Self::SageMaker(target) => target.operation.name(),
        }
    }

    /// The operation's only HTTP method.
    #[must_use]
    pub fn method(&self) -> &'static str {
        match self {
            Self::Bedrock(target) => target.operation().method(),
            Self::Agent(target) => target.operation().method(),
            Self::SageMaker(target) => target.operation.method(),
        }
    }

    /// Whether the response is an event stream.
    #[must_use]
    pub fn is_streaming(&self) -> bool {
        match self {
            Self::Bedrock(target) => target.operation().is_streaming(),
            Self::Agent(target) => target.operation().is_streaming(),
            Self::SageMaker(target) => target.operation.is_streaming(),
        }
    }

    /// Whether the request is an event stream too, and goes on while the response does.
    #[must_use]
    pub fn goes_both_ways(&self) -> bool {
        matches!(self, Self::Bedrock(target) if target.operation().goes_both_ways())
    }

    /// The path to send upstream.
    #[must_use]
    pub fn canonical_path(&self) -> String {
        match self {
            Self::Bedrock(target) => target.canonical_path(),
            Self::Agent(target) => target.canonical_path(),
            Self::SageMaker(target) => target.canonical_path(),
        }
    }
}
