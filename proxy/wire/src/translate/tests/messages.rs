//! Messages of Anthropic's.

use super::{CLAUDE, NOVA, framed, translated_from};
use crate::translate::{Heading, Own, Spoken, Tongue, Way};
use bytes::BytesMut;
use serde_json::{Value, json};

fn message(more: &Value) -> Value {
    let mut body =
        json!({ "model": "m", "max_tokens": 9, "messages": [{ "role": "user", "content": "hi" }] });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[test]
fn a_model_that_speaks_messages_gets_every_byte_but_what_stands_in_the_path() {
    let odd = r#"{ "stream":true,"model":"m" , "messages":[{"role":"user","content":"\u0068i"}],"made_up":{"a":1.50} }"#;
    let document = crate::json::Document::parse(odd.into()).unwrap();
    let made = Tongue::Messages
        .request(&document, CLAUDE, &["effort-2025-11-24"])
        .unwrap();
    assert_eq!((made.way, made.is_streaming), (Way::InvokeModel, true));
    assert_eq!(
        String::from_utf8(made.body).unwrap(),
        r#"{"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["effort-2025-11-24"],"messages":[{"role":"user","content":"\u0068i"}],"made_up":{"a":1.50}}"#
    );
}

#[test]
fn thoughts_of_another_model_are_left_out_and_those_of_claude_go_back_whole() {
    let thought = json!({ "type": "thinking", "thinking": "", "signature": "c2ln" });
    let messages = json!([
        { "role": "user", "content": "hi" },
        { "role": "assistant", "content": [thought, { "type": "redacted_thinking", "data": "ZGF0YQ==" }, { "type": "text", "text": "ho" }] },
        { "role": "user", "content": "so?" },
    ]);
    let body = message(&json!({ "messages": messages }));
    let made = translated_from(Tongue::Messages, NOVA, &body).unwrap();
    assert_eq!(made.left_out, ["thinking"]);
    // Behind the ARN of a profile nobody sees that it is Claude: then it is called by Converse.
    let profile = Spoken {
        own: Own::Converse,
        ..CLAUDE
    };
    let made = translated_from(Tongue::Messages, profile, &body).unwrap();
    let made: Value = serde_json::from_slice(&made.body).unwrap();
    let said = &made["messages"][1]["content"];
    assert_eq!(
        said[0]["reasoningContent"]["reasoningText"],
        json!({ "text": "", "signature": "c2ln" })
    );
    assert_eq!(said[1]["reasoningContent"]["redactedContent"], "ZGF0YQ==");
}

fn text(block: u64, text: &str) -> (&'static str, Value) {
    let delta = json!({ "text": text });
    (
        "contentBlockDelta",
        json!({ "contentBlockIndex": block, "delta": delta }),
    )
}

fn input(block: u64, input: &str) -> (&'static str, Value) {
    let delta = json!({ "toolUse": { "input": input } });
    (
        "contentBlockDelta",
        json!({ "contentBlockIndex": block, "delta": delta }),
    )
}

fn begin(block: u64) -> (&'static str, Value) {
    let tool = json!({ "toolUse": { "toolUseId": "a.b", "name": "time" } });
    (
        "contentBlockStart",
        json!({ "contentBlockIndex": block, "start": tool }),
    )
}

#[test]
fn blocks_of_a_stream_are_counted_densely_and_one_is_open_at_a_time() {
    let made = translated_from(Tongue::Messages, NOVA, &message(&json!({ "stream": true }))).unwrap();
    let voice = made.voice.under(Heading::default());
    let signature =
        json!({ "contentBlockIndex": 0, "delta": { "reasoningContent": { "signature": "c2ln" } } });
    let frames = framed(&[
        ("messageStart", json!({ "role": "assistant" })),
        ("contentBlockDelta", signature),
        text(3, "a"),
        text(3, "b"),
        ("contentBlockStop", json!({ "contentBlockIndex": 3 })),
        begin(7),
        input(7, "{}"),
        ("messageStop", json!({ "stopReason": "end_turn" })),
        (
            "metadata",
            json!({ "usage": { "inputTokens": 3, "outputTokens": 4, "cacheReadInputTokens": 5 } }),
        ),
    ]);
    let (mut stream, mut out) = (voice.stream(), BytesMut::new());
    stream.push(frames, &mut out).unwrap();
    stream.finish(&mut out).unwrap();
    let said = String::from_utf8(out.to_vec()).unwrap();
    let events: Vec<Value> = said
        .lines()
        .filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok())
        .collect();
    let steps: Vec<String> = events
        .iter()
        .map(|event| format!("{} {}", event["type"].as_str().unwrap(), event["index"]))
        .collect();
    let expected = "message_start null, content_block_start 0, content_block_delta 0, content_block_stop 0, \
         content_block_start 1, content_block_delta 1, content_block_delta 1, content_block_stop 1, \
         content_block_start 2, content_block_delta 2, content_block_stop 2, message_delta null, message_stop null";
    assert_eq!(steps.join(", "), expected);
    assert_eq!(events[8]["content_block"]["id"], "a_b", "as clients take it");
    assert_eq!(
        events[11]["delta"]["stop_reason"], "tool_use",
        "though the turn merely ended"
    );
    assert_eq!(
        events[11]["usage"]["input_tokens"], 3,
        "without what came from the cache"
    );
    // What goes on in a block that is closed could not be put together.
    let mut stream = voice.stream();
    let late = framed(&[begin(1), begin(2), input(1, "{")]);
    assert!(stream.push(late, &mut BytesMut::new()).is_err());
}

