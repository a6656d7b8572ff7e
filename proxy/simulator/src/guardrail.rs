//! Guardrails that are asked without a model. They find nothing, unless a script gives the text that they would put in the place of what they are shown.

use serde_json::{Value, json};

/// The answer of `ApplyGuardrail`. Source: AWS API reference, `ApplyGuardrail`, response syntax.
pub(crate) fn applied(body: &Value, scripted: Option<String>) -> Value {
    let items = body.get("content").and_then(Value::as_array);
    let texts = items
        .into_iter()
        .flatten()
        .filter_map(|item| item.get("text")?.get("text")?.as_str());
    let chars: usize = texts.map(|text| text.chars().count()).sum();
    // A unit is up to 1,000 characters (AWS, "Guardrails pricing").
    let units = chars.div_ceil(1_000);
    let intervenes = scripted.is_some();
    json!({
        "usage": {
            "topicPolicyUnits": 0, "contentPolicyUnits": units, "wordPolicyUnits": units,
            "sensitiveInformationPolicyUnits": 0, "sensitiveInformationPolicyFreeUnits": 0,
            "contextualGroundingPolicyUnits": 0,
        },
        "action": if intervenes { "GUARDRAIL_INTERVENED" } else { "NONE" },
        "outputs": scripted.map(|text| json!({ "text": text })).into_iter().collect::<Vec<_>>(),
        "assessments": [],
        "guardrailCoverage": { "textCharacters": { "guarded": chars, "total": chars } },
    })
}

/// The answer of `InvokeGuardrailChecks`: a score of nought for each category that is asked for.
pub(crate) fn checked(body: &Value) -> Value {
    let of = |check: &str| {
        let asked = body.get("checks")?.get(check)?;
        let categories = asked.get("categories").and_then(Value::as_array);
        let none = |category: &Value| json!({ "category": category.get("category"), "severityScore": 0.0 });
        let results: Vec<Value> = categories.into_iter().flatten().map(none).collect();
        Some((check.to_owned(), json!({ "results": results })))
    };
    let checks = ["contentFilter", "promptAttack", "sensitiveInformation"];
    let results: serde_json::Map<String, Value> = checks.into_iter().filter_map(of).collect();
    let units = |check: &String| (check.clone(), json!({ "textUnits": 1 }));
    let usage: serde_json::Map<String, Value> = results.keys().map(units).collect();
    json!({ "results": results, "usage": usage })
}
