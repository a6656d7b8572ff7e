//! What a record says policy was asked.

use super::said::Said;
use palisade_audit as audit;
use palisade_audit::sealed::sealed_under;
use palisade_policies::{
    Action, Archived, Base, CallFacts, Classification, Model, Permit, Principal, Snapshot, Unreadable, Used,
    admit, decide, observe,
};
use std::collections::HashMap;
use std::sync::Arc;

/// So many facts that do not come from records are known at one time: 1 KB each.
const FACTS_MAX: usize = 10_000;

/// What policy was asked about one call.
#[derive(Debug)]
pub struct Asked {
    principal: Principal,
    model: Model,
    action: Action,
    /// None when no permit's scope matched, so that the body was not read.
    call: Option<CallFacts>,
    /// Whether values could go as tokens.
    tokens: bool,
    /// Whether policy was only watched, so that findings were asked about in any case.
    log_only: bool,
}

/// Why a decision cannot be made again.
#[derive(Debug, thiserror::Error)]
pub enum Unreplayable {
    /// Policy was not asked: somebody unidentified, a path that leads nowhere, a body that is not valid.
    #[error("policy was not asked about the call")]
    NotAsked,
    /// Something else kept it back: a limit, the client, the log.
    #[error("it was not policy that decided")]
    Otherwise,
    /// Names of tools are not kept where one of them could be a text.
    #[error("the names of its tools are not kept")]
    ToolsWithheld,
    /// Who called is sealed under a key that is not there, or was destroyed.
    #[error("who called is sealed, and the key is not there")]
    Sealed,
    /// The facts do not stand in the log before it.
    #[error("the log does not hold the facts that it names")]
    NoFacts,
    /// Another engine could decide otherwise.
    #[error("it was made by {0}, and this is another engine")]
    Engine(String),
    /// The policies are not kept.
    #[error("the policies {0} are not kept beside the log")]
    NoPolicies(String),
    /// The policies that are kept cannot be used.
    #[error("{0}: {1}")]
    Policies(String, String),
    /// A value is none that policy could be asked about.
    #[error("the record holds what policy cannot be asked about")]
    Value,
}

/// Facts that stand in a log, by digest.
#[derive(Debug, Default)]
pub struct FactsRead {
    principals: HashMap<String, Principal>,
    models: HashMap<String, Model>,
}

impl FactsRead {
    /// Forgets all: each file of a log names the facts anew.
    pub fn clear(&mut self) {
        self.principals.clear();
        self.models.clear();
    }

    /// Takes facts as they are.
    pub fn know(&mut self, principal: Principal, models: Vec<Model>) {
        if self.principals.len() + self.models.len() > FACTS_MAX {
            self.clear();
        }
        let digest = |kept: &Archived| kept.digest.clone();
        self.principals.insert(digest(principal.archived()), principal);
        for model in models {
            self.models.insert(digest(model.archived()), model);
        }
    }

    /// Takes facts from their record. Those that are sealed are left out.
    ///
    /// # Errors
    /// When they are neither those of a principal nor those of a model, or not what their digest says.
    pub fn read(&mut self, record: &audit::Facts) -> Result<(), Unreadable> {
        if record.facts.contains_key("sealed") {
            return Ok(());
        }
        let json = serde_json::to_string(&record.facts)?;
        let digest = record.digest.clone();
        // A model is served somewhere, a principal is of a tenant.
        let found = if record.facts.contains_key("tenant") {
            let principal = Principal::from_archived(&json)?;
            let found = principal.archived().digest.clone();
            self.principals.insert(digest, principal);
            found
        } else {
            let model = Model::from_archived(&json)?;
            let found = model.archived().digest.clone();
            self.models.insert(digest, model);
            found
        };
        match found == record.digest {
            true => Ok(()),
            false => Err(Unreadable::Digest(found)),
        }
    }
}

