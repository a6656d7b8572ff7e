//! Tokens that answers list beside a text, with their bytes and numbers: joined they say it again.

use super::super::super::whole::edits_of_tokens;
use super::*;
use serde_json::{Value, json};

/// A whole answer as it leaves.
fn whole(body: &Value) -> Value {
    let fixture = fixture();
    let document = Document::parse(Bytes::from(body.to_string())).unwrap();
    let map = Dialect::OpenAiChat.response(&document);
    let mut observed = fixture.observed();
    let found = find_at_once(&fixture.engine, &document, &map.regions);
    let edits = super::whole::edits(&document, &map.regions, &found, &mut observed);
    let mut edits = edits.unwrap_or_else(|_| panic!("was withheld"));
    let engine = &fixture.engine;
    edits.extend(edits_of_tokens(engine, &document, &map.deltas, &mut observed, || Ok(())).unwrap());
    edits.sort_by_key(|edit| edit.span.start);
    serde_json::from_slice(&splice(document.bytes(), &edits).unwrap()).unwrap()
}

/// One token of the chat API, with as many alternatives, which say the same.
fn chat_token(text: &str, alternatives: usize) -> Value {
    let token = json!({"token": text, "logprob": -0.5, "bytes": text.as_bytes()});
    let mut with_alternatives = token.clone();
    with_alternatives["top_logprobs"] = Value::from(vec![token; alternatives]);
    with_alternatives
}

fn tgi_token(text: &str) -> Value {
    json!({"id": 1234, "text": text, "logprob": -0.5, "special": false})
}

fn joined<'v>(tokens: impl IntoIterator<Item = &'v Value>, name: &str) -> String {
    tokens
        .into_iter()
        .filter_map(|token| token[name].as_str())
        .collect()
}

/// Each list with the numbers of its tokens, where they are still there.
fn lists(body: &Value) -> Vec<(Vec<Value>, &'static str, &'static str)> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let chat = list(&body["choices"][0]["logprobs"]["content"]);
    let rank = |rank: usize| {
        chat.iter()
            .map(|token| token["top_logprobs"][rank].clone())
            .collect()
    };
    vec![
        (rank(0), "token", "bytes"),
        (rank(1), "token", "bytes"),
        (chat, "token", "bytes"),
        (list(&body["details"]["tokens"]), "text", "id"),
        (list(&body["details"]["prefill"]), "text", "id"),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn lists_say_what_the_text_says(text in text(), sizes in prop::collection::vec(1usize..9, 1..5)) {
        let pieces = deltas(&text, &sizes);
        let chat: Vec<_> = pieces.iter().map(|piece| chat_token(piece, 2)).collect();
        let tgi: Vec<_> = pieces.iter().map(|piece| tgi_token(piece)).collect();
        let body = json!({
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "logprobs": {"content": chat}}],
            "details": {"tokens": tgi, "prefill": tgi},
        });
        let left = whole(&body);
        let expected = redacted(&fixture().engine, &text);
        prop_assert_eq!(left["choices"][0]["message"]["content"].as_str(), Some(expected.as_str()));
        for ((before, ..), (after, said, number)) in lists(&body).into_iter().zip(lists(&left)) {
            prop_assert_eq!(joined(&after, said), expected.as_str());
            for (before, after) in before.iter().zip(&after) {
                let told = !after[number].is_null() && after[number] != json!(0);
                prop_assert_eq!(told, before[said] == after[said]);
            }
        }
    }

    #[test]
    fn streams_of_tokens_say_what_the_text_says(text in text(), sizes in prop::collection::vec(1usize..9, 1..5)) {
        let pieces = deltas(&text, &sizes);
        let expected = redacted(&fixture().engine, &text);
        // A token is looked at by itself too: `1 yo` is an age, and with an `a` behind it none.
        prop_assume!(pieces.iter().all(|piece| {
            let alone = redacted(&fixture().engine, piece);
            alone == *piece || expected.contains(alone.trim())
        }));
        let events: Vec<_> = pieces
            .iter()
            .map(|piece| json!({"choices": [{"index": 0, "delta": {"content": piece},
                "logprobs": {"content": [chat_token(piece, 1)]}}]}))
            .chain([json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})])
            .collect();
        let left = super::unheard::sent(Dialect::OpenAiChat, &events).unwrap();
        let listed = |event: &Value| event["choices"][0]["logprobs"]["content"][0].clone();
        let tokens: Vec<Value> = left.iter().map(listed).collect();
        prop_assert_eq!(joined(&tokens, "token"), expected.as_str());
        prop_assert_eq!(joined(left.iter().map(|event| &event["choices"][0]["delta"]), "content"), expected.as_str());
        for token in tokens.iter().filter(|token| token["bytes"].get(0).is_some()) {
            prop_assert_eq!(&token["bytes"], &json!(token["token"].as_str().unwrap().as_bytes()));
        }
    }
}

#[test]
fn tokens_of_text_generation_inference_lose_their_numbers_where_they_change() {
    let events: Vec<Value> = ["Write to", " a", "da@", "example.com", " now.", " Bye, "]
        .iter()
        .map(|piece| json!({"token": tgi_token(piece)}))
        .chain([json!({"token": {"id": 2, "text": "", "logprob": 0, "special": true}, "generated_text": "Write to ada@example.com now. Bye, "})])
        .collect();
    let left = super::unheard::sent(Dialect::Tgi, &events).unwrap();
    let shown: String = left
        .iter()
        .filter_map(|event| event["token"]["text"].as_str())
        .collect();
    assert_eq!(shown, "Write to {EMAIL} now. Bye, ");
    for (event, before) in left.iter().zip(&events) {
        let (token, before) = (&event["token"], &before["token"]);
        let expected = if token["text"] == before["text"] {
            &before["id"]
        } else {
            &json!(0)
        };
        assert_eq!(&token["id"], expected, "{token}");
    }
}
