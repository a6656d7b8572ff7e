//! A stream as chunks of a chat completion, in server-sent events
//! (platform.openai.com/docs/api-reference/chat-streaming).

use super::answer::{finish_reason, usage};
use crate::translate::heard::{Delta, Event, ReasoningDelta, Usage};
use crate::translate::tools::JSON_TOOL;
use crate::translate::voice::{Heading, Unspeakable};
use crate::translate::{Names, sse};
use bytes::BytesMut;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Says a stream, event by event.
#[derive(Debug)]
pub(in crate::translate) struct Chunks<'v> {
    names: &'v Names,
    heading: &'v Heading,
    includes_usage: bool,
    is_json_tool: bool,
    /// The calls that are open, by block. Their numbers are dense, whatever stands between them.
    calls: BTreeMap<u64, Call>,
    calls_begun: u64,
    usage: Usage,
    is_stopped: bool,
}

#[derive(Debug)]
struct Call {
    number: u64,
    /// Whether what it is called with is the answer.
    is_text: bool,
    has_input: bool,
}

impl<'v> Chunks<'v> {
    pub(in crate::translate) fn new(
        names: &'v Names,
        heading: &'v Heading,
        includes_usage: bool,
        is_json_tool: bool,
    ) -> Self {
        Self {
            names,
            heading,
            includes_usage,
            is_json_tool,
            calls: BTreeMap::new(),
            calls_begun: 0,
            usage: Usage::default(),
            is_stopped: false,
        }
    }

    /// Says an event.
    pub(in crate::translate) fn event(
        &mut self,
        event: Event,
        out: &mut BytesMut,
    ) -> Result<(), Unspeakable> {
        match event {
            Event::MessageStart => self.delta(&json!({ "role": "assistant", "content": "" }), out),
            Event::ToolStart { block, id, name } => self.begin(block, &id, &name, out),
            Event::Delta { block, delta } => self.said(block, delta, out),
            Event::BlockStop { block } => self.end(block, out),
            Event::MessageStop { reason } => {
                let reason = finish_reason(&reason, self.calls_begun > 0).ok_or(Unspeakable)?;
                self.is_stopped = true;
                self.chunk(
                    &json!([{ "index": 0, "delta": {}, "finish_reason": reason, "logprobs": null }]),
                    out,
                );
            }
            Event::Metadata { usage } => self.usage = usage,
            Event::Nothing => {}
        }
        Ok(())
    }

    fn begin(&mut self, block: u64, id: &str, name: &str, out: &mut BytesMut) {
        let is_text = self.is_json_tool && name == JSON_TOOL;
        let number = self.calls_begun;
        self.calls.insert(
            block,
            Call {
                number,
                is_text,
                has_input: false,
            },
        );
        if !is_text {
            self.calls_begun += 1;
            // Some clients break on a call without `arguments`.
            let function = json!({ "name": self.names.given(name), "arguments": "" });
            self.delta(&json!({ "tool_calls": [{ "index": number, "id": id, "type": "function", "function": function }] }), out);
        }
    }

    fn said(&mut self, block: u64, delta: Delta, out: &mut BytesMut) {
        match delta {
            Delta::Text(text) if text.is_empty() => {}
            Delta::Text(text) => self.delta(&json!({ "content": text }), out),
            Delta::ToolUse { input } if input.is_empty() => {}
            Delta::ToolUse { input } => self.called_with(block, &input, out),
            Delta::ReasoningContent(ReasoningDelta::Text(text)) => {
                // Whoever puts the pieces together has the thought that the signature is over.
                let thought = json!({ "type": "thinking", "thinking": text });
                self.delta(
                    &json!({ "reasoning_content": text, "thinking_blocks": [thought] }),
                    out,
                );
            }
            Delta::ReasoningContent(ReasoningDelta::Signature(signature)) => {
                let thought = json!({ "type": "thinking", "thinking": "", "signature": signature });
                self.delta(&json!({ "thinking_blocks": [thought] }), out);
            }
            Delta::ReasoningContent(ReasoningDelta::RedactedContent(data)) => {
                self.delta(
                    &json!({ "thinking_blocks": [{ "type": "redacted_thinking", "data": data }] }),
                    out,
                );
            }
            Delta::Citation(_) => {}
        }
    }

    fn called_with(&mut self, block: u64, input: &str, out: &mut BytesMut) {
        let Some(call) = self.calls.get_mut(&block) else {
            return;
        };
        call.has_input = true;
        let delta = match call.is_text {
            true => json!({ "content": input }),
            false => json!({ "tool_calls": [{ "index": call.number, "function": { "arguments": input } }] }),
        };
        self.delta(&delta, out);
    }

    /// A tool that takes nothing is called with an empty object.
    fn end(&mut self, block: u64, out: &mut BytesMut) {
        if self.calls.get(&block).is_some_and(|call| !call.has_input) {
            self.called_with(block, "{}", out);
        }
        self.calls.remove(&block);
    }

    /// Says that it is over.
    pub(in crate::translate) fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unspeakable> {
        if !self.is_stopped {
            return Err(Unspeakable);
        }
        if self.includes_usage {
            let mut chunk = self.headed(&json!([]));
            if let Some(told) = chunk.get_mut("usage") {
                *told = usage(&self.usage);
            }
            sse::data(chunk.to_string().as_bytes(), out);
        }
        sse::data(b"[DONE]", out);
        Ok(())
    }

    fn delta(&self, delta: &Value, out: &mut BytesMut) {
        self.chunk(
            &json!([{ "index": 0, "delta": delta, "finish_reason": null, "logprobs": null }]),
            out,
        );
    }

    fn chunk(&self, choices: &Value, out: &mut BytesMut) {
        sse::data(self.headed(choices).to_string().as_bytes(), out);
    }

    fn headed(&self, choices: &Value) -> Value {
        let mut chunk = headed(self.heading, choices);
        if let (true, Value::Object(chunk)) = (self.includes_usage, &mut chunk) {
            chunk.insert("usage".to_owned(), Value::Null);
        }
        chunk
    }
}

/// A chunk under its heading.
pub(super) fn headed(heading: &Heading, choices: &Value) -> Value {
    let Heading { id, created, model } = heading;
    json!({
        "id": format!("chatcmpl-{id}"),
        "object": "chat.completion.chunk",
        "created": created,
        "model": model,
        "choices": choices,
    })
}
