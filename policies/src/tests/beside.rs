//! What is asked about beside the call itself: the tools that it offers, and what it uses beside its model.

use super::*;

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn each_tool_of_a_call_is_asked_about() {
    let snapshot = snapshot_of(
        "@id(\"calls\") permit (principal, action in Palisade::Action::\"Invoke\", resource);
         @id(\"reviewed\") permit (principal, action == Palisade::Action::\"UseTool\", resource)
           when { context.tool like \"tickets_*\" };
         @id(\"search\") permit (principal, action == Palisade::Action::\"UseTool\", resource)
           when { context.tool == \"search\" };
         @id(\"not-in-anger\") @message(\"tickets are not deleted by models\")
           forbid (principal, action == Palisade::Action::\"UseTool\", resource) when { context.tool == \"tickets_delete\" };",
    );
    let decided = |tools: &[&str]| {
        let call = CallFacts {
            tools: names(tools),
            ..call(Action::Converse)
        };
        decide(&snapshot, &principal("retail"), &sonnet(), &call)
    };
    assert_eq!(decided(&[]).unwrap().determining(), ["calls"]);
    let all = decided(&["search", "tickets_read", "search"]).unwrap();
    assert_eq!(all.determining(), ["calls", "reviewed", "search"]);
    let denial = decided(&["search", "shell"]).unwrap_err();
    assert_eq!(
        (denial.reason, denial.about),
        (Reason::NoPermit, Some(About::Tool("shell".to_owned())))
    );
    let denial = decided(&["tickets_read", "tickets_delete"]).unwrap_err();
    assert_eq!(
        (denial.reason, denial.about),
        (Reason::Forbidden, Some(About::Tool("tickets_delete".to_owned())))
    );
    assert_eq!(denial.determining, names(&["not-in-anger"]));
    assert_eq!(
        denial.message.as_deref(),
        Some("tickets are not deleted by models")
    );
    let call = CallFacts {
        tools: names(&["shell"]),
        ..call(Action::Converse)
    };
    let (permit, denial) = observe(&snapshot, &principal("retail"), &sonnet(), &call).unwrap();
    assert!(!permit.enforced());
    assert_eq!(
        denial.and_then(|denial| denial.about),
        Some(About::Tool("shell".to_owned()))
    );
    let near = explain(&snapshot, &principal("retail"), &sonnet(), &call).nearest;
    assert!(near.iter().any(|near| near.permit.policy == "search"));
}

fn known() -> Model {
    of_kind(ModelKind::KnowledgeBase)
}

fn searching(action: Action, used: Model) -> CallFacts {
    CallFacts {
        uses: vec![Used { action, model: used }],
        ..call(Action::Converse)
    }
}

#[test]
fn each_is_asked_about_that_a_call_uses() {
    let snapshot = snapshot_of(
        "@id(\"calls\") permit (principal, action == Palisade::Action::\"Converse\", resource);
         @id(\"searches\") permit (principal, action == Palisade::Action::\"Retrieve\", resource)
           when { context.inputTokens < 1000 };
         @id(\"closed\") @message(\"not this one\")
           forbid (principal, action == Palisade::Action::\"Rerank\", resource);",
    );
    let decided = |call: &CallFacts| decide(&snapshot, &principal("retail"), &sonnet(), call);
    let search = searching(Action::Retrieve, known());
    assert_eq!(decided(&search).unwrap().determining(), ["calls", "searches"]);

    let large = CallFacts {
        input_tokens: 1_000,
        ..search.clone()
    };
    let denial = decided(&large).unwrap_err();
    assert_eq!(
        (denial.reason, denial.about),
        (Reason::NoPermit, Some(About::Used("something".to_owned())))
    );
    let near = explain(&snapshot, &principal("retail"), &sonnet(), &large).nearest;
    assert_eq!(near.len(), 1);
    assert_eq!(near[0].permit.policy, "searches");

    let denial = decided(&searching(Action::Rerank, sonnet())).unwrap_err();
    assert_eq!(
        (denial.reason, denial.message.as_deref()),
        (Reason::Forbidden, Some("not this one"))
    );
    // A knowledge base orders nothing, and a model is not searched.
    for (action, used) in [(Action::Rerank, known()), (Action::Retrieve, sonnet())] {
        assert_eq!(
            decided(&searching(action, used)).unwrap_err().reason,
            Reason::Invalid
        );
    }

    let (permit, denial) = observe(&snapshot, &principal("retail"), &sonnet(), &large).unwrap();
    assert!(!permit.enforced());
    assert_eq!(
        denial.and_then(|denial| denial.about),
        Some(About::Used("something".to_owned()))
    );
}

#[test]
fn findings_are_treated_as_the_strictest_of_all_says_that_a_call_uses() {
    let snapshot = snapshot_of(
        "@id(\"calls\") permit (principal, action in Palisade::Action::\"Invoke\", resource);
         @id(\"all\") permit (principal, action in [Palisade::Action::\"Disclose\", Palisade::Action::\"Reveal\"], resource);
         @id(\"no-raw\") forbid (principal, action == Palisade::Action::\"DiscloseRaw\", resource is Palisade::KnowledgeBase);
         @id(\"back\") permit (principal, action == Palisade::Action::\"Restore\", resource is Palisade::Model);",
    );
    let finding = FindingFacts {
        category: "EMAIL",
        place: Place::User,
        confidence: 100,
        count: 1,
    };
    let permit = |call: &CallFacts| decide(&snapshot, &principal("retail"), &sonnet(), call).unwrap();
    let treatment = |permit: &Permit, direction| permit.treatment(direction, &finding).treatment;
    let alone = permit(&call(Action::Converse));
    assert_eq!(treatment(&alone, Direction::Disclose), Treatment::Raw);
    assert!(alone.restoring(&finding).permitted);
    let searching = permit(&searching(Action::Retrieve, known()));
    assert_eq!(treatment(&searching, Direction::Disclose), Treatment::Redacted);
    assert_eq!(treatment(&searching, Direction::Reveal), Treatment::Raw);
    assert!(!searching.restoring(&finding).permitted);
}
