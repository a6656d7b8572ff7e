//! What a policy reads of the context, as far as its form tells: what it reads nothing of cannot change its answer.
//!
//! Conditions are looked at in the JSON form of Cedar (docs.cedarpolicy.com/policies/json-format.html). What is not recognised is
//! [`Reads::Anything`].

use cedar_policy::{Policy, PolicySet};
use serde_json::{Value, json};

/// Conditions that nest deeper than this are not looked into.
const DEPTH_MAX: usize = 64;

/// A value of the context of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Field {
    InputTokens,
    MaxTokens,
    Modalities,
    Tools,
    Tool,
    Unscanned,
    Now,
    LocalHour,
    BusinessDay,
    ClientIp,
    Purpose,
    Classification,
    Category,
    Place,
    Confidence,
    Count,
}

/// A number that no context changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    Literal(i64),
    /// Of the principal, or else of the resource: a path of attributes.
    Attribute(bool, Vec<String>),
}

/// What a boolean expression reads of the context.
pub(crate) enum Reads {
    /// Nothing: a policy that is satisfied when the expression is true, if it could be made.
    Nothing(Option<Box<PolicySet>>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
    If(Box<Self>, Box<Self>, Box<Self>),
    /// How a number compares with one that no context changes.
    Against(Field, Bound),
    /// Some values.
    Values(Vec<Field>),
    Anything,
}

impl Reads {
    /// What the conditions of a policy read.
    pub(crate) fn of(policy: &Policy) -> Self {
        let Ok(json) = policy.to_json() else {
            return Self::Anything;
        };
        let Some(conditions) = json.get("conditions").and_then(Value::as_array) else {
            return Self::Anything;
        };
        let all = conditions.iter().map(|condition| {
            let body = condition
                .get("body")
                .map_or(Self::Anything, |body| Self::of_body(body, DEPTH_MAX));
            match condition.get("kind").and_then(Value::as_str) {
                Some("when") => body,
                Some("unless") => Self::Not(Box::new(body)),
                _ => Self::Anything,
            }
        });
        // Conditions are evaluated in their order, up to the first that does not hold.
        all.reduce(|before, next| Self::And(Box::new(before), Box::new(next)))
            .unwrap_or_else(|| Self::Values(Vec::new()))
    }

    fn of_body(body: &Value, depth: usize) -> Self {
        let mut fields = Vec::new();
        if !fields_of(body, depth, &mut fields) {
            return Self::Anything;
        }
        if fields.is_empty() {
            return Self::Nothing(alone(body));
        }
        let (Some(operator), Some(inner)) = operation(body) else {
            return Self::Values(fields);
        };
        let operand = |name| {
            let operand = inner.get(name);
            Box::new(operand.map_or(Self::Anything, |operand| Self::of_body(operand, depth - 1)))
        };
        match operator {
            "&&" => Self::And(operand("left"), operand("right")),
            "||" => Self::Or(operand("left"), operand("right")),
            "!" => Self::Not(operand("arg")),
            "if-then-else" => Self::If(operand("if"), operand("then"), operand("else")),
            "<" | "<=" | ">" | ">=" => {
                let (left, right) = (inner.get("left"), inner.get("right"));
                let against = against(left, right).or_else(|| against(right, left));
                against.map_or(Self::Values(fields), |(field, bound)| Self::Against(field, bound))
            }
            _ => Self::Values(fields),
        }
    }
}

fn operation(body: &Value) -> (Option<&str>, Option<&Value>) {
    let mut members = body.as_object().into_iter().flatten();
    match (members.next(), members.next()) {
        (Some((operator, inner)), None) => (Some(operator), Some(inner)),
        _ => (None, None),
    }
}

/// A policy that is satisfied, for anybody and anything, when `body` is true.
fn alone(body: &Value) -> Option<Box<PolicySet>> {
    let any = json!({"op": "All"});
    let policy = json!({
        "effect": "permit", "principal": any, "action": any, "resource": any,
        "conditions": [{"kind": "when", "body": body}],
    });
    let set = PolicySet::from_policies([Policy::from_json(None, policy).ok()?]);
    set.ok().map(Box::new)
}

/// Adds the fields that are read anywhere in `body`; false if it reads the context in another way.
fn fields_of(body: &Value, depth: usize, fields: &mut Vec<Field>) -> bool {
    if let Some(field) = field(body) {
        if !fields.contains(&field) {
            fields.push(field);
        }
        return true;
    }
    match body {
        Value::Object(members) => {
            let is_context = members.get("Var").and_then(Value::as_str) == Some("context");
            !is_context && depth > 0 && members.values().all(|inner| fields_of(inner, depth - 1, fields))
        }
        Value::Array(items) => depth > 0 && items.iter().all(|inner| fields_of(inner, depth - 1, fields)),
        _ => true,
    }
}

/// The field that `body` is, such as `context.base.now`.
fn field(body: &Value) -> Option<Field> {
    let path = path(body)?;
    let names: Vec<&str> = path.1.iter().map(String::as_str).collect();
    let known = match (path.0, names.as_slice()) {
        ("context", ["inputTokens"]) => Field::InputTokens,
        ("context", ["maxTokens"]) => Field::MaxTokens,
        ("context", ["modalities"]) => Field::Modalities,
        ("context", ["tools"]) => Field::Tools,
        ("context", ["tool"]) => Field::Tool,
        ("context", ["unscanned"]) => Field::Unscanned,
        ("context", ["base", "now"]) => Field::Now,
        ("context", ["base", "localHour"]) => Field::LocalHour,
        ("context", ["base", "businessDay"]) => Field::BusinessDay,
        ("context", ["base", "clientIp"]) => Field::ClientIp,
        ("context", ["base", "purpose"]) => Field::Purpose,
        ("context", ["base", "classification"]) => Field::Classification,
        ("context", ["category"]) => Field::Category,
        ("context", ["place"]) => Field::Place,
        ("context", ["confidence"]) => Field::Confidence,
        ("context", ["count"]) => Field::Count,
        _ => return None,
    };
    Some(known)
}

/// A variable and the attributes that are followed from it.
fn path(body: &Value) -> Option<(&str, Vec<String>)> {
    let mut attributes = Vec::new();
    let mut here = body;
    while attributes.len() < DEPTH_MAX {
        match operation(here) {
            (Some("Var"), Some(variable)) => {
                attributes.reverse();
                return Some((variable.as_str()?, attributes));
            }
            (Some("."), Some(inner)) => {
                attributes.push(inner.get("attr")?.as_str()?.to_owned());
                here = inner.get("left")?;
            }
            _ => return None,
        }
    }
    None
}

/// A number of the context on one side, and one that no context changes on the other.
fn against(one: Option<&Value>, other: Option<&Value>) -> Option<(Field, Bound)> {
    let field = field(one?).filter(|field| field.is_number())?;
    let other = other?;
    if let (Some("Value"), Some(literal)) = operation(other) {
        return Some((field, Bound::Literal(literal.as_i64()?)));
    }
    match path(other)? {
        ("principal", attributes) => Some((field, Bound::Attribute(true, attributes))),
        ("resource", attributes) => Some((field, Bound::Attribute(false, attributes))),
        _ => None,
    }
}

impl Field {
    fn is_number(self) -> bool {
        matches!(
            self,
            Self::InputTokens
                | Self::MaxTokens
                | Self::LocalHour
                | Self::Classification
                | Self::Confidence
                | Self::Count
        )
    }
}
