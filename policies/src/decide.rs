//! May this call be made? A [`Permit`] is the only proof that it may. [`decide`] makes one, and [`observe`] where policy is only
//! watched.

use crate::action::Action;
use crate::base::Base;
use crate::facts::{CallFacts, Model, Principal, Used};
use crate::plan::Subject;
use crate::question::Question;
use crate::snapshot::{Answer, AskError, Prepared, Snapshot};
use cedar_policy::Decision;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// The right to make one call. Pins the snapshot that granted it, which also decides what happens to findings.
#[must_use = "a permit that is dropped permits nothing"]
pub struct Permit {
    snapshot: Arc<Snapshot>,
    prepared: Arc<Prepared>,
    /// For each that is used beside the model.
    used: Vec<Arc<Prepared>>,
    /// The circumstances of the call.
    base: Base,
    answer: Arc<Answer>,
    /// The policies that permit the call, its tools and what it uses, sorted, if it has any of these.
    with_all: Option<Vec<String>>,
    /// Whether the gateway can put tokens in the place of values.
    has_tokens: bool,
    /// Whether what policy says is carried out.
    enforced: bool,
}

/// Why a call may not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// No policy permits it.
    NoPermit,
    /// A policy forbids it.
    Forbidden,
    /// A policy could not be evaluated. Cedar would skip it; were it a forbid, that would let the call through.
    PolicyError,
    /// The question cannot be put: the action is not one for this kind of model, or a value does not fit the schema.
    Invalid,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Why.
    pub reason: Reason,
    /// The ids of the policies that forbid it, sorted.
    pub determining: Vec<String>,
    /// The ids of the policies that could not be evaluated, sorted.
    pub errors: Vec<String>,
    /// What the caller may be told: the `@message` of the first forbidding policy that has one.
    pub message: Option<String>,
    /// What it is about, if it is not the call itself.
    pub about: Option<About>,
}

/// What belongs to a call and is asked about by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A tool that may not be offered, by the name that the caller gave it.
    Tool(String),
    /// What may not be used beside the model, by its id.
    Used(String),
}

/// Refuses when no permit could hold, whatever the body says; so it can be asked before the body is read. That it
/// does not refuse says nothing about what [`decide`] will say.
pub fn admit(
    snapshot: &Snapshot,
    principal: &Principal,
    action: Action,
    model: &Model,
) -> Result<(), Denial> {
    let question = Question::Call(action);
    let prepared = prepare(snapshot, principal, question, model)?;
    if snapshot.could_permit(&prepared, question) {
        return Ok(());
    }
    Err(Denial::new(Reason::NoPermit))
}

/// Decides about one call: whether it may be made, each of its tools be offered, and each be used that it uses beside its model. Any
/// policy that cannot be evaluated denies it.
pub fn decide(
    snapshot: &Arc<Snapshot>,
    principal: &Principal,
    model: &Model,
    call: &CallFacts,
) -> Result<Permit, Denial> {
    let question = Question::Call(call.action);
    let prepared = prepare(snapshot, principal, question, model)?;
    let used = prepare_used(snapshot, principal, call)?;
    let answer = snapshot.answer(&prepared, question, Subject::Call(call))?;
    if !answer.permits() {
        return Err(Denial::of(snapshot, &answer));
    }
    let with_all = with_all(snapshot, (&prepared, &used), call, &answer)?;
    Ok(Permit::new(
        snapshot,
        (prepared, used),
        call,
        answer,
        with_all,
        true,
    ))
}

/// Asks about each tool of a call, and about all that it uses. Gives the policies that permit it all, if there is any of these.
fn with_all(
    snapshot: &Snapshot,
    (prepared, used): (&Prepared, &[Arc<Prepared>]),
    call: &CallFacts,
    answer: &Answer,
) -> Result<Option<Vec<String>>, Denial> {
    if call.tools.is_empty() && call.uses.is_empty() {
        return Ok(None);
    }
    let mut policies: BTreeSet<&String> = answer.determining.iter().collect();
    let mut answers: Vec<Arc<Answer>> = Vec::new();
    offered(snapshot, prepared, call, &mut answers)?;
    for (used, prepared) in call.uses.iter().zip(used) {
        let answer = snapshot.answer(prepared, Question::Call(used.action), Subject::Call(call))?;
        if !answer.permits() {
            return Err(Denial {
                about: Some(About::Used(used.model.facts().id.clone())),
                ..Denial::of(snapshot, &answer)
            });
        }
        answers.push(answer);
    }
    policies.extend(answers.iter().flat_map(|answer| &answer.determining));
    Ok(Some(policies.into_iter().cloned().collect()))
}

/// Asks about each tool of a call.
fn offered(
    snapshot: &Snapshot,
    prepared: &Prepared,
    call: &CallFacts,
    answers: &mut Vec<Arc<Answer>>,
) -> Result<(), Denial> {
    for tool in &call.tools {
        let answer = snapshot.answer(prepared, Question::Tool, Subject::Tool(&call.base, tool))?;
        if !answer.permits() {
            return Err(Denial {
                about: Some(About::Tool(tool.clone())),
                ..Denial::of(snapshot, &answer)
            });
        }
        // Most tools share an answer.
        if !answers.iter().any(|known| Arc::ptr_eq(known, &answer)) {
            answers.push(answer);
        }
    }
    Ok(())
}

