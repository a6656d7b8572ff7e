//! Strict validation of all policies of a bundle, at level 1, warnings included.
//!
//! Cedar checks each policy for every kind of request that the schema has, and that is most of the time a bundle takes to load. So it is
//! done on as many threads as there are processors, and the second pass that looks at levels is left out where there is nothing to see.

use crate::parse::{PROBLEMS_MAX, Parsed};
use crate::problem::{Problem, chain};
use crate::source::{BundleFile, Part};
use cedar_policy::{Policy, PolicyId, PolicySet, Schema, ValidationMode, ValidationResult, Validator};
use serde_json::Value;
use std::thread;

/// How far a policy may follow attributes: `principal.x` and `resource.x`, but no attribute of what they point to, since
/// an entity that is missing there would make the policy err.
const DEREFERENCE_LEVEL: u32 = 1;

/// Fewer policies than this are not worth a thread.
const POLICIES_A_THREAD_MIN: usize = 64;

/// What is wrong with the policies and invariants under a schema. Each is checked by itself, so that it does not matter which go together.
pub(crate) fn validate(schema: &Schema, sources: &[BundleFile<'_>], parsed: &Parsed) -> Vec<Problem> {
    let policies: Vec<&Policy> = [&parsed.policies, &parsed.invariants]
        .into_iter()
        .flat_map(PolicySet::policies)
        .collect();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = policies.len().div_ceil(threads).max(POLICIES_A_THREAD_MIN);
    thread::scope(|scope| {
        let shares: Vec<_> = policies
            .chunks(share)
            .map(|share| scope.spawn(move || validate_share(schema, sources, parsed, share)))
            .collect();
        let defect = || Problem::new("policies", "a defect of the validator: not all could be checked");
        shares
            .into_iter()
            .flat_map(|share| share.join().unwrap_or_else(|_| vec![defect()]))
            .collect()
    })
}

fn validate_share(
    schema: &Schema,
    sources: &[BundleFile<'_>],
    parsed: &Parsed,
    policies: &[&Policy],
) -> Vec<Problem> {
    let (flat, others): (Vec<_>, Vec<_>) = policies.iter().copied().partition(|policy| is_flat(policy));
    let validator = Validator::new(own(sources).unwrap_or_else(|| schema.clone()));
    let set = |policies: &[&Policy]| {
        PolicySet::from_policies(policies.iter().map(|&policy| policy.clone()))
            .map_err(|error| Problem::new("policies", chain(&error)))
    };
    let (flat, others) = match (set(&flat), set(&others)) {
        (Ok(flat), Ok(others)) => (flat, others),
        (Err(problem), _) | (_, Err(problem)) => return vec![problem],
    };
    let results = [
        validator.validate(&flat, ValidationMode::Strict),
        validator.validate_with_level(&others, ValidationMode::Strict, DEREFERENCE_LEVEL),
    ];
    results.iter().flat_map(|result| told(parsed, result)).collect()
}

/// The schema once more: names of the one that all threads share are counted by reference, and counting in common takes longer than
/// reading it again.
fn own(sources: &[BundleFile<'_>]) -> Option<Schema> {
    let source = sources
        .iter()
        .find(|source| source.part() == Some(Part::Schema))?;
    Some(Schema::from_cedarschema_str(source.text).ok()?.0)
}

fn told(parsed: &Parsed, result: &ValidationResult) -> Vec<Problem> {
    let errors = result
        .validation_errors()
        .take(PROBLEMS_MAX)
        .map(|e| locate(parsed, e.policy_id(), e));
    let warnings = result
        .validation_warnings()
        .take(PROBLEMS_MAX)
        .map(|w| locate(parsed, w.policy_id(), w));
    errors.chain(warnings).collect()
}

/// Whether a policy follows attributes, parents and tags of principal, action, resource and context only, not of what these lead to: then it is
/// of level 1, whatever the schema says. In doubt it is not.
fn is_flat(policy: &Policy) -> bool {
    policy
        .to_json()
        .is_ok_and(|json| json.get("conditions").is_some_and(follows_variables_only))
}

fn follows_variables_only(part: &Value) -> bool {
    match part {
        Value::Object(members) => members.iter().all(|(key, operands)| {
            let follows = matches!(key.as_str(), "." | "has" | "in" | "is" | "getTag" | "hasTag");
            let of_variable = || operands.get("left").is_some_and(|left| left.get("Var").is_some());
            (!follows || of_variable()) && follows_variables_only(operands)
        }),
        Value::Array(items) => items.iter().all(follows_variables_only),
        _ => true,
    }
}

fn locate(parsed: &Parsed, id: &PolicyId, error: &dyn miette::Diagnostic) -> Problem {
    let id: &str = id.as_ref();
    let Some(origin) = parsed.origins.get(id) else {
        return Problem::new("policies", error.to_string()).policy(id);
    };
    let mut problem = Problem::from_diagnostic(&origin.path, &origin.file, error).policy(id);
    problem.at.get_or_insert_with(|| origin.position_of(""));
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything leads to everything here.
    const SCHEMA: &str = "entity A in [A] { a: A, r: { a: A, n: Long }, n: Long } tags A;
        action act appliesTo { principal: [A], resource: [A], context: { a: A, r: { a: A, n: Long }, n: Long } };";

    const CONDITIONS: &[&str] = &[
        "true",
        "context.n > 1",
        "principal.n > 1 && resource has n",
        "principal in resource",
        "principal in A::\"x\"",
        "principal is A in resource",
        "principal.hasTag(\"t\") && principal.getTag(\"t\") == resource",
        "if context.n > 1 then principal == resource else principal in resource",
        "principal.a == resource",
        "principal.a.n > 1",
        "principal.a in resource",
        "principal.r.n > 1",
        "principal.r.a in resource",
        "context.a.n > 1",
        "context.a.a.n > 1",
        "context.r.a.a in resource",
        "{ x: principal }.x.n > 1",
        "{ x: principal.a }.x.n > 1",
        "(if context.n > 1 then principal else resource).a in resource",
        "principal.getTag(\"t\") in resource",
        "principal has a && principal.a has n",
        "[principal.a].contains(resource.a.a)",
        "{ \".\": 1, \"in\": principal.a.n } == { \".\": 1, \"in\": 2 }",
    ];

    #[test]
    fn what_is_flat_is_of_level_1() {
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).unwrap();
        let validator = Validator::new(schema);
        let (mut flat, mut deep) = (0, 0);
        for condition in CONDITIONS {
            let text = format!("permit (principal, action, resource) when {{ {condition} }};");
            let set: PolicySet = text.parse().unwrap();
            let policy = set.policies().next().unwrap();
            let result = validator.validate_with_level(&set, ValidationMode::Strict, DEREFERENCE_LEVEL);
            let too_deep = result
                .validation_errors()
                .any(|error| error.to_string().contains("level"));
            assert!(!(is_flat(policy) && too_deep), "{condition}");
            flat += u32::from(is_flat(policy));
            deep += u32::from(too_deep);
        }
        assert!(flat >= 8 && deep >= 8, "{flat} flat, {deep} too deep");
    }
}
