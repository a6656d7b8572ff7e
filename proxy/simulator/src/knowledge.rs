//! A knowledge base with documents of each tenant, found by their metadata, and a model that orders texts.

use serde_json::{Value, json};

/// Whose the documents are, when they are from, and what they say.
const DOCUMENTS: [(&str, u64, &str); 4] = [
    ("retail", 2024, "Cards are replaced within three days."),
    ("retail", 2026, "Cards are replaced within one day."),
    ("markets", 2026, "Filings are due on the last day of the quarter."),
    ("research", 2026, "Experiments are registered before they begin."),
];

/// The answer of `Retrieve`: documents that the filter lets through; their first says `scripted` if that is given. Source: AWS API reference, `Retrieve`.
pub(crate) fn retrieved(body: &Value, scripted: Option<String>) -> Value {
    json!({ "retrievalResults": found(body.get("retrievalConfiguration"), scripted) })
}

/// What a search finds.
pub(crate) fn found(configuration: Option<&Value>, scripted: Option<String>) -> Vec<Value> {
    let search = configuration.and_then(|it| {
        it.get("vectorSearchConfiguration")
            .or(it.get("managedSearchConfiguration"))
    });
    let filter = search.and_then(|search| search.get("filter"));
    let found = DOCUMENTS.iter().enumerate().filter(|(_, (tenant, year, _))| {
        let metadata = json!({ "tenant": tenant, "year": year });
        filter.is_none_or(|filter| passes(filter, &metadata))
    });
    let mut scripted = scripted;
    found
        .map(|(number, (tenant, year, text))| {
            json!({
                "content": { "type": "TEXT", "text": scripted.take().unwrap_or_else(|| (*text).to_owned()) },
                "location": { "type": "S3", "s3Location": { "uri": format!("s3://knowledge/{tenant}/{number}.txt") } },
                "metadata": { "tenant": tenant, "year": year },
                "score": 0.5,
            })
        })
        .collect()
}

/// The answer of `Rerank`: the more words of the query a source has, the sooner it comes. Source: AWS API reference, `Rerank`.
pub(crate) fn ranked(body: &Value) -> Value {
    let query = body.pointer("/queries/0/textQuery/text").and_then(Value::as_str);
    let wanted: Vec<String> = words(query.unwrap_or_default());
    let sources = body.get("sources").and_then(Value::as_array);
    let mut results: Vec<(usize, f64)> = Vec::new();
    for (index, source) in sources.into_iter().flatten().enumerate() {
        let text = source.get("inlineDocumentSource").map(Value::to_string);
        let has = words(&text.unwrap_or_default());
        let shared = wanted.iter().filter(|word| has.contains(word)).count();
        #[expect(clippy::cast_precision_loss, reason = "numbers of words are small")]
        results.push((index, shared as f64 / wanted.len().max(1) as f64));
    }
    results.sort_by(|a, b| b.1.total_cmp(&a.1));
    let told = |(index, score): &(usize, f64)| json!({ "index": index, "relevanceScore": score });
    json!({ "results": results.iter().map(told).collect::<Vec<_>>() })
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Whether metadata passes a filter. Source: AWS API reference, `RetrievalFilter`, of which the simulator knows some.
fn passes(filter: &Value, metadata: &Value) -> bool {
    let Some((operator, operand)) = filter.as_object().and_then(|filter| filter.iter().next()) else {
        return false;
    };
    let all = |all: bool| {
        let mut filters = operand.as_array().into_iter().flatten();
        match all {
            true => filters.all(|filter| passes(filter, metadata)),
            false => filters.any(|filter| passes(filter, metadata)),
        }
    };
    let key = operand.get("key").and_then(Value::as_str).unwrap_or_default();
    let (has, wanted) = (metadata.get(key), operand.get("value"));
    match operator.as_str() {
        "andAll" => all(true),
        "orAll" => all(false),
        "equals" => has.is_some() && has == wanted,
        "notEquals" => has.is_some() && has != wanted,
        "greaterThan" => has.and_then(Value::as_f64) > wanted.and_then(Value::as_f64),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_let_through_what_they_say() {
        let found = |filter: &Value| {
            let body =
                json!({ "retrievalConfiguration": { "vectorSearchConfiguration": { "filter": filter } } });
            retrieved(&body, None)["retrievalResults"]
                .as_array()
                .map(Vec::len)
        };
        let retail = json!({ "equals": { "key": "tenant", "value": "retail" } });
        let new = json!({ "greaterThan": { "key": "year", "value": 2025 } });
        assert_eq!(found(&retail), Some(2));
        assert_eq!(found(&json!({ "andAll": [retail, new] })), Some(1));
        assert_eq!(found(&json!({ "orAll": [retail, new] })), Some(4));
        assert_eq!(found(&json!({ "novel": {} })), Some(0));
    }
}
