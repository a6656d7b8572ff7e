//! Finds names in policies that nothing has. Cedar checks types, not ids: a rule for the tenant `reatil` is valid, and
//! never matches.

use crate::names::{Names, Typed};
use crate::problem::Problem;
use crate::snapshot::Snapshot;
use cedar_policy::{EntityUid, Policy};
use std::collections::{BTreeMap, BTreeSet};

/// A kind of thing that the registry holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Registered {
    /// A tenant.
    Tenant,
    /// A team, as `tenant/team`.
    Team,
    /// A role.
    Role,
    /// A person, as `tenant/id`.
    User,
    /// A workload, as `tenant/id`.
    Application,
    /// A Bedrock model.
    Model,
    /// A SageMaker endpoint.
    Endpoint,
    /// A guardrail of Bedrock's own.
    Guardrail,
    /// A knowledge base.
    KnowledgeBase,
    /// A place for what asynchronous calls give.
    Output,
    /// A group of models or endpoints.
    ModelGroup,
    /// A category or group of findings, beside those of the forest: one that detectors could report, were they configured.
    DataCategory,
}

/// The ids that exist, by kind. Kinds that were not added are not checked.
#[derive(Clone, Debug, Default)]
pub struct Inventory(BTreeMap<Registered, BTreeSet<String>>);

impl Inventory {
    /// Adds ids of one kind, and so has policies checked for it.
    #[must_use]
    pub fn with(mut self, kind: Registered, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.0
            .entry(kind)
            .or_default()
            .extend(ids.into_iter().map(Into::into));
        self
    }
}

impl Registered {
    fn typed(self, names: &Names) -> &Typed {
        match self {
            Self::Tenant => &names.tenant,
            Self::Team => &names.team,
            Self::Role => &names.role,
            Self::User => &names.user,
            Self::Application => &names.application,
            Self::Model => &names.model,
            Self::Endpoint => &names.endpoint,
            Self::Guardrail => &names.guardrail,
            Self::KnowledgeBase => &names.knowledge_base,
            Self::Output => &names.output,
            Self::ModelGroup => &names.model_group,
            Self::DataCategory => &names.data_category,
        }
    }
}

impl Snapshot {
    /// Every id in policies and invariants that the inventory, or for data categories the forest, does not hold.
    pub fn unknown_literals(&self, inventory: &Inventory) -> Vec<Problem> {
        let inventory = inventory
            .clone()
            .with(Registered::DataCategory, self.categories.keys().cloned());
        let names = &self.bundle.names;
        let known: Vec<(&Typed, &BTreeSet<String>)> = inventory
            .0
            .iter()
            .map(|(kind, ids)| (kind.typed(names), ids))
            .collect();
        let policies = self
            .bundle
            .policies
            .policies()
            .chain(self.bundle.invariants.policies());
        let mut problems: Vec<_> = policies
            .flat_map(|policy| self.unknown_in(policy, &known))
            .collect();
        problems.sort();
        problems
    }

    fn unknown_in(&self, policy: &Policy, known: &[(&Typed, &BTreeSet<String>)]) -> Vec<Problem> {
        let literals: BTreeSet<EntityUid> = policy.entity_literals().into_iter().collect();
        let missing = literals.iter().filter_map(|literal| {
            let (_, ids) = known.iter().find(|(typed, _)| typed.is_type_of(literal))?;
            let id: &str = literal.id().as_ref();
            (!ids.contains(id)).then_some((literal, id, *ids))
        });
        missing
            .filter_map(|(literal, id, ids)| self.problem(policy, literal, id, ids))
            .collect()
    }

    fn problem(
        &self,
        policy: &Policy,
        literal: &EntityUid,
        id: &str,
        ids: &BTreeSet<String>,
    ) -> Option<Problem> {
        let name: &str = policy.id().as_ref();
        let origin = self.bundle.origins.get(name)?;
        let message = format!("`{literal}` does not exist, so the policy never matches it");
        let problem = Problem::new(&origin.path, message)
            .policy(name)
            .at(origin.position_of(&literal.to_string()));
        Some(match nearest(id, ids) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("add it to the registry, or take it out of the policy"),
        })
    }
}

/// The known id with the fewest edits, if they are at most a third of its length.
fn nearest<'a>(id: &str, ids: &'a BTreeSet<String>) -> Option<&'a str> {
    ids.iter()
        .map(|known| (strsim::levenshtein(id, known), known.as_str()))
        .min()
        .filter(|&(edits, known)| edits * 3 <= known.chars().count())
        .map(|(_, known)| known)
}
