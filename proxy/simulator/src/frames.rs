//! The streamed form of an answer: events of its format, cut into deltas, as AWS event-stream frames.
//!
//! Frames are made one at a time, when the connection asks: a long text costs no more memory than itself.

use std::num::NonZeroUsize;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use palisade_wire::eventstream;
use serde_json::{Value, json};

use crate::answer::{Answer, ToolCall};
use crate::playback::Frames;
use crate::shape::{Shape, invocation_metrics, usage};

/// What `p` is cut from: it hides the length of a delta from those who see only the length of a TLS record.
const PADDING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const JSON: &str = "application/json";

/// The frames of `answer`; each delta holds `delta_chars` characters. `number` seeds ids and padding.
pub(crate) fn of_answer(shape: Shape, answer: &Answer, delta_chars: NonZeroUsize, number: u64) -> Frames {
    let blocks = blocks(shape, answer).into_iter();
    let deltas = blocks.flat_map(move |block| {
        let Block {
            open,
            text,
            before,
            after,
            close,
        } = block;
        let pieces = Fragments {
            text,
            at: 0,
            chars: delta_chars.get(),
        };
        let deltas = pieces.map(move |piece| Event::delta(shape, &before, &piece, &after));
        open.into_iter().chain(deltas).chain(close)
    });
    let start = start(shape, answer, number).into_iter();
    let events = start.chain(deltas).chain(end(shape, answer));
    let mut padding = Padding(number);
    Box::new(events.filter_map(move |event| event.into_frame(shape, &mut padding)))
}

/// Raw bytes as `PayloadPart` frames of `part_bytes` each. Source: `InvokeEndpointWithResponseStream`, `PayloadPart`.
pub(crate) fn of_bytes(mut body: Bytes, part_bytes: NonZeroUsize) -> Frames {
    Box::new(std::iter::from_fn(move || {
        let part = body.split_to(part_bytes.get().min(body.len()));
        if part.is_empty() {
            None
        } else {
            frame("PayloadPart", "application/octet-stream", &part)
        }
    }))
}

/// The first `count` frames, then an exception frame. `SageMaker` models the members with capitals.
pub(crate) fn cut_by_exception(
    frames: Frames,
    count: usize,
    name: &str,
    message: &str,
    is_sagemaker: bool,
) -> Frames {
    let payload = if is_sagemaker {
        json!({ "Message": message, "ErrorCode": name })
    } else {
        json!({ "message": message })
    };
    let mut out = BytesMut::new();
    let written = eventstream::exception(name, payload.to_string().as_bytes(), &mut out);
    Box::new(frames.take(count).chain(written.ok().map(|()| out.freeze())))
}

/// One event: for Converse its type, for native streams always `chunk`.
struct Event {
    kind: &'static str,
    /// A JSON object.
    json: Vec<u8>,
}

/// One content block: what opens and closes it, and the JSON around each piece of its text.
struct Block {
    open: Option<Event>,
    text: String,
    before: String,
    after: String,
    close: Option<Event>,
}

impl Event {
    fn new(kind: &'static str, json: &Value) -> Self {
        Self {
            kind,
            json: json.to_string().into_bytes(),
        }
    }

    fn delta(shape: Shape, before: &str, piece: &str, after: &str) -> Self {
        let kind = if shape == Shape::Converse {
            "contentBlockDelta"
        } else {
            "chunk"
        };
        let mut json = Vec::with_capacity(before.len() + piece.len() + after.len() + PADDING.len() + 16);
        json.extend_from_slice(before.as_bytes());
        // Writing a string to memory cannot fail; were it to, the frame would be refused as bad JSON by its reader.
        let _ = serde_json::to_writer(&mut json, piece);
        json.extend_from_slice(after.as_bytes());
        Self { kind, json }
    }

