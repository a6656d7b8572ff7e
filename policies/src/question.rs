//! The questions that are put to the policies: may this call be made, may this tool be offered, and may this finding pass in this form.

use crate::action::Action;
use crate::facts::ModelKind;

/// Which way a finding would travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the caller to the model.
    Disclose,
    /// From the model to the caller.
    Reveal,
}

/// A form in which a finding may pass, if a policy permits it. The ladder is code, its rungs are policy.
///
/// There is no token for what a model says of its own accord: nobody could ever put the value back, so it would be a
/// redaction under another name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    DiscloseRaw,
    DiscloseTokenized,
    DiscloseRedacted,
    RevealRaw,
    RevealRedacted,
    /// The caller's own value, in the place of the token that stood in for it.
    Restore,
}

/// Everything that can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    Call(Action),
    /// Whether a tool may be offered to the model.
    Tool,
    Finding(Form),
}

impl Question {
    pub(crate) const ALL: &[Self] = &[
        Self::Call(Action::Converse),
        Self::Call(Action::ConverseStream),
        Self::Call(Action::InvokeModel),
        Self::Call(Action::InvokeModelWithResponseStream),
        Self::Call(Action::InvokeModelWithBidirectionalStream),
        Self::Call(Action::CountTokens),
        Self::Call(Action::ApplyGuardrail),
        Self::Call(Action::InvokeGuardrailChecks),
        Self::Call(Action::Retrieve),
        Self::Call(Action::StartAsyncInvoke),
        Self::Call(Action::GetAsyncInvoke),
        Self::Call(Action::ListAsyncInvokes),
        Self::Call(Action::Rerank),
        Self::Call(Action::RetrieveAndGenerate),
        Self::Call(Action::RetrieveAndGenerateStream),
        Self::Call(Action::InvokeEndpoint),
        Self::Call(Action::InvokeEndpointAsync),
        Self::Call(Action::InvokeEndpointWithResponseStream),
        Self::Finding(Form::DiscloseRaw),
        Self::Finding(Form::DiscloseTokenized),
        Self::Finding(Form::DiscloseRedacted),
        Self::Finding(Form::RevealRaw),
        Self::Finding(Form::RevealRedacted),
        Self::Finding(Form::Restore),
        Self::Tool,
    ];

    /// The place in [`Question::ALL`].
    pub(crate) fn number(self) -> usize {
        match self {
            Self::Call(action) => action as usize,
            Self::Finding(form) => Action::ALL.len() + form as usize,
            Self::Tool => Self::ALL.len() - 1,
        }
    }

    /// Whether the schema declares the action for this kind of model.
    pub(crate) fn takes(self, kind: &ModelKind) -> bool {
        match self {
            Self::Finding(_) | Self::Tool => true,
            Self::Call(
                Action::InvokeEndpoint
                | Action::InvokeEndpointAsync
                | Action::InvokeEndpointWithResponseStream,
            ) => matches!(kind, ModelKind::Endpoint { .. }),
            Self::Call(
                Action::Converse
                | Action::ConverseStream
                | Action::InvokeModel
                | Action::InvokeModelWithResponseStream
                | Action::InvokeModelWithBidirectionalStream
                | Action::CountTokens
                | Action::Rerank
                | Action::RetrieveAndGenerate
                | Action::RetrieveAndGenerateStream,
            ) => matches!(kind, ModelKind::Model),
            Self::Call(Action::ApplyGuardrail | Action::InvokeGuardrailChecks) => {
                matches!(kind, ModelKind::Guardrail)
            }
            Self::Call(Action::StartAsyncInvoke) => {
                matches!(kind, ModelKind::Model | ModelKind::Output { .. })
            }
            Self::Call(Action::GetAsyncInvoke | Action::ListAsyncInvokes) => {
                matches!(kind, ModelKind::Output { .. })
            }
            Self::Call(Action::Retrieve) => matches!(kind, ModelKind::KnowledgeBase),
        }
    }

    /// The action's id in policies.
    pub(crate) fn action_id(self) -> &'static str {
        match self {
            Self::Call(action) => action.as_str(),
            Self::Finding(Form::DiscloseRaw) => "DiscloseRaw",
            Self::Finding(Form::DiscloseTokenized) => "DiscloseTokenized",
            Self::Finding(Form::DiscloseRedacted) => "DiscloseRedacted",
            Self::Finding(Form::RevealRaw) => "RevealRaw",
            Self::Finding(Form::RevealRedacted) => "RevealRedacted",
            Self::Finding(Form::Restore) => "Restore",
            Self::Tool => "UseTool",
        }
    }

    /// The group that holds the action in the schema; an action by itself is its own.
    pub(crate) fn group_id(self) -> &'static str {
        match self {
            Self::Call(_) => "Invoke",
            Self::Finding(Form::DiscloseRaw | Form::DiscloseTokenized | Form::DiscloseRedacted) => "Disclose",
            Self::Finding(Form::RevealRaw | Form::RevealRedacted) => "Reveal",
            Self::Finding(Form::Restore) => "Restore",
            Self::Tool => "UseTool",
        }
    }
}
