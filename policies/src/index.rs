//! The scope index: finds the policies whose scope a request meets, so that the cost of a decision does not grow with the
//! number of policies. Cedar evaluates a policy's scope first, scopes cannot err, and a scope that does not match ends the
//! policy's evaluation; so leaving such policies out changes neither decision nor reasons nor errors.

use crate::reads::Reads;
use cedar_policy::{
    ActionConstraint, Effect, Entities, EntityUid, Policy, PolicySet, PolicySetError, PrincipalConstraint,
    ResourceConstraint,
};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

/// The policies of a bundle by the principal their scope names.
pub(crate) struct Index {
    scopes: Vec<Scope>,
    /// Numbers of policies by the entity in their principal scope; `None` for those that name none.
    by_principal: HashMap<Option<EntityUid>, Vec<usize>>,
}

struct Scope {
    policy: Policy,
    principal: PrincipalConstraint,
    action: ActionConstraint,
    resource: ResourceConstraint,
    /// Looked at when the policy is first a candidate.
    reads: OnceLock<Reads>,
}

/// A permit, and the parts of its scope that a question does not match, in Cedar.
pub(crate) struct Lacking<'i> {
    pub(crate) policy: &'i Policy,
    pub(crate) scope: Vec<String>,
}

fn told_principal(constraint: &PrincipalConstraint) -> String {
    match constraint {
        PrincipalConstraint::Any => "principal".to_owned(),
        PrincipalConstraint::Eq(uid) => format!("principal == {uid}"),
        PrincipalConstraint::In(uid) => format!("principal in {uid}"),
        PrincipalConstraint::Is(kind) => format!("principal is {kind}"),
        PrincipalConstraint::IsIn(kind, uid) => format!("principal is {kind} in {uid}"),
    }
}

fn told_resource(constraint: &ResourceConstraint) -> String {
    match constraint {
        ResourceConstraint::Any => "resource".to_owned(),
        ResourceConstraint::Eq(uid) => format!("resource == {uid}"),
        ResourceConstraint::In(uid) => format!("resource in {uid}"),
        ResourceConstraint::Is(kind) => format!("resource is {kind}"),
        ResourceConstraint::IsIn(kind, uid) => format!("resource is {kind} in {uid}"),
    }
}

/// An entity and everything it is in, itself included.
pub(crate) struct Reach {
    uid: EntityUid,
    within: HashSet<EntityUid>,
}

impl Reach {
    /// Takes the hierarchy from the very entities that the evaluation will see.
    pub(crate) fn new(entities: &Entities, uid: &EntityUid) -> Self {
        let ancestors = entities.ancestors(uid).into_iter().flatten().cloned();
        Self {
            uid: uid.clone(),
            within: ancestors.chain([uid.clone()]).collect(),
        }
    }
}

impl Index {
    pub(crate) fn new(policies: &PolicySet) -> Self {
        let mut by_principal: HashMap<_, Vec<usize>> = HashMap::new();
        let mut scopes = Vec::new();
        for (number, policy) in policies.policies().enumerate() {
            let scope = Scope {
                policy: policy.clone(),
                principal: policy.principal_constraint(),
                action: policy.action_constraint(),
                resource: policy.resource_constraint(),
                reads: OnceLock::new(),
            };
            by_principal
                .entry(scope.principal_named())
                .or_default()
                .push(number);
            scopes.push(scope);
        }
        Self { scopes, by_principal }
    }

    /// The numbers of the policies whose principal and resource scope match, ascending.
    pub(crate) fn matching(&self, principal: &Reach, resource: &Reach) -> Vec<usize> {
        let named = principal
            .within
            .iter()
            .filter_map(|uid| self.by_principal.get(&Some(uid.clone())));
        let mut numbers: Vec<usize> = named
            .chain(self.by_principal.get(&None))
            .flatten()
            .copied()
            .filter(|&number| {
                self.scopes
                    .get(number)
                    .is_some_and(|scope| scope.takes_principal(principal) && scope.takes_resource(resource))
            })
            .collect();
        numbers.sort_unstable();
        numbers
    }

