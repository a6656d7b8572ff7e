//! Searches: who takes part in one, and how it is confined to documents of one kind, whatever the caller's own filter says.
//!
//! Source of the shapes: AWS API reference, `Retrieve`, `Rerank`, `RetrievalFilter`. Documents without the attribute match no filter on it.

use crate::bedrock::agent::Target;
use crate::json::{Kind, Value};
use serde_json::json;

/// What somebody does who takes part in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A knowledge base that is searched, by its id.
    Searched,
    /// A model that orders texts, or what was found, by how well they fit. Models are named by their ARNs.
    Reranks,
    /// A model that makes a filter of the question.
    Filters,
}

/// Who takes part in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parties {
    /// Who is called.
    pub called: (Role, String),
    /// Who is used for that.
    pub used: Vec<(Role, String)>,
}

/// A member that has to name a model and does not: where it stands, from the root of the body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the ARN of a model")]
pub struct NotNamed(pub String);

impl Parties {
    /// Those that a body names, and the path.
    ///
    /// # Errors
    /// [`NotNamed`]: a model takes part, and is not named by an ARN. An alias would not be one to the provider.
    pub fn of(target: &Target, body: Value<'_>) -> Result<Self, NotNamed> {
        Ok(match target {
            Target::Rerank => Self {
                called: (
                    Role::Reranks,
                    arn(body, &["rerankingConfiguration.", RERANKS].concat())?,
                ),
                used: Vec::new(),
            },
            Target::Retrieve(id) => Self {
                called: (Role::Searched, id.as_str().to_owned()),
                used: of_searches(body, "retrievalConfiguration")?,
            },
        })
    }
}

/// Where a model is named that reranks, below the configuration of that.
const RERANKS: &str = "bedrockRerankingConfiguration.modelConfiguration.modelArn";

/// What names a model in a search: what it does, the member that asks for it, and where in that it is named.
const IN_SEARCHES: [(Role, &str, &str); 2] = [
    (Role::Reranks, "rerankingConfiguration", RERANKS),
    (Role::Filters, "implicitFilterConfiguration", "modelArn"),
];

/// The models of the searches that are configured at `at`.
fn of_searches(body: Value<'_>, at: &str) -> Result<Vec<(Role, String)>, NotNamed> {
    let mut found = Vec::new();
    for search in SEARCHES {
        for (role, asks, named) in IN_SEARCHES {
            let asks = [at, search, asks].join(".");
            if member(body, &asks).is_some_and(|asks| !asks.is_null()) {
                found.push((role, arn(body, &[&asks, named].join("."))?));
            }
        }
    }
    Ok(found)
}

fn arn(body: Value<'_>, at: &str) -> Result<String, NotNamed> {
    let name = member(body, at).and_then(Value::as_str);
    let arn = name.filter(|name| name.starts_with("arn:"));
    arn.map(Into::into).ok_or_else(|| NotNamed(at.to_owned()))
}

/// The member at a path.
fn member<'a>(body: Value<'a>, at: &str) -> Option<Value<'a>> {
    at.split('.').try_fold(body, |value, name| value.get(name))
}

/// The searches that a knowledge base can be asked for; the first is that of a body which names none.
const SEARCHES: [&str; 2] = ["vectorSearchConfiguration", "managedSearchConfiguration"];

/// The body of `Retrieve` with each search confined to documents whose attribute `key` is `value`.
///
/// Members that are no objects stay as they are: the text map refuses them.
#[must_use]
pub fn confined(body: Value<'_>, key: &str, value: &str) -> Vec<u8> {
    let only = json!({ "equals": { "key": key, "value": value } }).to_string();
    let mut out = Vec::with_capacity(body.raw().len() + 2 * only.len() + 128);
    with_members(
        Some(body),
        &["retrievalConfiguration"],
        &mut out,
        |configuration, out| {
            let named = SEARCHES.into_iter().filter(|search| {
                configuration.is_some_and(|it| it.get(search).is_some_and(|it| !it.is_null()))
            });
            let mut named: Vec<&str> = named.collect();
            if named.is_empty() {
                named.push(SEARCHES[0]);
            }
            with_members(configuration, &named, out, |search, out| {
                with_members(search, &["filter"], out, |filter, out| joined(&only, filter, out));
            });
        },
    );
    out
}

