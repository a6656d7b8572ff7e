//! Decisions on whole calls.

use super::*;
use crate::cache::Cache;

const PERMIT_ALL: &str = "@id(\"all\")\npermit (principal, action, resource);\n";

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|&id| id.to_owned()).collect()
}

#[test]
fn the_default_bundle_gives_each_tenant_its_models() {
    let snapshot = default_snapshot();
    let check = |tenant: &str, model: &Model, expected: Result<&str, Reason>| {
        let decided = decide(
            &snapshot,
            &principal(tenant),
            model,
            &call(Action::ConverseStream),
        );
        let found = decided
            .as_ref()
            .map(|p| p.determining().join(","))
            .map_err(|d| d.reason);
        assert_eq!(
            found,
            expected.map(str::to_owned),
            "{tenant} {}",
            model.facts().id
        );
    };
    let nova = model("amazon.nova-pro-v1:0", &["general-purpose"]);
    let opus = model("anthropic.claude-3-opus-20240229-v1:0", &["frontier"]);
    let llama = model("meta.llama3-70b-instruct-v1:0", &["research-only"]);
    check("retail", &nova, Ok("retail-general-purpose"));
    check("retail", &opus, Err(Reason::NoPermit));
    check("retail", &llama, Err(Reason::NoPermit));
    check("markets", &nova, Ok("markets-general-purpose"));
    check("markets", &opus, Ok("markets-frontier"));
    check("markets", &llama, Err(Reason::NoPermit));
    check("research", &nova, Ok("research-all-models"));
    check("research", &llama, Ok("research-all-models"));
    check("unknown", &nova, Err(Reason::NoPermit));
}

#[test]
fn a_denial_names_the_forbids_and_what_the_caller_may_be_told() {
    let snapshot = default_snapshot();
    let facts = PrincipalFacts {
        granted: Vec::new(),
        suspended: true,
        ..user("retail", "sam")
    };
    let sam = Principal::new(facts).unwrap();
    let large = CallFacts {
        max_tokens: 4_097,
        ..call(Action::Converse)
    };
    let denial = decide(&snapshot, &sam, &sonnet(), &large).unwrap_err();
    assert_eq!(denial.reason, Reason::Forbidden);
    assert_eq!(denial.determining, ids(&["call-size", "suspended"]));
    assert_eq!(denial.errors, ids(&[]));
    assert_eq!(
        denial.message.unwrap(),
        "the call asks for or sends more tokens than your tier allows"
    );
}

#[test]
fn denies_when_a_policy_errs() {
    let overflow = "context.inputTokens + 9223372036854775807 > 0";
    let mut call = call(Action::Converse);
    let check = |policies: &str, call: &CallFacts, determining: &[&str]| {
        let denial = decide(&snapshot_of(policies), &principal("retail"), &sonnet(), call).unwrap_err();
        assert_eq!(denial.reason, Reason::PolicyError);
        assert_eq!(denial.errors, ids(&["broken"]));
        assert_eq!(denial.determining, ids(determining));
    };
    let forbid = format!(
        "{PERMIT_ALL}@id(\"broken\") forbid (principal, action in Palisade::Action::\"Invoke\", resource) when {{ {overflow} }};"
    );
    let permit = forbid.replace("forbid", "permit");
    check(&forbid, &call, &[]);
    check(&permit, &call, &[]);
    let forbidden = format!("{forbid}@id(\"no\") forbid (principal, action, resource);");
    check(&forbidden, &call, &["no"]);
    call.input_tokens = 0;
    let denial = decide(&snapshot_of(&forbid), &principal("retail"), &sonnet(), &call).unwrap_err();
    assert_eq!(denial.reason, Reason::Forbidden);
}

#[test]
fn a_forbid_on_an_action_group_bites_on_every_action() {
    for group in ["Invoke", "InvokeStreaming"] {
        let forbid =
            format!("@id(\"no\") forbid (principal, action in Palisade::Action::\"{group}\", resource);");
        let snapshot = snapshot_of(&format!("{PERMIT_ALL}{forbid}"));
        for &action in Action::ALL {
            let target = match action.as_str() {
                name if name.starts_with("InvokeEndpoint") => endpoint("retail"),
                name if name.contains("Guardrail") => of_kind(ModelKind::Guardrail),
                "Retrieve" => of_kind(ModelKind::KnowledgeBase),
                "GetAsyncInvoke" | "ListAsyncInvokes" => of_kind(ModelKind::Output {
                    owner: "retail".to_owned(),
                }),
                _ => sonnet(),
            };
            let decided = decide(&snapshot, &principal("retail"), &target, &call(action));
            let bites = group == "Invoke" || action.as_str().contains("Stream");
            assert_eq!(decided.is_err(), bites, "{group} {action:?}");
        }
    }
}

