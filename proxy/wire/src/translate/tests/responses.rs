//! Responses of OpenAI's.

use super::{CLAUDE, NOVA, framed, translated_from};
use crate::translate::{Heading, Tongue};
use bytes::BytesMut;
use serde_json::{Value, json};

const THINKING: &str = "response.reasoning_summary_text.delta";

fn asked() -> Value {
    json!({ "model": "m", "input": "hi", "stream": true, "include": ["reasoning.encrypted_content"] })
}

/// The events of a stream.
fn said(body: &Value, events: &[(&str, Value)]) -> Vec<Value> {
    let voice = translated_from(Tongue::Responses, CLAUDE, body)
        .unwrap()
        .voice
        .under(Heading::default());
    let (mut stream, mut out) = (voice.stream(), BytesMut::new());
    stream.push(framed(events), &mut out).unwrap();
    stream.finish(&mut out).unwrap();
    let text = String::from_utf8(out.to_vec()).unwrap();
    text.lines()
        .filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok())
        .collect()
}

#[test]
fn a_thought_goes_back_to_its_model_as_it_was_and_to_no_other() {
    let delta = |delta: Value| {
        (
            "contentBlockDelta",
            json!({ "contentBlockIndex": 0, "delta": { "reasoningContent": delta } }),
        )
    };
    let events = said(
        &asked(),
        &[
            ("messageStart", json!({ "role": "assistant" })),
            delta(json!({ "text": "I " })),
            delta(json!({ "text": "think" })),
            delta(json!({ "signature": "c2ln" })),
            ("contentBlockStop", json!({ "contentBlockIndex": 0 })),
            (
                "contentBlockDelta",
                json!({ "contentBlockIndex": 1, "delta": { "text": "so" } }),
            ),
            ("messageStop", json!({ "stopReason": "end_turn" })),
        ],
    );
    let thought: String = events
        .iter()
        .filter(|event| event["type"] == THINKING)
        .map(|event| event["delta"].as_str().unwrap())
        .collect();
    assert_eq!(thought, "I think");
    let output = events.last().unwrap()["response"]["output"].clone();
    assert_eq!(output[0]["summary"][0]["text"], "I think");
    assert_eq!(output[1]["content"][0]["text"], "so");
    let mut input = output.as_array().unwrap().clone();
    input.insert(0, json!({ "role": "user", "content": "hi" }));
    input.push(json!({ "role": "user", "content": "and?" }));
    let again = json!({ "model": "m", "input": input });
    let sent = |model| -> Value {
        let made = translated_from(Tongue::Responses, model, &again).unwrap();
        serde_json::from_slice::<Value>(&made.body).unwrap()["messages"][1]["content"].clone()
    };
    let text = json!({ "text": "so" });
    let thought =
        json!({ "reasoningContent": { "reasoningText": { "text": "I think", "signature": "c2ln" } } });
    assert_eq!(sent(CLAUDE), json!([thought, text]));
    assert_eq!(sent(NOVA), json!([text]));
}

#[test]
fn items_are_counted_as_they_stand_in_the_output() {
    let tool = json!({ "toolUse": { "toolUseId": "x", "name": "time" } });
    let events = said(
        &asked(),
        &[
            ("messageStart", json!({ "role": "assistant" })),
            (
                "contentBlockDelta",
                json!({ "contentBlockIndex": 4, "delta": { "text": "a" } }),
            ),
            ("contentBlockStop", json!({ "contentBlockIndex": 4 })),
            (
                "contentBlockStart",
                json!({ "contentBlockIndex": 9, "start": tool }),
            ),
            ("messageStop", json!({ "stopReason": "tool_use" })),
            (
                "metadata",
                json!({ "usage": { "inputTokens": 3, "outputTokens": 4, "cacheReadInputTokens": 5 } }),
            ),
        ],
    );
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event["sequence_number"], number);
    }
    let added: Vec<_> = events
        .iter()
        .filter(|event| event["type"] == "response.output_item.added")
        .map(|event| &event["output_index"])
        .collect();
    assert_eq!(added, [0, 1]);
    let response = &events.last().unwrap()["response"];
    assert_eq!(
        response["output"][1]["arguments"], "{}",
        "a tool that takes nothing"
    );
    assert_eq!(
        response["usage"]["input_tokens"], 8,
        "what came from the cache is a part of the input"
    );
}

#[test]
fn a_response_that_breaks_off_has_failed() {
    let voice = translated_from(Tongue::Responses, CLAUDE, &asked())
        .unwrap()
        .voice
        .under(Heading::default());
    let mut frames = BytesMut::from(&framed(&[("messageStart", json!({ "role": "assistant" }))])[..]);
    crate::eventstream::exception("throttlingException", br#"{"message":"enough"}"#, &mut frames).unwrap();
    let (mut stream, mut out) = (voice.stream(), BytesMut::new());
    stream.push(frames.freeze(), &mut out).unwrap();
    stream.finish(&mut out).unwrap();
    let text = String::from_utf8(out.to_vec()).unwrap();
    let events: Vec<Value> = text
        .lines()
        .filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok())
        .collect();
    let [_, _, failed, error] = &events[..] else {
        panic!("{text}")
    };
    assert_eq!(
        (&failed["type"], &failed["sequence_number"]),
        (&json!("response.failed"), &json!(2))
    );
    assert_eq!(failed["response"]["status"], "failed");
    assert_eq!(
        failed["response"]["error"],
        json!({ "code": "rate_limit_exceeded", "message": "enough" })
    );
    assert_eq!(
        error["error"]["message"], "enough",
        "which raises in OpenAI's own clients"
    );
}

#[test]
fn behind_what_cannot_be_said_nothing_is_said() {
    let frames = [
        ("messageStart", json!({ "role": "assistant" })),
        (
            "contentBlockDelta",
            json!({ "contentBlockIndex": 0, "delta": { "image": {} } }),
        ),
        ("messageStop", json!({ "stopReason": "end_turn" })),
        (
            "metadata",
            json!({ "usage": { "inputTokens": 1, "outputTokens": 1 } }),
        ),
    ];
    for (tongue, body) in [
        (Tongue::Responses, asked()),
        (
            Tongue::Chat,
            json!({ "model": "m", "stream": true, "messages": [{ "role": "user", "content": "hi" }] }),
        ),
        (
            Tongue::Messages,
            json!({ "model": "m", "max_tokens": 1, "messages": [{ "role": "user", "content": "hi" }] }),
        ),
    ] {
        let voice = translated_from(tongue, NOVA, &body)
            .unwrap()
            .voice
            .under(Heading::default());
        let (mut stream, mut out) = (voice.stream(), BytesMut::new());
        assert!(stream.push(framed(&frames), &mut out).is_err());
        let said = out.len();
        assert!(said > 0, "that it has begun");
        assert!(stream.push(bytes::Bytes::new(), &mut out).is_err() && stream.finish(&mut out).is_err());
        assert_eq!(out.len(), said, "{tongue:?}");
    }
}
