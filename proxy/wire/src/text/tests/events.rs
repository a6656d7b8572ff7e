//! Stream events: recorded streams, and one event of each kind.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::*;

/// Deltas one a line: block, kind, text; then regions, what closes, and what is unscanned.
fn told(document: &Document, event: &Event) -> String {
    let delta = |delta: &Delta| {
        format!(
            "{} {:?} {}",
            delta.channel.block,
            delta.channel.kind,
            document.literal(&delta.span)
        )
    };
    let mut lines: Vec<String> = event.deltas.iter().map(delta).collect();
    let regions = shown(document, &event.regions);
    lines.extend(
        regions
            .lines()
            .filter(|line| !line.starts_with("Key "))
            .map(str::to_owned),
    );
    if event.closes != Closes::Nothing {
        lines.push(format!("closes {:?}", event.closes));
    }
    lines.extend(event.unscanned.iter().map(|what| format!("unscanned {what:?}")));
    lines.join("\n")
}

fn check_event(dialect: Dialect, event_type: &str, payload: &str, expected: &str) {
    let document = document(payload);
    let event = dialect.event(event_type, &document);
    assert_eq!(told(&document, &event), expected, "{event_type} {payload}");
    for delta in &event.deltas {
        check_synthetic(dialect, event_type, &document, &event, delta);
    }
}

/// A synthetic event of a channel carries its text on the same channel, and nothing else.
fn check_synthetic(dialect: Dialect, event_type: &str, of: &Document, event: &Event, delta: &Delta) {
    let text = "held \"back\"\n";
    let channel = delta.channel;
    let payload = match channel.is_unheard() {
        true => Shape::of(of, event, &delta.span).with(text),
        false => channel.delta(text),
    };
    let document = Document::parse(Bytes::from(payload)).expect("json");
    let event_type = if event_type == "chunk" {
        "chunk"
    } else {
        "contentBlockDelta"
    };
    let event = dialect.event(event_type, &document);
    let [delta] = event.deltas.as_slice() else {
        panic!("{:?}", document.bytes());
    };
    assert_eq!(
        (delta.channel, document.literal(&delta.span).as_ref()),
        (channel, text)
    );
    assert!(
        event.regions.iter().all(|region| region.kind == RegionKind::Key),
        "{:?}",
        document.bytes()
    );
    assert_eq!(
        (event.closes, event.unscanned),
        (Closes::Nothing, vec![]),
        "{:?}",
        document.bytes()
    );
}

/// Event type and payload of each frame of a recorded stream.
fn frames(name: &str) -> Vec<(String, Vec<u8>)> {
    let path = format!("{}/tests/captures/streams/{name}.bin", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).expect("a recorded stream");
    let length = |bytes: &[u8]| u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
    let mut rest = bytes.as_slice();
    let mut frames = Vec::new();
    while !rest.is_empty() {
        let (frame, tail) = rest.split_at(length(rest));
        let headers = &frame[12..12 + length(&frame[4..])];
        // The first header is `:event-type` or `:exception-type`, a string.
        let value = 1 + usize::from(headers[0]) + 1;
        let size = usize::from(u16::from_be_bytes([headers[value], headers[value + 1]]));
        let event_type = String::from_utf8(headers[value + 2..value + 2 + size].to_vec()).unwrap();
        frames.push((event_type, frame[12 + headers.len()..frame.len() - 4].to_vec()));
        rest = tail;
    }
    frames
}

fn check_stream(dialect: Dialect, name: &str, expected: &[&str]) -> (Usage, Option<&'static str>) {
    let mut usage = Usage::default();
    let mut stop_reason = None;
    let mut lines = Vec::new();
    for (event_type, payload) in frames(name) {
        let mut document = Document::parse(Bytes::from(payload)).unwrap();
        if event_type == "chunk" {
            let inner = document
                .root()
                .get("bytes")
                .unwrap()
                .as_str()
                .unwrap()
                .into_owned();
            document = Document::parse(Bytes::from(STANDARD.decode(inner).unwrap())).unwrap();
        }
        let event = dialect.event(&event_type, &document);
        lines.extend(told(&document, &event).lines().map(str::to_owned));
        usage.merge(event.usage);
        stop_reason = event.stop_reason.or(stop_reason);
    }
    assert_eq!(lines, expected, "{name}");
    (usage, stop_reason)
}