#[test]
fn refuses_an_action_that_is_not_one_for_this_kind_of_model() {
    let snapshot = snapshot_of(PERMIT_ALL);
    for (action, model) in [
        (Action::InvokeEndpoint, sonnet()),
        (Action::Converse, endpoint("retail")),
    ] {
        let denial = decide(&snapshot, &principal("retail"), &model, &call(action)).unwrap_err();
        assert_eq!(denial.reason, Reason::Invalid);
        assert_eq!(
            admit(&snapshot, &principal("retail"), action, &model),
            Err(denial)
        );
    }
}

#[test]
fn refuses_more_tools_than_a_context_holds() {
    let tools = |count| CallFacts {
        tools: vec!["tool".to_owned(); count],
        ..call(Action::Converse)
    };
    let decided = |count| {
        decide(
            &snapshot_of(PERMIT_ALL),
            &principal("retail"),
            &sonnet(),
            &tools(count),
        )
    };
    assert!(decided(1_024).is_ok());
    assert_eq!(decided(1_025).unwrap_err().reason, Reason::Invalid);
}

#[test]
fn admits_exactly_when_some_permit_could_hold() {
    let snapshot = default_snapshot();
    let check = |tenant: &str, model: &Model, admitted: bool| {
        let found = admit(&snapshot, &principal(tenant), Action::Converse, model);
        assert_eq!(found.is_ok(), admitted, "{tenant} {}", model.facts().id);
    };
    check("retail", &sonnet(), true);
    check("retail", &model("opus", &["frontier"]), false);
    check("nobody", &sonnet(), false);
    let foreign = endpoint("markets");
    let early = admit(&snapshot, &principal("retail"), Action::InvokeEndpoint, &foreign);
    let late = decide(
        &snapshot,
        &principal("retail"),
        &foreign,
        &call(Action::InvokeEndpoint),
    );
    // What it takes is the tenant's own, which no body changes.
    assert_eq!(early.unwrap_err().reason, Reason::NoPermit);
    assert_eq!(late.unwrap_err().reason, Reason::NoPermit);
    let own = endpoint("retail");
    assert!(admit(&snapshot, &principal("retail"), Action::InvokeEndpoint, &own).is_ok());
    let granted = |group: &str| {
        let facts = PrincipalFacts {
            granted: vec![group.to_owned()],
            ..user("nobody", "ana")
        };
        Principal::new(facts).unwrap()
    };
    let opus = model("opus", &["frontier"]);
    assert!(admit(&snapshot, &granted("frontier"), Action::Converse, &opus).is_ok());
    assert!(admit(&snapshot, &granted("other"), Action::Converse, &opus).is_err());
}

/// Whatever the context: what is not admitted is not permitted.
#[test]
fn what_is_not_admitted_is_never_permitted() {
    let conditions = [
        "principal has granted && resource in principal.granted",
        "context.maxTokens > 5 && principal.suspended",
        "principal.suspended || context.maxTokens > 5",
        "!(principal.suspended) && context.maxTokens > 5",
        "if principal.suspended then context.maxTokens > 5 else principal has granted",
        "resource.provider == Palisade::Provider::\"amazon\"",
        "principal.tenant == Palisade::Tenant::\"retail\"",
    ];
    let (mut refused, mut permitted) = (0, 0);
    for condition in conditions {
        let text = format!(
            "@id(\"one\") permit (principal, action in Palisade::Action::\"Invoke\", resource is Palisade::Model) when {{ {condition} }};"
        );
        let snapshot = snapshot_of(&text);
        for (suspended, granted) in [(false, false), (false, true), (true, false), (true, true)] {
            let facts = PrincipalFacts {
                suspended,
                granted: if granted {
                    vec!["general-purpose".to_owned()]
                } else {
                    Vec::new()
                },
                ..user("retail", "ana")
            };
            let who = Principal::new(facts).unwrap();
            let admitted = admit(&snapshot, &who, Action::Converse, &sonnet()).is_ok();
            for max_tokens in [1, 10] {
                let call = CallFacts {
                    max_tokens,
                    ..call(Action::Converse)
                };
                let decided = decide(&snapshot, &who, &sonnet(), &call).is_ok();
                assert!(
                    admitted || !decided,
                    "{condition} {suspended} {granted} {max_tokens}"
                );
                permitted += u32::from(decided);
            }
            refused += u32::from(!admitted);
        }
    }
    assert!(refused > 5 && permitted > 5, "{refused} {permitted}");
}

