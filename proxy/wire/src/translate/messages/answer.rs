//! A whole answer as a message.

use super::usage;
use crate::translate::Names;
use crate::translate::heard::{Answer, Block, Reasoning};
use crate::translate::tools::JSON_TOOL;
use crate::translate::voice::{Heading, Unspeakable};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// Says a whole answer. With `is_json_tool`, what that tool is called with is the text.
pub(in crate::translate) fn answer(
    answer: Answer,
    names: &Names,
    heading: &Heading,
    is_json_tool: bool,
) -> Result<Vec<u8>, Unspeakable> {
    let mut has_calls = false;
    let mut content = Vec::new();
    for block in answer.output.message.content {
        content.push(match block {
            Block::Text(said) => text(said),
            Block::CitationsContent(cited) => text(cited.content.into_iter().map(|part| part.text).collect()),
            Block::ToolUse(call) if is_json_tool && call.name == JSON_TOOL => {
                text(call.input.get().to_owned())
            }
            Block::ToolUse(call) => {
                has_calls = true;
                Said::ToolUse {
                    id: id(&call.tool_use_id),
                    name: names.given(&call.name).to_owned(),
                    input: call.input,
                }
            }
            Block::ReasoningContent(Reasoning::ReasoningText { text, signature }) => Said::Thinking {
                thinking: text,
                signature: signature.unwrap_or_default(),
            },
            Block::ReasoningContent(Reasoning::RedactedContent(data)) => Said::RedactedThinking { data },
        });
    }
    let message = Message {
        id: format!("msg_{}", heading.id),
        r#type: "message",
        role: "assistant",
        model: &heading.model,
        content,
        stop_reason: stop_reason(&answer.stop_reason, has_calls).ok_or(Unspeakable)?,
        stop_sequence: None,
        usage: usage(&answer.usage),
    };
    serde_json::to_vec(&message).map_err(|_| Unspeakable)
}

#[derive(Serialize)]
struct Message<'a> {
    id: String,
    r#type: &'static str,
    role: &'static str,
    model: &'a str,
    content: Vec<Said>,
    stop_reason: &'static str,
    stop_sequence: Option<String>,
    usage: Value,
}

/// A piece of a message. What a tool is called with is passed as it stands: numbers keep all their digits.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said {
    Text {
        text: String,
        citations: Option<Value>,
    },
    Thinking {
        thinking: String,
        signature: String,
    },
    RedactedThinking {
        data: String,
    },
    ToolUse {
        id: String,
        name: String,
        input: Box<RawValue>,
    },
}

fn text(text: String) -> Said {
    Said::Text {
        text,
        citations: None,
    }
}

/// An id as Anthropic's clients take it: `[a-zA-Z0-9_-]+`. Where it comes back, it stands for itself.
pub(super) fn id(id: &str) -> String {
    let plain = |c: char| if c == '.' || c == ':' { '_' } else { c };
    id.chars().map(plain).collect()
}

/// Why a model stopped, in Anthropic's words; none for a failure of the model, and for what nobody knows.
pub(super) fn stop_reason(reason: &str, has_calls: bool) -> Option<&'static str> {
    match reason {
        // Some models end a turn that calls tools like any other.
        "end_turn" | "stop_sequence" | "tool_use" if has_calls => Some("tool_use"),
        "end_turn" | "tool_use" => Some("end_turn"),
        "stop_sequence" => Some("stop_sequence"),
        "max_tokens" => Some("max_tokens"),
        "model_context_window_exceeded" => Some("model_context_window_exceeded"),
        "guardrail_intervened" | "content_filtered" => Some("refusal"),
        _ => None,
    }
}
