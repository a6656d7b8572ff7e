//! Confines searches to documents of one kind, whatever the caller's own filter says; and conversations about what was found.
//!
//! Source of the shapes: AWS API reference, `RetrievalFilter`. Documents without the attribute match no filter on it.

use crate::bedrock::agent::Target;
use crate::json::{Kind, Value};
use crate::parties::{OF_KNOWLEDGE_BASE, SEARCHES, WRITING};
use serde_json::json;

/// The body with each search confined to documents whose attribute `key` is `value`.
///
/// Members that are no objects stay as they are: the text map refuses them.
#[must_use]
pub fn confined(target: &Target, body: Value<'_>, key: &str, value: &str) -> Vec<u8> {
    let only = json!({ "equals": { "key": key, "value": value } }).to_string();
    let mut out = Vec::with_capacity(body.raw().len() + 2 * only.len() + 128);
    let at: &[&str] = match target {
        Target::Retrieve(_) | Target::Rerank => &["retrievalConfiguration"],
        Target::RetrieveAndGenerate { .. } => &[WRITING, OF_KNOWLEDGE_BASE, "retrievalConfiguration"],
    };
    within(Some(body), at, &mut out, &|configuration, out| {
        let named = SEARCHES
            .into_iter()
            .filter(|search| configuration.is_some_and(|it| it.get(search).is_some_and(|it| !it.is_null())));
        let mut named: Vec<&str> = named.collect();
        if named.is_empty() {
            named.push(SEARCHES[0]);
        }
        with_members(configuration, &named, out, |search, out| {
            with_members(search, &["filter"], out, |filter, out| joined(&only, filter, out));
        });
    });
    out
}

/// Writes an object with what stands at a path below it written anew.
fn within(
    object: Option<Value<'_>>,
    at: &[&str],
    out: &mut Vec<u8>,
    write: &dyn Fn(Option<Value<'_>>, &mut Vec<u8>),
) {
    match at {
        [] => write(object, out),
        [name, below @ ..] => with_members(object, &[name], out, |value, out| {
            within(value, below, out, write);
        }),
    }
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

/// The literal of the id of the conversation that a body goes on with, or belongs to. Source: AWS API reference, `RetrieveAndGenerate`,
/// `sessionId`: the service makes it, and gives the conversation to whoever knows it.
#[must_use]
pub fn session(body: Value<'_>) -> Option<Value<'_>> {
    body.get("sessionId").filter(|id| !id.is_null())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bedrock::agent::KnowledgeBaseId;
    use crate::json::Document;

    fn confined_to_retail(body: &str, target: &Target) -> Vec<u8> {
        let document = Document::parse(body.to_owned().into()).unwrap();
        confined(target, document.root(), "tenant", "re\"tail")
    }

    fn retrieve() -> Target {
        Target::Retrieve(KnowledgeBaseId::new("KB1").unwrap())
    }

    fn check(body: &str, expected: &serde_json::Value) {
        let written = confined_to_retail(body, &retrieve());
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
            assert_eq!(confined_to_retail(odd, &retrieve()), odd.as_bytes());
        }
    }
    #[test]
    fn what_is_written_of_is_confined_where_it_is_searched() {
        let target = Target::RetrieveAndGenerate { is_streaming: false };
        let body = json!({ "input": { "text": "q" }, "retrieveAndGenerateConfiguration": {
            "type": "KNOWLEDGE_BASE", "knowledgeBaseConfiguration": { "knowledgeBaseId": "KB1" } } });
        let written = confined_to_retail(&body.to_string(), &target);
        let mut expected = body;
        expected["retrieveAndGenerateConfiguration"]["knowledgeBaseConfiguration"]["retrievalConfiguration"] = json!({ "vectorSearchConfiguration": { "filter": { "equals": { "key": "tenant", "value": "re\"tail" } } } });
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&written).unwrap(),
            expected
        );
    }
}
