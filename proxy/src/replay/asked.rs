//! What a record says policy was asked.

use super::said::Said;
use palisade_audit as audit;
use palisade_policies::{
    Action, Base, CallFacts, Classification, Model, Permit, Principal, Snapshot, Unreadable, decide, observe,
};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

/// What policy was asked about one call.
#[derive(Debug)]
pub struct Asked {
    principal: Principal,
    model: Model,
    call: CallFacts,
    /// Whether values could go as tokens.
    tokens: bool,
    /// Whether policy was only watched, so that findings were asked about in any case.
    log_only: bool,
}

/// Why a decision cannot be made again.
#[derive(Debug, thiserror::Error)]
pub enum Unreplayable {
    /// Policy was not asked: somebody unidentified, a path that leads nowhere, a call that no permit's scope matched.
    #[error("policy was not asked about the call")]
    NotAsked,
    /// Something else kept it back: a limit, the client, the log.
    #[error("it was not policy that decided")]
    Otherwise,
    /// Names of tools are not kept where one of them could be a text.
    #[error("the names of its tools are not kept")]
    ToolsWithheld,
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
    /// Takes facts from their record.
    ///
    /// # Errors
    /// When they are neither those of a principal nor those of a model, or not what their digest says.
    pub fn read(&mut self, record: &audit::Facts) -> Result<(), Unreadable> {
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
        let question = decision.question.as_deref().ok_or(Unreplayable::NotAsked)?;
        if !by_policy(decision.reason) {
            return Err(Unreplayable::Otherwise);
        }
        if question.tools_withheld.is_some() {
            return Err(Unreplayable::ToolsWithheld);
        }
        let client_ip = decision.http.client_ip.parse().map_err(|_| Unreplayable::Value)?;
        Ok(Self {
            principal: facts
                .principals
                .get(&question.principal)
                .cloned()
                .ok_or(Unreplayable::NoFacts)?,
            model: facts
                .models
                .get(&question.model)
                .cloned()
                .ok_or(Unreplayable::NoFacts)?,
            call: call(decision, question, client_ip).ok_or(Unreplayable::Value)?,
            tokens: question.tokens,
            log_only: decision.log_only,
        })
    }

    /// Who asked, what for, and what policy was told.
    #[must_use]
    pub fn subjects(&self) -> (&Principal, &Model, &CallFacts) {
        (&self.principal, &self.model, &self.call)
    }

    /// Asks these policies.
    #[must_use]
    pub fn again(&self, snapshot: &Arc<Snapshot>) -> Said {
        let answer = match self.log_only {
            true => observe(snapshot, &self.principal, &self.model, &self.call),
            false => decide(snapshot, &self.principal, &self.model, &self.call).map(|permit| (permit, None)),
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

fn call(decision: &audit::Decision, question: &audit::Question, client_ip: IpAddr) -> Option<CallFacts> {
    let base = Base::new(
        i64::try_from(question.now_ms).ok()?,
        question.local_hour,
        question.business_day,
        client_ip,
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
        base: base.ok()?,
    })
}