#[test]
fn names_of_one_tenant_match_nothing_in_another() {
    let snapshot = snapshot_of(
        r#"@id("ana") permit (principal == Palisade::User::"retail/ana", action, resource);
           @id("desk") permit (principal in Palisade::Team::"retail/desk", action, resource);"#,
    );
    let decided = |tenant: &str, id: &str| {
        let who = Principal::new(user(tenant, id)).unwrap();
        decide(&snapshot, &who, &sonnet(), &call(Action::Converse)).map(|p| p.determining().to_vec())
    };
    assert_eq!(decided("retail", "ana").unwrap(), ids(&["ana", "desk"]));
    assert_eq!(decided("retail", "bob").unwrap(), ids(&["desk"]));
    assert_eq!(decided("markets", "ana").unwrap_err().reason, Reason::NoPermit);
    let application = Principal::new(application("retail", "ana")).unwrap();
    let permit = decide(&snapshot, &application, &sonnet(), &call(Action::Converse)).unwrap();
    assert_eq!(permit.determining(), ids(&["desk"]));
}

#[test]
fn no_cached_entry_serves_other_facts() {
    let snapshot = default_snapshot();
    let allowed = |facts: PrincipalFacts, model: &Model| {
        decide(
            &snapshot,
            &Principal::new(facts).unwrap(),
            model,
            &call(Action::Converse),
        )
        .is_ok()
    };
    let opus = model("opus", &["frontier"]);
    for _ in 0..2 {
        assert!(allowed(user("markets", "ana"), &opus));
        assert!(!allowed(user("retail", "ana"), &opus));
        assert!(allowed(user("retail", "ana"), &sonnet()));
        assert!(!allowed(
            PrincipalFacts {
                granted: Vec::new(),
                suspended: true,
                ..user("retail", "ana")
            },
            &sonnet()
        ));
        assert!(!allowed(
            PrincipalFacts {
                granted: Vec::new(),
                clearance: level(0),
                ..user("retail", "ana")
            },
            &sonnet()
        ));
        assert!(!allowed(
            user("retail", "ana"),
            &model(&sonnet().facts().id, &["frontier"])
        ));
    }
}

#[test]
fn the_cache_is_bounded_and_keeps_what_is_in_use() {
    let cache = Cache::new(10);
    cache.insert("kept".to_owned(), 0);
    for number in 1..100 {
        cache.insert(number.to_string(), number);
        assert_eq!(cache.get(&"kept".to_owned()), Some(0));
        assert_eq!(cache.get(&number.to_string()), Some(number));
        assert!(cache.len() <= 10, "{}", cache.len());
    }
    assert_eq!(cache.get(&"1".to_owned()), None);
}

#[test]
fn a_mapped_address_is_judged_as_the_address_it_maps() {
    let snapshot = default_snapshot();
    for (ip, allowed) in [
        ("10.1.2.3", true),
        ("::ffff:10.1.2.3", true),
        ("::1", false),
        ("2001:db8::a", false),
    ] {
        let call = CallFacts {
            base: base_at(ip, Purpose::Trading),
            ..call(Action::Converse)
        };
        let decided = decide(&snapshot, &principal("markets"), &sonnet(), &call);
        assert_eq!(decided.is_ok(), allowed, "{ip}");
    }
}

#[test]
fn a_number_beyond_what_policies_hold_still_exceeds_its_limit() {
    let call = CallFacts {
        input_tokens: u64::MAX,
        ..call(Action::Converse)
    };
    let denial = decide(&default_snapshot(), &principal("retail"), &sonnet(), &call).unwrap_err();
    assert_eq!(denial.determining, ids(&["call-size"]));
}

#[test]
fn the_digest_names_the_bundle_and_the_forest() {
    let bundle = Arc::new(bundle_of(PERMIT_ALL).unwrap());
    let digest = |forest: &[(&str, &str)]| {
        Snapshot::new(Arc::clone(&bundle), forest)
            .unwrap()
            .digest()
            .to_owned()
    };
    assert_eq!(
        digest(&[("A", "B"), ("C", "B")]),
        digest(&[("C", "B"), ("A", "B"), ("A", "B")])
    );
    assert_ne!(digest(&[("A", "B")]), digest(&[("A", "C")]));
    assert_ne!(digest(&[("A", "B")]), snapshot_of(PERMIT_ALL).digest());
    let permit = decide(
        &default_snapshot(),
        &principal("retail"),
        &sonnet(),
        &call(Action::Converse),
    )
    .unwrap();
    assert_eq!(permit.digest(), default_snapshot().digest());
}

#[test]
fn refuses_a_forest_with_a_cycle() {
    let bundle = Arc::new(bundle_of(PERMIT_ALL).unwrap());
    for forest in [&[("A", "B"), ("B", "C"), ("C", "A")][..], &[("A", "A")]] {
        let problems = Snapshot::new(Arc::clone(&bundle), forest).unwrap_err();
        assert!(
            problems[0].message.contains("forest of categories"),
            "{}",
            problems[0]
        );
    }
}

#[test]
fn permits_and_snapshots_cross_threads() {
    fn check<T: Send + Sync>() {}
    check::<Permit>();
    check::<Snapshot>();
    check::<Principal>();
}