    /// Those of `numbers` whose action scope matches.
    pub(crate) fn narrow(&self, numbers: &[usize], action: &Reach) -> Vec<usize> {
        let takes = |number: &usize| self.scopes.get(*number).is_some_and(|s| s.takes_action(action));
        numbers.iter().copied().filter(takes).collect()
    }

    /// The permits for an action, each with the parts of its scope that do not match.
    pub(crate) fn permits(
        &self,
        principal: &Reach,
        action: &Reach,
        resource: &Reach,
    ) -> impl Iterator<Item = Lacking<'_>> {
        let permits = self
            .scopes
            .iter()
            .filter(|scope| scope.policy.effect() == Effect::Permit && scope.takes_action(action));
        permits.map(|scope| {
            let of_principal = (!scope.takes_principal(principal)).then(|| told_principal(&scope.principal));
            let of_resource = (!scope.takes_resource(resource)).then(|| told_resource(&scope.resource));
            Lacking {
                policy: &scope.policy,
                scope: of_principal.into_iter().chain(of_resource).collect(),
            }
        })
    }

    /// What the policies with these numbers read of the context.
    pub(crate) fn reads(&self, numbers: &[usize]) -> impl Iterator<Item = &Reads> {
        let scopes = numbers.iter().filter_map(|&number| self.scopes.get(number));
        scopes.map(Scope::reads)
    }

    /// The same of the permits among them.
    pub(crate) fn reads_of_permits(&self, numbers: &[usize]) -> impl Iterator<Item = &Reads> {
        let scopes = numbers.iter().filter_map(|&number| self.scopes.get(number));
        let permits = scopes.filter(|scope| scope.policy.effect() == Effect::Permit);
        permits.map(Scope::reads)
    }

    /// The policies with these numbers, as a set to evaluate.
    pub(crate) fn set(&self, numbers: &[usize]) -> Result<PolicySet, Box<PolicySetError>> {
        let scopes = numbers.iter().filter_map(|&number| self.scopes.get(number));
        PolicySet::from_policies(scopes.map(|scope| scope.policy.clone())).map_err(Box::new)
    }
}

impl Scope {
    fn reads(&self) -> &Reads {
        self.reads.get_or_init(|| Reads::of(&self.policy))
    }

    fn principal_named(&self) -> Option<EntityUid> {
        match &self.principal {
            PrincipalConstraint::Any | PrincipalConstraint::Is(_) => None,
            PrincipalConstraint::Eq(uid)
            | PrincipalConstraint::In(uid)
            | PrincipalConstraint::IsIn(_, uid) => Some(uid.clone()),
        }
    }

    fn takes_principal(&self, principal: &Reach) -> bool {
        match &self.principal {
            PrincipalConstraint::Any => true,
            PrincipalConstraint::Eq(uid) => *uid == principal.uid,
            PrincipalConstraint::In(uid) => principal.within.contains(uid),
            PrincipalConstraint::Is(kind) => kind == principal.uid.type_name(),
            PrincipalConstraint::IsIn(kind, uid) => {
                kind == principal.uid.type_name() && principal.within.contains(uid)
            }
        }
    }

    fn takes_action(&self, action: &Reach) -> bool {
        match &self.action {
            ActionConstraint::Any => true,
            ActionConstraint::Eq(uid) => *uid == action.uid,
            ActionConstraint::In(uids) => uids.iter().any(|uid| action.within.contains(uid)),
        }
    }

    fn takes_resource(&self, resource: &Reach) -> bool {
        match &self.resource {
            ResourceConstraint::Any => true,
            ResourceConstraint::Eq(uid) => *uid == resource.uid,
            ResourceConstraint::In(uid) => resource.within.contains(uid),
            ResourceConstraint::Is(kind) => kind == resource.uid.type_name(),
            ResourceConstraint::IsIn(kind, uid) => {
                kind == resource.uid.type_name() && resource.within.contains(uid)
            }
        }
    }
}
