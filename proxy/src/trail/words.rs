//! What a request says, in the words of records.

use palisade_audit::Action;
use palisade_policies::{Action as Asked, Administration};
use palisade_wire::bedrock::discovery::Discovery;

/// A method as records show it: of a closed list (RFC 9110 §9, RFC 5789), for clients can send any word.
pub(super) fn method(sent: &str) -> &'static str {
    const KNOWN: [&str; 9] = [
        "POST", "GET", "HEAD", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
    ];
    KNOWN.into_iter().find(|known| *known == sent).unwrap_or("other")
}

/// The word for a question about models.
pub(super) fn question(asked: &Discovery) -> Action {
    match asked {
        Discovery::FoundationModels(_) => Action::ListFoundationModels,
        Discovery::FoundationModel(_) => Action::GetFoundationModel,
        Discovery::InferenceProfiles(_) => Action::ListInferenceProfiles,
        Discovery::InferenceProfile(_) => Action::GetInferenceProfile,
        Discovery::Models(_) | Discovery::Model(..) => Action::ListModels,
    }
}

/// The word for what is done with an entry of the registry.
pub(super) fn administration(action: Administration) -> Action {
    match action {
        Administration::ReadEntry => Action::ReadEntry,
        Administration::PutEntry => Action::PutEntry,
        Administration::RemoveEntry => Action::RemoveEntry,
        Administration::IssueKey => Action::IssueKey,
    }
}

/// The word for an action.
pub(super) fn action(action: Asked) -> Action {
    match action {
        Asked::Converse => Action::Converse,
        Asked::ConverseStream => Action::ConverseStream,
        Asked::InvokeModel => Action::InvokeModel,
        Asked::InvokeModelWithResponseStream => Action::InvokeModelWithResponseStream,
        Asked::InvokeModelWithBidirectionalStream => Action::InvokeModelWithBidirectionalStream,
        Asked::CountTokens => Action::CountTokens,
        Asked::ApplyGuardrail => Action::ApplyGuardrail,
        Asked::InvokeGuardrailChecks => Action::InvokeGuardrailChecks,
        Asked::Retrieve => Action::Retrieve,
        Asked::StartAsyncInvoke => Action::StartAsyncInvoke,
        Asked::GetAsyncInvoke => Action::GetAsyncInvoke,
        Asked::ListAsyncInvokes => Action::ListAsyncInvokes,
        Asked::Rerank => Action::Rerank,
        Asked::RetrieveAndGenerate => Action::RetrieveAndGenerate,
        Asked::RetrieveAndGenerateStream => Action::RetrieveAndGenerateStream,
        Asked::InvokeEndpoint => Action::InvokeEndpoint,
        Asked::InvokeEndpointAsync => Action::InvokeEndpointAsync,
        Asked::InvokeEndpointWithResponseStream => Action::InvokeEndpointWithResponseStream,
    }
}
