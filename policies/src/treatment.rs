//! What happens to a finding: the mildest form that a policy permits, and blocking when none does.

use crate::decide::Permit;
use crate::facts::FindingFacts;
use crate::plan::Subject;
use crate::question::{Direction, Form, Question};
use crate::snapshot::{Answer, Prepared};
use cedar_policy::Decision;
use std::sync::Arc;

/// What happens to a finding, mildest first; the greatest of several is the strictest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Treatment {
    /// It passes as it is.
    Raw,
    /// A token passes in its place, from which the gateway can get it back.
    Tokenized,
    /// A placeholder passes in its place.
    Redacted,
    /// The text it stands in does not pass.
    Block,
}

/// A treatment and who determined it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Treated {
    /// What happens to the finding.
    pub treatment: Treatment,
    /// The ids of the policies that permit this form, sorted; when blocked, of those that forbid the last form asked
    /// for. Empty when blocked because nothing permits.
    pub determining: Vec<String>,
    /// The ids of the policies that could not be evaluated, sorted. Not empty only when blocked for it.
    pub errors: Vec<String>,
    /// What the caller may be told about a block: the `@message` of the first forbidding policy that has one.
    pub message: Option<String>,
}

/// Whether a token may give way to the caller's own value, and who determined it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restoring {
    /// Whether it may; if not, the token stays.
    pub permitted: bool,
    /// The ids of the policies that permit it, sorted, or of those that forbid it.
    pub determining: Vec<String>,
    /// The ids of the policies that could not be evaluated, sorted. Not empty only when not permitted for it.
    pub errors: Vec<String>,
}

/// The ladder of a gateway without a key for tokens, mildest form first.
const WITHOUT_TOKENS: &[Step] = &[
    (Form::DiscloseRaw, Treatment::Raw),
    (Form::DiscloseRedacted, Treatment::Redacted),
];

/// The ladder of a gateway with such a key.
const WITH_TOKENS: &[Step] = &[
    (Form::DiscloseRaw, Treatment::Raw),
    (Form::DiscloseTokenized, Treatment::Tokenized),
    (Form::DiscloseRedacted, Treatment::Redacted),
];

/// The ladder of answers.
const REVEALED: &[Step] = &[
    (Form::RevealRaw, Treatment::Raw),
    (Form::RevealRedacted, Treatment::Redacted),
];

type Step = (Form, Treatment);

impl Permit {
    /// Decides what happens to findings. Asks the pinned snapshot for each form in turn, and blocks on any error and for a
    /// category that the forest does not hold.
    ///
    /// [`Treatment::Tokenized`] is asked for in requests only, and only [`Permit::with_tokens`].
    ///
    /// It can be asked for each finding of a stream: answers that confidence and count do not change are remembered. Of a call that uses
    /// more than its model, the strictest treatment of all stands.
    pub fn treatment(&self, direction: Direction, finding: &FindingFacts<'_>) -> Treated {
        let all = self
            .prepared()
            .map(|prepared| self.treatment_by(prepared, direction, finding));
        let strictest = all.reduce(|one, other| {
            if other.treatment > one.treatment {
                other
            } else {
                one
            }
        });
        strictest.unwrap_or_else(Treated::blocked)
    }

    fn treatment_by(&self, prepared: &Prepared, direction: Direction, finding: &FindingFacts<'_>) -> Treated {
        let ladder = match (direction, self.has_tokens()) {
            (Direction::Disclose, true) => WITH_TOKENS,
            (Direction::Disclose, false) => WITHOUT_TOKENS,
            (Direction::Reveal, _) => REVEALED,
        };
        let mut last = Treated::blocked();
        for &(form, treatment) in ladder {
            let Some(answer) = self.answer(prepared, form, finding) else {
                return Treated::blocked();
            };
            if !answer.errors.is_empty() {
                return Treated {
                    errors: answer.errors.clone(),
                    ..Treated::blocked()
                };
            }
            let determining = answer.determining.clone();
            if answer.decision == Decision::Allow {
                return Treated {
                    treatment,
                    determining,
                    ..Treated::blocked()
                };
            }
            last = Treated {
                message: self.snapshot().message(&determining),
                determining,
                ..Treated::blocked()
            };
        }
        last
    }

    /// Decides whether tokens in the answer give way to the values they stand for, which the caller sent: `finding` is what was
    /// found of them in the request. Not on any error, nor for a category that the forest does not hold.
    pub fn restoring(&self, finding: &FindingFacts<'_>) -> Restoring {
        let all = self
            .prepared()
            .map(|prepared| self.restoring_by(prepared, finding));
        let strictest = all.reduce(|one, other| if one.permitted { other } else { one });
        strictest.unwrap_or_else(Restoring::refused)
    }

    fn restoring_by(&self, prepared: &Prepared, finding: &FindingFacts<'_>) -> Restoring {
        let Some(answer) = self.answer(prepared, Form::Restore, finding) else {
            return Restoring::refused();
        };
        if !answer.errors.is_empty() {
            return Restoring {
                errors: answer.errors.clone(),
                ..Restoring::refused()
            };
        }
        Restoring {
            permitted: answer.decision == Decision::Allow,
            determining: answer.determining.clone(),
            ..Restoring::refused()
        }
    }

    /// What the policies say about one form; `None` for a category that the forest does not hold and for a question that
    /// cannot be put.
    fn answer(&self, prepared: &Prepared, form: Form, finding: &FindingFacts<'_>) -> Option<Arc<Answer>> {
        let snapshot = self.snapshot();
        let category = *snapshot.categories.get(finding.category)?;
        let subject = Subject::Finding(self.base(), finding, category);
        snapshot.answer(prepared, Question::Finding(form), subject).ok()
    }
}

impl Treated {
    fn blocked() -> Self {
        Self {
            treatment: Treatment::Block,
            determining: Vec::new(),
            errors: Vec::new(),
            message: None,
        }
    }
}

impl Restoring {
    fn refused() -> Self {
        Self {
            permitted: false,
            determining: Vec::new(),
            errors: Vec::new(),
        }
    }
}