/// Both filters. One list of all holds both, because lists nest one deep only.
fn joined(only: &str, filter: Option<Value<'_>>, out: &mut Vec<u8>) {
    let Some(filter) = filter.filter(|filter| !filter.is_null()) else {
        return out.extend_from_slice(only.as_bytes());
    };
    let all = filter.get("andAll").filter(|all| all.kind() == Kind::Array);
    let is_only_all = filter.members().count() == 1;
    out.extend_from_slice(br#"{"andAll":["#);
    out.extend_from_slice(only.as_bytes());
    match all.filter(|_| is_only_all) {
        Some(all) => all.items().for_each(|item| {
            out.push(b',');
            out.extend_from_slice(item.raw());
        }),
        None => {
            out.push(b',');
            out.extend_from_slice(filter.raw());
        }
    }
    out.extend_from_slice(b"]}");
}

/// Writes an object with some members written anew, or added. What is there and no object is written as it is.
fn with_members(
    object: Option<Value<'_>>,
    names: &[&str],
    out: &mut Vec<u8>,
    write: impl Fn(Option<Value<'_>>, &mut Vec<u8>),
) {
    let object = object.filter(|object| !object.is_null());
    if let Some(other) = object.filter(|object| object.kind() != Kind::Object) {
        return out.extend_from_slice(other.raw());
    }
    let is_named = |key: Value<'_>| names.iter().any(|name| *key.name() == *name.as_bytes());
    let kept = object.into_iter().flat_map(Value::members);
    out.push(b'{');
    let mut separator: &[u8] = b"";
    for (key, value) in kept.filter(|(key, _)| !is_named(*key)) {
        out.extend_from_slice(separator);
        out.extend_from_slice(key.raw());
        out.push(b':');
        out.extend_from_slice(value.raw());
        separator = b",";
    }
    for name in names {
        out.extend_from_slice(separator);
        out.extend_from_slice(format!("\"{name}\":").as_bytes());
        write(object.and_then(|object| object.get(name)), out);
        separator = b",";
    }
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;

    fn check(body: &str, expected: &serde_json::Value) {
        let document = Document::parse(body.to_owned().into()).unwrap();
        let written = confined(document.root(), "tenant", "re\"tail");
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&written).unwrap(),
            *expected
        );
        // What is confined is strict JSON.
        Document::parse(written.into()).unwrap();
    }

    fn asked(search: &str, filter: &serde_json::Value) -> serde_json::Value {
        json!({ "retrievalQuery": { "text": "q" }, "retrievalConfiguration": { search: { "filter": filter, "numberOfResults": 3 } } })
    }

    #[test]
    fn whatever_the_caller_asks_for_is_confined() {
        let only = json!({ "equals": { "key": "tenant", "value": "re\"tail" } });
        let own = json!({ "equals": { "key": "tenant", "value": "markets" } });
        let year = json!({ "greaterThan": { "key": "year", "value": 2020.50 } });
        check(
            r#"{"retrievalQuery":{"text":"q"}}"#,
            &json!({ "retrievalQuery": { "text": "q" },
                     "retrievalConfiguration": { "vectorSearchConfiguration": { "filter": only } } }),
        );
        for search in SEARCHES {
            for nothing in [json!(null), json!({ "andAll": [] })] {
                let expected = match nothing.is_null() {
                    true => only.clone(),
                    false => json!({ "andAll": [only] }),
                };
                check(&asked(search, &nothing).to_string(), &asked(search, &expected));
            }
            let joined = json!({ "andAll": [only, own] });
            check(&asked(search, &own).to_string(), &asked(search, &joined));
            let any = json!({ "orAll": [own, year] });
            let joined = json!({ "andAll": [only, any] });
            check(&asked(search, &any).to_string(), &asked(search, &joined));
            let all = json!({ "andAll": [own, year] });
            let joined = json!({ "andAll": [only, own, year] });
            check(&asked(search, &all).to_string(), &asked(search, &joined));
            // Two in one are AWS's to refuse.
            let two = json!({ "andAll": [own], "orAll": [year] });
            let joined = json!({ "andAll": [only, two] });
            check(&asked(search, &two).to_string(), &asked(search, &joined));
        }
    }

    #[test]
    fn what_is_no_search_stays_for_others_to_refuse() {
        for odd in [
            r#"{"retrievalConfiguration":3}"#,
            r#"{"retrievalConfiguration":{"vectorSearchConfiguration":[]}}"#,
        ] {
            let document = Document::parse(odd.to_owned().into()).unwrap();
            assert_eq!(confined(document.root(), "k", "v"), odd.as_bytes());
        }
    }
}
