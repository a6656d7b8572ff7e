//! The questions that are put to the policies: may this call be made, and may this finding pass in this form.

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rung {
    Raw,
    Redacted,
}

/// Everything that can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    Call(Action),
    Finding(Direction, Rung),
}

impl Question {
    pub(crate) const ALL: &[Self] = &[
        Self::Call(Action::Converse),
        Self::Call(Action::ConverseStream),
        Self::Call(Action::InvokeModel),
        Self::Call(Action::InvokeModelWithResponseStream),
        Self::Call(Action::CountTokens),
        Self::Call(Action::InvokeEndpoint),
        Self::Call(Action::InvokeEndpointAsync),
        Self::Call(Action::InvokeEndpointWithResponseStream),
        Self::Finding(Direction::Disclose, Rung::Raw),
        Self::Finding(Direction::Disclose, Rung::Redacted),
        Self::Finding(Direction::Reveal, Rung::Raw),
        Self::Finding(Direction::Reveal, Rung::Redacted),
    ];

    /// The place in [`Question::ALL`].
    pub(crate) fn number(self) -> usize {
        match self {
            Self::Call(action) => action as usize,
            Self::Finding(direction, rung) => Action::ALL.len() + 2 * (direction as usize) + rung as usize,
        }
    }

    /// Whether the schema declares the action for this kind of model.
    pub(crate) fn takes(self, kind: &ModelKind) -> bool {
        match self {
            Self::Finding(..) => true,
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
                | Action::CountTokens,
            ) => matches!(kind, ModelKind::Model),
        }
    }

    /// The action's id in policies.
    pub(crate) fn action_id(self) -> &'static str {
        match self {
            Self::Call(action) => action.as_str(),
            Self::Finding(Direction::Disclose, Rung::Raw) => "DiscloseRaw",
            Self::Finding(Direction::Disclose, Rung::Redacted) => "DiscloseRedacted",
            Self::Finding(Direction::Reveal, Rung::Raw) => "RevealRaw",
            Self::Finding(Direction::Reveal, Rung::Redacted) => "RevealRedacted",
        }
    }

    /// The group that holds the action in the schema.
    pub(crate) fn group_id(self) -> &'static str {
        match self {
            Self::Call(_) => "Invoke",
            Self::Finding(Direction::Disclose, _) => "Disclose",
            Self::Finding(Direction::Reveal, _) => "Reveal",
        }
    }
}
