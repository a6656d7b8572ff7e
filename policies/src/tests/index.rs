//! The index against the whole set, on random policies and requests.

use super::*;
use crate::entities;
use crate::index::{Index, Reach};
use crate::names::Names;
use crate::question::Question;
use cedar_policy::{Authorizer, Context, Decision, Entities, PolicySet, Request, Response, Schema};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;

const PRINCIPALS: &[&str] = &[
    "principal",
    "principal == Palisade::User::\"retail/ana\"",
    "principal == Palisade::User::\"markets/ana\"",
    "principal in Palisade::User::\"retail/ana\"",
    "principal in Palisade::Tenant::\"retail\"",
    "principal in Palisade::Tenant::\"nobody\"",
    "principal in Palisade::Team::\"retail/desk\"",
    "principal in Palisade::Role::\"analyst\"",
    "principal is Palisade::User",
    "principal is Palisade::Application",
    "principal is Palisade::User in Palisade::Tenant::\"retail\"",
    "principal is Palisade::Application in Palisade::Tenant::\"retail\"",
];

const ACTIONS: &[&str] = &[
    "action",
    "action == Palisade::Action::\"Converse\"",
    "action == Palisade::Action::\"Invoke\"",
    "action in Palisade::Action::\"Invoke\"",
    "action in Palisade::Action::\"InvokeStreaming\"",
    "action in Palisade::Action::\"Disclose\"",
    "action in [Palisade::Action::\"Reveal\", Palisade::Action::\"Converse\"]",
    "action in []",
];

const RESOURCES: &[&str] = &[
    "resource",
    "resource == Palisade::Model::\"m\"",
    "resource == Palisade::Endpoint::\"fraud-score\"",
    "resource in Palisade::ModelGroup::\"general-purpose\"",
    "resource in Palisade::ModelGroup::\"frontier\"",
    "resource in Palisade::Model::\"m\"",
    "resource is Palisade::Model",
    "resource is Palisade::Endpoint",
    "resource is Palisade::Model in Palisade::ModelGroup::\"frontier\"",
];

const CONDITIONS: &[&str] = &[
    "true",
    "false",
    "principal.suspended",
    "principal.mfa",
    "resource.owner == principal.tenant",
    "context.n > 5",
    "context.n + 9223372036854775807 > 0",
    "context.missing",
    "principal in Palisade::Team::\"retail/desk\" || context.missing",
];

/// A policy, and a permit with the same scope and no condition.
fn policy() -> impl Strategy<Value = (String, String)> {
    let effect = select(vec!["permit", "forbid"]);
    let scope = (select(PRINCIPALS), select(ACTIONS), select(RESOURCES));
    (effect, scope, select(CONDITIONS)).prop_map(|(effect, (principal, action, resource), condition)| {
        let scope = format!("({principal}, {action}, {resource})");
        (
            format!("{effect} {scope} when {{ {condition} }};"),
            format!("permit {scope};"),
        )
    })
}

struct World {
    names: Names,
    schema: Schema,
    foundation: Entities,
}

impl World {
    fn new() -> Self {
        let names = Names::new().unwrap();
        let (schema, _) = Schema::from_cedarschema_str(default_text("schema.cedarschema")).unwrap();
        let foundation = entities::foundation(&names, &schema, FOREST).unwrap();
        Self {
            names,
            schema,
            foundation,
        }
    }

    fn compare(
        &self,
        set: &PolicySet,
        scopes: &PolicySet,
        principal: &Principal,
        model: &Model,
        question: Question,
        n: i64,
    ) {
        let slice = entities::slice(&self.names, &self.schema, &self.foundation, principal, model).unwrap();
        let context = Context::from_json_value(serde_json::json!({ "n": n }), None).unwrap();
        let p = entities::principal_uid(&self.names, principal);
        let r = entities::model_uid(&self.names, model);
        let a = self.names.question(question);
        let index = Index::new(set);
        let matching = index.matching(&Reach::new(&slice, &p), &Reach::new(&slice, &r));
        let picked = index
            .set(&index.narrow(&matching, &Reach::new(&slice, &a)))
            .unwrap();
        let request = Request::new(p, a, r, context, None).unwrap();
        let ask = |set| summary(&Authorizer::new().is_authorized(&request, set, &slice));
        assert_eq!(ask(set), ask(&picked));
        let (_, in_scope, _) = ask(scopes);
        let ids: BTreeSet<String> = picked.policies().map(|policy| policy.id().to_string()).collect();
        assert_eq!(ids, in_scope);
    }
}

fn summary(response: &Response) -> (Decision, BTreeSet<String>, BTreeSet<String>) {
    let diagnostics = response.diagnostics();
    (
        response.decision(),
        diagnostics.reason().map(ToString::to_string).collect(),
        diagnostics.errors().map(ToString::to_string).collect(),
    )
}

proptest! {
    #[test]
    fn picks_policies_that_decide_as_all_do(
        policies in prop::collection::vec(policy(), 0..24),
        tenant in select(vec!["retail", "markets"]),
        person in any::<bool>(),
        target in 0..3_usize,
        question in select(Question::ALL),
        n in 0..10_i64,
    ) {
        thread_local!(static WORLD: World = World::new());
        let facts = if person { user(tenant, "ana") } else { application(tenant, "ana") };
        let target = match target {
            0 => model("m", &["general-purpose"]),
            1 => model("other", &["frontier", "general-purpose"]),
            _ => endpoint("retail"),
        };
        let (policies, scopes): (String, String) = policies.into_iter().unzip();
        let (set, scopes): (PolicySet, PolicySet) = (policies.parse().unwrap(), scopes.parse().unwrap());
        let principal = Principal::new(facts).unwrap();
        WORLD.with(|world| world.compare(&set, &scopes, &principal, &target, question, n));
    }
}
