//! Answers that are known against those that are asked anew, on random policies and questions.

use super::*;
use crate::base::Base;
use crate::facts::CallFacts;
use crate::plan::Subject;
use crate::question::{Form, Question};
use crate::snapshot::Answer;
use cedar_policy::Decision;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Parts of conditions about calls: what reads the context, what does not, and what errs.
const OF_CALLS: &[&str] = &[
    "context.maxTokens <= principal.limits.maxOutputTokens",
    "principal.limits.maxInputTokens < context.inputTokens",
    "context.inputTokens == 200",
    "context.inputTokens + context.maxTokens > 1200",
    "context.inputTokens * 9223372036854775807 > 0",
    "context.maxTokens > 999 && context.maxTokens != 1001",
    "context.base.localHour < 7",
    "context.base.localHour >= 19",
    "context.base.businessDay",
    "context.base.clientIp.isInRange(ip(\"10.0.0.0/8\"))",
    "context.base.purpose == Palisade::Purpose::\"trading\"",
    "context.base.classification <= resource.maxClassification",
    "context.base.classification <= principal.clearance",
    "(if resource has endOfLife then context.base.now < resource.endOfLife else true)",
    "context.base.now > datetime(\"2026-11-23T09:00:00Z\")",
    "[Palisade::Unscanned::\"encrypted\"].containsAll(context.unscanned)",
    "context.modalities.contains(Palisade::Modality::\"image\")",
    "context.tools.contains(\"search\")",
    "context.tools.isEmpty()",
    "principal.suspended",
    "principal in Palisade::Team::\"retail/desk\"",
    "resource.retainsData",
    "principal.limits.maxOutputTokens * 9223372036854775807 > 0",
    "principal is Palisade::User",
];

const OF_TOOLS: &[&str] = &[
    "context.tool == \"search\"",
    "context.tool like \"mcp_*\"",
    "[\"search\", \"größe\"].contains(context.tool)",
    "context.base.businessDay",
    "principal.suspended",
    "principal.limits.maxOutputTokens * 9223372036854775807 > 0",
];

const OF_FINDINGS: &[&str] = &[
    "context.category in Palisade::DataCategory::\"PII\"",
    "context.category == Palisade::DataCategory::\"EMAIL\"",
    "context.place == Palisade::Place::\"answer\"",
    "context.confidence >= 80",
    "context.confidence == 90",
    "context.count < 3",
    "context.count > principal.clearance",
    "context.count * 9223372036854775807 > 0",
    "context.base.businessDay",
    "principal.suspended",
];

fn condition(parts: &'static [&'static str]) -> impl Strategy<Value = String> {
    let leaf = select(parts).prop_map(str::to_owned);
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            inner.clone().prop_map(|a| format!("!({a})")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("(if {a} then {b} else {c})")),
        ]
    })
}