    /// `None` never happens for scripts of the accepted size: a frame holds 24 MiB.
    fn into_frame(self, shape: Shape, padding: &mut Padding) -> Option<Bytes> {
        let mut payload = self.json;
        if shape != Shape::Converse {
            payload = [r#"{"bytes":""#, &STANDARD.encode(&payload), r#""}"#]
                .concat()
                .into_bytes();
        }
        if payload.pop_if(|last| *last == b'}').is_some() {
            payload.extend_from_slice(br#","p":""#);
            payload.extend_from_slice(padding.next().as_bytes());
            payload.extend_from_slice(br#""}"#);
        }
        frame(self.kind, JSON, &payload)
    }
}

/// An event of its own type.
pub(crate) fn event(kind: &str, payload: &Value) -> Option<Bytes> {
    frame(kind, JSON, payload.to_string().as_bytes())
}

fn frame(kind: &str, content_type: &str, payload: &[u8]) -> Option<Bytes> {
    let headers = [
        (":event-type", kind),
        (":content-type", content_type),
        (":message-type", "event"),
    ];
    let mut out = BytesMut::new();
    eventstream::encode(&headers, payload, &mut out).ok()?;
    Some(out.freeze())
}

/// Padding of lengths that look random and are the same in every run: `SplitMix64` (Steele, Lea, Flood 2014).
struct Padding(u64);

impl Padding {
    fn next(&mut self) -> &'static str {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let length = (mixed ^ (mixed >> 31)) % PADDING.len() as u64 + 1;
        usize::try_from(length)
            .ok()
            .and_then(|length| PADDING.get(..length))
            .unwrap_or(PADDING)
    }
}

/// Cuts a text into pieces of `chars` characters; the last may be shorter.
struct Fragments {
    text: String,
    at: usize,
    chars: usize,
}

impl Iterator for Fragments {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let end = rest
            .char_indices()
            .nth(self.chars)
            .map_or(rest.len(), |(end, _)| end);
        self.at += end;
        rest.get(..end).map(str::to_owned)
    }
}

fn start(shape: Shape, answer: &Answer, number: u64) -> Option<Event> {
    match shape {
        Shape::Converse => Some(Event::new("messageStart", &json!({ "role": "assistant" }))),
        Shape::Anthropic => {
            let usage = json!({ "input_tokens": answer.input_tokens, "output_tokens": 1 });
            Some(Event::new(
                "chunk",
                &json!({ "type": "message_start", "message": {
                    "id": format!("msg_bdrk_{number}"),
                    "type": "message",
                    "role": "assistant",
                    "model": answer.model,
                    "content": [],
                    "stop_reason": null,
                    "stop_sequence": null,
                    "usage": usage,
                }}),
            ))
        }
        Shape::Nova => Some(Event::new(
            "chunk",
            &json!({ "messageStart": { "role": "assistant" } }),
        )),
        Shape::Chat => Some(Event::new(
            "chunk",
            &chat_choice(&json!({ "role": "assistant", "content": "" }), None),
        )),
        Shape::Titan | Shape::Llama => None,
    }
}

fn blocks(shape: Shape, answer: &Answer) -> Vec<Block> {
    if matches!(shape, Shape::Titan | Shape::Llama) {
        return vec![text_block(shape, answer.plain_text())];
    }
    let text = answer.text.as_ref().map(|text| text_block(shape, text.clone()));
    let tool_index = usize::from(text.is_some());
    let tool = answer
        .tool
        .as_ref()
        .map(|tool| tool_block(shape, tool, tool_index));
    text.into_iter().chain(tool).collect()
}

fn text_block(shape: Shape, text: String) -> Block {
    let (before, after) = match shape {
        Shape::Converse => (r#"{"contentBlockIndex":0,"delta":{"text":"#, "}}"),
        Shape::Anthropic => (
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"#,
            "}}",
        ),
        Shape::Nova => (
            r#"{"contentBlockDelta":{"delta":{"text":"#,
            r#"},"contentBlockIndex":0}}"#,
        ),
        Shape::Chat => (
            r#"{"choices":[{"delta":{"content":"#,
            r#"},"finish_reason":null,"index":0}]}"#,
        ),
        Shape::Titan => (r#"{"index":0,"outputText":"#, r#","completionReason":null}"#),
        Shape::Llama => (r#"{"generation":"#, r#","stop_reason":null}"#),
    };
    let started = json!({ "type": "text", "text": "" });
    let open = (shape == Shape::Anthropic).then(|| anthropic_open(0, &started));
    Block {
        open,
        text,
        before: before.to_owned(),
        after: after.to_owned(),
        close: close(shape, 0),
    }
}

fn tool_block(shape: Shape, tool: &ToolCall, index: usize) -> Block {
    let ToolCall { id, name, input } = tool;
    let started = json!({ "toolUse": { "toolUseId": id, "name": name } });
    let (open, before, after) = match shape {
        Shape::Converse | Shape::Titan | Shape::Llama => (
            Event::new(
                "contentBlockStart",
                &json!({ "contentBlockIndex": index, "start": started }),
            ),
            format!(r#"{{"contentBlockIndex":{index},"delta":{{"toolUse":{{"input":"#),
            "}}}".to_owned(),
        ),
        Shape::Anthropic => (
            anthropic_open(
                index,
                &json!({ "type": "tool_use", "id": id, "name": name, "input": {} }),
            ),
            format!(
                r#"{{"type":"content_block_delta","index":{index},"delta":{{"type":"input_json_delta","partial_json":"#
            ),
            "}}".to_owned(),
        ),
        Shape::Nova => (
            Event::new(
                "chunk",
                &json!({ "contentBlockStart": { "contentBlockIndex": index, "start": started } }),
            ),
            r#"{"contentBlockDelta":{"delta":{"toolUse":{"input":"#.to_owned(),
            format!(r#"}}}},"contentBlockIndex":{index}}}}}"#),
        ),
        Shape::Chat => {
            let function = json!({ "name": name, "arguments": "" });
            let call = json!([{ "index": 0, "id": id, "type": "function", "function": function }]);
            (
                Event::new("chunk", &chat_choice(&json!({ "tool_calls": call }), None)),
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"#.to_owned(),
                r#"}}]},"finish_reason":null,"index":0}]}"#.to_owned(),
            )
        }
    };
    Block {
        open: Some(open),
        text: input.clone(),
        before,
        after,
        close: close(shape, index),
    }
}

fn anthropic_open(index: usize, block: &Value) -> Event {
    Event::new(
        "chunk",
        &json!({ "type": "content_block_start", "index": index, "content_block": block }),
    )
}

fn close(shape: Shape, index: usize) -> Option<Event> {
    match shape {
        Shape::Converse => Some(Event::new(
            "contentBlockStop",
            &json!({ "contentBlockIndex": index }),
        )),
        Shape::Anthropic => Some(Event::new(
            "chunk",
            &json!({ "type": "content_block_stop", "index": index }),
        )),
        Shape::Nova => Some(Event::new(
            "chunk",
            &json!({ "contentBlockStop": { "contentBlockIndex": index } }),
        )),
        Shape::Chat | Shape::Titan | Shape::Llama => None,
    }
}

fn chat_choice(delta: &Value, stop: Option<&str>) -> Value {
    json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": stop }] })
}

fn end(shape: Shape, answer: &Answer) -> Vec<Event> {
    let stop = shape.stop(answer);
    let usage = usage(answer);
    let (kinds, mut events) = match shape {
        Shape::Converse => {
            let metrics = json!({ "latencyMs": answer.latency_ms() });
            let events = vec![
                json!({ "stopReason": stop }),
                json!({ "usage": usage, "metrics": metrics }),
            ];
            (["messageStop", "metadata"], events)
        }
        Shape::Anthropic => {
            let delta = json!({ "stop_reason": stop, "stop_sequence": null });
            let usage = json!({ "output_tokens": answer.output_tokens });
            let events = vec![
                json!({ "type": "message_delta", "delta": delta, "usage": usage }),
                json!({ "type": "message_stop" }),
            ];
            (["chunk"; 2], events)
        }
        Shape::Nova => {
            let events = vec![
                json!({ "messageStop": { "stopReason": stop } }),
                json!({ "metadata": { "usage": usage, "metrics": {}, "trace": {} } }),
            ];
            (["chunk"; 2], events)
        }
        Shape::Chat => (["chunk"; 2], vec![chat_choice(&json!({}), Some(stop))]),
        Shape::Titan => {
            let last = json!({ "index": 0, "outputText": "", "completionReason": stop,
                "inputTextTokenCount": answer.input_tokens, "totalOutputTextTokenCount": answer.output_tokens });
            (["chunk"; 2], vec![last])
        }
        Shape::Llama => {
            let last = json!({ "generation": "", "stop_reason": stop,
                "prompt_token_count": answer.input_tokens, "generation_token_count": answer.output_tokens });
            (["chunk"; 2], vec![last])
        }
    };
    if shape != Shape::Converse
        && let Some(Value::Object(last)) = events.last_mut()
    {
        last.insert(
            "amazon-bedrock-invocationMetrics".to_owned(),
            invocation_metrics(answer),
        );
    }
    kinds
        .into_iter()
        .zip(&events)
        .map(|(kind, json)| Event::new(kind, json))
        .collect()
}
