//! Items of the output, and the response that they stand in.

use crate::translate::converse::Reasoning;
use crate::translate::heard::Usage;
use crate::translate::voice::Heading;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::borrow::Cow;

/// An item, as far as it has come.
#[derive(Debug)]
pub(super) enum Item {
    Message {
        text: String,
    },
    Thought {
        text: String,
        closed: Closed,
    },
    Call {
        call_id: String,
        name: String,
        arguments: String,
    },
}

/// What a thought is proven with when it goes back to its model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Closed {
    /// The thought itself, under its signature.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) text: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) signature: String,
    /// Or the thought as its provider has encrypted it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) redacted: String,
}

/// What a response says of how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    InProgress,
    Completed,
    Incomplete(&'static str),
    Failed,
}

/// Why a model stopped, in OpenAI's words; none for a failure of the model, and for what nobody knows.
pub(super) fn ending(stop_reason: &str) -> Option<Ending> {
    match stop_reason {
        "end_turn" | "stop_sequence" | "tool_use" => Some(Ending::Completed),
        "max_tokens" | "model_context_window_exceeded" => Some(Ending::Incomplete("max_output_tokens")),
        "guardrail_intervened" | "content_filtered" => Some(Ending::Incomplete("content_filter")),
        _ => None,
    }
}

/// A thought that came back: what was closed by [`Closed::closed`], and nothing else.
pub(super) fn opened(closed: &str) -> Option<Reasoning<'static>> {
    let closed: Closed = serde_json::from_slice(&BASE64_STANDARD.decode(closed).ok()?).ok()?;
    match (closed.signature.is_empty(), closed.redacted.is_empty()) {
        (false, true) => Some(Reasoning::ReasoningText {
            text: Cow::Owned(closed.text),
            signature: Cow::Owned(closed.signature),
        }),
        (true, false) => Some(Reasoning::RedactedContent(Cow::Owned(closed.redacted))),
        _ => None,
    }
}

impl Closed {
    fn closed(&self) -> Option<String> {
        let is_anything = !self.signature.is_empty() || !self.redacted.is_empty();
        let json = is_anything.then(|| serde_json::to_vec(self).ok())??;
        Some(BASE64_STANDARD.encode(json))
    }
}

impl Item {
    /// Its id: the same in all that is said of it.
    pub(super) fn id(&self, heading: &Heading, index: usize) -> String {
        let kind = match self {
            Self::Message { .. } => "msg",
            Self::Thought { .. } => "rs",
            Self::Call { .. } => "fc",
        };
        format!("{kind}_{}_{index}", heading.id)
    }

    /// The item, as it begins or as it is when it has ended.
    pub(super) fn json(
        &self,
        heading: &Heading,
        index: usize,
        has_ended: bool,
        includes_thoughts: bool,
    ) -> Value {
        let id = self.id(heading, index);
        let status = if has_ended { "completed" } else { "in_progress" };
        match self {
            Self::Message { text } => {
                let content = if has_ended { vec![part(text)] } else { Vec::new() };
                json!({ "type": "message", "id": id, "role": "assistant", "status": status, "content": content })
            }
            Self::Thought { text, closed } => {
                let summary = if has_ended && !text.is_empty() {
                    vec![summary(text)]
                } else {
                    Vec::new()
                };
                let mut item = json!({ "type": "reasoning", "id": id, "summary": summary });
                let closed = closed.closed().filter(|_| has_ended && includes_thoughts);
                if let (Value::Object(item), Some(closed)) = (&mut item, closed) {
                    item.insert("encrypted_content".to_owned(), Value::String(closed));
                }
                item
            }
            Self::Call {
                call_id,
                name,
                arguments,
            } => {
                let arguments = if has_ended { arguments } else { "" };
                json!({ "type": "function_call", "id": id, "call_id": call_id, "name": name, "arguments": arguments, "status": status })
            }
        }
    }
}

/// A part of a message.
pub(super) fn part(text: &str) -> Value {
    json!({ "type": "output_text", "text": text, "annotations": [], "logprobs": [] })
}

/// A part of what is told of a thought.
pub(super) fn summary(text: &str) -> Value {
    json!({ "type": "summary_text", "text": text })
}

/// The response itself. Settings that are the caller's own are not repeated.
pub(super) fn response(heading: &Heading, ending: Ending, output: &[Value], usage: Option<&Usage>) -> Value {
    let (status, details) = match ending {
        Ending::InProgress => ("in_progress", Value::Null),
        Ending::Completed => ("completed", Value::Null),
        Ending::Failed => ("failed", Value::Null),
        Ending::Incomplete(reason) => ("incomplete", json!({ "reason": reason })),
    };
    json!({
        "id": format!("resp_{}", heading.id),
        "object": "response",
        "created_at": heading.created,
        "status": status,
        "error": null,
        "incomplete_details": details,
        "instructions": null,
        "metadata": {},
        "model": heading.model,
        "output": output,
        "parallel_tool_calls": true,
        "previous_response_id": null,
        "reasoning": { "effort": null, "summary": null },
        "store": false,
        "temperature": null,
        "text": { "format": { "type": "text" } },
        "tool_choice": "auto",
        "tools": [],
        "top_p": null,
        "truncation": "disabled",
        "usage": usage.map(told),
    })
}

/// OpenAI counts what came from the cache among the input.
fn told(usage: &Usage) -> Value {
    let (read, write) = (usage.cache_read_input_tokens, usage.cache_write_input_tokens);
    let input = usage.input_tokens.saturating_add(read).saturating_add(write);
    json!({
        "input_tokens": input,
        "input_tokens_details": { "cached_tokens": read, "cache_write_tokens": write },
        "output_tokens": usage.output_tokens,
        "output_tokens_details": { "reasoning_tokens": 0 },
        "total_tokens": input.saturating_add(usage.output_tokens),
    })
}
