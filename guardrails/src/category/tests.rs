//! Names, parents and custom categories.

use super::*;
use std::collections::HashMap;

#[test]
fn names_round_trip_and_refuse_unknown_ones() {
    for &category in Category::all() {
        assert_eq!(Category::from_name(category.name()), Some(category));
        assert_eq!(category.placeholder(), format!("{{{category}}}"));
    }
    assert_eq!(Category::from_name("email"), None);
}

#[test]
fn every_category_reaches_a_root_and_no_child_has_two_parents() {
    let mut parents = HashMap::new();
    for (child, parent) in forest() {
        assert_eq!(parents.insert(child, parent), None, "{child} is listed twice");
    }
    for category in Category::all() {
        let root = category.ancestors().take(GROUPS.len() + 1).last().unwrap();
        assert!(
            ["PII", "Credential", "Attack"].contains(&root),
            "{category} ends in {root}"
        );
    }
}

#[test]
fn cards_are_payment_data_financial_data_and_personal_data() {
    let ancestors: Vec<_> = Category::CREDIT_DEBIT_CARD_NUMBER.ancestors().collect();
    assert_eq!(ancestors, ["PCI", "Financial", "PII"]);
}

#[test]
fn custom_categories_are_one_for_each_name_and_refuse_malformed_and_taken_ones() {
    let codename = Category::custom("PROJECT_CODENAME").unwrap();
    assert_eq!(Category::custom("PROJECT_CODENAME"), Ok(codename));
    assert_eq!(Category::from_name("PROJECT_CODENAME"), Some(codename));
    assert!(forest().contains(&("PROJECT_CODENAME", "Custom")));
    for name in ["", "lower", "1ST", "WITH SPACE", &"A".repeat(65)] {
        assert_eq!(Category::custom(name), Err(NameError::Malformed(name.to_owned())));
    }
    assert_eq!(
        Category::custom("EMAIL"),
        Err(NameError::Taken("EMAIL".to_owned()))
    );
}
