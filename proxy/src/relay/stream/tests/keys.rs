//! Keys of tool arguments that hold findings: renamed alike in whole answers, in JSON in strings and in streams.

use super::*;
use serde_json::{Value, json};

/// Arguments of a tool as one text of JSON.
fn arguments() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        Just("ada@example.com"),
        Just("bob@example.com"),
        Just("to eve@example.com"),
        Just("10.1.2.3"),
        Just("plain"),
    ];
    let object = prop::collection::vec((key, 0..3usize), 0..6).prop_map(|members| {
        let mut seen = BTreeSet::new();
        let members = members.into_iter().filter(|(key, _)| seen.insert(*key));
        let value = |kind| {
            [
                "1",
                "\"mail ada@example.com\"",
                "{\"eve@example.com\":{},\"ada@example.com\":[]}",
            ][kind]
        };
        let members: Vec<_> = members
            .map(|(key, kind)| format!("\"{key}\":{}", value(kind)))
            .collect();
        format!("{{{}}}", members.join(","))
    });
    prop::collection::vec(object, 1..3).prop_map(|objects| format!("{{\"all\":[{}]}}", objects.join(",")))
}

fn whole(dialect: Dialect, body: &Value) -> Value {
    let fixture = fixture();
    let document = Document::parse(Bytes::from(body.to_string())).unwrap();
    let map = dialect.response(&document);
    let found = find_at_once(&fixture.engine, &document, &map.regions);
    let edits = super::whole::edits(&document, &map.regions, &found, &mut fixture.observed()).unwrap();
    serde_json::from_slice(&splice(document.bytes(), &edits).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn keys_are_told_apart_alike_everywhere(arguments in arguments(), sizes in prop::collection::vec(1usize..9, 1..5)) {
        let input: Value = serde_json::from_str(&arguments).unwrap();
        let converse = json!({"output": {"message": {"content": [{"toolUse": {"toolUseId": "t", "name": "n", "input": input}}]}}});
        let expected = &whole(Dialect::Converse, &converse)["output"]["message"]["content"][0]["toolUse"]["input"];

        let chat = json!({"choices": [{"message": {"tool_calls": [{"function": {"name": "n", "arguments": arguments}}]}}]});
        let chat = &whole(Dialect::OpenAiChat, &chat)["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"];
        let in_string: Value = serde_json::from_str(chat.as_str().unwrap()).unwrap();
        prop_assert_eq!(&in_string, expected);

        let call = |arguments: &str| json!({"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": arguments}}]}}]});
        let events: Vec<_> = deltas(&arguments, &sizes).iter().map(|piece| call(piece)).collect();
        let left = super::unheard::sent(Dialect::OpenAiChat, &events).unwrap();
        let piece = |event: &Value| event["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"].as_str().unwrap().to_owned();
        let streamed: String = left.iter().map(piece).collect();
        let streamed: Value = serde_json::from_str(&streamed).unwrap();
        prop_assert_eq!(&streamed, expected);
    }
}
