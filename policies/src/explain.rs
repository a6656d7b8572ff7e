//! Why a call may or may not be made, for operators: which policies said so, and what the nearest permits lack.

use crate::action::Action;
use crate::decide::{About, Denial, Permit, Reason, decide};
use crate::facts::{CallFacts, Model, Principal};
use crate::plan::Subject;
use crate::problem::Position;
use crate::question::Question;
use crate::snapshot::Snapshot;
use std::sync::Arc;

/// So many of the nearest permits are told.
const NEAREST_MAX: usize = 5;

/// The answer to a call, explained.
#[derive(Debug)]
pub struct Explanation {
    /// The answer itself.
    pub answer: Result<Permit, Denial>,
    /// The policies that determined it, sorted by their ids.
    pub determining: Vec<Stated>,
    /// The policies that could not be evaluated, sorted by their ids.
    pub errors: Vec<Stated>,
    /// The permits that come nearest, where nothing permits it.
    pub nearest: Vec<Near>,
}

/// A policy, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stated {
    /// Its id.
    pub policy: String,
    /// The file, as the bundle names it.
    pub path: String,
    /// Where in the file.
    pub at: Position,
    /// The policy itself, as it was written.
    pub text: String,
}

/// A permit that does not apply.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Near {
    /// What would have to hold for it to apply, in Cedar: the parts of the scope that do not match, or else the first part of
    /// the conditions that does not hold.
    pub lacking: Vec<String>,
    /// The permit.
    pub permit: Stated,
}

/// Decides about a call as [`decide`] does, and says why.
#[must_use]
pub fn explain(
    snapshot: &Arc<Snapshot>,
    principal: &Principal,
    model: &Model,
    call: &CallFacts,
) -> Explanation {
    let answer = decide(snapshot, principal, model, call);
    let (determining, errors) = match &answer {
        Ok(permit) => (permit.determining(), [].as_slice()),
        Err(denial) => (denial.determining.as_slice(), denial.errors.as_slice()),
    };
    let stated = |ids: &[String]| ids.iter().filter_map(|id| snapshot.stated(id)).collect();
    Explanation {
        determining: stated(determining),
        errors: stated(errors),
        nearest: match &answer {
            Err(
                denial @ Denial {
                    reason: Reason::NoPermit | Reason::Forbidden,
                    ..
                },
            ) => nearest(snapshot, principal, model, call, denial).unwrap_or_default(),
            _ => Vec::new(),
        },
        answer,
    }
}

/// The permits that lack least, of those for the action, or for the tool that may not be offered, or for what may not be used.
fn nearest(
    snapshot: &Snapshot,
    principal: &Principal,
    model: &Model,
    call: &CallFacts,
    denial: &Denial,
) -> Option<Vec<Near>> {
    let of_call = Subject::Call(call);
    let used = |id: &str| call.uses.iter().find(|used| used.model.facts().id == id);
    let (model, question, subject) = match &denial.about {
        Some(About::Tool(tool)) => (model, Question::Tool, Subject::Tool(&call.base, tool)),
        Some(About::Used(id)) => {
            let used = used(id)?;
            (&used.model, Question::Call(used.action), of_call)
        }
        None => (model, Question::Call(call.action), of_call),
    };
    let prepared = snapshot.prepare(principal, model).ok()?;
    let all = snapshot.lacking(&prepared, question, subject).ok()?;
    let least = all.first().map_or(0, |(_, lacking)| lacking.len());
    // Nothing lacks where a permit applies and a forbid overrules it.
    let all = if least == 0 { Vec::new() } else { all };
    let near = all
        .into_iter()
        .take_while(|(_, lacking)| lacking.len() == least)
        .take(NEAREST_MAX);
    let near = near.filter_map(|(policy, lacking)| {
        let permit = snapshot.stated(&policy)?;
        Some(Near { lacking, permit })
    });
    Some(near.collect())
}

impl Snapshot {
    /// A policy, and where it stands; `None` when there is none of this id.
    #[must_use]
    pub fn stated(&self, policy: &str) -> Option<Stated> {
        let origin = self.bundle.origins.get(policy)?;
        Some(Stated {
            policy: policy.to_owned(),
            path: origin.path.to_string(),
            at: origin.position_of(""),
            text: origin
                .file
                .get(origin.span.clone())
                .unwrap_or_default()
                .trim()
                .to_owned(),
        })
    }
}

impl Action {
    /// The operation with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.as_str() == name)
    }
}
