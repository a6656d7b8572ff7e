mod messages;
mod responses;

use super::{Heading, Own, Spoken, Tongue, Translated};
use crate::eventstream::encode;
use crate::json::Document;
use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};

const CLAUDE: Spoken<'_> = Spoken {
    id: "anthropic.claude-3-7-sonnet-20250219-v1:0",
    family: "claude",
    own: Own::Messages,
};
const NOVA: Spoken<'_> = Spoken {
    id: "amazon.nova-lite-v1:0",
    family: "nova",
    own: Own::Converse,
};
const LLAMA: Spoken<'_> = Spoken {
    id: "meta.llama3-70b-instruct-v1:0",
    family: "llama",
    own: Own::Converse,
};

/// A chat of one question, with more.
fn chat(more: &Value) -> Value {
    let mut body = json!({ "model": "m", "messages": [{ "role": "user", "content": "hi" }] });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn translated(model: Spoken<'_>, body: &Value) -> Result<Translated, String> {
    translated_from(Tongue::Chat, model, body)
}

fn translated_from(tongue: Tongue, model: Spoken<'_>, body: &Value) -> Result<Translated, String> {
    let document = Document::parse(Bytes::from(body.to_string())).unwrap();
    tongue
        .request(&document, model, &[])
        .map_err(|error| error.to_string())
}

fn converse(model: Spoken<'_>, body: &Value) -> Value {
    serde_json::from_slice(&translated(model, body).unwrap().body).unwrap()
}

fn weather() -> Value {
    json!([{ "type": "function", "function": { "name": "weather", "parameters": { "properties": { "city": {} } } } }])
}

#[test]
fn turns_alternate_whoever_speaks_and_results_come_first() {
    let call =
        |id| json!({ "id": id, "type": "function", "function": { "name": "weather", "arguments": "{}" } });
    let body = chat(&json!({ "messages": [
        { "role": "system", "content": "a" },
        { "role": "developer", "content": [{ "type": "text", "text": "b" }] },
        { "role": "user", "content": "c" },
        { "role": "user", "content": [{ "type": "text", "text": " " }, { "type": "text", "text": "d", "cache_control": { "type": "ephemeral", "ttl": "1h" } }] },
        { "role": "assistant", "content": "e", "tool_calls": [call("1")] },
        { "role": "assistant", "content": null, "tool_calls": [call("2")] },
        { "role": "system", "content": "f" },
        { "role": "tool", "tool_call_id": "1", "content": "" },
        { "role": "tool", "tool_call_id": "2", "content": "g" },
        { "role": "assistant", "content": "" },
        { "role": "user", "content": "h" },
    ] }));
    let made = converse(CLAUDE, &body);
    assert_eq!(made["system"], json!([{ "text": "a" }, { "text": "b" }]));
    let used = |id: &str| json!({ "toolUse": { "toolUseId": id, "name": "weather", "input": {} } });
    let result =
        |id: &str, text: &str| json!({ "toolResult": { "toolUseId": id, "content": [{ "text": text }] } });
    assert_eq!(
        made["messages"],
        json!([
            { "role": "user", "content": [{ "text": "c" }, { "text": "d" }, { "cachePoint": { "type": "default", "ttl": "1h" } }] },
            { "role": "assistant", "content": [{ "text": "e" }, used("1"), used("2")] },
            { "role": "user", "content": [result("1", "(empty)"), result("2", "g"), { "text": "f" }, { "text": "h" }] },
        ])
    );
    // Calls in history need tools, though none may be called now.
    assert_eq!(made["toolConfig"]["tools"].as_array().map(Vec::len), Some(1));
}

#[test]
fn calls_and_results_that_do_not_belong_together_are_told() {
    let call = json!({ "id": "1", "type": "function", "function": { "name": "weather", "arguments": "{}" } });
    let user = json!({ "role": "user", "content": "hi" });
    let calls = json!({ "role": "assistant", "tool_calls": [call] });
    let twice = json!({ "role": "assistant", "tool_calls": [call, call] });
    let result = json!({ "role": "tool", "tool_call_id": "1", "content": "x" });
    for (messages, why) in [
        (json!([user, calls]), "end with a call"),
        (json!([user, calls, user]), "lack a result"),
        (json!([user, calls, result, result]), "or twice"),
        (json!([user, result]), "answers no call"),
        (json!([user, twice, result]), "the same id"),
        (json!([result, user]), "answers no call"),
        (json!([]), "begin with one of the user"),
    ] {
        let told = translated(CLAUDE, &chat(&json!({ "messages": messages }))).unwrap_err();
        assert!(told.starts_with("`messages`") && told.contains(why), "{told}");
    }
}

#[test]
fn names_that_converse_does_not_take_come_back_as_they_were() {
    let tools = json!([{ "type": "function", "function": { "name": "über.weather", "parameters": null } }]);
    let choice = json!({ "type": "function", "function": { "name": "über.weather" } });
    let asked = translated(CLAUDE, &chat(&json!({ "tools": tools, "tool_choice": choice }))).unwrap();
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    let spec = &body["toolConfig"]["tools"][0]["toolSpec"];
    let name = spec["name"].as_str().unwrap();
    assert!(name.starts_with("_ber_weather_"), "{name}");
    assert_eq!(body["toolConfig"]["toolChoice"]["tool"]["name"], name);
    assert_eq!(
        spec["inputSchema"]["json"],
        json!({ "type": "object", "properties": {} })
    );
    let answer = json!({
        "output": { "message": { "content": [{ "toolUse": { "toolUseId": "1", "name": name, "input": { "a": 1 } } }] } },
        "stopReason": "end_turn",
    });
    let said = asked
        .voice
        .under(Heading::default())
        .whole(&answer.to_string().into(), None)
        .unwrap();
    let said: Value = serde_json::from_slice(&said).unwrap();
    let choice = &said["choices"][0];
    assert_eq!(
        choice["message"]["tool_calls"][0]["function"],
        json!({ "name": "über.weather", "arguments": "{\"a\":1}" })
    );
    assert_eq!(
        choice["finish_reason"], "tool_calls",
        "though the turn merely ended"
    );
}

#[test]
fn what_differs_between_models_follows_their_family() {
    let forced = chat(&json!({ "tools": weather(), "tool_choice": "required" }));
    assert_eq!(
        converse(NOVA, &forced)["toolConfig"]["toolChoice"],
        json!({ "any": {} })
    );
    assert!(
        translated(LLAMA, &forced)
            .unwrap_err()
            .starts_with("`tool_choice`")
    );
    let one = chat(&json!({ "tools": weather(), "parallel_tool_calls": false }));
    let fields = converse(CLAUDE, &one)["additionalModelRequestFields"].clone();
    assert_eq!(
        fields,
        json!({ "tool_choice": { "type": "auto", "disable_parallel_tool_use": true } })
    );
    assert!(translated(NOVA, &one).is_err());
    let thinking = chat(&json!({ "reasoning_effort": "low", "temperature": 0.5 }));
    let made = translated(CLAUDE, &thinking).unwrap();
    assert_eq!(made.left_out, ["temperature"]);
    let body: Value = serde_json::from_slice(&made.body).unwrap();
    assert_eq!(
        body["additionalModelRequestFields"]["thinking"],
        json!({ "type": "enabled", "budget_tokens": 1024 })
    );
    assert!(
        translated(NOVA, &thinking)
            .unwrap_err()
            .starts_with("`reasoning_effort`")
    );
    let nothing = chat(&json!({ "tools": weather(), "tool_choice": "none" }));
    assert!(converse(CLAUDE, &nothing).get("toolConfig").is_none());
}

#[test]
fn an_answer_with_a_form_is_the_text_whichever_way_the_model_gives_it() {
    let schema = json!({ "type": "object", "properties": { "a": { "type": "integer" } } });
    let format = json!({ "type": "json_schema", "json_schema": { "name": "out", "schema": schema } });
    let body = chat(
        &json!({ "response_format": format, "stream": true, "stream_options": { "include_usage": true } }),
    );
    let told = &converse(NOVA, &body)["outputConfig"]["textFormat"];
    assert_eq!(told["structure"]["jsonSchema"]["schema"], schema.to_string());
    let asked = translated(CLAUDE, &body).unwrap();
    let made: Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(
        made["toolConfig"]["toolChoice"],
        json!({ "tool": { "name": "json" } })
    );
    let voice = asked.voice.under(Heading::default());
    let frames = framed(&[
        ("messageStart", json!({ "role": "assistant" })),
        (
            "contentBlockStart",
            json!({ "contentBlockIndex": 0, "start": { "toolUse": { "toolUseId": "1", "name": "json" } } }),
        ),
        (
            "contentBlockDelta",
            json!({ "contentBlockIndex": 0, "delta": { "toolUse": { "input": "{\"a\":" } } }),
        ),
        (
            "contentBlockDelta",
            json!({ "contentBlockIndex": 0, "delta": { "toolUse": { "input": "1}" } } }),
        ),
        ("contentBlockStop", json!({ "contentBlockIndex": 0 })),
        ("messageStop", json!({ "stopReason": "tool_use" })),
        (
            "metadata",
            json!({ "usage": { "inputTokens": 3, "outputTokens": 4, "cacheReadInputTokens": 5 } }),
        ),
    ]);
    let (mut stream, mut out) = (voice.stream(), BytesMut::new());
    stream.push(frames, &mut out).unwrap();
    assert!(!out.ends_with(b"[DONE]\n\n"));
    stream.finish(&mut out).unwrap();
    let said = String::from_utf8(out.to_vec()).unwrap();
    let chunks: Vec<Value> = said
        .lines()
        .filter_map(|line| line.strip_prefix("data: {"))
        .map(|rest| serde_json::from_str(&format!("{{{rest}")).unwrap())
        .collect();
    let text: String = chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(text, "{\"a\":1}");
    let last = chunks.len() - 1;
    assert_eq!(chunks[last - 1]["choices"][0]["finish_reason"], "stop");
    assert_eq!(
        chunks[last]["usage"]["prompt_tokens"], 8,
        "what came from the cache is a part of the prompt"
    );
    assert!(said.ends_with("data: [DONE]\n\n"));
    // One that ends in the middle is not over.
    let mut stream = voice.stream();
    assert!(stream.finish(&mut BytesMut::new()).is_err());
}

fn framed(events: &[(&str, Value)]) -> Bytes {
    let mut frames = BytesMut::new();
    for (kind, payload) in events {
        let headers = [(":event-type", *kind), (":message-type", "event")];
        encode(&headers, payload.to_string().as_bytes(), &mut frames).unwrap();
    }
    frames.freeze()
}

#[test]
fn what_is_not_carried_over_is_told_or_an_error() {
    let left_out = |model, more: Value| translated(model, &chat(&more)).unwrap().left_out;
    let mut tools = weather();
    tools[0]["function"]["strict"] = json!(true);
    assert_eq!(left_out(NOVA, json!({ "tools": tools })), ["strict"]);
    let detailed = json!([{ "role": "user", "name": "ada", "content": [{ "type": "image_url", "image_url": { "url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low" } }] }]);
    assert_eq!(
        left_out(NOVA, json!({ "messages": detailed })),
        ["messages.name", "image_url.detail"]
    );
    let user = json!({ "role": "user", "content": "hi" });
    let image =
        json!([{ "type": "image_url", "image_url": { "url": "data:image/png;base64,iVBORw0KGgo=" } }]);
    let call = json!({ "role": "assistant", "tool_calls": [{ "id": "1", "type": "function", "function": { "name": "weather", "arguments": { "a": 1 } } }] });
    for (messages, field) in [
        (
            json!([user, call]),
            "messages[1].tool_calls[0].function.arguments",
        ),
        (
            json!([user, { "role": "assistant", "content": image }]),
            "messages[1].content",
        ),
        (
            json!([{ "role": "system", "content": image }, user]),
            "messages[0].content",
        ),
        (
            json!([{ "role": "user", "content": [{ "type": "text", "text": "x", "more": 1 }] }]),
            "messages[0].content[0].more",
        ),
    ] {
        let told = translated(NOVA, &chat(&json!({ "messages": messages }))).unwrap_err();
        assert!(told.starts_with(&format!("`{field}`")), "{told}");
    }
    let refused = json!([user, { "role": "assistant", "content": null, "refusal": "no" }, user]);
    let said = converse(NOVA, &chat(&json!({ "messages": refused })))["messages"][1].clone();
    assert_eq!(
        said,
        json!({ "role": "assistant", "content": [{ "text": "no" }] })
    );
}

#[test]
fn a_mark_within_a_result_stands_behind_it() {
    let call = json!({ "role": "assistant", "tool_calls": [{ "id": "1", "type": "function", "function": { "name": "weather", "arguments": "{}" } }] });
    let mark = json!({ "type": "ephemeral" });
    for result in [
        json!({ "role": "tool", "tool_call_id": "1", "content": [{ "type": "text", "text": "x", "cache_control": mark }] }),
        json!({ "role": "tool", "tool_call_id": "1", "content": "x", "cache_control": mark }),
    ] {
        let made = converse(
            NOVA,
            &chat(&json!({ "messages": [{ "role": "user", "content": "hi" }, call, result] })),
        );
        let said = &made["messages"][2]["content"];
        assert_eq!(said[0]["toolResult"]["content"], json!([{ "text": "x" }]));
        assert_eq!(said[1], json!({ "cachePoint": { "type": "default" } }));
    }
    let nothing = json!({ "messages": [{ "role": "user", "content": [{ "type": "text", "text": "hi", "cache_control": null }] }] });
    assert_eq!(
        converse(NOVA, &chat(&nothing))["messages"][0]["content"],
        json!([{ "text": "hi" }])
    );
}

#[test]
fn thoughts_of_another_model_are_named_as_left_out() {
    let of = |thoughts: Value| {
        let said = json!({ "role": "assistant", "content": "ho", "thinking_blocks": thoughts });
        let user = json!({ "role": "user", "content": "hi" });
        chat(&json!({ "messages": [user, said, user] }))
    };
    let thought = json!([{ "type": "thinking", "thinking": "hm", "signature": "c2ln" }]);
    assert_eq!(
        translated(NOVA, &of(thought.clone())).unwrap().left_out,
        ["thinking_blocks"]
    );
    assert!(
        translated(CLAUDE, &of(thought.clone()))
            .unwrap()
            .left_out
            .is_empty()
    );
    let said = &converse(CLAUDE, &of(thought))["messages"][1]["content"];
    assert_eq!(
        said[0]["reasoningContent"]["reasoningText"],
        json!({ "text": "hm", "signature": "c2ln" })
    );
    // `null` says as much as nothing.
    assert!(translated(CLAUDE, &of(Value::Null)).unwrap().left_out.is_empty());
}
