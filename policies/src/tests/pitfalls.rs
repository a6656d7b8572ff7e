//! Where Cedar lets people down who do not know it well, and what keeps a bundle from it: a test for each, by name.

use super::*;

const ALL: &str = "@id(\"all\") permit (principal, action, resource);";

/// Why a bundle of these policies, beside a permit of everything, is refused.
fn refusal(policy: &str) -> String {
    let problems = bundle_of(&format!("{ALL}\n{policy}")).expect_err(policy);
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

/// What becomes of a call under these policies.
fn verdict(policies: &str, call: &CallFacts) -> Result<Vec<String>, Denial> {
    decide(&snapshot_of(policies), &principal("retail"), &sonnet(), call)
        .map(|permit| permit.determining().to_vec())
}

fn denied(policy: &str) -> Reason {
    let verdict = verdict(&format!("{ALL}\n{policy}"), &call(Action::Converse));
    verdict.expect_err(policy).reason
}

#[test]
fn a_forbid_that_errs_is_not_skipped() {
    let forbid = "@id(\"x\") forbid (principal, action in Palisade::Action::\"Invoke\", resource)
                  when { context.maxTokens * 9223372036854775807 > 5 };";
    assert_eq!(denied(forbid), Reason::PolicyError);
}

#[test]
fn arithmetic_that_overflows_denies() {
    let permit = "@id(\"x\") permit (principal, action in Palisade::Action::\"Invoke\", resource)
                  when { context.inputTokens - 9223372036854775807 - context.maxTokens > 0 };";
    assert_eq!(denied(permit), Reason::PolicyError);
    let largest = CallFacts {
        max_tokens: u64::MAX,
        ..call(Action::Converse)
    };
    let limit = "@id(\"x\") forbid (principal, action in Palisade::Action::\"Invoke\", resource) when { context.maxTokens > 5 };";
    let denial = verdict(&format!("{ALL}{limit}"), &largest).unwrap_err();
    assert_eq!(denial.reason, Reason::Forbidden, "a number is cut, not wrapped");
}

#[test]
fn no_policy_reads_an_entity_that_may_be_missing() {
    let text = refusal(
        "@id(\"x\") forbid (principal is Palisade::User, action, resource) when { principal.tenant in resource };",
    );
    assert!(text.contains("level"), "{text}");
}

#[test]
fn groups_of_actions_are_there() {
    assert_eq!(
        denied("@id(\"x\") forbid (principal, action in Palisade::Action::\"Invoke\", resource);"),
        Reason::Forbidden
    );
}

#[test]
fn ancestors_of_ancestors_are_there() {
    let snapshot = snapshot_of(&format!(
        "{ALL} @id(\"x\") forbid (principal, action in Palisade::Action::\"Disclose\", resource)
         when {{ context.category in Palisade::DataCategory::\"PII\" }};"
    ));
    let permit = decide(
        &snapshot,
        &principal("retail"),
        &sonnet(),
        &call(Action::Converse),
    )
    .unwrap();
    let card = FindingFacts {
        category: "CREDIT_DEBIT_CARD_NUMBER",
        place: Place::User,
        confidence: 90,
        count: 1,
    };
    let treated = permit.treatment(Direction::Disclose, &card);
    assert_eq!(
        treated.treatment,
        Treatment::Block,
        "a card is PCI, and PCI is PII"
    );
}

#[test]
fn an_entity_that_nobody_knows_is_named() {
    let policies =
        format!("{ALL} @id(\"x\") forbid (principal in Palisade::Tenant::\"reatil\", action, resource);");
    let registered = Inventory::default().with(Registered::Tenant, ["retail"]);
    let unknown = snapshot_of(&policies).unknown_literals(&registered);
    assert_eq!(unknown.len(), 1);
    assert!(
        unknown
            .iter()
            .all(|problem| problem.to_string().contains("reatil"))
    );
}

#[test]
fn a_misspelt_annotation_is_refused() {
    assert!(
        refusal("@id(\"x\") @massage(\"no\") forbid (principal, action, resource);")
            .contains("`@massage` is not known")
    );
}

#[test]
fn there_is_no_empty_set_that_holds_all_jurisdictions() {
    let facts = ModelFacts {
        jurisdictions: Vec::new(),
        ..model_facts("m", &[])
    };
    assert_eq!(Model::new(facts).unwrap_err().field, "model jurisdictions");
}

#[test]
fn a_policy_that_can_never_apply_is_refused() {
    let text = refusal(
        "@id(\"x\") forbid (principal is Palisade::User, action, resource) when { principal is Palisade::Application };",
    );
    assert!(text.contains("`x`"), "{text}");
}

#[test]
fn a_permit_of_everything_meets_the_invariants_of_the_bundle() {
    let mut sources = DEFAULT_BUNDLE.to_vec();
    let wide = BundleFile {
        path: "policies/wide.cedar",
        text: ALL,
    };
    sources.push(wide);
    assert!(
        Bundle::load(&sources).is_err(),
        "no case of the bundle that ships shows it"
    );
}

#[test]
fn a_forbid_unless_permits_nobody() {
    let only = "@id(\"x\") forbid (principal, action in Palisade::Action::\"Invoke\", resource) unless { context.maxTokens < 5000 };";
    assert_eq!(
        verdict(only, &call(Action::Converse)).unwrap_err().reason,
        Reason::NoPermit
    );
}

#[test]
fn an_attribute_that_may_be_missing_is_asked_for_first() {
    let condition = |text: &str| {
        format!(
            "@id(\"x\") forbid (principal, action in Palisade::Action::\"Invoke\", resource) when {{ {text} }};"
        )
    };
    let late = "resource.endOfLife < context.base.now";
    assert!(refusal(&condition(late)).contains("endOfLife"));
    assert!(bundle_of(&condition(&format!("resource has endOfLife && {late}"))).is_ok());
}

#[test]
fn ids_are_compared_as_they_are() {
    let policies = "@id(\"x\") permit (principal in Palisade::Tenant::\"Retail\", action, resource);";
    assert_eq!(
        verdict(policies, &call(Action::Converse)).unwrap_err().reason,
        Reason::NoPermit
    );
}

#[test]
fn the_clock_and_the_calendar_are_in_the_context() {
    let policies = "@id(\"x\") permit (principal, action in Palisade::Action::\"Invoke\", resource)
        when { context.base.businessDay && context.base.localHour >= 9 && context.base.localHour < 17 &&
               context.base.now < datetime(\"2030-01-01\") };";
    assert_eq!(verdict(policies, &call(Action::Converse)).unwrap(), ["x"]);
}

#[test]
fn a_default_denial_has_nearest_permits_in_the_place_of_reasons() {
    let policies = "@id(\"x\") permit (principal, action in Palisade::Action::\"Invoke\", resource) when { context.maxTokens < 5 };";
    let explanation = explain(
        &snapshot_of(policies),
        &principal("retail"),
        &sonnet(),
        &call(Action::Converse),
    );
    assert!(explanation.determining.is_empty());
    let [near] = explanation.nearest.as_slice() else {
        panic!("{explanation:?}");
    };
    assert_eq!(near.lacking, ["when { context.maxTokens < 5 }"]);
}

#[test]
fn reasons_are_sorted_and_those_of_the_policies_that_decided() {
    let policies =
        "@id(\"b\") permit (principal, action, resource); @id(\"a\") permit (principal, action, resource);";
    let permit = decide(
        &snapshot_of(policies),
        &principal("retail"),
        &sonnet(),
        &call(Action::Converse),
    )
    .unwrap();
    assert_eq!(permit.determining(), ["a", "b"]);
    assert!(permit.snapshot().stated("b").is_some());
}

#[test]
fn a_policy_without_an_id_is_refused() {
    assert!(refusal("forbid (principal, action, resource);").contains("no usable `@id`"));
}

#[test]
fn letters_that_look_alike_are_refused() {
    // The second letter is Cyrillic.
    let text =
        refusal("@id(\"x\") forbid (principal in Palisade::Tenant::\"r\u{435}tail\", action, resource);");
    assert!(text.contains("`x`"), "{text}");
}

#[test]
fn a_principal_is_the_same_in_scope_and_conditions() {
    let policies = "@id(\"x\") permit (principal == Palisade::User::\"retail/ana\", action in Palisade::Action::\"Invoke\", resource)
        when { principal in Palisade::Tenant::\"retail\" && principal in Palisade::Team::\"retail/desk\" };";
    assert_eq!(verdict(policies, &call(Action::Converse)).unwrap(), ["x"]);
}

#[test]
fn the_engine_in_records_is_the_one_that_is_linked() {
    let lock = include_str!("../../../Cargo.lock");
    let (name, version) = ENGINE.split_once('/').unwrap();
    assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"\n")));
}

#[test]
fn nesting_that_would_overflow_the_parser_is_refused() {
    let deep = format!("{}true{}", "(".repeat(10_000), ")".repeat(10_000));
    let text = refusal(&format!(
        "@id(\"x\") forbid (principal, action, resource) when {{ {deep} }};"
    ));
    assert!(text.contains("deep"), "{text}");
}

#[test]
fn a_template_is_refused() {
    let text = refusal("@id(\"x\") permit (principal == ?principal, action, resource);");
    assert!(text.contains("is a template"), "{text}");
}
