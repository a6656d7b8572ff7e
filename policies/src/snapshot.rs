//! A bundle made ready for decisions, with the forest of categories it decides about. An exchange sees one snapshot from
//! its first question to its last.

mod foreseen;

use crate::base::Base;
use crate::bundle::Bundle;
use crate::cache::Cache;
use crate::context;
use crate::coverage::first_false;
use crate::entities::{self, BuildError};
use crate::facts::{Model, Principal};
use crate::index::{Index, Lacking, Reach};
use crate::plan::{Key, Plan, Subject};
use crate::problem::{Problem, chain};
use crate::question::Question;
use crate::source::{SCHEMA_PATH, digest_of_parts};
use cedar_policy::{
    AuthorizationError, Authorizer, Context, Decision, Entities, EntityUid, PolicySet, PolicySetError,
    Request, RequestValidationError, RestrictedExpression,
};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// The most pairs of principal and model that stay prepared: measured at 15 KB each with a forest of 120 categories.
const PREPARED_MAX: usize = 2_048;

/// The most answers that stay known of a pair: about 200 bytes each.
const ANSWERS_MAX: usize = 128;

/// The most distinct sets of candidate policies that stay built. Principals with like rights share a set.
const CANDIDATES_MAX: usize = 4_096;

/// The most circumstances that stay evaluated: one for each tenant and address in a second.
const BASES_MAX: usize = 1_024;

/// A loaded bundle, the forest of categories, and what was prepared for past decisions. Share it in an `Arc`.
pub struct Snapshot {
    pub(crate) bundle: Arc<Bundle>,
    /// Each with a number of its own.
    pub(crate) categories: HashMap<String, u64>,
    /// Child and parent, sorted.
    forest: Vec<(String, String)>,
    digest: String,
    pub(crate) foundation: Entities,
    index: Index,
    authorizer: Authorizer,
    /// Keyed by all facts of both, so that no entry can serve another principal, or the same one after a change.
    prepared: Cache<(Principal, Model), Arc<Prepared>>,
    candidates: Cache<Vec<usize>, Arc<Candidates>>,
    /// Pure functions of their keys, so that it does not matter whose call made them.
    bases: Cache<Base, RestrictedExpression>,
}

/// All that a decision needs about one principal and one model.
pub(crate) struct Prepared {
    entities: Entities,
    principal: EntityUid,
    model: EntityUid,
    /// By [`Question::number`].
    candidates: Vec<Arc<Candidates>>,
    /// What answers depend on, made when the question is first asked; none where that cannot be told.
    plans: Vec<OnceLock<Option<Plan>>>,
    /// Whether any permit could hold, found out when the question is first asked.
    could: Vec<OnceLock<bool>>,
    /// By the number of the question, and what its answer depends on.
    answers: Cache<(usize, Key), Arc<Answer>>,
}

/// The policies whose scope a question meets.
struct Candidates {
    /// In the index.
    numbers: Vec<usize>,
    policies: PolicySet,
}

/// What the policies say. Ids are sorted.
pub(crate) struct Answer {
    pub(crate) decision: Decision,
    pub(crate) determining: Vec<String>,
    pub(crate) errors: Vec<String>,
}

