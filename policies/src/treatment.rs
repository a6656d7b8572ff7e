//! What happens to a finding: the mildest form that a policy permits, and blocking when none does.

use crate::context;
use crate::decide::Permit;
use crate::question::{Direction, Question, Rung};
use crate::snapshot::Answer;
use cedar_policy::Decision;

/// What happens to a finding, mildest first; the greatest of several is the strictest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Treatment {
    /// It passes as it is.
    Raw,
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

/// The ladder, mildest form first.
const LADDER: [(Rung, Treatment); 2] = [(Rung::Raw, Treatment::Raw), (Rung::Redacted, Treatment::Redacted)];

impl Permit {
    /// Decides what happens to findings of `category`, of which there are `count` so far, the surest with `confidence`
    /// (0 to 100; more counts as 100). Asks the pinned snapshot for each form in turn, and blocks on any error and for a
    /// category that the forest does not hold.
    ///
    /// Nothing is remembered: the answer depends on confidence and count too. A caller that asks again for each finding
    /// of a stream should keep the answer for as long as these do not change.
    pub fn treatment(&self, direction: Direction, category: &str, confidence: u8, count: u32) -> Treated {
        let snapshot = self.snapshot();
        if !snapshot.categories.contains(category) {
            return Treated::blocked();
        }
        let names = &snapshot.bundle.names;
        let Ok(context) = context::of_finding(names, self.base().clone(), category, confidence, count) else {
            return Treated::blocked();
        };
        let mut last = Treated::blocked();
        for (rung, treatment) in LADDER {
            let question = Question::Finding(direction, rung);
            let Ok(answer) = snapshot.ask(self.prepared(), question, context.clone()) else {
                return Treated::blocked();
            };
            match answer {
                Answer { errors, .. } if !errors.is_empty() => {
                    return Treated {
                        errors,
                        ..Treated::blocked()
                    };
                }
                Answer {
                    decision: Decision::Allow,
                    determining,
                    ..
                } => {
                    return Treated {
                        treatment,
                        determining,
                        ..Treated::blocked()
                    };
                }
                Answer {
                    decision: Decision::Deny,
                    determining,
                    ..
                } => {
                    let message = snapshot.message(&determining);
                    last = Treated {
                        determining,
                        message,
                        ..Treated::blocked()
                    };
                }
            }
        }
        last
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
