//! What is kept of principals, models and policies makes the same again.

use super::*;
use proptest::prelude::*;

/// Keys sorted and no white space: what RFC 8785 says of values without floats whose keys are ASCII.
fn is_canonical(json: &str) -> bool {
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    is_sorted(&value) && serde_json::to_string(&value).unwrap() == json
}

fn is_sorted(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Object(members) => members.keys().is_sorted() && members.values().all(is_sorted),
        serde_json::Value::Array(items) => items.iter().all(is_sorted),
        _ => true,
    }
}

proptest! {
    #[test]
    fn facts_come_back_as_they_were(
        id in "[^\\p{Cc}]{1,20}", tenant in "[^/\\p{Cc}]{1,10}", groups in prop::collection::vec("[a-z]{1,4}", 0..4),
        number in 0_i64..253_402_300_799_999, flag in any::<bool>(), clearance in 0_u8..5,
    ) {
        let facts = PrincipalFacts {
            roles: groups.clone(),
            clearance: level(clearance),
            suspended: flag,
            kind: match flag {
                true => PrincipalKind::User { mfa: flag, trained_until_ms: number },
                false => PrincipalKind::Application { environment: Environment::Test },
            },
            ..user(&tenant, &id)
        };
        let principal = Principal::new(facts).unwrap();
        let kept = principal.archived();
        prop_assert!(is_canonical(&kept.json));
        prop_assert_eq!(&Principal::from_archived(&kept.json).unwrap(), &principal);
        let kind = match flag {
            true => ModelKind::Model,
            false => ModelKind::Endpoint { owner: tenant },
        };
        let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
        let facts = ModelFacts { kind, end_of_life_ms: flag.then_some(number), ..model_facts(&id, &groups) };
        let model = Model::new(facts).unwrap();
        let kept = model.archived();
        prop_assert!(is_canonical(&kept.json));
        prop_assert_eq!(&Model::from_archived(&kept.json).unwrap(), &model);
    }
}

#[test]
fn the_digest_of_facts_is_that_of_their_json() {
    let kept = principal("retail");
    let kept = kept.archived();
    assert_eq!(kept.digest, crate::source::sha256(kept.json.as_bytes()));
    assert_ne!(kept.digest, principal("markets").archived().digest);
}

#[test]
fn facts_that_nobody_could_be_asked_about_do_not_come_back() {
    let kept = principal("retail");
    let kept = &kept.archived().json;
    for (was, is) in [
        ("\"clearance\":2", "\"clearance\":9"),
        ("\"retail\"", "\"re/tail\""),
        ("\"EU\"", "\"Mars\""),
        ("\"suspended\"", "\"suspendet\""),
    ] {
        let other = kept.replace(was, is);
        assert_ne!(&other, kept);
        assert!(Principal::from_archived(&other).is_err(), "{other}");
    }
}

#[test]
fn policies_come_back_under_their_digest_and_no_other() {
    let snapshot = default_snapshot();
    let kept = snapshot.archived().unwrap();
    assert!(is_canonical(&kept.json));
    let again = Snapshot::from_archived(&kept.digest, &kept.json).unwrap();
    assert_eq!(again.digest(), snapshot.digest());
    assert_eq!(again.archived().unwrap(), kept);
    let other = kept.json.replacen("@owner", "@ticket", 1);
    assert!(matches!(
        Snapshot::from_archived(&kept.digest, &other),
        Err(Unreadable::Digest(_))
    ));
    let cut = &kept.json[..kept.json.len() - 1];
    assert!(matches!(
        Snapshot::from_archived(&kept.digest, cut),
        Err(Unreadable::Form(_))
    ));
    let broken = kept.json.replacen("permit", "permt", 1);
    assert!(matches!(
        Snapshot::from_archived(&kept.digest, &broken),
        Err(Unreadable::Policies(_))
    ));
}