impl Answer {
    /// That of no policy at all.
    pub(crate) fn none() -> Self {
        Self {
            decision: Decision::Deny,
            determining: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// Cedar skips a policy that errors; were it a forbid, that would let the call through.
    pub(crate) fn permits(&self) -> bool {
        self.decision == Decision::Allow && self.errors.is_empty()
    }
}

/// Why a question could not be put.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    #[error(transparent)]
    Entities(#[from] BuildError),
    #[error(transparent)]
    Context(#[from] context::BuildError),
    #[error("the candidates do not form a set")]
    Candidates(#[from] Box<PolicySetError>),
    #[error("the request does not fit the schema")]
    Request(#[from] Box<RequestValidationError>),
    #[error("no candidates were prepared for the action")]
    Action,
}

impl Snapshot {
    /// Takes the forest of data categories as pairs of child and parent, without cycles. A category that is not in it is
    /// always blocked.
    pub fn new(bundle: Arc<Bundle>, forest: &[(&str, &str)]) -> Result<Self, Vec<Problem>> {
        let foundation = entities::foundation(&bundle.names, &bundle.schema, forest).map_err(|error| {
            let problem = Problem::new(
                SCHEMA_PATH,
                format!("the forest of categories cannot be used: {}", chain(&error)),
            );
            vec![problem.help("name parents that are not their own descendants")]
        })?;
        let mut pairs = forest.to_vec();
        pairs.sort_unstable();
        pairs.dedup();
        let parts = pairs.iter().flat_map(|&(child, parent)| [child, parent]);
        Ok(Self {
            digest: digest_of_parts(
                "palisade-snapshot-v1\n",
                [bundle.digest()].into_iter().chain(parts),
            ),
            categories: forest
                .iter()
                .flat_map(|&(c, p)| [c.to_owned(), p.to_owned()])
                .zip(0..)
                .collect(),
            index: Index::new(&bundle.policies),
            authorizer: Authorizer::new(),
            forest: pairs
                .iter()
                .map(|&(child, parent)| (child.to_owned(), parent.to_owned()))
                .collect(),
            prepared: Cache::new(PREPARED_MAX),
            candidates: Cache::new(CANDIDATES_MAX),
            bases: Cache::new(BASES_MAX),
            foundation,
            bundle,
        })
    }

    /// The version of everything that decides: SHA-256 in lower-case hexadecimal over the line `palisade-snapshot-v1`,
    /// the bundle's digest, and child and parent of each pair of the forest in sorted order, without repetitions; before
    /// each of these its length as 8 bytes, little-endian.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The forest of categories, as sorted pairs of child and parent.
    pub fn forest(&self) -> &[(String, String)] {
        &self.forest
    }

    /// Whether policies can read what the registry grants.
    pub fn takes_grants(&self) -> bool {
        self.bundle.names.takes_grants
    }

    /// The bundle.
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// Finds or makes what is needed to decide about the two.
    pub(crate) fn prepare(&self, principal: &Principal, model: &Model) -> Result<Arc<Prepared>, AskError> {
        let key = (principal.clone(), model.clone());
        if let Some(prepared) = self.prepared.get(&key) {
            return Ok(prepared);
        }
        let names = &self.bundle.names;
        let entities = entities::slice(names, &self.bundle.schema, &self.foundation, principal, model)?;
        let principal = entities::principal_uid(names, principal);
        let model = entities::model_uid(names, model);
        let matching = self
            .index
            .matching(&Reach::new(&entities, &principal), &Reach::new(&entities, &model));
        let candidates = Question::ALL
            .iter()
            .map(|&question| {
                let action = Reach::new(&entities, &names.question(question));
                self.candidates(self.index.narrow(&matching, &action))
            })
            .collect::<Result<_, _>>()?;
        let prepared = Arc::new(Prepared {
            plans: Question::ALL.iter().map(|_| OnceLock::new()).collect(),
            could: Question::ALL.iter().map(|_| OnceLock::new()).collect(),
            answers: Cache::new(ANSWERS_MAX),
            entities,
            principal,
            model,
            candidates,
        });
        self.prepared.insert(key, Arc::clone(&prepared));
        Ok(prepared)
    }

    /// What the policies say to a question: as was said before to one that cannot be answered otherwise, or else asked anew.
    pub(crate) fn answer(
        &self,
        prepared: &Prepared,
        question: Question,
        subject: Subject<'_>,
    ) -> Result<Arc<Answer>, AskError> {
        if let Subject::Call(call) = subject {
            context::fits(call)?;
        }
        let number = question.number();
        let plan = prepared.plans.get(number).ok_or(AskError::Action)?;
        let plan = plan.get_or_init(|| self.plan(prepared, question));
        let key = plan.as_ref().and_then(|plan| Some((number, plan.key(subject)?)));
        if let Some(known) = key.as_ref().and_then(|key| prepared.answers.get(key)) {
            return Ok(known);
        }
        let answer = Arc::new(self.ask(prepared, question, self.context(subject)?)?);
        if let Some(key) = key {
            prepared.answers.insert(key, Arc::clone(&answer));
        }
        Ok(answer)
    }

    pub(crate) fn context(&self, subject: Subject<'_>) -> Result<Context, AskError> {
        let names = &self.bundle.names;
        Ok(match subject {
            Subject::Call(call) => context::of_call(names, self.base(&call.base)?, call)?,
            Subject::Finding(base, finding, _) => context::of_finding(names, self.base(base)?, finding)?,
            Subject::Tool(base, name) => context::of_tool(self.base(base)?, name)?,
        })
    }

    /// The evaluated circumstances of a call.
    fn base(&self, base: &Base) -> Result<RestrictedExpression, AskError> {
        if let Some(known) = self.bases.get(base) {
            return Ok(known);
        }
        let evaluated = context::base(&self.bundle.names, base)?;
        self.bases.insert(base.clone(), evaluated.clone());
        Ok(evaluated)
    }

    /// Evaluates the candidates of a question. Debug builds check the request against the schema; release builds rely on
    /// the typed builder, which the self-test of the bundle tries out.
    pub(crate) fn ask(
        &self,
        prepared: &Prepared,
        question: Question,
        context: Context,
    ) -> Result<Answer, AskError> {
        let candidates = prepared
            .candidates
            .get(question.number())
            .ok_or(AskError::Action)?;
        let request = self.request(prepared, question, context)?;
        Ok(self.evaluated(&request, &candidates.policies, &prepared.entities))
    }

    /// Evaluates all policies.
    pub(crate) fn ask_all(&self, request: &Request, entities: &Entities) -> Answer {
        self.evaluated(request, &self.bundle.policies, entities)
    }

    fn evaluated(&self, request: &Request, policies: &PolicySet, entities: &Entities) -> Answer {
        let response = self.authorizer.is_authorized(request, policies, entities);
        let diagnostics = response.diagnostics();
        Answer {
            decision: response.decision(),
            determining: sorted(diagnostics.reason().map(|id| id.to_string())),
            errors: sorted(diagnostics.errors().map(|error| match error {
                AuthorizationError::PolicyEvaluationError(error) => error.policy_id().to_string(),
            })),
        }
    }

    fn request(
        &self,
        prepared: &Prepared,
        question: Question,
        context: Context,
    ) -> Result<Request, AskError> {
        let schema = cfg!(debug_assertions).then_some(&self.bundle.schema);
        let request = Request::new(
            prepared.principal.clone(),
            self.bundle.names.question(question),
            prepared.model.clone(),
            context,
            schema,
        );
        Ok(request.map_err(Box::new)?)
    }

    /// The permits for a question, with what of their conditions or scopes it lacks, in Cedar; fewest first.
    pub(crate) fn lacking(
        &self,
        prepared: &Prepared,
        question: Question,
        subject: Subject<'_>,
    ) -> Result<Vec<(String, Vec<String>)>, AskError> {
        let request = self.request(prepared, question, self.context(subject)?)?;
        let reach = |uid: &EntityUid| Reach::new(&prepared.entities, uid);
        let (principal, resource) = (reach(&prepared.principal), reach(&prepared.model));
        let action = reach(&self.bundle.names.question(question));
        let permits = self.index.permits(&principal, &action, &resource);
        let lacking = |Lacking { policy, scope }: Lacking<'_>| {
            let lacking = match scope.is_empty() {
                true => first_false(policy, &request, &prepared.entities)
                    .into_iter()
                    .collect(),
                false => scope,
            };
            (policy.id().to_string(), lacking)
        };
        let mut all: Vec<_> = permits.map(lacking).collect();
        all.sort_by(|(a, of_a), (b, of_b)| (of_a.len(), a).cmp(&(of_b.len(), b)));
        Ok(all)
    }

    /// The `@message` of the first of these policies that has one.
    pub(crate) fn message(&self, policies: &[String]) -> Option<String> {
        let messages = policies
            .iter()
            .filter_map(|id| self.bundle.annotation(id, "message"));
        messages.map(str::to_owned).next()
    }

    fn candidates(&self, numbers: Vec<usize>) -> Result<Arc<Candidates>, AskError> {
        if let Some(candidates) = self.candidates.get(&numbers) {
            return Ok(candidates);
        }
        let policies = self.index.set(&numbers)?;
        let candidates = Arc::new(Candidates {
            numbers: numbers.clone(),
            policies,
        });
        self.candidates.insert(numbers, Arc::clone(&candidates));
        Ok(candidates)
    }
}

#[cfg(test)]
impl Prepared {
    /// How many answers are known.
    pub(crate) fn known_answers(&self) -> usize {
        self.answers.len()
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

fn sorted(ids: impl Iterator<Item = String>) -> Vec<String> {
    let mut ids: Vec<String> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