/// As [`decide`], where policy is only watched: the call may be made in any case, and the denial is what would have become
/// of it.
///
/// # Errors
/// When nothing can be asked about these two at all, or about the caller and what is used.
pub fn observe(
    snapshot: &Arc<Snapshot>,
    principal: &Principal,
    model: &Model,
    call: &CallFacts,
) -> Result<(Permit, Option<Denial>), Denial> {
    let question = Question::Call(call.action);
    let prepared = prepare(snapshot, principal, question, model)?;
    let used = prepare_used(snapshot, principal, call)?;
    let asked = snapshot.answer(&prepared, question, Subject::Call(call));
    let (answer, all) = match asked {
        Ok(answer) if answer.permits() => {
            let all = with_all(snapshot, (&prepared, &used), call, &answer);
            (answer, all)
        }
        Ok(answer) => (Arc::clone(&answer), Err(Denial::of(snapshot, &answer))),
        Err(error) => (Arc::new(Answer::none()), Err(Denial::from(error))),
    };
    let (with_all, denial) = match all {
        Ok(with_all) => (with_all, None),
        Err(denial) => (None, Some(denial)),
    };
    Ok((
        Permit::new(snapshot, (prepared, used), call, answer, with_all, false),
        denial,
    ))
}

impl Permit {
    fn new(
        snapshot: &Arc<Snapshot>,
        (prepared, used): (Arc<Prepared>, Vec<Arc<Prepared>>),
        call: &CallFacts,
        answer: Arc<Answer>,
        with_all: Option<Vec<String>>,
        enforced: bool,
    ) -> Self {
        Self {
            snapshot: Arc::clone(snapshot),
            prepared,
            used,
            base: call.base.clone(),
            answer,
            with_all,
            has_tokens: false,
            enforced,
        }
    }

    /// Whether what policy says is carried out: not in a permit of [`observe`].
    pub fn enforced(&self) -> bool {
        self.enforced
    }

    /// The ids of the policies that determined the answer, sorted: those that permit the call, unless it is only watched.
    pub fn determining(&self) -> &[String] {
        self.with_all.as_ref().unwrap_or(&self.answer.determining)
    }

    /// The snapshot that decided.
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// The digest of the snapshot that decided.
    pub fn digest(&self) -> &str {
        self.snapshot.digest()
    }

    /// The same permit for a gateway that has a key for tokens, so that [`Treatment::Tokenized`] is asked for too.
    ///
    /// [`Treatment::Tokenized`]: crate::Treatment::Tokenized
    pub fn with_tokens(self) -> Self {
        Self {
            has_tokens: true,
            ..self
        }
    }

    pub(crate) fn has_tokens(&self) -> bool {
        self.has_tokens
    }

    pub(crate) fn base(&self) -> &Base {
        &self.base
    }

    /// What is needed to ask about the model, and about each that is used beside it.
    pub(crate) fn prepared(&self) -> impl Iterator<Item = &Prepared> {
        std::iter::once(&*self.prepared).chain(self.used.iter().map(AsRef::as_ref))
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("digest", &self.digest())
            .field("determining", &self.determining())
            .finish_non_exhaustive()
    }
}

impl Denial {
    pub(crate) fn new(reason: Reason) -> Self {
        Self {
            reason,
            determining: Vec::new(),
            errors: Vec::new(),
            message: None,
            about: None,
        }
    }

    pub(crate) fn of(snapshot: &Snapshot, answer: &Answer) -> Self {
        // Where an error turns an allow into a denial, the determining policies are permits: they deny nothing.
        let determining = match answer.decision {
            Decision::Allow => Vec::new(),
            Decision::Deny => answer.determining.clone(),
        };
        let reason = match (answer.errors.is_empty(), determining.is_empty()) {
            (false, _) => Reason::PolicyError,
            (true, true) => Reason::NoPermit,
            (true, false) => Reason::Forbidden,
        };
        let message = snapshot.message(&determining);
        Self {
            reason,
            determining,
            errors: answer.errors.clone(),
            message,
            about: None,
        }
    }
}

/// The error itself goes no further: it may quote the context.
impl From<AskError> for Denial {
    fn from(_: AskError) -> Self {
        Self::new(Reason::Invalid)
    }
}

fn prepare(
    snapshot: &Snapshot,
    principal: &Principal,
    question: Question,
    model: &Model,
) -> Result<Arc<Prepared>, Denial> {
    if !question.takes(&model.facts().kind) {
        return Err(Denial::new(Reason::Invalid));
    }
    Ok(snapshot.prepare(principal, model)?)
}

fn prepare_used(
    snapshot: &Snapshot,
    principal: &Principal,
    call: &CallFacts,
) -> Result<Vec<Arc<Prepared>>, Denial> {
    let one = |used: &Used| prepare(snapshot, principal, Question::Call(used.action), &used.model);
    call.uses.iter().map(one).collect()
}
