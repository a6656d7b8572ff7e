//! The cases that ship with the default bundle: they hold against all policies, as on the `cedar` command line, and against
//! those that the index picks; and together they reach every policy and every invariant.

use super::*;
use crate::index::Index;
use crate::parse::Parsed;
use crate::trial::{self, Case, Expected, Placed, Trial};
use cedar_policy::{Authorizer, PolicySet, Response};
use std::collections::BTreeSet;

fn parsed() -> (Bundle, Parsed) {
    let bundle = Bundle::load(DEFAULT_BUNDLE).unwrap();
    let parsed = Parsed {
        policies: bundle.policies.clone(),
        invariants: bundle.invariants.clone(),
        origins: bundle.origins.clone(),
    };
    (bundle, parsed)
}

/// Each case with what `policies` answer to it.
fn answered(policies: impl Fn(&Bundle) -> PolicySet) -> Vec<(Case, Response)> {
    let (bundle, parsed) = parsed();
    let mut problems = Vec::new();
    let trial = Trial::new(&bundle.schema, &parsed, DEFAULT_BUNDLE, &mut problems);
    let cases = trial::cases(DEFAULT_BUNDLE, &mut problems);
    assert!(problems.is_empty() && cases.len() >= 40, "{problems:?}");
    let policies = policies(&bundle);
    let ask = |Placed { case, .. }: Placed<'_>| {
        let (request, entities) = trial.question(&case).unwrap();
        let response = Authorizer::new().is_authorized(&request, &policies, entities);
        (case, response)
    };
    cases.into_iter().map(ask).collect()
}

#[test]
fn the_index_changes_no_answer_to_a_case() {
    let (bundle, parsed) = parsed();
    let mut problems = Vec::new();
    let trial = Trial::new(&bundle.schema, &parsed, DEFAULT_BUNDLE, &mut problems);
    let index = Index::new(&bundle.policies);
    for Placed { case, .. } in trial::cases(DEFAULT_BUNDLE, &mut problems) {
        let (request, entities) = trial.question(&case).unwrap();
        let ask = |policies| Authorizer::new().is_authorized(&request, policies, entities);
        let whole = ask(&bundle.policies);
        let picked = ask(&index.set(&trial.picked(&request, entities)).unwrap());
        assert_eq!(whole.decision(), picked.decision(), "{}", case.name);
        assert_eq!(
            trial::determining(&whole),
            trial::determining(&picked),
            "{}",
            case.name
        );
    }
}

#[test]
fn every_policy_determines_some_case() {
    let answered = answered(|bundle| bundle.policies.clone());
    let determined: BTreeSet<_> = answered
        .iter()
        .flat_map(|(_, response)| trial::determining(response))
        .collect();
    let all: BTreeSet<_> = parsed().0.policy_ids().into_iter().map(str::to_owned).collect();
    assert_eq!(determined, all);
}

#[test]
fn each_invariant_names_some_case_and_those_are_denied() {
    let (bundle, _) = parsed();
    let mut named = BTreeSet::new();
    for (case, response) in answered(|bundle| bundle.invariants.clone()) {
        let broken = trial::determining(&response);
        assert!(
            broken.is_empty() || case.decision == Expected::Deny,
            "{}",
            case.name
        );
        named.extend(broken);
    }
    assert_eq!(named.len(), bundle.invariants.policies().count());
}

#[test]
fn every_policy_that_ships_has_an_owner_and_a_description() {
    let bundle = Bundle::load(DEFAULT_BUNDLE).unwrap();
    for policy in bundle.policies.policies().chain(bundle.invariants.policies()) {
        for key in ["owner", "description"] {
            let text = policy.annotation(key).unwrap_or_default();
            assert!(!text.is_empty(), "{} has no @{key}", policy.id());
        }
    }
}
