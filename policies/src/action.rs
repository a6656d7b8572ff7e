//! The calls that a caller can make of a model.

/// What a caller asks of a model. Names are those of the Bedrock and SageMaker Runtime operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Bedrock `Converse`.
    Converse,
    /// Bedrock `ConverseStream`.
    ConverseStream,
    /// Bedrock `InvokeModel`.
    InvokeModel,
    /// Bedrock `InvokeModelWithResponseStream`.
    InvokeModelWithResponseStream,
    /// Bedrock `InvokeModelWithBidirectionalStream`: asked before the first event, and about each that says something.
    InvokeModelWithBidirectionalStream,
    /// Bedrock `CountTokens`: it sends the prompt too.
    CountTokens,
    /// Bedrock `ApplyGuardrail`.
    ApplyGuardrail,
    /// Bedrock `InvokeGuardrailChecks`.
    InvokeGuardrailChecks,
    /// Bedrock `Retrieve`.
    Retrieve,
    /// Bedrock `StartAsyncInvoke`: of the model, and of the place for what it gives.
    StartAsyncInvoke,
    /// Bedrock `GetAsyncInvoke`: of the places of the caller's tenant.
    GetAsyncInvoke,
    /// Bedrock `ListAsyncInvokes`: the same.
    ListAsyncInvokes,
    /// Bedrock `Rerank`.
    Rerank,
    /// Bedrock `RetrieveAndGenerate`.
    RetrieveAndGenerate,
    /// Bedrock `RetrieveAndGenerateStream`.
    RetrieveAndGenerateStream,
    /// SageMaker `InvokeEndpoint`.
    InvokeEndpoint,
    /// SageMaker `InvokeEndpointAsync`.
    InvokeEndpointAsync,
    /// SageMaker `InvokeEndpointWithResponseStream`.
    InvokeEndpointWithResponseStream,
}

impl Action {
    /// Every action, in the order of the schema.
    pub const ALL: &[Self] = &[
        Self::Converse,
        Self::ConverseStream,
        Self::InvokeModel,
        Self::InvokeModelWithResponseStream,
        Self::InvokeModelWithBidirectionalStream,
        Self::CountTokens,
        Self::ApplyGuardrail,
        Self::InvokeGuardrailChecks,
        Self::Retrieve,
        Self::StartAsyncInvoke,
        Self::GetAsyncInvoke,
        Self::ListAsyncInvokes,
        Self::Rerank,
        Self::RetrieveAndGenerate,
        Self::RetrieveAndGenerateStream,
        Self::InvokeEndpoint,
        Self::InvokeEndpointAsync,
        Self::InvokeEndpointWithResponseStream,
    ];

    /// The name of the operation, which is the action's id in policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Converse => "Converse",
            Self::ConverseStream => "ConverseStream",
            Self::InvokeModel => "InvokeModel",
            Self::InvokeModelWithResponseStream => "InvokeModelWithResponseStream",
            Self::InvokeModelWithBidirectionalStream => "InvokeModelWithBidirectionalStream",
            Self::CountTokens => "CountTokens",
            Self::ApplyGuardrail => "ApplyGuardrail",
            Self::InvokeGuardrailChecks => "InvokeGuardrailChecks",
            Self::Retrieve => "Retrieve",
            Self::StartAsyncInvoke => "StartAsyncInvoke",
            Self::GetAsyncInvoke => "GetAsyncInvoke",
            Self::ListAsyncInvokes => "ListAsyncInvokes",
            Self::Rerank => "Rerank",
            Self::RetrieveAndGenerate => "RetrieveAndGenerate",
            Self::RetrieveAndGenerateStream => "RetrieveAndGenerateStream",
            Self::InvokeEndpoint => "InvokeEndpoint",
            Self::InvokeEndpointAsync => "InvokeEndpointAsync",
            Self::InvokeEndpointWithResponseStream => "InvokeEndpointWithResponseStream",
        }
    }
}
