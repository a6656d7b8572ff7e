//! What the cases of a bundle reach: policies that none determines, and conditions that no case makes true, or false.

use crate::parse::{Origin, Parsed};
use crate::problem::Position;
use cedar_policy::{Authorizer, Decision, Entities, Policy, PolicyId, PolicySet, Request};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Conditions nest no deeper than this for people; deeper ones count as one.
const DEPTH_MAX: usize = 32;

/// Something about a policy that no case shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreached {
    /// The file, as the bundle names it.
    pub path: String,
    /// Where the policy stands in it.
    pub at: Position,
    /// The policy.
    pub policy: String,
    /// What no case shows.
    pub gap: Gap,
}

/// What no case shows about a policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// It determines no case.
    Undetermined,
    /// This part of its `when` and `unless`, in Cedar, is true in no case that its scope matches.
    NeverTrue(String),
    /// The same for false.
    NeverFalse(String),
}

/// What has been seen of each policy.
pub(crate) struct Coverage {
    policies: BTreeMap<String, Seen>,
    authorizer: Authorizer,
}

struct Seen {
    determined: bool,
    parts: Vec<Part>,
}

/// A part of a condition that has no parts itself.
struct Part {
    text: String,
    /// A policy of the same scope that is satisfied when the part is true.
    policy: PolicySet,
    was_true: bool,
    was_false: bool,
}

impl Coverage {
    pub(crate) fn new(policies: &PolicySet) -> Self {
        let seen = |policy: &Policy| Seen {
            determined: false,
            parts: parts(policy),
        };
        Self {
            policies: policies
                .policies()
                .map(|policy| (policy.id().to_string(), seen(policy)))
                .collect(),
            authorizer: Authorizer::new(),
        }
    }

    /// Notes a case, which `determining` determine and `picked` have the scope for.
    pub(crate) fn note<'p>(
        &mut self,
        request: &Request,
        entities: &Entities,
        determining: impl Iterator<Item = &'p String>,
        picked: &PolicySet,
    ) {
        for id in determining {
            if let Some(seen) = self.policies.get_mut(id) {
                seen.determined = true;
            }
        }
        for policy in picked.policies() {
            let seen = self.policies.get_mut(AsRef::<str>::as_ref(policy.id()));
            for part in seen.into_iter().flat_map(|seen| &mut seen.parts) {
                let answer = self.authorizer.is_authorized(request, &part.policy, entities);
                let errs = answer.diagnostics().errors().next().is_some();
                let is_true = answer.decision() == Decision::Allow;
                part.was_true |= is_true;
                part.was_false |= !is_true && !errs;
            }
        }
    }

    /// What no case has shown, in the order of the files.
    pub(crate) fn unreached(self, parsed: &Parsed) -> Vec<Unreached> {
        let mut unreached = Vec::new();
        for (policy, seen) in self.policies {
            let Some(origin) = parsed.origins.get(&policy) else {
                continue;
            };
            unreached.extend(seen.gaps().map(|gap| told(&policy, origin, gap)));
        }
        unreached.sort();
        unreached
    }
}

impl Seen {
    fn gaps(self) -> impl Iterator<Item = Gap> {
        let whole = (!self.determined).then_some(Gap::Undetermined);
        let parts = self.parts.into_iter().flat_map(|part| {
            let never_true = (!part.was_true).then(|| Gap::NeverTrue(part.text.clone()));
            let never_false = (!part.was_false).then_some(Gap::NeverFalse(part.text));
            never_true.into_iter().chain(never_false)
        });
        whole.into_iter().chain(parts)
    }
}

fn told(policy: &str, origin: &Origin, gap: Gap) -> Unreached {
    Unreached {
        path: origin.path.to_string(),
        at: origin.position_of("@id"),
        policy: policy.to_owned(),
        gap,
    }
}

/// The parts of a policy's conditions, in the JSON form of Cedar (docs.cedarpolicy.com/policies/json-format.html).
fn parts(policy: &Policy) -> Vec<Part> {
    let Ok(json) = policy.to_json() else {
        return Vec::new();
    };
    let conditions = json.get("conditions").and_then(Value::as_array);
    let mut bodies = Vec::new();
    for body in conditions
        .into_iter()
        .flatten()
        .filter_map(|condition| condition.get("body"))
    {
        split(body, DEPTH_MAX, &mut bodies);
    }
    bodies.into_iter().filter_map(|body| part(&json, body)).collect()
}

/// The first part of a policy's conditions that keeps it from applying to a request whose scope it matches, in Cedar.
pub(crate) fn first_false(policy: &Policy, request: &Request, entities: &Entities) -> Option<String> {
    let json = policy.to_json().ok()?;
    let holds = |part: &Part| {
        let answer = Authorizer::new().is_authorized(request, &part.policy, entities);
        answer.decision() == Decision::Allow
    };
    for condition in json.get("conditions")?.as_array()? {
        let body = condition.get("body")?;
        if condition.get("kind")?.as_str()? == "unless" {
            if let Some(part) = part(&json, body).filter(holds) {
                return Some(format!("unless {{ {} }}", part.text));
            }
            continue;
        }
        let mut conjuncts = Vec::new();
        split_conjunction(body, DEPTH_MAX, &mut conjuncts);
        let failing = conjuncts
            .into_iter()
            .filter_map(|body| part(&json, body))
            .find(|part| !holds(part));
        if let Some(part) = failing {
            return Some(format!("when {{ {} }}", part.text));
        }
    }
    None
}

/// The operands of `&&`, in the order in which they are evaluated.
fn split_conjunction<'v>(body: &'v Value, depth: usize, out: &mut Vec<&'v Value>) {
    let operands = body
        .get("&&")
        .and_then(|inner| Some((inner.get("left")?, inner.get("right")?)));
    match operands.filter(|_| depth > 0) {
        Some((left, right)) => {
            split_conjunction(left, depth - 1, out);
            split_conjunction(right, depth - 1, out);
        }
        None => out.push(body),
    }
}

/// The operands of `&&`, `||` and `!`, and the branches of `if`, down to what is none of these.
fn split<'v>(body: &'v Value, depth: usize, out: &mut Vec<&'v Value>) {
    let operands: &[&str] = match body
        .as_object()
        .and_then(|object| object.keys().next())
        .map(String::as_str)
    {
        Some("&&" | "||") => &["left", "right"],
        Some("!") => &["arg"],
        Some("if-then-else") => &["if", "then", "else"],
        _ => &[],
    };
    let inner = body.as_object().and_then(|object| object.values().next());
    match inner.filter(|_| !operands.is_empty() && depth > 0) {
        Some(inner) => {
            let operands = operands.iter().filter_map(|operand| inner.get(operand));
            operands.for_each(|operand| split(operand, depth - 1, out));
        }
        None => out.push(body),
    }
}

fn part(policy: &Value, body: &Value) -> Option<Part> {
    let mut alone = policy.as_object()?.clone();
    alone.remove("annotations");
    alone.insert("effect".to_owned(), json!("permit"));
    alone.insert("conditions".to_owned(), json!([{"kind": "when", "body": body}]));
    let alone = Policy::from_json(Some(PolicyId::new("part")), Value::Object(alone)).ok()?;
    let cedar = alone.to_cedar()?;
    let (_, body) = cedar.split_once("when {")?;
    let text = body
        .rsplit_once('}')?
        .0
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    // A constant has one value whatever the case.
    if matches!(text.as_str(), "true" | "false") {
        return None;
    }
    Some(Part {
        text,
        policy: PolicySet::from_policies([alone]).ok()?,
        was_true: false,
        was_false: false,
    })
}
