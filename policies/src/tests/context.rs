//! Values on their way into Cedar: times, addresses, vocabularies.

use super::*;
use crate::context::rfc3339;
use cedar_policy::{Context, Entities, EvalResult, Expression, Request, SchemaFragment, eval_expression};
use proptest::prelude::*;
use std::str::FromStr;

#[test]
fn writes_times_as_rfc_3339() {
    for (ms, text) in [
        (0, "1970-01-01T00:00:00.000Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (NOW_MS + 1, "2026-11-23T09:00:00.001Z"),
        (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ] {
        assert_eq!(rfc3339(ms), text);
    }
}

proptest! {
    #[test]
    fn cedar_reads_every_time_as_the_same_millisecond(ms in 0..=253_402_300_799_999_i64) {
        let text = rfc3339(ms);
        let source = format!("datetime(\"{text}\") == datetime(\"1970-01-01\").offset(duration(\"{ms}ms\"))");
        let uid: cedar_policy::EntityUid = "Palisade::Tenant::\"any\"".parse().unwrap();
        let request = Request::new(uid.clone(), uid.clone(), uid, Context::empty(), None).unwrap();
        let value = eval_expression(&request, &Entities::empty(), &Expression::from_str(&source).unwrap());
        prop_assert_eq!(value.unwrap(), EvalResult::Bool(true));
    }
}

#[test]
fn vocabularies_equal_those_of_the_schema() {
    let (fragment, _) = SchemaFragment::from_cedarschema_str(default_text("schema.cedarschema")).unwrap();
    let json = fragment.to_json_value().unwrap();
    let types = &json["Palisade"]["entityTypes"];
    let check = |name: &str, words: Vec<&str>| {
        let declared: Vec<&str> = types[name]["enum"]
            .as_array()
            .unwrap()
            .iter()
            .map(|word| word.as_str().unwrap())
            .collect();
        assert_eq!(declared, words, "{name}");
    };
    check("Lifecycle", Lifecycle::ALL.iter().map(|w| w.as_str()).collect());
    check("Modality", Modality::ALL.iter().map(|w| w.as_str()).collect());
    check(
        "Jurisdiction",
        Jurisdiction::ALL.iter().map(|w| w.as_str()).collect(),
    );
    check("Purpose", Purpose::ALL.iter().map(|w| w.as_str()).collect());
    check(
        "Environment",
        Environment::ALL.iter().map(|w| w.as_str()).collect(),
    );
    check("Provider", Provider::ALL.iter().map(|w| w.as_str()).collect());
    check("Unscanned", Unscanned::ALL.iter().map(|w| w.as_str()).collect());
}

#[test]
fn refuses_words_outside_a_vocabulary_without_repeating_them() {
    assert_eq!("EU".parse(), Ok(Jurisdiction::Eu));
    let error = "mars".parse::<Jurisdiction>().unwrap_err().to_string();
    assert!(
        error.contains("Jurisdiction") && error.contains("APAC") && !error.contains("mars"),
        "{error}"
    );
}

#[test]
fn refuses_values_that_no_policy_can_read() {
    let principal = |change: fn(&mut PrincipalFacts)| {
        let mut facts = user("retail", "ana");
        change(&mut facts);
        Principal::new(facts).map(drop).map_err(|error| error.field)
    };
    let model = |change: fn(&mut ModelFacts)| {
        let mut facts = model_facts("model", &["group"]);
        change(&mut facts);
        Model::new(facts).map(drop).map_err(|error| error.field)
    };
    assert_eq!(principal(|_| ()), Ok(()));
    assert_eq!(principal(|f| f.id.clear()), Err("principal id"));
    assert_eq!(principal(|f| f.id = "a".repeat(2_049)), Err("principal id"));
    assert_eq!(principal(|f| f.tenant = "retail/ana".to_owned()), Err("tenant"));
    assert_eq!(principal(|f| f.teams = vec!["a\nb".to_owned()]), Err("team"));
    assert_eq!(principal(|f| f.roles = vec![String::new()]), Err("role"));
    assert_eq!(model(|_| ()), Ok(()));
    assert_eq!(model(|f| f.jurisdictions.clear()), Err("model jurisdictions"));
    assert_eq!(model(|f| f.end_of_life_ms = Some(-1)), Err("end of life"));
    assert_eq!(
        model(|f| f.kind = ModelKind::Endpoint {
            owner: "a/b".to_owned()
        }),
        Err("owner")
    );
    assert!(Classification::new(5).is_err());
    let ip = "10.0.0.1".parse().unwrap();
    assert!(Base::new(NOW_MS, 24, true, ip, Purpose::Coding, level(0)).is_err());
    assert!(Base::new(i64::MAX, 0, true, ip, Purpose::Coding, level(0)).is_err());
}
