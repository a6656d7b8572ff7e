//! Goes through a log and makes each decision again.

use super::{Asked, FactsRead, Form, Said, Unreplayable, Verdict};
use palisade_audit::{Completion, Decision, Finding, PolicyRef, Record};
use palisade_policies::{Model, Principal, Snapshot, Unreadable};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Exchanges whose end has not been read yet. A log has at most as many as were under way at one time; one that was damaged has more.
const OPEN_MAX: usize = 100_000;

/// Makes the decisions of a log again, in its order.
#[derive(Default)]
pub struct Replayer {
    facts: FactsRead,
    open: HashMap<String, (Said, Arc<Who>)>,
    /// How many decisions were made again.
    pub replayed: u64,
    /// How many were not, by why.
    pub left_out: BTreeMap<String, u64>,
}

/// Whose exchange it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Who {
    /// The tenant's id.
    pub tenant: String,
    /// The id within the tenant.
    pub principal: String,
    /// The model's id in the registry.
    pub model: String,
    /// What the caller was told.
    pub request_id: String,
    /// Id of the decision.
    pub decision: String,
    /// Digest of the policies that are asked.
    pub policies: String,
}

/// What was recorded, and what is said now.
#[derive(Debug)]
pub enum Again<'r> {
    /// About a call and its prompt.
    Request {
        /// Whose.
        who: Arc<Who>,
        /// What was found.
        findings: &'r [Finding],
        /// What the record says.
        recorded: Verdict,
        /// What policy says now.
        now: Verdict,
    },
    /// About what was found in the answer.
    Answer {
        /// Whose.
        who: Arc<Who>,
        /// What was found.
        findings: &'r [Finding],
        /// What the record says.
        recorded: Vec<Form>,
        /// What policy says now.
        now: Vec<Form>,
    },
}

impl Again<'_> {
    /// Whose exchange it is.
    #[must_use]
    pub fn who(&self) -> &Who {
        match self {
            Self::Request { who, .. } | Self::Answer { who, .. } => who,
        }
    }
}

impl Replayer {
    /// Takes facts that do not come from records.
    pub fn know(&mut self, principal: Principal, models: Vec<Model>) {
        self.facts.know(principal, models);
    }

    /// Takes the next record; `policies` gives those that are asked, by what the record says of those that were.
    ///
    /// # Errors
    /// When facts are not what their digest says.
    pub fn take<'r>(
        &mut self,
        record: &'r Record,
        policies: impl FnOnce(&PolicyRef) -> Result<Arc<Snapshot>, Unreplayable>,
    ) -> Result<Option<Again<'r>>, Unreadable> {
        match record {
            Record::Facts(facts) => self.facts.read(facts).map(|()| None),
            Record::Decision(decision) => Ok(self.decision(decision, policies)),
            Record::Completion(completion) => Ok(self.completion(completion)),
            // Each file names the facts anew.
            Record::LogStarted(_) => {
                self.facts.clear();
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    fn decision<'r>(
        &mut self,
        decision: &'r Decision,
        policies: impl FnOnce(&PolicyRef) -> Result<Arc<Snapshot>, Unreplayable>,
    ) -> Option<Again<'r>> {
        let asked = Asked::of(decision, &self.facts).and_then(|asked| {
            let policy = decision.policy.as_ref().ok_or(Unreplayable::NotAsked)?;
            let snapshot = policies(policy)?;
            Ok((asked.again(&snapshot), snapshot))
        });
        let (said, snapshot) = match asked {
            Ok(said) => said,
            Err(why) => {
                *self.left_out.entry(why.to_string()).or_default() += 1;
                return None;
            }
        };
        self.replayed += 1;
        let who = Arc::new(Who::of(decision, snapshot.digest()));
        let now = said.to_request(&decision.findings);
        if said.permits() {
            if self.open.len() >= OPEN_MAX {
                self.open.clear();
            }
            self.open.insert(decision.id.clone(), (said, Arc::clone(&who)));
        }
        Some(Again::Request {
            who,
            findings: &decision.findings,
            recorded: Verdict::recorded(decision),
            now,
        })
    }

    fn completion<'r>(&mut self, completion: &'r Completion) -> Option<Again<'r>> {
        let (said, who) = self.open.remove(&completion.decision)?;
        let findings = &completion.findings;
        Some(Again::Answer {
            who,
            findings,
            recorded: findings.iter().map(Form::recorded).collect(),
            now: said.to_answer(findings),
        })
    }
}

impl Who {
    fn of(decision: &Decision, policies: &str) -> Self {
        let principal = decision.principal.as_ref().map(|principal| principal.id.clone());
        let model = decision.model.as_ref().map(|model| model.id.clone());
        Self {
            tenant: decision.tenant.clone(),
            principal: principal.unwrap_or_default(),
            model: model.unwrap_or_default(),
            request_id: decision.request_id.clone(),
            decision: decision.id.clone(),
            policies: policies.to_owned(),
        }
    }
}