#[test]
fn what_a_tool_is_called_with_keeps_all_its_digits() {
    let voice = translated_from(Tongue::Messages, NOVA, &message(&json!({})))
        .unwrap()
        .voice;
    let input = r#"{"b":123456789012345678901234,"a":0.1000000000000000000001}"#;
    let answer = format!(
        r#"{{"output":{{"message":{{"content":[{{"toolUse":{{"toolUseId":"t","name":"f","input":{input}}}}}]}}}},"stopReason":"tool_use"}}"#
    );
    let said = voice
        .under(Heading::default())
        .whole(&answer.into(), None)
        .unwrap();
    let said = String::from_utf8(said.to_vec()).unwrap();
    assert!(
        said.contains(&format!(
            r#""type":"tool_use","id":"t","name":"f","input":{input}"#
        )),
        "{said}"
    );
}

#[test]
fn what_other_makers_have_no_place_for_is_told_or_an_error() {
    let document = |more: Value| {
        let mut block = json!({ "type": "document", "title": "Q3", "source": { "type": "text", "media_type": "text/plain", "data": "x" } });
        for (name, value) in more.as_object().unwrap() {
            block[name] = value.clone();
        }
        let content = json!([block, { "type": "text", "text": "so?" }]);
        message(&json!({ "messages": [{ "role": "user", "content": content }] }))
    };
    let made = translated_from(
        Tongue::Messages,
        NOVA,
        &document(json!({ "context": "only EUR" })),
    )
    .unwrap();
    assert_eq!(made.left_out, ["document.title"]);
    let body: Value = serde_json::from_slice(&made.body).unwrap();
    assert_eq!(
        body["messages"][0]["content"][0]["document"]["context"],
        "only EUR"
    );
    for (more, field) in [
        (
            json!({ "citations": { "enabled": true } }),
            "messages[0].content[0].citations",
        ),
        (json!({ "more": 1 }), "messages[0].content[0].more"),
    ] {
        let told = translated_from(Tongue::Messages, NOVA, &document(more)).unwrap_err();
        assert!(told.starts_with(&format!("`{field}`")), "{told}");
    }
    let asked = crate::json::Document::parse(message(&json!({})).to_string().into()).unwrap();
    let left_out = |model, betas: &[&str]| Tongue::Messages.request(&asked, model, betas).unwrap().left_out;
    assert_eq!(left_out(NOVA, &["effort-2025-11-24"]), ["anthropic-beta"]);
    assert!(left_out(CLAUDE, &["effort-2025-11-24"]).is_empty());
}
