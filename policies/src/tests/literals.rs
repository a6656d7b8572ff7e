//! Names in policies that nothing has.

use super::*;

const POLICIES: &str = r#"@id("typo")
permit (
  principal in Palisade::Tenant::"reatil",
  action in Palisade::Action::"Invoke",
  resource in Palisade::ModelGroup::"general-purpose"
);
@id("category")
permit (principal, action == Palisade::Action::"DiscloseRaw", resource)
when { context.category in Palisade::DataCategory::"EMAL" && principal in Palisade::Role::"boss" };
"#;

fn check(inventory: &Inventory, expected: &[&str]) {
    let problems = snapshot_of(POLICIES).unknown_literals(inventory);
    let found: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
}

#[test]
fn finds_names_that_neither_registry_nor_forest_has() {
    let category = "policies/all.cedar:9:28: policy `category`: `Palisade::DataCategory::\"EMAL\"` does not exist, so the policy never matches it (help: did you mean `EMAIL`?)";
    let tenant = "policies/all.cedar:3:16: policy `typo`: `Palisade::Tenant::\"reatil\"` does not exist, so the policy never matches it (help: did you mean `retail`?)";
    let role = "policies/all.cedar:9:75: policy `category`: `Palisade::Role::\"boss\"` does not exist, so the policy never matches it (help: add it to the registry, or take it out of the policy)";
    check(&Inventory::default(), &[category]);
    check(
        &Inventory::default().with(Registered::DataCategory, ["EMAL"]),
        &[],
    );
    let inventory = Inventory::default().with(Registered::Tenant, ["retail", "markets"]);
    check(&inventory, &[tenant, category]);
    let inventory = inventory.with(Registered::ModelGroup, ["general-purpose"]);
    check(
        &inventory.with(Registered::Role, [""; 0]),
        &[tenant, category, role],
    );
}

#[test]
fn the_default_bundle_names_only_what_its_cases_have() {
    let inventory = Inventory::default()
        .with(Registered::Tenant, ["retail", "markets", "research"])
        .with(
            Registered::ModelGroup,
            [
                "general-purpose",
                "frontier",
                "research-only",
                "unscanned-allowed",
            ],
        );
    assert_eq!(default_snapshot().unknown_literals(&inventory), Vec::new());
    let problems =
        default_snapshot().unknown_literals(&Inventory::default().with(Registered::Tenant, ["retail"]));
    assert!(
        problems.iter().any(|p| p.message.contains("research")),
        "{problems:?}"
    );
}
