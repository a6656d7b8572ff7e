//! Runs the cases that ship with the default bundle: against all policies, as the `cedar` command line does, and against
//! those that the index picks.

use super::*;
use crate::index::{Index, Reach};
use cedar_policy::{Authorizer, Context, Decision, Entities, PolicySet, Request, Response};
use serde::Deserialize;
use std::collections::BTreeSet;

/// One case in the format of `cedar run-tests`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    request: CaseRequest,
    entities: String,
    decision: String,
    reason: BTreeSet<String>,
    num_errors: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseRequest {
    principal: String,
    action: String,
    resource: String,
    context: serde_json::Value,
}

struct Harness {
    bundle: Bundle,
    index: Index,
}

impl Harness {
    fn new() -> Self {
        let bundle = Bundle::load(DEFAULT_BUNDLE).unwrap();
        let index = Index::new(&bundle.policies);
        Self { bundle, index }
    }

    fn cases() -> Vec<Case> {
        DEFAULT_BUNDLE
            .iter()
            .filter(|s| s.path.starts_with("tests/") && s.path != "tests/entities.json")
            .flat_map(|s| serde_json::from_str::<Vec<Case>>(s.text).unwrap())
            .collect()
    }

    fn request(&self, case: &Case) -> (Request, Entities) {
        let schema = &self.bundle.schema;
        let entities = default_text(&format!("tests/{}", case.entities));
        let entities = Entities::from_json_str(entities, Some(schema)).unwrap();
        let action = case.request.action.parse().unwrap();
        let context =
            Context::from_json_value(case.request.context.clone(), Some((schema, &action))).unwrap();
        let principal = case.request.principal.parse().unwrap();
        let resource = case.request.resource.parse().unwrap();
        assert!(
            entities.get(&principal).is_some(),
            "{}: unknown principal",
            case.name
        );
        assert!(
            entities.get(&resource).is_some(),
            "{}: unknown resource",
            case.name
        );
        (
            Request::new(principal, action, resource, context, Some(schema)).unwrap(),
            entities,
        )
    }

    fn picked(&self, request: &Request, entities: &Entities) -> PolicySet {
        let reach = |uid| Reach::new(entities, uid);
        let principal = reach(request.principal().unwrap());
        let matching = self
            .index
            .matching(&principal, &reach(request.resource().unwrap()));
        let numbers = self.index.narrow(&matching, &reach(request.action().unwrap()));
        self.index.set(&numbers).unwrap()
    }
}

fn determining(response: &Response) -> BTreeSet<String> {
    response.diagnostics().reason().map(|id| id.to_string()).collect()
}

fn holds(case: &Case, response: &Response) {
    let decision = if case.decision == "allow" {
        Decision::Allow
    } else {
        Decision::Deny
    };
    assert_eq!(response.decision(), decision, "{}", case.name);
    assert_eq!(
        response.diagnostics().errors().count(),
        case.num_errors,
        "{}",
        case.name
    );
    let reasons = determining(response);
    assert!(
        case.reason.is_subset(&reasons),
        "{}: determined by {reasons:?}",
        case.name
    );
}

#[test]
fn every_case_holds_with_all_policies_and_with_those_the_index_picks() {
    let harness = Harness::new();
    let cases = Harness::cases();
    assert!(cases.len() >= 40);
    for case in &cases {
        assert!(
            ["allow", "deny"].contains(&case.decision.as_str()),
            "{}",
            case.name
        );
        let (request, entities) = harness.request(case);
        let whole = Authorizer::new().is_authorized(&request, &harness.bundle.policies, &entities);
        holds(case, &whole);
        let picked = harness.picked(&request, &entities);
        let indexed = Authorizer::new().is_authorized(&request, &picked, &entities);
        holds(case, &indexed);
        assert_eq!(determining(&whole), determining(&indexed), "{}", case.name);
    }
}

#[test]
fn every_policy_determines_some_case() {
    let harness = Harness::new();
    let mut determined = BTreeSet::new();
    for case in Harness::cases() {
        let (request, entities) = harness.request(&case);
        let response = Authorizer::new().is_authorized(&request, &harness.bundle.policies, &entities);
        determined.extend(determining(&response));
    }
    let all: BTreeSet<_> = harness
        .bundle
        .policy_ids()
        .into_iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(
        all.difference(&determined).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
}

#[test]
fn no_case_that_an_invariant_names_is_allowed_and_each_invariant_names_some() {
    let harness = Harness::new();
    let mut named = BTreeSet::new();
    for case in Harness::cases() {
        let (request, entities) = harness.request(&case);
        let invariants = &harness.bundle.invariants;
        let broken = determining(&Authorizer::new().is_authorized(&request, invariants, &entities));
        assert!(
            broken.is_empty() || case.decision == "deny",
            "{}: breaks {broken:?}",
            case.name
        );
        named.extend(broken);
    }
    assert_eq!(named.len(), harness.bundle.invariants.policies().count());
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