#[test]
fn reads_recorded_streams() {
    let hello = ["0 Text Hello", "0 Text  from", "0 Text  mock"];
    let whole = [&hello[..], &["closes Block(0)", "closes All"]].concat();
    let usage = Usage {
        input_tokens: Some(11),
        output_tokens: Some(4),
        ..Usage::default()
    };

    let (counted, stop) = check_stream(Dialect::Converse, "converse-stream-ok", &whole);
    assert_eq!((counted, stop), (usage, Some("end_turn")));
    let (_, stop) = check_stream(Dialect::Converse, "converse-stream-guardrail", &whole);
    assert_eq!(stop, Some("guardrail_intervened"));
    let cut = [
        &hello[..],
        &["Metadata mid-stream: throttlingException", "closes All"],
    ]
    .concat();
    check_stream(Dialect::Converse, "converse-stream-midstream-throttling", &cut);

    let messages = [&hello[..], &["closes Block(0)", "closes All", "closes All"]].concat();
    for dialect in [Dialect::Anthropic, Dialect::Generic] {
        let (counted, stop) = check_stream(dialect, "invoke-stream-anthropic", &messages);
        assert_eq!((counted, stop), (usage, Some("end_turn")));
    }
}

#[test]
fn reads_converse_deltas() {
    let delta = |delta: &str| format!(r#"{{"contentBlockIndex":2,"delta":{delta},"p":"abc"}}"#);
    let cases = [
        (delta(r#"{"text":"Hi"}"#), "2 Text Hi"),
        (delta(r#"{"text":""}"#), ""),
        (delta(r#"{"toolUse":{"input":"{\"a\":"}}"#), "2 ToolInput {\"a\":"),
        (
            delta(r#"{"toolResult":[{"text":"r"},{"json":{"k":"v"}}]}"#),
            "2 ToolResult r\nToolResult v",
        ),
        (delta(r#"{"reasoningContent":{"text":"hm"}}"#), "2 Reasoning hm"),
        (
            delta(r#"{"reasoningContent":{"signature":"QUJD"}}"#),
            "closes Block(2)",
        ),
        (
            delta(
                r#"{"reasoningContent":{"redactedContent":"gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICA"}}"#,
            ),
            "unscanned RedactedReasoning",
        ),
        (
            delta(r#"{"citation":{"title":"T","sourceContent":[{"text":"q"}]}}"#),
            "Citation T\nCitation q",
        ),
        (
            delta(r#"{"image":{"source":{"bytes":"iVBORw0K"}}}"#),
            "unscanned Image",
        ),
        (delta(r#"{"newThing":{"text":"Hi"}}"#), "2 Unheard Hi"),
    ];
    for (payload, expected) in cases {
        check_event(Dialect::Converse, "contentBlockDelta", &payload, expected);
    }
}

#[test]
fn reads_other_converse_events() {
    let cases = [
        (
            "contentBlockStart",
            r#"{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"t1","name":"f"}}}"#,
            "",
        ),
        (
            "contentBlockStart",
            r#"{"contentBlockIndex":1,"start":{"image":{"format":"png"}}}"#,
            "unscanned Image",
        ),
        (
            "contentBlockStop",
            r#"{"contentBlockIndex":1}"#,
            "closes Block(1)",
        ),
        (
            "messageStart",
            r#"{"role":"assistant","p":"a@b.c"}"#,
            "Metadata a@b.c",
        ),
        (
            "messageStop",
            r#"{"stopReason":"end_turn","additionalModelResponseFields":{"a":"b"}}"#,
            "Text b\ncloses All",
        ),
        (
            "metadata",
            r#"{"usage":{"inputTokens":1},"trace":{"guardrail":{"modelOutput":["raw"]}}}"#,
            "Metadata raw",
        ),
        (
            "validationException",
            r#"{"message":"you said x"}"#,
            "Metadata you said x\ncloses All",
        ),
        ("laterEvent", r#"{"deep":[{"text":"Hi"}]}"#, "0 Unheard Hi"),
    ];
    for (event_type, payload, expected) in cases {
        check_event(Dialect::Converse, event_type, payload, expected);
    }
}

#[test]
fn reads_newer_fields_of_anthropic_events() {
    let cases = [
        (
            r#"{"type":"content_block_delta","index":1,"delta":{"type":"later_delta","mode":"clear_tool_uses_20250919"}}"#,
            "1 Unheard clear_tool_uses_20250919",
        ),
        (
            r#"{"type":"content_block_start","index":1,"content_block":{"type":"compaction","content":null}}"#,
            "",
        ),
        (
            r#"{"type":"content_block_delta","index":1,"delta":{"type":"compaction_delta","content":"So far"}}"#,
            "1 Text So far",
        ),
        (
            r#"{"type":"message_delta","delta":{"stop_reason":null},"context_management":{"applied_edits":[{"type":"clear_tool_uses_20250919","cleared_input_tokens":50000,"note":"a b"}]}}"#,
            "Metadata clear_tool_uses_20250919\nNumber 50000\nMetadata a b\ncloses All",
        ),
        (
            r#"{"type":"message_delta","delta":{},"later":{"why":"a b"}}"#,
            "Text a b\ncloses All",
        ),
    ];
    for (payload, expected) in cases {
        check_event(Dialect::Anthropic, "chunk", payload, expected);
    }
}

#[test]
fn reads_anthropic_events() {
    let cases = [
        (
            r#"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":"Hi"}}"#,
            "1 Text Hi",
        ),
        (
            r#"{"type":"content_block_start","index":1,"content_block":{"type":"thinking","thinking":"hm","signature":""}}"#,
            "1 Reasoning hm",
        ),
        (
            r#"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}"#,
            "",
        ),
        (
            r#"{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICA"}}"#,
            "unscanned RedactedReasoning",
        ),
        (
            r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hi"}}"#,
            "1 Text Hi",
        ),
        (
            r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a"}}"#,
            "1 ToolInput {\"a",
        ),
        (
            r#"{"type":"content_block_delta","index":1,"delta":{"type":"thinking_delta","thinking":"hm"}}"#,
            "1 Reasoning hm",
        ),
        (
            r#"{"type":"content_block_delta","index":1,"delta":{"type":"signature_delta","signature":"QUJD"}}"#,
            "closes Block(1)",
        ),
        (
            r#"{"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"cited_text":"q t"}}}"#,
            "Citation q t",
        ),
        (
            r#"{"type":"content_block_delta","index":1,"delta":{"type":"later_delta","later":"Hi"}}"#,
            "1 Unheard Hi",
        ),
        (r#"{"type":"content_block_stop","index":1}"#, "closes Block(1)"),
        (
            r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":"so be it"},"usage":{"output_tokens":4}}"#,
            "Metadata so be it\ncloses All",
        ),
        (
            r#"{"type":"error","error":{"type":"overloaded","message":"you said x"}}"#,
            "Metadata overloaded\nMetadata you said x\ncloses All",
        ),
        (r#"{"type":"ping"}"#, ""),
        (
            r#"{"type":"completion","completion":" Hi","stop_reason":null,"model":"claude"}"#,
            "0 Text  Hi",
        ),
        (
            r#"{"completion":"","stop_reason":"stop_sequence","stop":"Human:"}"#,
            "Metadata Human:\ncloses All",
        ),
    ];
    for (payload, expected) in cases {
        check_event(Dialect::Anthropic, "chunk", payload, expected);
    }
}

#[test]
fn reads_nova_events() {
    let cases = [
        (
            r#"{"contentBlockDelta":{"delta":{"text":"Hi"},"contentBlockIndex":3}}"#,
            "3 Text Hi",
        ),
        (
            r#"{"contentBlockDelta":{"delta":{"toolUse":{"input":"{"}},"contentBlockIndex":3}}"#,
            "3 ToolInput {",
        ),
        (
            r#"{"contentBlockStop":{"contentBlockIndex":3}}"#,
            "closes Block(3)",
        ),
        (r#"{"messageStop":{"stopReason":"end_turn"}}"#, "closes All"),
        (
            r#"{"metadata":{"usage":{"inputTokens":1}},"amazon-bedrock-invocationMetrics":{"inputTokenCount":111111}}"#,
            "",
        ),
    ];
    for (payload, expected) in cases {
        check_event(Dialect::Nova, "chunk", payload, expected);
        check_event(Dialect::Generic, "chunk", payload, expected);
    }
}

#[test]
fn reads_events_of_other_families() {
    let cases = [
        (
            r#"{"outputText":"Hi","index":0,"totalOutputTextTokenCount":null,"completionReason":null}"#,
            "0 Text Hi",
        ),
        (
            r#"{"outputText":"Hi","completionReason":"FINISH"}"#,
            "0 Text Hi\ncloses All",
        ),
        (
            r#"{"generation":"Hi","prompt_token_count":9,"stop_reason":null}"#,
            "0 Text Hi",
        ),
        (
            r#"{"outputs":[{"text":"Hi","stop_reason":"stop"}]}"#,
            "0 Text Hi\ncloses Choice(0)",
        ),
        (
            r#"{"event_type":"text-generation","text":"Hi","is_finished":false}"#,
            "0 Text Hi",
        ),
        (
            r#"{"event_type":"stream-end","finish_reason":"COMPLETE","response":{"text":"all of it"}}"#,
            "Text all of it\ncloses All",
        ),
        (
            r#"{"id":"c1","created":1732384000,"choices":[{"index":1,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}]}"#,
            "65536 Text Hi",
        ),
        (
            r#"{"choices":[{"index":0,"delta":{"reasoning_content":"hm","reasoning":"so","refusal":"no"}}]}"#,
            "0 Reasoning hm\n0 Reasoning so\n0 Text no",
        ),
        (
            r#"{"choices":[{"index":1,"delta":{"tool_calls":[{"index":2,"id":"c","type":"function","function":{"name":"f","arguments":"{"}}]}}]}"#,
            "65538 ToolInput {",
        ),
        (
            r#"{"choices":[{"index":1,"delta":{},"finish_reason":"stop"}]}"#,
            "closes Choice(1)",
        ),
        (
            r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"stop_reason":null}]}"#,
            "0 Text Hi",
        ),
        (r#"{"choices":[{"text":"Hi"}]}"#, "0 Text Hi"),
        (
            r#"{"token":{"id":1,"text":"Hi","logprob":-0.1234567,"special":false},"generated_text":"all of it"}"#,
            "0 Text Hi\nText all of it\ncloses All",
        ),
        (r#"{"generated_text":"Hi"}"#, "0 Text Hi"),
        (
            r#"{"token":{"text":"Hi"},"generated_text":null,"details":{"finish_reason":"length","seed":null}}"#,
            "0 Text Hi",
        ),
        (
            r#"{"choices":[{"delta":{"content":[{"type":"text","text":"Hi"}]}}]}"#,
            "0 Unheard Hi",
        ),
        (r#"{"answer":"Hi"}"#, "0 Unheard Hi"),
        (r#""[DONE]""#, "closes All"),
        (r#""Hi""#, "0 Unheard Hi"),
    ];
    for (payload, expected) in cases {
        check_event(Dialect::Generic, "chunk", payload, expected);
    }
}

#[test]
fn a_close_covers_its_channels_only() {
    let of_choice = |choice, call| {
        let payload = format!(
            r#"{{"choices":[{{"index":{choice},"delta":{{"tool_calls":[{{"index":{call},"function":{{"arguments":"x"}}}}]}}}}]}}"#
        );
        Dialect::Generic.event("chunk", &document(&payload)).deltas[0].channel
    };
    assert!(Closes::Choice(1).covers(of_choice(1, 0)) && Closes::Choice(1).covers(of_choice(1, 7)));
    assert!(!Closes::Choice(1).covers(of_choice(0, 1)) && !Closes::Nothing.covers(of_choice(0, 0)));
    assert!(Closes::All.covers(of_choice(3, 3)) && Closes::Block(3).covers(of_choice(0, 3)));
}