impl Asked {
    /// What a record says was asked, about facts that stand in the log before it.
    ///
    /// # Errors
    /// Why it cannot be asked again.
    pub fn of(decision: &audit::Decision, facts: &FactsRead) -> Result<Self, Unreplayable> {
        let question = decision.question.as_deref();
        if question.is_none() && decision.reason != audit::Reason::NoPermit {
            return Err(Unreplayable::NotAsked);
        }
        if !by_policy(decision.reason) {
            return Err(Unreplayable::Otherwise);
        }
        if question.is_some_and(|question| question.tools_withheld.is_some()) {
            return Err(Unreplayable::ToolsWithheld);
        }
        let principal = decision.principal.as_ref();
        if principal.is_some_and(|by| sealed_under(&by.id).is_some()) {
            return Err(Unreplayable::Sealed);
        }
        let principal = principal.and_then(|by| facts.principals.get(&by.facts));
        let model = decision.model.as_ref().and_then(|of| facts.models.get(&of.facts));
        let call = question.map(|question| {
            let uses = uses(question, facts)?;
            call(decision, question, uses).ok_or(Unreplayable::Value)
        });
        Ok(Self {
            principal: principal.cloned().ok_or(Unreplayable::NoFacts)?,
            model: model.cloned().ok_or(Unreplayable::NoFacts)?,
            action: Action::named(decision.action.name()).ok_or(Unreplayable::Value)?,
            call: call.transpose()?,
            tokens: question.is_some_and(|question| question.tokens),
            log_only: decision.log_only,
        })
    }

    /// Who asked and what for, and what policy was told of the call, if its body was read.
    #[must_use]
    pub fn subjects(&self) -> (&Principal, &Model, Option<&CallFacts>) {
        (&self.principal, &self.model, self.call.as_ref())
    }

    /// Asks these policies.
    #[must_use]
    pub fn again(&self, snapshot: &Arc<Snapshot>) -> Said {
        let (principal, model) = (&self.principal, &self.model);
        let answer = match &self.call {
            None => return Said::of_scopes(admit(snapshot, principal, self.action, model)),
            Some(call) if self.log_only => observe(snapshot, principal, model, call),
            Some(call) => decide(snapshot, principal, model, call).map(|permit| (permit, None)),
        };
        let (permit, denial) = match answer {
            Ok((permit, denial)) => (Some(permit), denial),
            Err(denial) => (None, Some(denial)),
        };
        let tokens = |permit: Permit| if self.tokens { permit.with_tokens() } else { permit };
        Said::new(permit.map(tokens), denial)
    }
}

fn by_policy(reason: audit::Reason) -> bool {
    use audit::Reason;
    matches!(
        reason,
        Reason::Policy | Reason::NoPermit | Reason::PolicyError | Reason::Finding
    )
}

/// What the call used beside its model.
fn uses(question: &audit::Question, facts: &FactsRead) -> Result<Vec<Used>, Unreplayable> {
    let used = |of: &audit::UsedRef| {
        Ok(Used {
            action: Action::named(&of.action).ok_or(Unreplayable::Value)?,
            model: facts.models.get(&of.facts).ok_or(Unreplayable::NoFacts)?.clone(),
        })
    };
    question.uses.iter().map(used).collect()
}

fn call(decision: &audit::Decision, question: &audit::Question, uses: Vec<Used>) -> Option<CallFacts> {
    let base = Base::new(
        i64::try_from(question.now_ms).ok()?,
        question.local_hour,
        question.business_day,
        decision.http.client_ip.parse().ok()?,
        question.purpose.parse().ok()?,
        Classification::new(question.classification).ok()?,
    );
    let modalities = question.modalities.iter().map(|word| word.parse().ok());
    let unscanned = decision.coverage_gaps.iter().map(|gap| gap.name().parse().ok());
    Some(CallFacts {
        action: Action::named(decision.action.name())?,
        input_tokens: question.input_tokens,
        max_tokens: question.max_tokens,
        modalities: modalities.collect::<Option<_>>()?,
        tools: question.tools.clone(),
        unscanned: unscanned.collect::<Option<_>>()?,
        uses,
        base: base.ok()?,
    })
}