fn policies(group: &'static str, parts: &'static [&'static str]) -> impl Strategy<Value = String> {
    let clause = (select(vec!["when", "unless"]), condition(parts))
        .prop_map(|(kind, body)| format!("{kind} {{ {body} }}"));
    let policy = (
        select(vec!["permit", "forbid"]),
        prop::collection::vec(clause, 0..3),
    );
    prop::collection::vec(policy, 1..4).prop_map(move |policies| {
        let text = |(number, (effect, clauses)): (usize, (&str, Vec<String>))| {
            let scope = format!("(principal, action in Palisade::Action::\"{group}\", resource)");
            format!("@id(\"p{number}\") {effect} {scope} {};\n", clauses.join(" "))
        };
        policies.into_iter().enumerate().map(text).collect()
    })
}

fn base() -> impl Strategy<Value = Base> {
    let ips = select(vec!["10.1.2.3", "192.168.0.1", "2001:db8::1", "::ffff:10.1.2.3"]);
    let purposes = select(vec![Purpose::Unspecified, Purpose::Trading]);
    (
        0..3_i64,
        select(vec![6, 7, 19, 23]),
        any::<bool>(),
        ips,
        purposes,
        0..5_u8,
    )
        .prop_map(|(seconds, hour, business, ip, purpose, classification)| {
            let now_ms = NOW_MS + (seconds - 1) * 1_000;
            Base::new(
                now_ms,
                hour,
                business,
                ip.parse().unwrap(),
                purpose,
                level(classification),
            )
            .unwrap()
        })
}

fn calls() -> impl Strategy<Value = CallFacts> {
    let tokens = || {
        select(vec![
            0,
            199,
            200,
            201,
            999,
            1_000,
            1_001,
            4_096,
            4_097,
            100_000,
            100_001,
            u64::MAX,
        ])
    };
    let modalities = subsequence(Modality::ALL.to_vec(), 0..3);
    let unscanned = subsequence(Unscanned::ALL.to_vec(), 0..3);
    let tools = subsequence(vec!["search".to_owned(), "look".to_owned()], 0..=2);
    (tokens(), tokens(), modalities, unscanned, tools, base()).prop_map(
        |(input_tokens, max_tokens, modalities, unscanned, tools, base)| CallFacts {
            input_tokens,
            max_tokens,
            modalities,
            tools,
            unscanned,
            uses: Vec::new(),
            base,
            ..call(Action::Converse)
        },
    )
}

fn findings() -> impl Strategy<Value = (Base, FindingFacts<'static>)> {
    let categories = select(vec!["EMAIL", "IP_ADDRESS", "AWS_ACCESS_KEY"]);
    let confidences = select(vec![79, 80, 89, 90, 91, 100, 255]);
    (base(), categories, select(Place::ALL), confidences, 0..5_u32).prop_map(
        |(base, category, place, confidence, count)| {
            let finding = FindingFacts {
                category,
                place,
                confidence,
                count,
            };
            (base, finding)
        },
    )
}

/// Loading a bundle runs a self-test of the schema, which is slow: only the policies differ.
fn loaded(policies: &str) -> Option<Arc<Snapshot>> {
    // Some conditions that come out are constant, which validation refuses.
    let bundle = bundle_of(policies).ok()?;
    Some(Arc::new(Snapshot::new(Arc::new(bundle), FOREST).unwrap()))
}

fn pairs() -> Vec<(Principal, Model)> {
    let dying = Model::new(ModelFacts {
        end_of_life_ms: Some(NOW_MS),
        ..model_facts("m", &["general-purpose"])
    });
    let suspended = Principal::new(PrincipalFacts {
        granted: Vec::new(),
        suspended: true,
        ..application("markets", "bot")
    });
    vec![
        (principal("retail"), sonnet()),
        (suspended.unwrap(), dying.unwrap()),
    ]
}

fn said(answer: &Answer) -> (Decision, Vec<String>, Vec<String>) {
    (answer.decision, answer.determining.clone(), answer.errors.clone())
}

/// The answer that the snapshot gives, and one that it works out anew.
fn both(snapshot: &Snapshot, pair: &(Principal, Model), question: Question, subject: Subject<'_>) {
    let prepared = snapshot.prepare(&pair.0, &pair.1).unwrap();
    let known = snapshot.answer(&prepared, question, subject).unwrap();
    let fresh = snapshot
        .ask(&prepared, question, snapshot.context(subject).unwrap())
        .unwrap();
    assert_eq!(said(&known), said(&fresh));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_known_answer_to_a_call_is_the_one_that_would_be_given(
        policies in policies("Invoke", OF_CALLS), calls in prop::collection::vec(calls(), 40),
    ) {
        let snapshot = loaded(&policies);
        prop_assume!(snapshot.is_some());
        let snapshot = snapshot.unwrap();
        for pair in pairs() {
            for call in &calls {
                both(&snapshot, &pair, Question::Call(Action::Converse), Subject::Call(call));
            }
        }
    }

    #[test]
    fn a_known_answer_to_a_finding_is_the_one_that_would_be_given(
        policies in policies("Disclose", OF_FINDINGS), findings in prop::collection::vec(findings(), 40),
    ) {
        let snapshot = loaded(&policies);
        prop_assume!(snapshot.is_some());
        let snapshot = snapshot.unwrap();
        for pair in pairs() {
            for (base, finding) in &findings {
                let category = snapshot.categories[finding.category];
                let subject = Subject::Finding(base, finding, category);
                both(&snapshot, &pair, Question::Finding(Form::DiscloseRaw), subject);
            }
        }
    }

    #[test]
    fn a_known_answer_about_a_tool_is_the_one_that_would_be_given(
        policies in policies("UseTool", OF_TOOLS),
        tools in prop::collection::vec((base(), select(vec!["search", "Search", "mcp_a", "mcp_", "größe", "", "searchsearch"])), 40),
    ) {
        let snapshot = loaded(&policies);
        prop_assume!(snapshot.is_some());
        let snapshot = snapshot.unwrap();
        for pair in pairs() {
            for (base, tool) in &tools {
                both(&snapshot, &pair, Question::Tool, Subject::Tool(base, tool));
            }
        }
    }
}

#[test]
fn names_that_differ_have_different_keys() {
    let snapshot = snapshot_of(
        "@id(\"all\") permit (principal, action, resource);
         @id(\"no\") forbid (principal, action == Palisade::Action::\"UseTool\", resource) when { context.tool == \"ab\" };",
    );
    let offers = |tool: &str| {
        let call = CallFacts {
            tools: vec![tool.to_owned()],
            ..call(Action::Converse)
        };
        decide(&snapshot, &principal("retail"), &sonnet(), &call).is_ok()
    };
    for tool in ["a", "b", "ba", "\u{0}ab", "ab\u{0}", "abababab", "ababababab", ""] {
        assert!(offers(tool), "{tool:?}");
    }
    assert!(!offers("ab"));
}

#[test]
fn calls_of_one_kind_share_an_answer_under_the_bundle_that_ships() {
    let snapshot = default_snapshot();
    let (principal, model) = (principal("retail"), sonnet());
    let prepared = snapshot.prepare(&principal, &model).unwrap();
    for number in 0..50 {
        let call = CallFacts {
            input_tokens: 10 + number,
            max_tokens: 1_000 + number,
            tools: vec![format!("tool-{number}")],
            base: Base::new(
                NOW_MS + 1_000 * i64::try_from(number).unwrap(),
                u8::try_from(number % 24).unwrap(),
                number % 2 == 0,
                IpAddr::from([10, 1, 2, u8::try_from(number).unwrap()]),
                Purpose::Coding,
                level(1),
            )
            .unwrap(),
            ..call(Action::Converse)
        };
        assert!(decide(&snapshot, &principal, &model, &call).is_ok());
    }
    // One to the call, one about all its tools.
    assert_eq!(prepared.known_answers(), 2);
    let larger = CallFacts {
        max_tokens: 4_097,
        ..call(Action::Converse)
    };
    let denial = decide(&snapshot, &principal, &model, &larger).unwrap_err();
    assert_eq!(denial.determining, ["call-size"]);
    assert_eq!(prepared.known_answers(), 3);
}
